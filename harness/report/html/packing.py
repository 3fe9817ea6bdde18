"""Data inside a page: JSON that no HTML parser sees as anything else, large parts compressed."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PLAIN = 300_000
"""Bytes of JSON up to which it stands in the page as it is."""
CHUNK = 400_000
"""Bytes of JSON in one part of the transcripts, before compression, unless a single decision takes more."""
_UNSAFE = re.compile("[<>&\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")


class Block(NamedTuple):
    """One data block of a page: what stands between its tags is safe there as it is."""

    id: str
    type: str
    text: str


def plain_json(value: Any) -> str:
    """JSON that may stand inside a script element: nothing in it is markup, disguises the source or ends a line."""
    text = jsonvalue.dump_line(value).decode().rstrip("\n")
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def block(name: str, value: Any) -> Block:
    """A value as JSON, compressed where it is large."""
    data = jsonvalue.dump_line(value)
    if len(data) > PLAIN:
        return deflated(name, data)
    return Block(name, "application/json", plain_json(value))


def deflated(name: str, data: bytes) -> Block:
    """JSON compressed (zlib), in base64."""
    return Block(name, "application/deflate-base64", base64.b64encode(zlib.compress(data, 6)).decode())


class Chunks:
    """Transcripts in parts of a bounded size, each closed and compressed before the next is begun."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._cases: dict[str, bytes] = {}
        self._decisions: list[bytes] = []
        self._size = 0

    def add(self, row: int, decision: Mapping[str, Any], case: str, made: Callable[[], Mapping[str, Any]]) -> int:
        """Adds a decision, and its case where the part has it not yet; returns the number of the part that it is in."""
        text = b'"%d":' % row + jsonvalue.dump_line(decision)[:-1]
        known = self._cases.get(case)
        told = known or jsonvalue.dump_line(case)[:-1] + b":" + jsonvalue.dump_line(made())[:-1]
        if self._size and self._size + len(text) + (0 if known else len(told)) > CHUNK:
            self.close()
        if case not in self._cases:
            self._cases[case] = told
            self._size += len(told)
        self._decisions.append(text)
        self._size += len(text)
        return len(self.blocks)

    def close(self) -> None:
        """Ends the part that is being filled."""
        if self._decisions:
            cases, decisions = b",".join(self._cases.values()), b",".join(self._decisions)
            data = b'{"cases":{' + cases + b'},"decisions":{' + decisions + b"}}"
            self.blocks.append(deflated(f"chunk-{len(self.blocks)}", data))
        self._cases, self._decisions, self._size = {}, [], 0
