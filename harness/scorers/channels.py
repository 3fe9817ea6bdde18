"""The two channels of a response: what the server returned, what the model wrote, and the state they make."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.dialects import Attempt, Call, CallDefect, Scan, scan
from harness.dialects.attempt import UNPARSED, json_defects
from harness.dialects.markup import SPECIAL, STOP, UNSAID
from harness.records import PromptThink, Response, State, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.records import Dialect
    from harness.toolschema import Toolset

NEED_RAW = ["channels_agree", "raw_attempts", "text_beside_call", "think_mismatch"]
"""Rules that are skipped, and named so, where no raw text was recorded."""


class MessageCall(NamedTuple):
    """One entry of a message's `tool_calls`, read strictly; `call` is None where it is malformed."""

    name: str | None
    call: Call | None
    defects: tuple[CallDefect, ...] = ()


class Channels(NamedTuple):
    """A response read through both channels, ready to be judged."""

    state: State
    calls: tuple[Call, ...]
    """The well-formed calls that are judged: the message's, or raw's where no message was recorded."""
    content: str
    """The text outside the reasoning, as the user would see it."""
    raw: Scan | None
    agree: bool | None
    inside: Scan | None
    """The message's content read, where it holds more than words."""
    violations: list[Violation]
    """Why attempts are malformed, and what the server repaired."""


def message_calls(message: dict[str, Any]) -> list[MessageCall]:
    """The calls of a message as the server sent it; never raises, whatever is in it."""
    entries = message.get("tool_calls")
    if not entries:
        return []
    if not isinstance(entries, list):
        defect = CallDefect("not_an_object", "", f"tool_calls is {_type_name(entries)}, not a list")
        return [MessageCall(None, None, (defect,))]
    return [_message_call(entry) for entry in entries]


def _type_name(value: object) -> str:
    try:
        return jsonvalue.kind(value)
    except TypeError:
        return type(value).__name__


def _message_call(entry: object) -> MessageCall:
    function = entry.get("function") if isinstance(entry, dict) else None
    if not isinstance(function, dict):
        return MessageCall(None, None, (CallDefect("not_an_object", "", "the call has no function object"),))
    name = function.get("name")
    arguments, defects = _arguments(function.get("arguments"))
    if not isinstance(name, str):
        defect = CallDefect("type_mismatch", "/name", f"the name is {_type_name(name)}, not a string")
        return MessageCall(None, None, (defect, *defects))
    if defects or arguments is None:
        return MessageCall(name, None, defects)
    return MessageCall(name, Call(name, arguments))


def _arguments(value: object) -> tuple[dict[str, Any] | None, tuple[CallDefect, ...]]:
    if isinstance(value, str):
        if not value.strip():
            return None, (CallDefect("not_an_object", "/arguments", "the arguments are empty"),)
        try:
            value = jsonvalue.loads(value)
        except jsonvalue.JsonError as error:
            return None, json_defects(error.defects, "arguments")
    elif isinstance(value, dict):
        defects = tuple(_not_json(value, ("arguments",)))
        if defects:
            return None, defects
    if isinstance(value, dict):
        return value, ()
    message = f"the arguments are {_type_name(value)}, not one object"
    return None, (CallDefect("not_an_object", "/arguments", message),)


def _not_json(value: object, path: tuple[str | int, ...]) -> Iterable[CallDefect]:
    """Numbers and characters that JSON does not know, in arguments that a server sent as an object."""
    members: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        members = value.items()
        if any(jsonvalue.has_lone_surrogate(key) for key in value):
            yield CallDefect("invalid_json", jsonvalue.pointer(*path), "a lone surrogate in a key")
    elif isinstance(value, list):
        members = enumerate(value)
    elif isinstance(value, str) and jsonvalue.has_lone_surrogate(value):
        yield CallDefect("invalid_json", jsonvalue.pointer(*path), "a lone surrogate")
    elif isinstance(value, Decimal) and not value.is_finite():
        yield CallDefect("invalid_json", jsonvalue.pointer(*path), f"{value} is not JSON")
    for key, item in members:
        yield from _not_json(item, (*path, key))


def content_text(message: dict[str, Any]) -> str:
    """What a message says to the user: its content, parts joined from their texts, and its refusal."""
    content, refusal = message.get("content"), message.get("refusal")
    text = content if isinstance(content, str) else ""
    if isinstance(content, list):
        parts = (part.get("text", part.get("refusal")) if isinstance(part, dict) else part for part in content)
        text = "".join(part for part in parts if isinstance(part, str))
    if refusal and isinstance(refusal, str):
        return f"{text}\n{refusal}" if text else refusal
    return text


def read_channels(response: Response, tools: Toolset, quoted: str) -> Channels:
    """Reads message and raw of a response that did come; `quoted` is what the user wrote."""
    raw = None
    if response.raw is not None:
        raw = scan(response.raw, response.dialect, tools, prompt_think=response.prompt_think, quoted=quoted)
    if response.message is None:
        if raw is None:
            raise ValueError("a response needs a message or raw text")
        return _from_raw(raw, quoted)
    return _from_message(response.message, raw, response, tools, quoted)


def _from_raw(raw: Scan, quoted: str) -> Channels:
    calls = tuple(attempt.call for attempt in raw.attempts if attempt.call is not None)
    content = raw.without(calls=True, final_tokens=True)
    malformed = len(calls) < len(raw.attempts)
    state = _state(content, quoted, malformed=malformed, called=bool(calls))
    return Channels(state, calls, content, raw, None, None, _raw_violations(raw.attempts))


def _from_message(
    message: dict[str, Any], raw: Scan | None, response: Response, tools: Toolset, quoted: str
) -> Channels:
    entries = message_calls(message)
    text = content_text(message)
    dialect = response.dialect
    if not text and raw is not None and (alone := _same_call(entries, raw)) is not None:
        return Channels("called", (alone,), "", raw, None if dialect is None else True, None, [])
    calls = tuple(entry.call for entry in entries if entry.call is not None)
    inside = _scan_content(text, dialect, tools, response.prompt_think, quoted)
    content = inside.without(calls=False, final_tokens=False) if inside else text
    attempts = raw.attempts if raw is not None else ()
    beyond = len(attempts)
    if inside and inside.attempts and not (entries and _is_start_only(inside)):
        attempts += _only_in_content(inside, raw)
    lost = _lost(attempts, beyond, entries) if attempts else set()
    malformed = len(calls) < len(entries) or bool(lost)
    violations: list[Violation] = []
    if malformed or any(attempt.defects for attempt in attempts):
        violations = [v for index, entry in enumerate(entries) for v in _violations(index, entry.defects)]
        violations = _merged(violations, _raw_violations(attempts, lost))
    state = _state(content, quoted, malformed=malformed, called=bool(calls))
    return Channels(state, calls, content, raw, _agree(entries, raw, dialect), inside, violations)


def _same_call(entries: list[MessageCall], raw: Scan) -> Call | None:
    """What most responses that call are: the one call that both channels hold alike; None for all others."""
    if len(entries) == 1 == len(raw.attempts) and not raw.attempts[0].defects:
        returned, written = entries[0].call, raw.attempts[0].call
        if returned is not None and written is not None and returned.name == written.name:
            return returned if jsonvalue.equal(returned.arguments, written.arguments) else None
    return None


def _scan_content(
    text: str, dialect: Dialect | None, tools: Toolset, prompt_think: PromptThink, quoted: str
) -> Scan | None:
    """What a message's content holds beside words; None where it holds nothing else."""
    if not text or (not STOP.search(text) and dialect not in ("llama3_json", "pythonic")):
        return None
    # A server without a reasoning parser leaves the reasoning in the content, its opening tag in the prompt.
    think: PromptThink = "open" if prompt_think == "open" and _closes_first(text) else "none"
    return scan(text, dialect, tools, prompt_think=think, quoted=quoted)


def _closes_first(text: str) -> bool:
    close = text.find("</think>")
    return close >= 0 and "<think>" not in text[:close]


def _is_start_only(inside: Scan) -> bool:
    """Whether the only attempts found are call-like text without delimiters, beside calls that were returned."""
    return not STOP.search(inside.text)


def _only_in_content(inside: Scan, raw: Scan | None) -> tuple[Attempt, ...]:
    """The attempts of a message's content that are no copies of what raw holds.

    What stands in both is judged in raw, where a server's repair and the tags around a call show.
    """
    if raw is None:
        return inside.attempts
    known = Counter(_plain(raw.text[attempt.start : attempt.end]) for attempt in raw.attempts)
    around = Counter(raw.text[start:end] for start, end in raw.wrappers)
    found = []
    for attempt in inside.attempts:
        text = inside.text[attempt.start : attempt.end]
        opening = inside.text[attempt.start : attempt.stopped]
        if known[plain := _plain(text)]:
            known[plain] -= 1
        elif around[opening] and not UNSAID.sub("", text).strip():
            around[opening] -= 1
        else:
            found.append(attempt)
    return tuple(found)


def _plain(text: str) -> str:
    """A piece of a text without the special tokens that servers drop."""
    return SPECIAL.sub("", text).strip()


def _lost(attempts: Sequence[Attempt], beyond: int, entries: Sequence[MessageCall]) -> set[int]:
    """Indices of the attempts that the message does not return.

    Well-formed attempts pair with calls of the same name; what is left over of either kind pairs by number,
    because a server may have repaired it. From index `beyond` on the attempts stand in content that a server
    returned: malformed markup there was not parsed.
    """
    if len(attempts) == len(entries) == 1 and (call := attempts[0].call) and call.name == entries[0].name:
        return set()
    names = Counter(entry.name for entry in entries)
    lost, malformed = set(), []
    for index, attempt in enumerate(attempts):
        if attempt.call is None:
            malformed.append(index)
        elif names[attempt.call.name]:
            names[attempt.call.name] -= 1
        else:
            lost.add(index)
    written = bisect_left(malformed, beyond)
    lost.update(malformed[written:])
    if written > names.total():
        lost.update(malformed[:written])
    return lost


def _agree(entries: Sequence[MessageCall], raw: Scan | None, dialect: Dialect | None) -> bool | None:
    """Whether message and raw hold the same calls, as multisets of names and values; None where unknown."""
    if raw is None or dialect is None:
        return None
    if any(entry.call is None for entry in entries):
        return False
    written = [attempt.call for attempt in raw.attempts if attempt.call is not None]
    returned = [entry.call for entry in entries if entry.call is not None]
    if len(written) != len(returned):
        return False
    if len(written) == 1:
        return written[0].name == returned[0].name and jsonvalue.equal(written[0].arguments, returned[0].arguments)
    return Counter(map(_text, written)) == Counter(map(_text, returned))


def _text(call: Call) -> tuple[str, bytes]:
    """What equal calls have in common."""
    return call.name, jsonvalue.canonical(call.arguments)


def _state(content: str, quoted: str, *, malformed: bool, called: bool) -> State:
    if malformed:
        return "malformed"
    if called:
        return "called"
    return "answered" if _has_text(content, quoted) else "empty"


def _has_text(content: str, quoted: str) -> bool:
    """Whether anything but white space and markup stands there; a zero-width character does count.

    A tag that is no special token is text to a user who wrote it first.
    """
    if not content or content.isspace():
        return False
    if "<" not in content and "[" not in content:
        return True
    rest = SPECIAL.sub("", content)
    return bool(UNSAID.sub(lambda match: match[0] if match[0] in quoted else "", rest).strip())


def _violations(index: int, defects: Iterable[CallDefect]) -> list[Violation]:
    return [
        Violation.trusted(code=defect.code, path=f"/{index}{defect.path}", message=defect.message) for defect in defects
    ]


def _raw_violations(attempts: Sequence[Attempt], lost: set[int] | None = None) -> list[Violation]:
    """The defects of attempts; a well-formed one that was lost has no defect but that."""
    found = []
    for index, attempt in enumerate(attempts):
        defects = attempt.defects
        if lost and index in lost and attempt.call is not None:
            defects = (UNPARSED._replace(message="a well-formed call that the server did not return"),)
        found += _violations(index, defects)
    return found


def _merged(first: list[Violation], second: list[Violation]) -> list[Violation]:
    seen = {(violation.code, violation.path) for violation in first}
    return first + [violation for violation in second if (violation.code, violation.path) not in seen]
