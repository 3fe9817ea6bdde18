"""The trajectory as a small model of what is known: who said what, which tool returned what for which entity."""

from __future__ import annotations

import csv
import io
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.scorers.fabrication.lexicon import FAILURE, FAILURE_FIELD, WRITE_NAME, WRITE_TEXT
from harness.scorers.fabrication.values import normal, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Entry(NamedTuple):
    """One record of an observation (an object, a row, a line): its fields as text, and every key in it."""

    fields: tuple[tuple[str, str], ...]
    text: str
    keys: frozenset[str]


class Body(NamedTuple):
    """An observation read: its records, all keys, normal text, and whether it reports a failure."""

    entries: tuple[Entry, ...]
    text: str
    keys: frozenset[str]
    failed: bool
    partial: bool


class Observation(NamedTuple):
    """What one call returned; `turn` counts the user messages before it."""

    tool: str
    arguments: str
    argument_keys: frozenset[str]
    body: Body
    turn: int


class ToolCard(NamedTuple):
    """What an offered tool is for: its words, and whether it changes anything."""

    name: str
    text: str
    writes: bool


class Ledger:
    """Everything that can ground a statement at one decision."""

    def __init__(self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> None:
        self.tools = [tool_card(tool) for tool in tools]
        self.observations: list[Observation] = []
        self.users: list[str] = []
        self.system = ""
        self.said: list[str] = []
        pending: dict[str, tuple[str, str]] = {}
        queue: list[tuple[str, str]] = []
        for message in messages:
            role, text = message.get("role"), text_of(message)
            if role in ("system", "developer"):
                self.system += text + "\n"
            elif role == "user":
                self.users.append(text)
                queue = []
            elif role == "assistant":
                self.said.append(text)
                for call in message.get("tool_calls") or ():
                    function = call.get("function") or {}
                    entry = (str(function.get("name") or ""), _argument_text(function.get("arguments")))
                    pending[str(call.get("id"))] = entry
                    queue.append(entry)
            elif role == "tool":
                call_id = str(message.get("tool_call_id"))
                known = pending.get(call_id) or (queue[0] if queue else ("", ""))
                if known in queue:
                    queue.remove(known)
                name, arguments = known
                self.observations.append(
                    Observation(name or str(message.get("name") or ""), arguments, keys_of(arguments), read_body(text), len(self.users))
                )
        self.unanswered = queue
        self.turn = len(self.users)
        self.last_user = self.users[-1] if self.users else ""
        self.fresh = [seen for seen in self.observations if seen.turn == self.turn]
        calls = [arguments for _, arguments in pending.values()]
        self.tool_text = "\n".join(jsonvalue.dumps(tool) for tool in tools)
        self.told = normal("\n".join([self.system, self.tool_text, *self.users]))
        self.observed = "\n".join([*(seen.body.text for seen in self.observations), *(normal(call) for call in calls)])
        self.context = self.told + "\n" + self.observed

    @property
    def keys(self) -> frozenset[str]:
        """Keys of every value that stands in the context (assistant text aside)."""
        found: set[str] = set(keys_of(self.system)) | keys_of(self.tool_text)
        for text in self.users:
            found |= keys_of(text)
        for seen in self.observations:
            found |= seen.body.keys | seen.argument_keys
        return frozenset(found)


def text_of(message: dict[str, Any]) -> str:
    """A message's text, parts joined."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def _argument_text(arguments: object) -> str:
    if isinstance(arguments, str):
        return arguments
    return jsonvalue.dumps(arguments) if isinstance(arguments, dict) else ""


@lru_cache(maxsize=4096)
def keys_of(text: str) -> frozenset[str]:
    """The keys of every value in a text."""
    return frozenset(key for value in values_of(text) for key in value.keys)


def tool_card(tool: dict[str, Any]) -> ToolCard:
    """What an offered tool says of itself."""
    function = tool.get("function") or {}
    name, description = str(function.get("name") or ""), str(function.get("description") or "")
    writes = WRITE_NAME.search(name.replace("_", " ")) is not None or WRITE_TEXT.match(description) is not None
    return ToolCard(name, normal(f"{name.replace('_', ' ')} {description}"), writes)


@lru_cache(maxsize=4096)
def read_body(text: str) -> Body:
    """Reads an observation in whatever format it came."""
    entries = tuple(_entries(text))
    stripped = text.strip()
    failed = bool(FAILURE.match(stripped)) or any(
        FAILURE_FIELD.fullmatch(f"{normal(name)}={normal(value)}") for entry in entries[:1] for name, value in entry.fields
    )
    partial = any(
        _PARTIAL.fullmatch(f"{normal(name)}={normal(value)}") for entry in entries for name, value in entry.fields
    ) or bool(_PAGES.search(text))
    return Body(entries, normal(text), keys_of(text), failed, partial)


_PARTIAL = re.compile(
    r"(?:has_?more|more|truncated|is_?partial|partial)=true|(?:next|next_?(?:page|cursor|token)|cursor)=(?!none|null|$).+"
)
_PAGES = re.compile(r"\b(?:page|页)\W{0,3}(\d+)\W{1,4}(?:of|/|total_?pages\W+)\W{0,2}(?!\1\b)\d+|第\s?1\s?页.{0,4}共\s?[2-9]", re.IGNORECASE)


def _entries(text: str) -> Iterator[Entry]:
    value = _json_of(text)
    if value is not None:
        yield from _json_entries(value, ())
        return
    lines = [line for line in text.splitlines() if line.strip()]
    table = _table(lines)
    if table:
        yield from table
        return
    whole: list[tuple[str, str]] = []
    for line in lines:
        fields = [(name.strip(), value.strip()) for name, value in _FIELD.findall(line)]
        fields += [(name, value.strip()) for name, value in _TAG.findall(line)]
        whole += fields
        if len(fields) > 1 or not fields:
            yield _entry(fields, line)
    if whole:
        yield _entry(whole, text)


_FIELD = re.compile(r"(?:^|[;,|，；]\s?|\s-\s|^\s*[-*]\s)\s*([\w][\w .\-/()]{0,30}?)\s?[:=：]\s?([^;|；\n]+?)(?=$|[;|；]|,\s\w+\s?[:=])")
_TAG = re.compile(r"<([\w:.\-]+)(?:\s[^>]*)?>([^<]*)</\1>")


def _json_of(text: str) -> Any:
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return None
    try:
        return jsonvalue.loads(stripped)
    except jsonvalue.JsonError:
        return None


def _json_entries(value: Any, outer: tuple[tuple[str, str], ...]) -> Iterator[Entry]:
    if isinstance(value, dict):
        fields = [(key, _leaf(item)) for key, item in value.items() if not isinstance(item, dict | list)]
        fields += [(key, jsonvalue.dumps(item)) for key, item in value.items() if isinstance(item, list) and not any(isinstance(i, dict) for i in item)]
        if fields:
            yield _entry(fields, " ".join(f"{key} {text}" for key, text in fields))
        for key, item in value.items():
            if isinstance(item, dict):
                yield from _json_entries(item, ())
                if item and all(isinstance(inner, dict) for inner in item.values()):
                    continue
            elif isinstance(item, list):
                yield from _json_entries(item, ())
            _ = key
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, dict | list):
                yield from _json_entries(item, ())
            else:
                yield _entry([("", _leaf(item))], _leaf(item))


def _leaf(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else jsonvalue.dumps(value)


def _table(lines: list[str]) -> list[Entry]:
    if len(lines) < 2:
        return []
    if sum(line.lstrip().startswith("|") for line in lines) >= max(2, len(lines) - 2):
        rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines if line.lstrip().startswith("|")]
        rows = [row for row in rows if not all(re.fullmatch(r":?-*:?", cell) for cell in row)]
    else:
        delimiter = next((mark for mark in ("\t", ",", ";", "|") if lines[0].count(mark) >= 1 and all(line.count(mark) >= lines[0].count(mark) for line in lines[1:])), None)
        if delimiter is None or ":" in lines[0] and delimiter == ",":
            return []
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)]
    if len(rows) < 2:
        return []
    header = rows[0]
    return [_entry(list(zip(header, row, strict=False)), " ".join(row)) for row in rows[1:]]


def _entry(fields: Iterable[tuple[str, str]], text: str) -> Entry:
    return Entry(tuple(fields), normal(text), keys_of(text))
