"""The HTTP side: one chat completion with retries, and token ids back into text.

Faults are data: `complete` returns one instead of raising, whatever the server does. What no retry can
mend and every request would meet (a server without its tool parser, one that is gone) raises.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import aiohttp

from harness import jsonvalue, wire
from harness.errors import ServerError, UsageError
from harness.runlog import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
DETOKENIZE_BATCH = 64
"""Responses that share one detokenize request at most."""


class Answer(NamedTuple):
    """What one decision's requests came to: a completion or a fault, never both."""

    completion: wire.Completion | None
    fault: Fault | None
    latency: float
    """Seconds of the last attempt."""
    attempts: int
    replica: int
    """Index of the base URL that was asked last."""


class Policy(NamedTuple):
    """How often and how long to try."""

    timeout: float = 600.0
    """Seconds one request may take."""
    retries: int = 4
    backoff: float = 0.5
    """Seconds before the first retry; doubled each time, with jitter, at most 30."""


class Client:
    """One pool of connections to one or several replicas of a server."""

    def __init__(self, base_urls: Sequence[str], *, api_key: str | None = None, policy: Policy | None = None) -> None:
        self.base_urls = [url.rstrip("/") for url in base_urls]
        self.policy = policy or Policy()
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=300, keepalive_timeout=60),
            timeout=aiohttp.ClientTimeout(total=self.policy.timeout, sock_connect=min(30.0, self.policy.timeout)),
            headers=self._headers,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open session."""
        if self._session is None:
            raise RuntimeError("the client is not open: use it as an async context manager")
        return self._session

    async def complete(self, replica: int, body: bytes, session_id: str) -> Answer:
        """Sends one chat completion request, again where that can help.

        Args:
            replica: index into `base_urls` to ask first; the next ones are tried if it cannot be reached.
            body: the request body.
            session_id: sent as X-Session-ID, so that a router keeps a case on one replica.

        Raises:
            UsageError: the server cannot do what every request asks of it.
        """
        headers = {"X-Session-ID": header_value(session_id)}
        attempts = 0
        while True:
            attempts += 1
            started = time.perf_counter()
            url = self.base_urls[replica] + "/chat/completions"
            completion, fault, wait = await self._attempt(url, body, headers)
            latency = time.perf_counter() - started
            if fault is None or wait is None or attempts > self.policy.retries:
                return Answer(completion, fault, latency, attempts, replica)
            if fault.kind == "connection":
                replica = (replica + 1) % len(self.base_urls)
            pause = min(30.0, self.policy.backoff * 2 ** (attempts - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
            await asyncio.sleep(max(wait, pause))

    async def _attempt(
        self, url: str, body: bytes, headers: dict[str, str]
    ) -> tuple[wire.Completion | None, Fault | None, float | None]:
        """One request: the completion, or the fault and the least wait before another try (None: no use)."""
        try:
            async with self.session.post(url, data=body, headers=headers) as response:
                data = await response.read()
                if response.status == 200:
                    return wire.parse_completion(data), None, None
                return None, *_http_fault(response.status, data, response.headers.get("Retry-After"))
        except aiohttp.ConnectionTimeoutError as error:  # a host that is not there: another replica may be
            return None, Fault(kind="connection", message=str(error)), 0.0
        except TimeoutError:
            return None, Fault(kind="timeout", message=f"no answer within {self.policy.timeout:g} s"), None
        except aiohttp.ClientError as error:
            return None, Fault(kind="connection", message=str(error) or type(error).__name__), 0.0
        except wire.ProtocolError as error:
            return None, Fault(kind="protocol", status=200, message=str(error)), None

    async def get(self, replica: int, path: str) -> Any:
        """The JSON of a GET on `path` under the server's root; None on any failure."""
        try:
            return jsonvalue.loads(await self.text(replica, path))
        except ValueError:
            return None

    async def text(self, replica: int, path: str) -> str:
        """The text of a GET on `path` under the server's root; empty on any failure."""
        try:
            async with self.session.get(self.root(replica) + path, timeout=aiohttp.ClientTimeout(total=30)) as response:
                return await response.text() if response.status == 200 else ""
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return ""

    def root(self, replica: int) -> str:
        """The server's address without `/v1`: /version, /detokenize and /metrics live there."""
        return self.base_urls[replica].removesuffix("/v1")

    async def models(self, replica: int) -> list[dict[str, Any]]:
        """The models that a replica serves.

        Raises:
            ServerError: it cannot be reached, or is no OpenAI-compatible server.
        """
        url = self.base_urls[replica] + "/models"
        try:
            async with self.session.get(url, timeout=aiohttp.ClientTimeout(total=30)) as response:
                data = await response.read()
                if response.status != 200:
                    hint = " Set OPENAI_API_KEY or --api-key-env." if response.status in (401, 403) else ""
                    raise ServerError(f"{url} answered {response.status}: {wire.error_message(data)}.{hint}")
                listed = jsonvalue.loads(data)
        except (aiohttp.ClientError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            raise ServerError(
                f"no server at {self.base_urls[replica]}: {why}. Is it running, is the URL right?"
            ) from None
        except ValueError:
            raise ServerError(f"{url} is no OpenAI-compatible API (not JSON); the URL usually ends in /v1") from None
        models = listed.get("data") if isinstance(listed, dict) else None
        if not isinstance(models, list):
            raise ServerError(f"{url} lists no models; is this an OpenAI-compatible API?")
        return [model for model in models if isinstance(model, dict)]

    async def detokenize(self, replica: int, model: str, ids: list[int]) -> str | None:
        """The text of token ids, special tokens kept; None where the server cannot tell."""
        body = jsonvalue.dump_line({"model": model, "tokens": ids})
        for pause in (0.1, 0.5, None):
            try:
                async with self.session.post(self.root(replica) + "/detokenize", data=body) as response:
                    if response.status == 200:
                        value = jsonvalue.loads(await response.read())
                        text = value.get("prompt") if isinstance(value, dict) else None
                        return text if isinstance(text, str) else None
                    if response.status not in RETRIED:
                        return None
            except (aiohttp.ClientError, TimeoutError, ValueError):
                pass
            if pause is None:
                return None
            await asyncio.sleep(pause)
        return None


def header_value(text: str) -> str:
    """A case id as a header value: visible ASCII, anything else percent-encoded."""
    if text.isascii() and text.isprintable():
        return text
    from urllib.parse import quote

    return quote(text, safe=" /:._-")


def _http_fault(status: int, data: bytes, retry_after: str | None) -> tuple[Fault, float | None]:
    message = wire.error_message(data)
    if status in (400, 404) and (hint := _useless(status, message)):
        raise UsageError(hint)
    if status in RETRIED:
        wait = float(retry_after) if retry_after and retry_after.isdigit() else 0.0
        return Fault(kind="http", status=status, message=message), min(wait, 60.0)
    too_long = status == 400 and ("maximum context length" in message or "max_model_len" in message)
    return Fault(kind="context_length" if too_long else "http", status=status, message=message), None


def _useless(status: int, message: str) -> str | None:
    """What to tell the user about an error that every request would meet; None for any other."""
    if "--enable-auto-tool-choice" in message:
        return (
            "the server was started without its tool parser, so it cannot return tool calls. Start vLLM with "
            "--enable-auto-tool-choice --tool-call-parser NAME (hermes for Qwen3; see vLLM's list)."
        )
    if status == 404 and "does not exist" in message:
        return f"the server does not serve this model: {message}"
    return None


class Detokenizer:
    """Raw text for many responses with few requests.

    Responses that finish while a request is under way share the next one: their ids are joined by a
    special token of the prompt, which no response holds, and the text is split there. Whether a server's
    tokenizer decodes so that this is exact is tried once, on the first prompt; where it is not, each
    response is decoded alone.
    """

    def __init__(self, client: Client, model: str) -> None:
        self._client = client
        self._model = model
        self._waiting: list[tuple[int, list[int], asyncio.Future[str | None]]] = []
        self._busy = 0
        self._separator: tuple[int, str] | None = None
        self._probed: asyncio.Task[None] | None = None
        self._tails: dict[tuple[int, ...], asyncio.Future[str | None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def text(self, replica: int, ids: list[int], prompt: Sequence[int]) -> asyncio.Future[str | None]:
        """The raw text of a response (`prompt`: the ids before it); None where the server cannot tell."""
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((replica, ids, future))
        if self._probed is None:
            self._probed = asyncio.create_task(self._probe(replica, list(prompt[:200])))
            self._probed.add_done_callback(lambda _: self._start())
        elif self._probed.done():
            self._start()
        return future

    def tail(self, replica: int, prompt: Sequence[int]) -> asyncio.Future[str | None]:
        """The text of the last few tokens of a prompt; most prompts of a run share it."""
        key = tuple(prompt[-8:])
        if key not in self._tails:
            ask = self._client.detokenize(replica, self._model, list(key))
            self._tails[key] = asyncio.ensure_future(ask)
        return self._tails[key]

    async def _probe(self, replica: int, prompt: list[int]) -> None:
        """Finds out whether joined ids decode to the joined texts."""
        mark = prompt[0] if prompt else 0
        sample = [token for token in prompt if token != mark]
        if not sample:
            return
        decode = self._client.detokenize
        separator, alone = await decode(replica, self._model, [mark]), await decode(replica, self._model, sample)
        if not separator or not separator.strip() or alone is None or separator in alone:
            return
        joined = await decode(replica, self._model, [mark, *sample, mark, *sample, mark])
        if joined == separator + alone + separator + alone + separator:
            self._separator = (mark, separator)

    def _start(self) -> None:
        """Sends what waits, one request at a time per few in flight, so that batches fill by themselves."""
        while self._waiting and self._busy < 2:
            replica = self._waiting[0][0]
            size = DETOKENIZE_BATCH if self._separator else 1
            batch = [entry for entry in self._waiting[:size] if entry[0] == replica]
            self._waiting = [entry for entry in self._waiting[:size] if entry[0] != replica] + self._waiting[size:]
            self._busy += 1
            task = asyncio.create_task(self._send(replica, batch))
            self._tasks.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._busy -= 1
        self._start()

    async def _send(self, replica: int, batch: list[tuple[int, list[int], asyncio.Future[str | None]]]) -> None:
        texts = await self._decode(replica, [ids for _, ids, _ in batch])
        for (_, _, future), text in zip(batch, texts, strict=True):
            if not future.done():
                future.set_result(text)

    async def _decode(self, replica: int, batch: list[list[int]]) -> list[str | None]:
        if len(batch) > 1 and self._separator:
            mark, separator = self._separator
            if not any(mark in ids for ids in batch):
                joined = [mark]
                for ids in batch:
                    joined += ids
                    joined.append(mark)
                text = await self._client.detokenize(replica, self._model, joined)
                parts = text.split(separator) if text is not None else []
                if len(parts) == len(batch) + 2 and not parts[0] and not parts[-1]:
                    return list(parts[1:-1])
        return [await self._client.detokenize(replica, self._model, ids) for ids in batch]
