"""What goes over the wire and what comes back: request bodies out, completions in. Pure.

The expectation of a decision is no input to anything here: it cannot leave the process in a request.
"""

from __future__ import annotations

import hashlib
import json
import re
from array import array
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import PromptThink, ToolSpec


_CALLS = ("choices", 0, "message", "tool_calls")
# Inside a JSON text a key's opening quote follows no backslash; quotes inside a text always do.
_ARGUMENTS = re.compile(r'(?<!\\)"arguments"[ \t\n\r]*:[ \t\n\r]*')


class ProtocolError(ValueError):
    """A server's answer that is not what the API promises."""


class RequestWriter:
    """Writes request bodies for one model; what all requests share is serialised once."""

    def __init__(self, model: str, sampling: dict[str, Any], template_arguments: dict[str, bool]) -> None:
        """`sampling` goes into every request, its seed plus the trial; `template_arguments` to the chat template."""
        fixed: dict[str, Any] = {"model": model, **sampling, "n": 1, "stream": False, "return_token_ids": True}
        if template_arguments:
            fixed["chat_template_kwargs"] = template_arguments
        self._fixed = fixed
        self._heads: dict[int, bytes] = {}
        self._tools: dict[int, tuple[Sequence[ToolSpec], bytes]] = {}

    def body(self, messages: Sequence[dict[str, Any]], tools: Sequence[ToolSpec], trial: int = 0) -> bytes:
        """The body of one chat completion request; trials differ in their seed, so that sampling can differ."""
        head = self._heads.get(trial)
        if head is None:
            seeded = {"seed": self._fixed["seed"] + trial} if "seed" in self._fixed else {}
            head = self._heads[trial] = jsonvalue.dump_line({**self._fixed, **seeded})[:-2]
        # Without tools the key is left out: vLLM rejects an empty list.
        return b"".join((head, b',"messages":', jsonvalue.dump_line(messages)[:-1], self._tools_part(tools), b"}"))

    def _tools_part(self, tools: Sequence[ToolSpec]) -> bytes:
        if not tools:
            return b""
        known = self._tools.get(id(tools))
        if known is None or known[0] is not tools:
            listed = [tool.model_dump(mode="python", exclude_none=True) for tool in tools]
            chosen = {"tools": listed, "tool_choice": "auto", "parallel_tool_calls": True}
            known = self._tools[id(tools)] = (tools, b"," + jsonvalue.dump_line(chosen)[1:-2])
        return known[1]


class Completion(NamedTuple):
    """A chat completion, as far as judging needs it."""

    message: dict[str, Any]
    """The message object exactly as the server sent it."""
    finish_reason: str | None
    token_ids: list[int] | None
    """Generated tokens; None where the server does not return them."""
    prompt_token_ids: list[int] | None
    prompt_tokens: int | None
    completion_tokens: int | None


def parse_completion(body: bytes) -> Completion:
    """A response body as a completion.

    Raises:
        ProtocolError: the body is no JSON, or no completion with one finished choice.
    """
    value = _parse(body)
    choices = value.get("choices") if isinstance(value, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise ProtocolError(f"the answer is no chat completion: {_excerpt(body)}")
    finish = choice.get("finish_reason")
    if finish in ("abort", "error"):
        raise ProtocolError(f"the server broke the generation off (finish_reason {finish!r})")
    usage = value.get("usage")
    return Completion(
        message,
        finish if isinstance(finish, str) else None,
        _ids(choice.get("token_ids")),
        _ids(value.get("prompt_token_ids")),
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
    )


def _parse(body: bytes) -> Any:
    try:
        return jsonvalue.loads(body)
    except jsonvalue.JsonError:
        pass
    except UnicodeDecodeError:
        raise ProtocolError(f"the answer is not UTF-8: {_excerpt(body)}") from None
    # What a server sends is evidence: duplicate keys and lone surrogates inside it are the judges' business.
    text = body.decode("utf-8", "replace")
    reading = jsonvalue.read(text)
    if not reading.complete:
        raise ProtocolError(f"the answer is not JSON: {_excerpt(body)}")
    if any(_in_arguments(defect) for defect in reading.defects):
        reading = jsonvalue.read(
            _with_arguments_as_text(text, [d.position for d in reading.defects if _in_arguments(d)])
        )
    return _without_nonfinite(reading.value)


def _in_arguments(defect: jsonvalue.Defect) -> bool:
    """Whether a defect lies inside the arguments of a call that the server sent as a JSON value."""
    return defect.path[:4] == _CALLS and defect.path[5:7] == ("function", "arguments")


def _with_arguments_as_text(text: str, positions: Sequence[int]) -> str:
    """A body in which arguments that are not strict JSON stand as the text they are.

    As a value they would lose what is wrong with them: the log can hold no NaN, and a duplicate key only
    once. As text they are judged now as they will be judged from the log.
    """
    parts, done = [], 0
    for match in _ARGUMENTS.finditer(text):
        if match.start() < done or text[match.end()] == '"':
            continue  # inside arguments that are text already, or such arguments
        end = jsonvalue.read(text, match.end(), whole=False).end
        if any(match.end() <= position < end for position in positions):
            parts += [text[done : match.end()], json.dumps(text[match.end() : end], ensure_ascii=False)]
            done = end
    return "".join((*parts, text[done:]))


def _without_nonfinite(value: Any) -> Any:
    """A value with null for each NaN and infinity: JSON has no such numbers, and neither has the log."""
    if isinstance(value, dict):
        return {key: _without_nonfinite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nonfinite(item) for item in value]
    return None if isinstance(value, Decimal) and not value.is_finite() else value


def _excerpt(body: bytes) -> str:
    text = body[:200].decode("utf-8", "replace").strip()
    return json.dumps(text, ensure_ascii=False) if text else "an empty body"


def _ids(value: Any) -> list[int] | None:
    if not isinstance(value, list) or not set(map(type, value)) <= {int}:
        return None
    return value if not value or (min(value) >= 0 and max(value) < 1 << 32) else None


def _count(usage: Any, key: str) -> int | None:
    value = usage.get(key) if isinstance(usage, dict) else None
    return value if type(value) is int else None


def error_message(body: bytes) -> str:
    """The message of an error body, in any of the shapes that vLLM and proxies before it use."""
    try:
        value = jsonvalue.loads(body)
    except ValueError:
        return _excerpt(body)
    if isinstance(value, dict):
        error = value.get("error", value.get("detail", value.get("message")))
        if isinstance(error, dict):
            error = error.get("message", error)
        if isinstance(error, str):
            return error
        if error is not None:
            return jsonvalue.dumps(error)
    return _excerpt(body)


def ids_digest(ids: Sequence[int]) -> str:
    """SHA-256 of token ids, each as 4 bytes, little-endian."""
    packed = array("I", ids)
    if packed.itemsize != 4:  # pragma: no cover - on platforms where C's unsigned int is not 4 bytes
        return hashlib.sha256(b"".join(value.to_bytes(4, "little") for value in ids)).hexdigest()
    return hashlib.sha256(packed.tobytes()).hexdigest()


def prompt_think_of(tail: str) -> PromptThink:
    """Whether a rendered prompt ends inside a think block, after one the template closed, or without any."""
    stripped = tail.rstrip()
    if stripped.endswith("<think>"):
        return "open"
    if stripped.endswith("</think>"):
        return "closed"
    return "none"
