"""Lines that differ from one read before only in case, numbers and digests are read without parsing them again."""

from __future__ import annotations

import re
from typing import Any

from harness.baseline.entries import Entry

_MOST = 20_000
"""Endings and sets of tags remembered; a suite has a few hundred."""
_LINE = re.compile(
    rb'{"case":"([^"\\\x00-\x1f]+)","index":(0|[1-9][0-9]{0,5}),(?:"trial":([1-9][0-9]{0,5}),)?"digest":"([0-9a-f]+)",'
)
_PROMPT, _END = b',"prompt":"', b'"}\n'


class PlainLines:
    """What is known of a file's lines: the endings of its entries, from `depth` on, and what they say.

    An ending is known once a whole line with it was parsed and held to its schema, and reading that line as known came
    to the same entry. Every other line is left to the parser, which finds what is wrong with it.
    """

    def __init__(self) -> None:
        self._endings: dict[bytes, tuple[Any, ...]] = {}
        self._case: tuple[bytes, str] = b"", ""
        self._tags: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}

    def entry(self, line: bytes) -> Entry | None:
        """The entry of a line with a known ending; None of any other."""
        match = _LINE.match(line)
        if match is None:
            return None
        ending, prompt = _parted(line, match.end())
        says = self._endings.get(ending)
        return None if says is None else self._built(match, says, prompt)

    def learn(self, line: bytes, entry: Entry) -> Entry:
        """Remembers how the line of this entry ends; returns the entry."""
        match = _LINE.match(line)
        if match is not None and len(self._endings) < _MOST:
            ending, prompt = _parted(line, match.end())
            says = entry[4:-1]
            # A second `trial` or `prompt` would be one of a line that has the first one elsewhere.
            alone = b"trial" not in ending and b"prompt" not in ending
            if alone and self._built(match, says, prompt) == entry:
                self._endings[ending] = says
        return entry

    def shared(self, tags: dict[str, str]) -> dict[str, str]:
        """The same tags, one object for all cases that have them."""
        if len(self._tags) >= _MOST:
            return tags
        return self._tags.setdefault(tuple(tags.items()), tags)

    def _built(self, match: re.Match[bytes], says: tuple[Any, ...], prompt: bytes | None) -> Entry | None:
        case, index, trial, digest = match.groups()
        if case != self._case[0]:  # the entries of a case follow one another
            try:
                self._case = case, case.decode()
            except UnicodeDecodeError:
                return None
        shown = None if prompt is None else prompt.decode()
        return Entry._make((self._case[1], int(index), int(trial or 0), digest.decode(), *says, shown))


def _parted(line: bytes, start: int) -> tuple[bytes, bytes | None]:
    """The rest of a line from `start`, and apart from it the prompt's digest where that comes last."""
    head, found, prompt = line[start:].rpartition(_PROMPT)
    if found and prompt.endswith(_END) and prompt[: -len(_END)].isalnum():
        return head, prompt[: -len(_END)]
    return line[start:], None
