"""Real conversations in OpenAI's message format: what the assistant did becomes what is expected, to be reviewed.

Each line holds one conversation: `messages` (or `request.messages`, `body.messages`), the `tools` that were offered
there (else those of a file), and where it is kept apart the `response` with its `choices`. Every assistant message is
a decision: its calls with what the tools returned, or its text. Nobody has said that the log is right: `review.md`
lists every case, and what looks doubtful.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Draft, Header, Importer, LeftOut, Note, put_language
from harness.importers.lines import document, objects
from harness.importers.masking import Mask
from harness.importers.schemas import SchemaError, tools
from harness.jsonvalue import JsonError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.importers.drafts import Imported, Request
    from harness.jsonvalue import JsonValue

_CATEGORY = "log"
_WRAPPED = ("request", "body", "input")
_ERROR = re.compile(r'^\s*(?:error\b|\{"error"|traceback)|"(?:error|ok)": ?(?:true|false|")', re.IGNORECASE)
_CORRECTION = re.compile(
    r"^\s*(?:no\b|nope|wrong|that'?s (?:not|wrong)|not what|i (?:said|meant)|actually|不对|不是|错了|我说的是)",
    re.IGNORECASE,
)


class _NotImportedError(Exception):
    def __init__(self, rule: str, detail: str = "") -> None:
        self.note = Note(rule, detail)
        super().__init__(rule)


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
    inside = _begun_elsewhere(lines)
    for place, item in lines:
        if isinstance(item, JsonError):
            yield LeftOut(suite, _CATEGORY, place, Note("not_json", str(item)))
            continue
        try:
            messages = _messages(item)
            digest = _digest(messages)
            if digest in inside:
                yield LeftOut(suite, _CATEGORY, place, Note("part_of_another"))
                continue
            inside.add(digest)  # what comes again is left out as well
            yield _draft(suite, place, str(item.get("id") or place), item, messages, shared, request)
        except _NotImportedError as error:
            yield LeftOut(suite, _CATEGORY, place, error.note)
        except SchemaError as error:
            yield LeftOut(suite, _CATEGORY, place, Note("tool_unusable", str(error)))


def _files(source: Path) -> list[Path]:
    found = [source] if source.is_file() else sorted(source.rglob("*.jsonl"))
    if not found:
        raise InputError.single(source, "holds no *.jsonl")
    return found


def _messages(item: dict[str, JsonValue]) -> list[dict[str, JsonValue]]:
    """The whole conversation, the response that is kept apart included."""
    holder = next((item[key] for key in _WRAPPED if isinstance(item.get(key), dict)), item)
    messages = holder.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise _NotImportedError("no_messages")
    response = item.get("response")
    if isinstance(response, dict):
        choices = response.get("choices") or [{"message": response.get("message", response)}]
        answer = choices[0].get("message") if isinstance(choices[0], dict) else None
        if isinstance(answer, dict) and answer.get("role", "assistant") == "assistant":
            return [*messages, {"role": "assistant", **answer}]
    return messages


def _begun_elsewhere(lines: list[tuple[str, dict[str, JsonValue] | JsonError]]) -> set[bytes]:
    """Digests of every beginning of every conversation: a log of requests holds each turn again in the next."""
    found: set[bytes] = set()
    for _, item in lines:
        if isinstance(item, JsonError):
            continue
        try:
            messages = _messages(item)
        except _NotImportedError:
            continue
        running = hashlib.sha256()
        for message in messages[:-1]:
            running.update(_essence(message))
            found.add(running.digest())
    return found


def _digest(messages: list[dict[str, JsonValue]]) -> bytes:
    return hashlib.sha256(b"".join(map(_essence, messages))).digest()


def _essence(message: dict[str, JsonValue]) -> bytes:
    """What makes two messages the same, whatever a server added."""
    calls = [call.get("function") for call in message.get("tool_calls") or () if isinstance(call, dict)]
    return jsonvalue.canonical([message.get("role"), message.get("content") or None, calls])


def _draft(
    suite: str,
    place: str,
    name: str,
    item: dict[str, JsonValue],
    messages: list[dict[str, JsonValue]],
    shared: list[JsonValue] | None,
    request: Request,
) -> Draft:
    holder = next((item[key] for key in _WRAPPED if isinstance(item.get(key), dict)), item)
    declared = holder.get("tools", shared)
    notes: list[Note] = []
    if declared is None and any(message.get("tool_calls") for message in messages):
        raise _NotImportedError("no_tools", "name the file that holds them with --tools")
    offered = tools(declared or [], notes)
    walk = _Walk(Mask(ips=request.mask_ips) if request.mask else None, notes)
    walk.over(messages)
    tags = {"category": _CATEGORY, "kind": "recorded", "reviewed": "no"}
    case: dict[str, JsonValue] = {"id": f"{suite}-{name}", "tags": tags}
    if walk.system is not None:
        case["system"] = walk.system
    case["turns"] = walk.turns
    put_language(case)
    return Draft(suite, _CATEGORY, place, case, offered, walk.all_notes(), review=walk.review)


class _Walk:
    """One conversation on its way to being a case."""

    def __init__(self, mask: Mask | None, notes: list[Note]) -> None:
        self.system: str | None = None
        self.turns: list[dict[str, JsonValue]] = []
        self.review: list[str] = []
        self._mask = mask
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
                raise _NotImportedError("stray_message", f"role {role!r}")
        while self.turns and "user" in self.turns[-1]:
            self.turns.pop()
        if not self.turns:
            raise _NotImportedError("nothing_done", "no assistant message follows a user's")

    def all_notes(self) -> list[Note]:
        """What is not as in the log."""
        counts = self._mask.counts if self._mask else {}
        masked = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
        return [*self._notes, Note("masked", masked)] if masked else self._notes

    def _masked(self, value: JsonValue) -> JsonValue:
        return self._mask.value(value) if self._mask else value

    def _instructed(self, message: dict[str, JsonValue]) -> None:
        if self.turns:
            raise _NotImportedError("late_system", "a system message stands within the conversation")
        text = self._masked(_text(message))
        self.system = text if self.system is None else f"{self.system}\n\n{text}"

    def _asked(self, message: dict[str, JsonValue]) -> None:
        text = _text(message)
        if self.turns and "expect" in self.turns[-1] and _CORRECTION.match(text):
            self.review.append(f"**the user seems to correct what stands before**: {self._masked(text[:80])!r}")
        self.turns.append({"user": self._masked(text)})

    def _acted(self, message: dict[str, JsonValue], waiting: list[dict[str, JsonValue]]) -> None:
        if not self.turns:
            self._notes.append(Note("greeting_dropped"))
            return
        if message.get("tool_calls"):
            self._called(message, waiting)
            return
        text = _text(message)
        if not text.strip():
            raise _NotImportedError("empty_answer")
        if "answer" in self.turns[-1]:
            raise _NotImportedError("two_answers", "two texts of the assistant follow each other")
        self.turns.append({"expect": {"no_call": True, "min_words": 1}, "answer": self._masked(text)})
        self.review.append(f"answers: {_short(self.turns[-1]['answer'])}")

    def _called(self, message: dict[str, JsonValue], waiting: list[dict[str, JsonValue]]) -> None:
        if _text(message).strip():
            self._notes.append(Note("text_beside_calls"))
        results: dict[str, str] = {}
        while waiting and waiting[0].get("role") == "tool":
            result = waiting.pop(0)
            results[str(result.get("tool_call_id"))] = _text(result)
        calls = [_call(call) for call in message["tool_calls"]]
        found = [results.get(str(call.get("id"))) for call in message["tool_calls"]]
        expect = {"calls": [{"name": name, "arguments": self._masked(arguments)} for name, arguments in calls]}
        turn: dict[str, JsonValue] = {"expect": expect}
        if None not in found:
            turn["observations"] = [self._masked(text) for text in found]
        elif waiting:
            raise _NotImportedError("result_missing", "a call has no result, and the conversation goes on")
        self.turns.append(turn)
        told = ", ".join(f"{call['name']}({_short(jsonvalue.dumps(call['arguments']))})" for call in expect["calls"])
        self.review.append(f"calls {told}")
        if any(text is not None and _ERROR.search(text[:500]) for text in found):
            self.review.append("**a tool seems to have returned an error to it**")


def _call(call: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise _NotImportedError("broken_call", "a call has no function with a name")
    arguments = function.get("arguments")
    try:
        value = jsonvalue.loads(arguments or "{}") if isinstance(arguments, str | None) else arguments
    except JsonError as error:
        raise _NotImportedError("broken_call", f"{function['name']}: {error}") from error
    if not isinstance(value, dict):
        raise _NotImportedError("broken_call", f"{function['name']}: the arguments are no object")
    return function["name"], value


def _text(message: dict[str, JsonValue]) -> str:
    """A message's text, from parts too."""
    content = message.get("content")
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise _NotImportedError("stray_message", "the content is neither text nor parts")
    other = {str(part.get("type")) for part in content} - {"text", "input_text", "output_text"}
    if other:
        raise _NotImportedError("not_text", ", ".join(sorted(other)))
    return "\n".join(str(part.get("text", "")) for part in content)


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
        "not_json": "the line is not strict JSON",
        "no_messages": "there are no messages",
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
)
