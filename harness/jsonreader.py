"""The careful JSON reader: slower than the C scanner, but it says everything that is wrong, and where.

It goes on after what can be read past (a duplicate key, `NaN`, a lone surrogate, a byte order mark)
and stops at a syntax error. It keeps its own stack, so depth cannot crash it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

MAX_DEPTH = 1000
"""Deepest nesting of arrays and objects that is still read."""

DefectCode = Literal["duplicate_key", "invalid_json", "truncated"]

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NUMBER_PREFIX = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:(?<=[0-9])[eE][+-]?[0-9]*)?)?\Z")
_PLAIN = re.compile(r'[^"\\\x00-\x1f]*')
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_CONSTANTS = ("NaN", "Infinity", "-Infinity")


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong in a JSON text: a violation code, the character it stands at, and the path to it."""

    code: DefectCode
    position: int
    path: tuple[str | int, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read: the value (None after a syntax error), the index after it, all defects."""

    value: Any
    end: int
    defects: tuple[Defect, ...]
    complete: bool
    """Whether a whole value was read, its defects aside."""


class _ReadingStopped(Exception):  # noqa: N818 - the end of the text is no error of the reader
    """A syntax error or the end of the text in the middle of a value."""


@dataclass(slots=True)
class _Frame:
    """An open array or object."""

    container: list[Any] | dict[str, Any]
    key: str = ""


@dataclass(slots=True)
class _Reader:
    text: str
    position: int
    stack: list[_Frame] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    def path(self) -> tuple[str | int, ...]:
        return tuple(f.key if isinstance(f.container, dict) else len(f.container) for f in self.stack)

    def note(self, code: DefectCode, position: int, message: str) -> None:
        self.defects.append(Defect(code, position, self.path(), message))

    def fail(self, message: str) -> _ReadingStopped:
        self.note("invalid_json", self.position, message)
        return _ReadingStopped()

    def cut(self) -> _ReadingStopped:
        """The text ended too early; `truncated` only where what stands so far is otherwise valid."""
        if all(defect.code == "duplicate_key" for defect in self.defects):
            self.note("truncated", len(self.text), "the text ends in the middle of a value")
        return _ReadingStopped()

    def skip_space(self) -> str:
        """Moves to the next character that is no white space and returns it."""
        match = _SPACE.match(self.text, self.position)
        self.position = match.end() if match else self.position
        if self.position >= len(self.text):
            raise self.cut()
        return self.text[self.position]

    def value(self) -> Any:
        """One value, arrays and objects on an explicit stack."""
        done, result = self.begin()
        while True:
            if not done:  # an array or object was opened: its first member, or its end
                frame = self.stack[-1]
                closing = "]" if isinstance(frame.container, list) else "}"
                if self.skip_space() == closing:
                    self.position += 1
                    result, done = self.stack.pop().container, True
                    continue
                done, result = self.member(frame)
                continue
            if not self.stack:
                return result
            frame = self.stack[-1]
            self.store(frame, result)
            character = self.skip_space()
            closing = "]" if isinstance(frame.container, list) else "}"
            if character == closing:
                self.position += 1
                result = self.stack.pop().container
            elif character == ",":
                self.position += 1
                done, result = self.member(frame)
            else:
                raise self.fail(f"expected ',' or {closing!r}")

    def member(self, frame: _Frame) -> tuple[bool, Any]:
        """The next element of an array, or key and value of an object."""
        character = self.skip_space()
        if isinstance(frame.container, dict):
            if character != '"':
                raise self.fail("expected a key in double quotes")
            start = self.position
            frame.key = self.string()
            if frame.key in frame.container:
                self.note("duplicate_key", start, f"duplicate key {frame.key!r}")
            if self.skip_space() != ":":
                raise self.fail("expected ':'")
            self.position += 1
        return self.begin()

    def begin(self) -> tuple[bool, Any]:
        """(True, scalar), or (False, None) after opening an array or object."""
        character = self.skip_space()
        if character in "[{":
            if len(self.stack) >= MAX_DEPTH:
                raise self.fail(f"nested deeper than {MAX_DEPTH}")
            self.position += 1
            self.stack.append(_Frame([] if character == "[" else {}))
            return False, None
        if character == '"':
            return True, self.string()
        return True, self.scalar()

    @staticmethod
    def store(frame: _Frame, value: Any) -> None:
        if isinstance(frame.container, list):
            frame.container.append(value)
        else:
            frame.container[frame.key] = value

    def scalar(self) -> Any:
        rest = self.text[self.position : self.position + 10]
        for word in _CONSTANTS:
            if rest.startswith(word):
                self.note("invalid_json", self.position, f"{word} is not JSON")
                self.position += len(word)
                return Decimal(word)
        for word, value in _WORDS.items():
            if rest.startswith(word):
                self.position += len(word)
                return value
            if word.startswith(rest) and self.position + len(rest) == len(self.text):
                raise self.cut()
        if _NUMBER_PREFIX.match(self.text, self.position) and not self.text[-1].isdigit():
            raise self.cut()
        match = _NUMBER.match(self.text, self.position)
        if match is None:
            raise self.fail("expected a value")
        self.position = match.end()
        try:
            number = Decimal(match[0])
        except InvalidOperation:
            self.note("invalid_json", match.start(), "a number beyond every range")
            return Decimal(0)
        return number if match[1] or match[2] else int(number)

    def string(self) -> str:
        """The string that opens at the current position."""
        self.position += 1
        parts: list[str] = []
        while True:
            match = _PLAIN.match(self.text, self.position)
            if match and match[0]:
                parts.append(match[0])
                if not match[0].isascii() and _SURROGATE.search(match[0]):
                    self.note("invalid_json", self.position, "a lone surrogate")
                self.position = match.end()
            if self.position >= len(self.text):
                raise self.cut()
            character = self.text[self.position]
            if character == '"':
                self.position += 1
                break
            if character != "\\":
                raise self.fail("a control character inside a string")
            parts.append(self.escape())
        return "".join(parts)

    def escape(self) -> str:
        mark = self.text[self.position + 1 : self.position + 2]
        if not mark:
            raise self.cut()
        if mark != "u":
            if mark not in _ESCAPES:
                raise self.fail(f"invalid escape \\{mark}")
            self.position += 2
            return _ESCAPES[mark]
        start = self.position
        unit = self.hex_unit()
        if 0xD800 <= unit < 0xDC00:
            before = self.position
            if before == len(self.text) or (before + 1 == len(self.text) and self.text[before] == "\\"):
                raise self.cut()
            low = self.hex_unit() if self.text.startswith("\\u", before) else 0
            if 0xDC00 <= low < 0xE000:
                return chr(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
            self.position = before
        if 0xD800 <= unit < 0xE000:
            self.note("invalid_json", start, "a lone surrogate")
        return chr(unit)

    def hex_unit(self) -> int:
        match = _HEX.match(self.text, self.position + 2)
        if match is None:
            rest = self.text[self.position + 2 : self.position + 6]
            if len(rest) < 4 and re.fullmatch(r"[0-9a-fA-F]*", rest):
                raise self.cut()
            raise self.fail("invalid \\u escape")
        self.position = match.end()
        return int(match[0], 16)


def read(text: str, start: int = 0, *, whole: bool = True) -> Reading:
    """Reads one JSON value from `start`.

    Args:
        text: the text.
        start: index to begin at; white space is skipped.
        whole: whether nothing but white space may follow the value.

    Returns:
        The value and everything wrong with it; never raises, whatever the text.
    """
    reader = _Reader(text, start)
    if text.startswith("\ufeff", start):
        reader.note("invalid_json", start, "a byte order mark")
        reader.position += 1
    try:
        value = reader.value()
        if whole:
            match = _SPACE.match(text, reader.position)
            if match and match.end() < len(text):
                reader.position = match.end()
                raise reader.fail("text after the value")
    except _ReadingStopped:
        return Reading(None, reader.position, tuple(reader.defects), complete=False)
    return Reading(value, reader.position, tuple(reader.defects), complete=True)
