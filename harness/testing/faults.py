"""What can go wrong on the server's side, as a plan that a `MockServer` follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.testing.tokens import Detokenizing


class Trouble(NamedTuple):
    """What befalls one chat completion request."""

    kind: Literal["answer", "drop", "hang", "half"]
    """Another answer; the connection dropped; silence; the connection dropped in the middle of the body."""
    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def _error(code: int, kind: str, message: str, param: str | None) -> Trouble:
    """An error answer in vLLM's form."""
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return Trouble("answer", code, jsonvalue.dump_line(body)[:-1])


DROP = Trouble("drop")
HANG = Trouble("hang")
HALF_BODY = Trouble("half")
NOT_JSON = Trouble("answer", 200, b"<html><body>Welcome</body></html>")
NO_TOOL_PARSER = _error(
    400,
    "BadRequestError",
    '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    None,
)
CONTEXT_TOO_LONG = _error(
    400,
    "BadRequestError",
    "This model's maximum context length is 8192 tokens. However, your prompt contains at least 8193 input tokens, "
    "which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. "
    "(parameter=input_tokens, value=8193)",
    "input_tokens",
)


def wrong_model(name: str, served: str) -> Trouble:
    """What vLLM says to a model's name that it does not serve."""
    return _error(404, "NotFoundError", f"The model `{name}` does not exist. Valid aliases: {served}.", "model")


def bad_request(message: str, param: str | None = None) -> Trouble:
    """What vLLM says to a request that it does not accept."""
    return _error(400, "BadRequestError", message, param)


def refused(message: str) -> Trouble:
    """What vLLM says to a request for something that was not turned on."""
    return _error(403, "PermissionDeniedError", message, None)


def status(code: int, *, retry_after: int | None = None) -> Trouble:
    """An answer with this status, as the server or a proxy before it gives it."""
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return _error(code, "InternalServerError", f"answered {code} by plan", None)._replace(headers=headers)


@dataclass(frozen=True, slots=True)
class Faults:
    """Which chat completion requests meet which trouble; without any, all is well."""

    first: tuple[Trouble, ...] = ()
    """One for each of the first requests, in the order they arrive."""
    always: Trouble | None = None
    """For every request after those."""
    cases: Mapping[str, Trouble] = field(default_factory=dict)
    """For every request of a case, by the X-Session-ID it carries."""
    die_after: int | None = None
    """Completions after which the server is gone for good."""
    token_ids: bool = True
    """Whether token ids are returned when asked for."""
    detokenizing: Detokenizing = "exact"
    delay: float = 0.0
    """Seconds that each completion takes."""
