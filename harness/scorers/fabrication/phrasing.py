"""How a clause is put: its general words as they stand, every other word and value by where it comes from.

What the clause speaks of says nothing of other domains; how it is put (`has been`, `I'd`, `已…了`, `建议`) does. So words that
few toolsets have in common stand as their source: `<o>` observed, called or told by the system, `<r>` read by an earlier answer,
`<n>` new in the request, `<t>` of a tool, `<x>` nowhere; values as `<kind:status>`. The runs of up to three are weighed.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.words import STOP, stem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.settling import State


class Token(NamedTuple):
    """A word as it stands and where it comes from (`-` for a word of no content); a value or a mark has no source."""

    text: str
    source: str


def tokens_of(
    clause: Clause, text: str, values: Sequence[Placed], source_of: Callable[[str], str]
) -> tuple[Token, ...]:
    """The words, Chinese characters, marks and values of a clause, in order."""
    found: list[Token] = []
    position = clause.start
    for placed in values:
        value = placed.value
        if value.start >= position:
            found += _words(text[position : value.start], source_of)
            found.append(Token(f"<{value.kind[:2]}:{placed.status}>", ""))
            position = value.end
    found += _words(text[position : clause.end], source_of)
    return tuple(found)


def runs_of(tokens: Sequence[Token], general: frozenset[str]) -> set[str]:
    """The runs of up to three tokens; general words with their source too."""
    flat = ["^"]
    found: set[str] = set()
    for text, source in tokens:
        if not source or text in general:
            flat.append(text)
            if source not in ("", "-"):
                found.add(f"{text}|{source}")
        elif flat[-1] != _PLACE[source]:
            flat.append(_PLACE[source])
    flat.append("$")
    found.update(flat)
    found.update(map(" ".join, pairwise(flat)))
    found.update(map(" ".join, zip(flat, flat[1:], flat[2:], strict=False)))
    return found


def request_runs(request: str) -> set[str]:
    """The runs of up to two words or characters of the latest user message."""
    flat = ["^", *_REQUEST.findall(normal(request)), "$"]
    return {*flat, *map(" ".join, pairwise(flat))}


_PLACE = {
    "fresh": "<o>",
    "observed": "<o>",
    "read": "<r>",
    "new": "<n>",
    "tool": "<t>",
    "told": "<o>",
    "novel": "<x>",
    "-": "<->",
}
STATE_MARKS: dict[State, str] = {"dry": "d", "beside": "b", "after": "b", "wet": "w", "failed": "w", "pending": "b"}
"""By which letter the phrases that weigh in one kind of state are told from those that weigh in all."""
_RANKS = ("fresh", "observed", "read", "new", "tool", "told", "novel")
_TOKEN = re.compile(r"[a-z]+(?:['’][a-z]+)?|[\u4e00-\u9fff]+|[?？!,，:：\n(（]")
_REQUEST = re.compile(r"[a-z]+(?:['’][a-z]+)?|[\u4e00-\u9fff]|[?？!]")


def _words(text: str, source_of: Callable[[str], str]) -> Iterator[Token]:
    for match in _TOKEN.finditer(normal(text)):
        word = match[0].replace("’", "'")
        if "\u4e00" <= word[0] <= "\u9fff":
            yield from _characters(word, source_of)
        elif word[0].isalpha():
            bare = word.removesuffix("'s")
            yield Token(word, "-" if bare in STOP or len(bare) == 1 else source_of(stem(bare)))
        else:
            yield Token(word, "")


def _characters(run: str, source_of: Callable[[str], str]) -> Iterator[Token]:
    """Each character with the better source of the two pairs it stands in."""
    pairs = [source_of(run[index : index + 2]) for index in range(len(run) - 1)]
    for index, character in enumerate(run):
        around = pairs[max(0, index - 1) : index + 1]
        yield Token(character, min(around, key=_RANKS.index) if around else "-")
