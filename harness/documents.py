"""Reading YAML, JSON and JSON Lines files so that every problem can be named by file, line and path.

YAML is read as the JSON-like part of YAML 1.2's core schema, by hand, from the parser's events: only
`true` and `false` are booleans, only JSON's numbers are numbers (exact decimals), `null`, `~` and
nothing are null, everything else that is plain (dates, times, `yes`, `0x1F`, `007`) is a string.
Refused: duplicate keys, keys that are no strings, tags, merge keys, and whatever nests or expands
without bound. Parsing by events keeps a hostile file from exhausting the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from harness import jsonvalue
from harness.errors import Problem
from harness.jsonvalue import MAX_DEPTH, JsonError, JsonValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import yaml

MAX_VALUES = 1_000_000
"""Most values in one YAML document, those of an alias counted at each use."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}
# YAML 1.1, which the parser knows, folds these like line feeds; YAML 1.2 keeps them.
_OLD_BREAKS = re.compile("[\x85\u2028\u2029]")


@dataclass(slots=True)
class _Node:
    """A YAML value with the line it begins on; for its members, the lines of their keys."""

    value: JsonValue
    line: int
    size: int = 1
    depth: int = 0
    members: dict[str | int, tuple[int, _Node]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """One value read from a file. `line` is where it begins, counted from 1."""

    file: str
    line: int
    value: JsonValue
    _source: _Node | str | None = None
    """What finer lines are found in: the YAML tree or the JSON text; None where all is on one line."""

    def line_of(self, path: str) -> int:
        """The line of the value (its key, in an object) at a JSON pointer, or of the nearest one around it."""
        tokens = [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]
        if isinstance(self._source, str):
            return self._source.count("\n", 0, _json_offset(self._source, tokens)) + 1
        node, line = self._source, self.line
        for token in tokens:
            if node is None:
                break
            step: str | int = int(token) if isinstance(node.value, list) and token.isdigit() else token
            line, node = node.members.get(step, (line, None))
        return line

    def problem(self, path: str, message: str) -> Problem:
        """A problem at a place of this document."""
        return Problem(self.file, self.line_of(path), path, message)


Read: TypeAlias = "Document | Problem"


def read_json(path: Path) -> Iterator[Read]:
    """The one value of a strict JSON file, or its problems."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield _not_utf8(path, data, error)
        return
    try:
        yield Document(str(path), 1, jsonvalue.loads(text), text)
    except JsonError as error:
        for defect in error.defects:
            line = text.count("\n", 0, defect.position) + 1
            yield Problem(str(path), line, jsonvalue.pointer(*defect.path), f"{defect.code}: {defect.message}")


def read_jsonl(path: Path) -> Iterator[Read]:
    """The values of a JSON Lines file, one a line (split at line feeds only), each or its problems."""
    name = str(path)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Document(name, number, jsonvalue.loads(line))
            except JsonError as error:
                yield from _line_problems(name, number, line, error)


def _line_problems(name: str, number: int, line: bytes, error: JsonError) -> Iterator[Problem]:
    try:
        empty = not line.decode("utf-8").strip()
    except UnicodeDecodeError as bad:
        yield Problem(name, number, "", f"is not UTF-8 at byte {bad.start + 1} of the line; save the file as UTF-8")
        return
    if empty:
        yield Problem(name, number, "", "the line is empty; every line must hold one JSON value")
        return
    for defect in error.defects:
        place = jsonvalue.pointer(*defect.path)
        yield Problem(name, number, place, f"{defect.code}: {defect.message} (character {defect.position + 1})")


def read_yaml(path: Path) -> Iterator[Read]:
    """The documents of a YAML file, each or its problems; what comes after broken syntax is not read."""
    data, name = path.read_bytes(), str(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield _not_utf8(path, data, error)
        return
    if match := _OLD_BREAKS.search(text):
        code = f"{ord(match[0]):04x}"
        message = f"U+{code.upper()} stands unescaped; write it as \\u{code} inside double quotes"
        yield Problem(name, text.count("\n", 0, match.start()) + 1, "", message)
        return
    import yaml

    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=_loader()):
            yield from builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(filter(None, (error.context, error.problem)))
        yield Problem(name, mark.line + 1 if mark else 0, "", f"is not YAML: {message}")
    except yaml.reader.ReaderError as error:
        found = yaml.reader.Reader.NON_PRINTABLE.search(text)
        line = text.count("\n", 0, found.start()) + 1 if found else 0
        yield Problem(name, line, "", f"is not YAML: {error.reason}")
    except _TooMuchError as error:
        yield Problem(name, error.line, "", str(error))


@cache
def _loader() -> Any:
    """PyYAML's parser in C where it was built with it."""
    import yaml

    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _not_utf8(path: Path, data: bytes, error: UnicodeDecodeError) -> Problem:
    line = data.count(b"\n", 0, error.start) + 1
    return Problem(str(path), line, "", f"is not UTF-8 at byte {error.start + 1}; save the file as UTF-8")


class _TooMuchError(Exception):
    """A document that nests or expands beyond the limits; nothing after it is read."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


@dataclass(slots=True)
class _Open:
    """A sequence or mapping whose end has not been seen, and the key its next value belongs to."""

    node: _Node
    anchor: str | None
    key: tuple[str, int] | None = None  # and the line it stands on


class _Builder:
    """Turns the parser's events into documents."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._anchors: dict[str, _Node | None] = {}
        self._problems: list[Problem] = []
        self._root: _Node | None = None

    def take(self, event: yaml.Event) -> Iterator[Read]:
        """Handles one event; yields at the end of each document."""
        import yaml

        if isinstance(event, yaml.DocumentStartEvent):
            self._anchors, self._problems, self._root = {}, [], None
        elif isinstance(event, yaml.DocumentEndEvent):
            yield from self._document()
        elif isinstance(event, yaml.ScalarEvent):
            self._place(self._scalar(event), event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._place(self._alias(event), None)
        elif isinstance(event, yaml.CollectionStartEvent):
            line = _line(event)
            self._refuse_tag(event.tag, line)
            if len(self._open) >= MAX_DEPTH:
                raise _TooMuchError(line, f"nests deeper than {MAX_DEPTH} levels")
            if event.anchor:
                self._anchors[event.anchor] = None
            node = _Node([] if isinstance(event, yaml.SequenceStartEvent) else {}, line)
            self._open.append(_Open(node, event.anchor))
        elif isinstance(event, yaml.CollectionEndEvent):
            closed = self._open.pop()
            self._place(closed.node, closed.anchor)

    def _document(self) -> Iterator[Read]:
        root = self._root
        if self._problems or root is None:
            yield from self._problems
        elif root.value is None:
            yield Problem(self._file, root.line, "", "the document is empty; fill it or take its --- away")
        else:
            yield Document(self._file, root.line, root.value, root)

    def _note(self, line: int, message: str, *key: str) -> None:
        path: list[str | int] = []
        for frame in self._open:
            if isinstance(frame.node.value, list):
                path.append(len(frame.node.value))
            elif frame.key is not None:
                path.append(frame.key[0])
        self._problems.append(Problem(self._file, line, jsonvalue.pointer(*path, *key), message))

    def _refuse_tag(self, tag: str | None, line: int) -> None:
        if tag is not None:
            self._note(line, f"the tag {tag!r} is not allowed; write the value plainly, a string in quotes")

    def _scalar(self, event: yaml.ScalarEvent) -> _Node:
        line, text = _line(event), event.value
        self._refuse_tag(event.tag, line)
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            self._note(line, "a lone surrogate is no character; write the character itself")
        plain = event.tag is None and event.implicit[0]
        if not plain:
            return _Node(text, line)
        if text in _WORDS:
            return _Node(_WORDS[text], line)
        if text == "<<" and self._open and self._open[-1].key is None and isinstance(self._open[-1].node.value, dict):
            self._note(line, "merge keys (<<) are not read; write the keys out")
        if _NUMBER.fullmatch(text):
            try:
                return _Node(jsonvalue.loads(text), line)
            except JsonError:
                self._note(line, "the number is beyond every range")
        return _Node(text, line)

    def _alias(self, event: yaml.AliasEvent) -> _Node:
        line, name = _line(event), event.anchor or ""
        target = self._anchors.get(name)
        if target is None:
            inside = name in self._anchors
            what = "stands inside the value it names" if inside else f"names no anchor &{name} before it"
            self._note(line, f"the alias *{name} {what}")
            return _Node("", line)
        return _Node(target.value, line, target.size, target.depth, target.members)

    def _place(self, node: _Node, anchor: str | None) -> None:
        """Puts a finished value where it belongs: root, element, key or member."""
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        frame = self._open[-1]
        parent = frame.node
        if isinstance(parent.value, list):
            parent.members[len(parent.value)] = node.line, node
            parent.value.append(node.value)
        elif frame.key is None:
            frame.key = self._key(node), node.line
            return
        else:
            key, line = frame.key
            parent.members[key] = line, node
            parent.value[key] = node.value
            frame.key = None
        parent.size += node.size
        parent.depth = max(parent.depth, node.depth + 1)
        if parent.size > MAX_VALUES:
            raise _TooMuchError(node.line, f"holds more than {MAX_VALUES:,} values, aliases counted at each use")
        if parent.depth + len(self._open) > MAX_DEPTH + 1:
            raise _TooMuchError(node.line, f"nests deeper than {MAX_DEPTH} levels, aliases followed")

    def _key(self, node: _Node) -> str:
        if not isinstance(node.value, str):
            self._note(node.line, f"a key must be a string, this is {jsonvalue.kind(node.value)}; put it in quotes")
            return str(node.value)
        first = self._open[-1].node.members.get(node.value)
        if first is not None:
            self._note(node.line, f"duplicate key {node.value!r}, first on line {first[0]}; keep one", node.value)
        return node.value


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _json_offset(text: str, tokens: Sequence[str]) -> int:
    """Where the value (or its key) at a path begins in a valid JSON text; the nearest one around it if none does."""
    start = place = _skip(text, 0)
    for token in tokens:
        found = next((places for key, *places in _members(text, start) if key == token), None)
        if found is None:
            break
        place, start = found
    return place


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """The members of the container at `start`: key or index, where the member begins, where its value does."""
    closing = {"{": "}", "[": "]"}.get(text[start])
    index, place = 0, _skip(text, start + 1)
    while closing is not None and text[place] != closing:
        key, value = str(index), place
        if closing == "}":
            key, end = _after(text, place)
            value = _skip(text, _skip(text, end) + 1)
        yield key, place, value
        index, place = index + 1, _skip(text, _after(text, value)[1])


_SPACE_OR_COMMA = re.compile(r"[ \t\n\r,]*")


def _skip(text: str, start: int) -> int:
    match = _SPACE_OR_COMMA.match(text, start)
    return match.end() if match else start


def _after(text: str, start: int) -> tuple[JsonValue, int]:
    """The value at `start` of a text known to be valid, and the index after it."""
    found = jsonvalue.decode_at(text, start)
    assert found is not None
    return found
