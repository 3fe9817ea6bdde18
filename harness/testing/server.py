"""A server that behaves as vLLM's does, with a miniature in the place of a model.

It runs in a thread of its own on a free port, finds the decision that a request is about by its messages
and tools (in rollouts by its case and how far that has come), keeps all that it receives, and goes wrong by plan.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import unquote

from aiohttp import web

from harness import jsonvalue
from harness.suite import scripts_of
from harness.testing import requests, tokens
from harness.testing.faults import Faults, bad_request
from harness.testing.miniatures import MINIATURES
from harness.testing.place import place_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.suite import Decision, Suite
    from harness.testing.faults import Trouble
    from harness.testing.miniatures import Miniature

MAX_MODEL_LEN = 8192


class Received(NamedTuple):
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    decision: Decision | None = None
    """What a chat completion request is about."""


class MockServer:
    """Serves a suite's decisions while its `with` block runs.

    `received` are all requests in their order, `complaints` what was wrong with them. `faults` may be
    changed while it serves.
    """

    def __init__(
        self,
        suite: Suite,
        miniature: str | Miniature = "gold",
        *,
        faults: Faults | None = None,
        model: str = "mock",
        version: str = "0.32.0",
        api_key: str | None = None,
        prompt_end: str = "",
        rollouts: bool = False,
    ) -> None:
        """`prompt_end` is what the chat template writes after the assistant's role, such as `<think>`.

        With `rollouts` the history may be the model's own: the miniature gets a decision that holds it.
        """
        self.model = model
        self.version = version
        self.faults = faults or Faults()
        self.received: list[Received] = []
        self.complaints: list[str] = []
        self.completions = 0
        self._miniature = MINIATURES[miniature] if isinstance(miniature, str) else miniature
        self._decisions: dict[bytes, list[Decision]] = {}
        for decision in suite.decisions:
            tools = [tool.model_dump(exclude_none=True) for tool in decision.tools]
            self._decisions.setdefault(_key(list(decision.messages), tools), []).append(decision)
        self._scripts = scripts_of(suite) if rollouts else {}
        self._api_key = api_key
        self._prompt_end = prompt_end
        self._chats = 0
        self._counters = {"prefix_cache_queries": 0, "prefix_cache_hits": 0, "prompt_tokens": 0, "generation_tokens": 0}
        self._last_prompt: list[int] = []
        self._thread = threading.Thread(target=self._serve, name="mock server", daemon=True)
        self._started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, int]] = Future()
        self._runner: web.AppRunner | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._started.result(timeout=10)
        return self

    def __exit__(self, *_: object) -> None:
        loop, stop, _port = self._started.result()
        loop.call_soon_threadsafe(stop.set)
        self._thread.join(timeout=10)

    @property
    def base_url(self) -> str:
        """The address that clients are given."""
        return f"http://127.0.0.1:{self._started.result()[2]}/v1"

    @property
    def chats(self) -> list[Received]:
        """The chat completion requests among those received."""
        return [request for request in self.received if request.path == "/v1/chat/completions"]

    @property
    def asked(self) -> list[tuple[str, int]]:
        """The key of each decision asked, in the order the requests came."""
        return [request.decision.key for request in self.chats if request.decision is not None]

    def _serve(self) -> None:
        try:
            asyncio.run(self._main())
        except OSError as error:
            self._started.set_exception(error)

    async def _main(self) -> None:
        app = web.Application(client_max_size=1 << 28)
        for method, path, handler in self._routes():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        stop = asyncio.Event()
        self._started.set_result((asyncio.get_running_loop(), stop, self._runner.addresses[0][1]))
        await stop.wait()
        await self._runner.cleanup()

    def _routes(self) -> list[tuple[str, str, Callable[[web.Request], Any]]]:
        """Method, path and handler of everything that is answered."""
        return [
            ("GET", "/v1/models", self._models),
            ("GET", "/version", self._version),
            ("GET", "/health", self._health),
            ("GET", "/metrics", self._metrics),
            ("POST", "/detokenize", self._detokenize),
            ("POST", "/v1/chat/completions", self._chat),
        ]

    def _max_model_len(self) -> int:
        return MAX_MODEL_LEN

    async def _models(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        entry = {
            "id": self.model,
            "object": "model",
            "owned_by": "vllm",
            "root": f"/models/{self.model}",
            "parent": None,
        }
        return as_json({"object": "list", "data": [{**entry, "max_model_len": self._max_model_len()}]})

    async def _version(self, _: web.Request) -> web.Response:
        return as_json({"version": self.version})

    async def _health(self, _: web.Request) -> web.Response:
        return web.Response()

    async def _metrics(self, _: web.Request) -> web.Response:
        lines = [
            f'vllm:{name}_total{{engine="0",model_name="{self.model}"}} {count}.0'
            for name, count in self._counters.items()
        ]
        return web.Response(text="# HELP vllm metrics\n" + "\n".join(lines) + "\n")

    async def _detokenize(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.received.append(Received(request.path, dict(request.headers), body))
        if self.faults.detokenizing == "absent":
            return as_json({"detail": "Not Found"}, 404)
        return as_json({"prompt": tokens.decode(jsonvalue.loads(body)["tokens"], self.faults.detokenizing)})

    def _refused(self, request: web.Request) -> web.Response | None:
        if self._api_key is None or request.headers.get("Authorization") == f"Bearer {self._api_key}":
            return None
        return as_json({"error": "Unauthorized"}, 401)

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request):
            return refused
        body = await request.read()
        value = jsonvalue.loads(body)
        refusal = requests.refusal(value, self.model)
        decision = None if refusal else self._decision(value, request.headers)
        self.received.append(Received(request.path, dict(request.headers), body, decision))
        if refusal is not None:
            self.complaints.append(refusal.body.decode())
            return answered(refusal)
        self.complaints += requests.complaints(value)
        self._chats += 1
        if trouble := self._trouble(request.headers.get("X-Session-ID", "")):
            return await _befall(trouble, request)
        await asyncio.sleep(self.faults.delay)
        if decision is None:
            self.complaints.append(f"no decision of the suite has these messages and tools: {body[-300:]!r}")
            return answered(bad_request("no such decision"))
        self.completions += 1
        if self.faults.die_after is not None and self.completions > self.faults.die_after:
            await self._die()
            return web.Response()
        return as_json(self._completion(value, decision))

    def _decision(self, request: dict[str, Any], headers: Mapping[str, str]) -> Decision | None:
        """What a request is about; where cases begin alike, the session's id tells which."""
        case = unquote(headers.get("X-Session-ID", ""))
        if self._scripts:
            script = self._scripts.get(case)
            return place_in(script, request["messages"]) if script else None
        found = self._decisions.get(_key(request["messages"], request.get("tools", [])), [])
        return next((decision for decision in found if decision.case_id == case), found[0] if found else None)

    def _trouble(self, case: str) -> Trouble | None:
        faults = self.faults
        if case in faults.cases:
            return faults.cases[case]
        return faults.first[self._chats - 1] if self._chats <= len(faults.first) else faults.always

    async def _die(self) -> None:
        """Closes the port and every connection."""
        assert self._runner is not None
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._runner.server.connections if self._runner.server else ():
            if connection.transport is not None:
                connection.transport.abort()

    def _completion(self, request: dict[str, Any], decision: Decision) -> dict[str, Any]:
        reply = self._miniature(decision)
        prompt, generated = tokens.encode(self._prompt(request)), tokens.encode(reply.raw)
        self._count(prompt, generated)
        counts = {"prompt_tokens": len(prompt), "completion_tokens": len(generated)}
        choice = {"index": 0, "message": reply.message, "logprobs": None, "finish_reason": reply.finish_reason}
        return {
            "id": f"chatcmpl-{self.completions}",
            "object": "chat.completion",
            "model": self.model,
            "choices": [{**choice, "stop_reason": None, "token_ids": generated if self.faults.token_ids else None}],
            "usage": {**counts, "total_tokens": len(prompt) + len(generated), "prompt_tokens_details": None},
            "prompt_token_ids": prompt if self.faults.token_ids else None,
        }

    def _prompt(self, request: dict[str, Any]) -> str:
        """What the chat template makes of a request: tools, then messages, in ChatML."""
        parts = [f"<|im_start|>tools\n{jsonvalue.dumps(request['tools'])}<|im_end|>\n"] if "tools" in request else []
        parts += [f"<|im_start|>{m['role']}\n{_said(m)}<|im_end|>\n" for m in request["messages"]]
        return "".join(parts) + f"<|im_start|>assistant\n{self._prompt_end}"

    def _count(self, prompt: list[int], generated: list[int]) -> None:
        """Counts tokens; cached are those that the prompt before this one began with too."""
        pairs = enumerate(zip(prompt, self._last_prompt, strict=False))
        shared = next(
            (index for index, (here, there) in pairs if here != there), min(len(prompt), len(self._last_prompt))
        )
        self._last_prompt = prompt
        self._counters["prefix_cache_queries"] += len(prompt)
        self._counters["prefix_cache_hits"] += shared
        self._counters["prompt_tokens"] += len(prompt)
        self._counters["generation_tokens"] += len(generated)


def _key(messages: list[dict[str, Any]], tools: list[dict[str, Any]]) -> bytes:
    return jsonvalue.canonical([messages, tools])


def _said(message: dict[str, Any]) -> str:
    calls = message.get("tool_calls")
    return (message.get("content") or "") + (jsonvalue.dumps(calls) if calls else "")


def as_json(value: Any, code: int = 200) -> web.Response:
    """A value as the answer to a request."""
    return web.Response(body=jsonvalue.dump_line(value)[:-1], status=code, content_type="application/json")


def answered(trouble: Trouble) -> web.Response:
    """A planned answer."""
    headers = {"Content-Type": "application/json", **dict(trouble.headers)}
    return web.Response(body=trouble.body, status=trouble.status, headers=headers)


async def _befall(trouble: Trouble, request: web.Request) -> web.StreamResponse:
    """What a request meets instead of a completion."""
    if trouble.kind == "answer":
        return answered(trouble)
    if trouble.kind == "hang":
        await asyncio.sleep(3600)
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "1000"})
    if trouble.kind == "half":
        await response.prepare(request)
        await response.write(b'{"choices": [{"message"')
    if request.transport is not None:
        request.transport.abort() if trouble.kind == "drop" else request.transport.close()
    return response
