"""One line of a log in OpenAI's message format: its messages, what they say, and what they call."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.importers.drafts import Note
from harness.jsonvalue import JsonError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.jsonvalue import JsonValue

_WRAPPED = ("request", "body", "input")
_FINE = r"""\s*(?:null|none|false|0\b|["']\s*(?:none|null|ok)?["']|\[\s*\]|\{\s*\})"""
_ERROR = re.compile(
    rf"""^\s*(?:error|traceback|exception)\b(?!\s*[:=]?{_FINE}|\s+(?:rate|count|budget)s?\b)"""
    rf"""|["'](?:errors?|exception)["']\s*:(?!{_FINE})"""
    r"""|["'](?:ok|success|succeeded)["']\s*:\s*false\b|["']is_?error["']\s*:\s*true\b"""
    r"""|["']status["']\s*:\s*["'](?:error|failed|failure)["']""",
    re.IGNORECASE,
)


class NotImportedError(Exception):
    """Why no case can be made of a line, as a note."""

    def __init__(self, rule: str, detail: str = "") -> None:
        self.note = Note(rule, detail)
        super().__init__(rule)


def asked(item: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The part of a line that holds the request."""
    return next((item[key] for key in _WRAPPED if isinstance(item.get(key), dict)), item)


def messages_of(item: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The whole conversation, the response that is kept apart included.

    Raises:
        NotImportedError: there is none, or no list of calls where calls should be.
    """
    messages = asked(item).get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise NotImportedError("no_messages")
    response = item.get("response")
    if isinstance(response, dict):
        answer = _answer(response)
        if answer.get("role", "assistant") == "assistant":
            messages = [*messages, {"role": "assistant", **answer}]
    if not all(isinstance(message.get("tool_calls") or [], list) for message in messages):
        raise NotImportedError("broken_call", "tool_calls is no list")
    return messages


def _answer(response: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The message of a response, under `choices`, under `message`, or bare."""
    choices = response.get("choices") or [{"message": response.get("message", response)}]
    first = choices[0] if isinstance(choices, list) else None
    answer = first.get("message") if isinstance(first, dict) else None
    if not isinstance(answer, dict):
        raise NotImportedError("broken_response", "choices holds no message")
    return answer


def begun_elsewhere(lines: Iterable[dict[str, JsonValue] | Note]) -> set[bytes]:
    """Digests of every beginning of every conversation: a log of requests holds each turn again in the next."""
    found: set[bytes] = set()
    for item in lines:
        if isinstance(item, Note):
            continue
        try:
            messages = messages_of(item)
        except NotImportedError:
            continue
        running = hashlib.sha256()
        for message in messages[:-1]:
            running.update(_essence(message))
            found.add(running.digest())
    return found


def digest(messages: list[dict[str, JsonValue]]) -> bytes:
    """What is the same for the same conversation."""
    return hashlib.sha256(b"".join(map(_essence, messages))).digest()


def _essence(message: dict[str, JsonValue]) -> bytes:
    """What makes two messages the same, whatever a server added."""
    calls = [call.get("function") for call in message.get("tool_calls") or () if isinstance(call, dict)]
    return jsonvalue.canonical([message.get("role"), message.get("content") or None, calls])


def called(call: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    """The name and the arguments of a call.

    Raises:
        NotImportedError: it has none, or the arguments are no JSON object.
    """
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise NotImportedError("broken_call", "a call has no function with a name")
    arguments = function.get("arguments")
    try:
        value = jsonvalue.loads(arguments or "{}") if isinstance(arguments, str | None) else arguments
    except JsonError as error:
        raise NotImportedError("broken_call", f"{function['name']}: {error}") from error
    if not isinstance(value, dict):
        raise NotImportedError("broken_call", f"{function['name']}: the arguments are no object")
    return function["name"], value


def text_of(message: dict[str, JsonValue]) -> str:
    """A message's text, from parts too; a part that is null says nothing.

    Raises:
        NotImportedError: it holds anything but text.
    """
    content = message.get("content")
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise NotImportedError("stray_message", "the content is neither text nor parts")
    other = {str(part.get("type")) for part in content} - {"text", "input_text", "output_text"}
    if other:
        raise NotImportedError("not_text", ", ".join(sorted(other)))
    texts = [part.get("text") for part in content]
    if not all(isinstance(text, str | None) for text in texts):
        raise NotImportedError("stray_message", "the text of a part is none")
    return "\n".join(text for text in texts if text is not None)


def tells_error(observation: str) -> bool:
    """Whether a tool seems to have returned an error; `"error": null` and `"ok": true` say that there is none."""
    return _ERROR.search(observation[:500]) is not None
