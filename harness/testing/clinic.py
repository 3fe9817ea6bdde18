"""A server to examine: a toy model, template and parsers, each set up rightly or wrong in one named way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from harness import jsonvalue
from harness.dialects import scan
from harness.suite import Defaults, Suite
from harness.testing import tokens
from harness.testing.faults import NO_TOOL_PARSER, Faults, bad_request, refused
from harness.testing.server import MockServer, Received, answered, as_json
from harness.toolschema import Toolset
from harness.wire import prompt_think_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import web

    from harness.records import Dialect

END = "<|im_end|>"
Amiss: TypeAlias = Literal[
    "template_without_tools",
    "template_without_system",
    "template_without_calls",
    "template_without_arguments",
    "template_without_results",
    "template_refuses_parallel_calls",
    "template_asks_nobody",
    "template_doubles_bos",
    "thinks_when_told_not_to",
    "never_ends_thinking",
    "runs_on",
    "ends_otherwise",
    "leaks",
    "breaks_calls",
    "talks_after_calls",
    "proxy_loses_calls",
    "refuses_template_arguments",
]
_EMPTY = Suite(name="none", description="", licence="", defaults=Defaults(), thresholds={}, tools=(), cases=())


@dataclass(frozen=True, slots=True)
class Setup:
    """How a server is set up and what model it serves; all is well without arguments."""

    dialect: Dialect = "hermes"
    """How the template shows calls."""
    writes: Dialect | None = None
    """How the model writes them, if otherwise."""
    parser: Dialect | None = "hermes"
    reasoning_parser: bool = False
    thinks: Literal["never", "switch", "always"] = "never"
    calls: bool = True
    """Whether the model makes calls of its own."""
    forced: Literal["native", "json", "refused"] = "native"
    dictation: bool = True
    derender: bool = False
    amiss: Amiss | None = None
    max_model_len: int = 8192


def written(dialect: Dialect, name: str, arguments: dict[str, Any]) -> str:
    """A call as a dialect writes it."""
    plain = {"name": name, "arguments": arguments}
    if dialect == "hermes":
        return f"<tool_call>\n{jsonvalue.dumps(plain)}\n</tool_call>"
    if dialect == "mistral":
        return f"[TOOL_CALLS] [{jsonvalue.dumps(plain)}]"
    if dialect == "llama3_json":
        return jsonvalue.dumps({"name": name, "parameters": arguments})
    if dialect == "pythonic":
        return f"[{name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())})]"
    inner = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in arguments.items())
    return f"<tool_call>\n<function={name}>\n{inner}</function>\n</tool_call>"


class Clinic(MockServer):
    """Serves one `Setup` while its `with` block runs."""

    def __init__(self, setup: Setup | None = None, *, faults: Faults | None = None, model: str = "mock") -> None:
        super().__init__(_EMPTY, faults=faults, model=model)
        self.setup = setup or Setup()

    def _routes(self) -> list[tuple[str, str, Callable[[web.Request], Any]]]:
        added: list[tuple[str, str, Callable[[web.Request], Any]]] = [
            ("POST", "/tokenize", self._tokenize),
            ("POST", "/v1/chat/completions/derender", self._derender),
        ]
        return super()._routes() + added

    def _max_model_len(self) -> int:
        return self.setup.max_model_len

    async def _tokenize(self, request: web.Request) -> web.Response:
        return as_json({"tokens": tokens.encode(jsonvalue.loads(await request.read())["prompt"])})

    async def _derender(self, request: web.Request) -> web.Response:
        value = jsonvalue.loads(await request.read())
        if not self.setup.derender:
            return answered(refused("Scale-out endpoints are disabled."))
        given = value["generate_response"]
        prompt = tokens.decode(value["prompt_token_ids"])
        text = tokens.decode(given["choices"][0]["token_ids"])
        message = _Parsers(self.setup).message(text, prompt, value["chat_request"], kept_end=True)
        return as_json({"choices": [{"message": message}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        value = jsonvalue.loads(body)
        self.received.append(Received(request.path, dict(request.headers), body))
        setup = self.setup
        if self.faults.always is not None:
            return answered(self.faults.always)
        if value.get("tool_choice") in ("auto", "required") and setup.parser is None:
            return answered(NO_TOOL_PARSER)
        if value.get("tool_choice") == "required" and setup.forced == "refused":
            return answered(bad_request('tool_choice must be "auto" or "none"'))
        if setup.amiss == "template_refuses_parallel_calls" and any(
            len(message.get("tool_calls") or ()) > 1 for message in value["messages"]
        ):
            return answered(bad_request("This model only supports single tool-calls at once!"))
        if setup.amiss == "refuses_template_arguments" and "chat_template_kwargs" in value:
            return answered(bad_request("chat_template_kwargs are not supported"))
        prompt = _prompt(setup, value)
        raw = _Model(setup).writes(value, prompt)
        ids = tokens.encode(raw)
        finish = "length" if len(ids) > value["max_tokens"] else "stop"
        ids = ids[: value["max_tokens"]]
        parsers = replace(setup, parser=None) if setup.amiss == "proxy_loses_calls" else setup
        message = _Parsers(parsers).message(tokens.decode(ids), prompt, value)
        prompt_ids = tokens.encode(prompt)
        shown = self.faults.token_ids
        choice = {"index": 0, "message": message, "finish_reason": finish, "token_ids": ids if shown else None}
        usage = {"prompt_tokens": len(prompt_ids), "completion_tokens": len(ids)}
        return as_json({"choices": [choice], "usage": usage, "prompt_token_ids": prompt_ids if shown else None})


def _prompt(setup: Setup, request: dict[str, Any]) -> str:
    """What the chat template makes of a request."""
    parts = ["<|endoftext|><|endoftext|>"] if setup.amiss == "template_doubles_bos" else []
    if "tools" in request and setup.amiss != "template_without_tools":
        parts.append(f"<|im_start|>tools\n{jsonvalue.dumps(request['tools'])}{END}\n")
    parts += [_turn(setup, message) for message in request["messages"]]
    if setup.amiss == "template_asks_nobody":
        return "".join(parts)
    parts.append("<|im_start|>assistant\n")
    if setup.thinks == "always":
        parts.append("<think>\n")
    elif setup.thinks == "switch" and request.get("chat_template_kwargs", {}).get("enable_thinking") is False:
        parts.append("<think>\n\n</think>\n\n")
    return "".join(parts)


def _turn(setup: Setup, message: dict[str, Any]) -> str:
    role, content, amiss = message["role"], message.get("content") or "", setup.amiss
    if (role, amiss) in (("system", "template_without_system"), ("tool", "template_without_results")):
        return ""
    for call in message.get("tool_calls") or ():
        function = call["function"]
        arguments = {} if amiss == "template_without_arguments" else jsonvalue.loads(function["arguments"])
        if amiss != "template_without_calls":
            content += written(setup.dialect, function["name"], arguments)
    return f"<|im_start|>{role}\n{content}{END}\n"


class _Model:
    """What the toy model writes, special tokens included."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def writes(self, request: dict[str, Any], prompt: str) -> str:
        setup = self.setup
        dictated = request.get("structured_outputs", {}).get("choice", [""])[0] if setup.dictation else ""
        # A grammar holds from the end of the reasoning on, where the server knows of it.
        thought = "" if dictated and not setup.reasoning_parser else self._thought(prompt)
        end = "<|endoftext|>" if setup.amiss == "ends_otherwise" else END
        return thought + (dictated or self._answer(request)) + end

    def _thought(self, prompt: str) -> str:
        setup, state = self.setup, prompt_think_of(prompt)
        if setup.amiss == "thinks_when_told_not_to" and state == "closed":
            return "<think>\nHm.\n</think>\n\n"
        if setup.thinks == "never" or state == "closed" or setup.amiss == "never_ends_thinking":
            return ""
        return ("" if state == "open" else "<think>\n") + "Hm.\n</think>\n\n"

    def _answer(self, request: dict[str, Any]) -> str:
        setup = self.setup
        choice = request.get("tool_choice")
        dialect = setup.writes or setup.dialect
        call = written(dialect, "get_alert", {"alert_id": "A-7319"})
        if choice == "required":
            if setup.forced == "json":
                return '[{"name": "get_alert", "parameters": {"alert_id": "A-7319"}}]'
            return written(setup.parser or dialect, "get_alert", {"alert_id": "A-7319"})
        if choice == "auto" and setup.calls:
            if setup.amiss == "breaks_calls":
                return call.replace("}", ",}", 1)
            return call + (" It is closed already." if setup.amiss == "talks_after_calls" else "")
        if setup.amiss == "runs_on":
            return f"Hello.{END}\n<|im_start|>user\nAnd now?"
        return "Hello.<|im_start|>" if setup.amiss == "leaks" else "Hello from the desk."


class _Parsers:
    """What a server's parsers make of generated text."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def message(self, text: str, prompt: str, request: dict[str, Any], *, kept_end: bool = False) -> dict[str, Any]:
        """A message as vLLM sends it; derender leaves the token that ends a turn in the content."""
        if not kept_end:
            text = text.removesuffix("<|endoftext|>").removesuffix(END)
        reasoning = None
        if self.setup.reasoning_parser and prompt_think_of(prompt) != "closed":
            before, closed, after = text.partition("</think>")
            if closed or self.setup.thinks != "never" or self.setup.amiss == "never_ends_thinking":
                reasoning, text = before.removeprefix("<think>").strip(), after.lstrip()
        calls = self._calls(text, request)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text or None,
            "reasoning": reasoning,
            "tool_calls": [],
        }
        if calls:
            message["tool_calls"] = [
                {"id": f"call-{n}", "type": "function", "function": {"name": name, "arguments": jsonvalue.dumps(value)}}
                for n, (name, value) in enumerate(calls)
            ]
            message["content"] = None
        return message

    def _calls(self, text: str, request: dict[str, Any]) -> list[tuple[str, Any]]:
        choice = request.get("tool_choice")
        if choice == "required" and self.setup.forced == "json":
            return [(call["name"], call["parameters"]) for call in jsonvalue.loads(text)]
        if choice not in ("auto", "required") or self.setup.parser is None:
            return []
        found = scan(text, self.setup.parser, Toolset([]), prompt_think="none", quoted="")
        return [(attempt.call.name, attempt.call.arguments) for attempt in found.attempts if attempt.call is not None]
