"""Real conversations in OpenAI's message format: what the assistant did becomes what is expected, to be reviewed.

Each line holds one conversation: `messages` (or `request.messages`, `body.messages`), the `tools` that were offered
there (else those of a file), and where it is kept apart the `response` with its `choices`. Every assistant message is
a decision: its calls with what the tools returned, or its text. Nobody has said that the log is right: `review.md`
lists every case, and what looks doubtful.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Draft, Header, Importer, LeftOut, Note, put_language
from harness.importers.lines import LINE_RULES, document, objects
from harness.importers.masking import Mask
from harness.importers.openai_lines import (
    NotImportedError,
    asked,
    begun_elsewhere,
    called,
    digest,
    messages_of,
    tells_error,
    text_of,
)
from harness.importers.schemas import SchemaError, tools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported, Request
    from harness.jsonvalue import JsonValue

_CATEGORY = "log"
_CORRECTION = re.compile(
    r"^\s*(?:no\b|nope|wrong|that'?s (?:not|wrong)|not what|i (?:said|meant)|actually|不对|不是|错了|我说的是)",
    re.IGNORECASE,
)


def _read(request: Request) -> Iterator[Imported]:
    suite = request.name or re.sub(r"\W+", "_", request.source.stem).strip("_") or "log"
    shared = None if request.tools is None else document(request.tools)
    if shared is not None and not isinstance(shared, list):
        raise InputError.single(str(request.tools), "must be a JSON list of tools")
    files = _files(request.source)
    lines = [
        (str(number) if len(files) == 1 else f"{path.stem}-{number}", item)
        for path in files
        for number, item in objects(path)
    ]
    inside = begun_elsewhere(item for _, item in lines)
    for place, item in lines:
        if isinstance(item, Note):
            yield LeftOut(suite, _CATEGORY, place, _masked(item, request))
            continue
        try:
            messages = messages_of(item)
            whole = digest(messages)
            if whole in inside:
                yield LeftOut(suite, _CATEGORY, place, Note("part_of_another"))
                continue
            inside.add(whole)  # what comes again is left out as well
            yield _draft(suite, place, item, messages, shared, request)
        except NotImportedError as error:
            yield LeftOut(suite, _CATEGORY, place, _masked(error.note, request))
        except SchemaError as error:
            yield LeftOut(suite, _CATEGORY, place, _masked(Note("tool_unusable", str(error)), request))


def _masked(note: Note, request: Request) -> Note:
    """A note that may quote what the line holds."""
    return Note(note.rule, Mask(ips=request.mask_ips).text(note.detail)) if request.mask else note


def _files(source: Path) -> list[Path]:
    found = [source] if source.is_file() else sorted(source.rglob("*.jsonl"))
    if not found:
        raise InputError.single(source, "holds no *.jsonl")
    return found


def _draft(
    suite: str,
    place: str,
    item: dict[str, JsonValue],
    messages: list[dict[str, JsonValue]],
    shared: list[JsonValue] | None,
    request: Request,
) -> Draft:
    own = asked(item).get("tools")
    declared = shared if own is None else own
    notes: list[Note] = []
    if declared is None and any(message.get("tool_calls") for message in messages):
        raise NotImportedError("no_tools", "name the file that holds them with --tools")
    offered = tools([] if declared is None else declared, notes)
    name = _name(item, place)
    walk = _Walk(notes)
    if request.mask:
        mask = Mask(ips=request.mask_ips, public=offered)
        hidden, messages = _hidden(mask, name, messages)
        name = name if hidden == name else f"{hidden}-{place}"  # two that are alike are still two
        masked = ", ".join(f"{count} {kind}" for kind, count in sorted(mask.counts.items()))
        notes += [Note("masked", masked)] if masked else []
    walk.over(messages)
    tags = {"category": _CATEGORY, "kind": "recorded", "reviewed": "no"}
    case: dict[str, JsonValue] = {"id": f"{suite}-{name}", "tags": tags}
    if walk.system is not None:
        case["system"] = walk.system
    case["turns"] = walk.turns
    put_language(case)
    return Draft(suite, _CATEGORY, place, case, offered, notes, review=walk.review)


def _name(item: dict[str, JsonValue], place: str) -> str:
    own = item.get("id")
    return str(own) if isinstance(own, str | int) and own else place


def _hidden(mask: Mask, name: str, messages: list[dict[str, JsonValue]]) -> tuple[str, list[dict[str, JsonValue]]]:
    """A conversation and its name, masked; it is read whole before the first word is replaced."""
    mask.read(name)
    for message in messages:
        mask.read(message)
    hidden = []
    for message in messages:
        calls = [_call_hidden(mask, call) for call in message.get("tool_calls") or ()]
        hidden.append({**message, "content": mask.value(message.get("content")), "tool_calls": calls})
    return mask.text(name), hidden


def _call_hidden(mask: Mask, call: JsonValue) -> JsonValue:
    """A call with its arguments masked, as values where they can be read: what is a number there stays one."""
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return call
    try:
        _, arguments = called(call)
    except NotImportedError:
        return call  # it is refused, and said why, where the calls are read
    return {**call, "function": {**function, "arguments": mask.value(arguments)}}


class _Walk:
    """One conversation on its way to being a case."""

    def __init__(self, notes: list[Note]) -> None:
        self.system: str | None = None
        self.turns: list[dict[str, JsonValue]] = []
        self.review: list[str] = []
        self._notes = notes

    def over(self, messages: list[dict[str, JsonValue]]) -> None:
        """Every message in its order."""
        waiting = list(messages)
        while waiting:
            message = waiting.pop(0)
            role = message.get("role")
            if role in ("system", "developer"):
                self._instructed(message)
            elif role == "user":
                self._asked(message)
            elif role == "assistant":
                self._acted(message, waiting)
            else:
                raise NotImportedError("stray_message", f"role {role!r}")
        while self.turns and "user" in self.turns[-1]:
            self.turns.pop()
        if not self.turns:
            raise NotImportedError("nothing_done", "no assistant message follows a user's")

    def _instructed(self, message: dict[str, JsonValue]) -> None:
        if self.turns:
            raise NotImportedError("late_system", "a system message stands within the conversation")
        text = text_of(message)
        self.system = text if self.system is None else f"{self.system}\n\n{text}"

    def _asked(self, message: dict[str, JsonValue]) -> None:
        text = text_of(message)
        if self.turns and "expect" in self.turns[-1] and _CORRECTION.match(text):
            self.review.append(f"**the user seems to correct what stands before**: {_short(text)!r}")
        self.turns.append({"user": text})

    def _acted(self, message: dict[str, JsonValue], waiting: list[dict[str, JsonValue]]) -> None:
        if not self.turns:
            self._notes.append(Note("greeting_dropped"))
            return
        if message.get("tool_calls"):
            self._called(message, waiting)
            return
        text = text_of(message)
        if not text.strip():
            raise NotImportedError("empty_answer")
        if "answer" in self.turns[-1]:
            raise NotImportedError("two_answers", "two texts of the assistant follow each other")
        self.turns.append({"expect": {"no_call": True, "min_words": 1}, "answer": text})
        self.review.append(f"answers: {_short(text)}")

    def _called(self, message: dict[str, JsonValue], waiting: list[dict[str, JsonValue]]) -> None:
        if text_of(message).strip():
            self._notes.append(Note("text_beside_calls"))
        results: dict[str, str] = {}
        while waiting and waiting[0].get("role") == "tool":
            result = waiting.pop(0)
            results[str(result.get("tool_call_id"))] = text_of(result)
        calls = [called(call) for call in message["tool_calls"]]
        found = [results.get(str(call.get("id"))) for call in message["tool_calls"]]
        expect = {"calls": [{"name": name, "arguments": arguments} for name, arguments in calls]}
        turn: dict[str, JsonValue] = {"expect": expect}
        if None not in found:
            turn["observations"] = found
        elif waiting:
            raise NotImportedError("result_missing", "a call has no result, and the conversation goes on")
        self.turns.append(turn)
        told = ", ".join(f"{call['name']}({_short(jsonvalue.dumps(call['arguments']))})" for call in expect["calls"])
        self.review.append(f"calls {told}")
        if any(text is not None and tells_error(text) for text in found):
            self.review.append("**a tool seems to have returned an error to it**")


def _short(text: str, length: int = 100) -> str:
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _header(suite: str) -> Header:
    return Header(
        f"Real conversations ({suite}), imported from a log. What is expected is what was done; see review.md.",
        "not stated: the conversations of their owner",
        {"source": "openai-log"},
    )


IMPORTER = Importer(
    name="openai-log",
    summary="your own conversations in OpenAI's message format",
    source="a file of JSON Lines, or a folder of *.jsonl",
    read=_read,
    header=_header,
    not_fetched="the conversations are yours; name the file",
    rules={
        "masked": "secrets and personal data were replaced, so many different values of each kind",
        "part_of_another": "another line holds the same conversation, and how it goes on",
        **LINE_RULES,
        "no_messages": "there are no messages",
        "broken_response": "what is kept apart as the response holds no message",
        "no_tools": "calls were made, but nobody says which tools were offered",
        "late_system": "the instructions change within the conversation",
        "stray_message": "a message stands where none of its role can",
        "not_text": "a message holds more than text",
        "nothing_done": "the assistant does nothing",
        "empty_answer": "an answer of the assistant is empty",
        "two_answers": "the assistant answers twice",
        "broken_call": "a call is not well-formed",
        "result_missing": "what a tool returned is missing",
        "greeting_dropped": "what the assistant said before anyone asked was dropped",
        "text_beside_calls": "what the assistant said beside its calls was dropped",
        "tool_renamed": "a character that function names may not have became `_`",
        "schema_repaired": "what no JSON Schema says was dropped from a tool's declaration",
    },
    foreign=frozenset({*LINE_RULES, "no_messages"}),
)
