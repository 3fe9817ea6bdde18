"""Cases that say nearly the same: what their users say in pieces, and the search for those that share most of them.

The pieces of a case are runs of words of what its users say, with names and numbers taken out, so that a scenario written
down again about other things is the same scenario. Two sets that share enough of their pieces share at least one of the
rarest of them: only where those occur anything needs a look (prefix filtering: S. Chaudhuri, V. Ganti and R. Kaushik, "A
primitive operator for similarity joins in data cleaning", ICDE 2006), so the work grows with the cases, not with their
pairs.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication.forms import normal
from harness.suite import ExpectTurn, UserTurn

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.jsonvalue import JsonValue
    from harness.suite import Case

LEAST_HELD = 6
"""Pieces that the smaller of two sets needs to count as held by the other: a greeting is in many."""
_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:[._@:/\-]+[^\W_\u4e00-\u9fff]+)*|[\u4e00-\u9fff]")
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
"""Words with a capital inside a sentence."""
_MASK = "\0"
_RUN = 3


class Match(NamedTuple):
    """A set that is like another."""

    name: str
    share: float
    """Of all pieces of the two, those in both."""
    held: float
    """Of the pieces of the smaller one, those in both."""


class Index:
    """Sets of pieces by name, to be found by what they share.

    Two are alike where at least `share` of all their pieces are in both or, where `held` is given, that much of the
    smaller one's. `counts` says how often each piece occurs; any counts find the same, true ones soonest.
    """

    def __init__(self, counts: Mapping[str, int], share: float, held: float | None = None) -> None:
        self._counts, self._share, self._held = counts, share, held
        self._sets: dict[str, frozenset[str]] = {}
        self._by_share: defaultdict[str, list[str]] = defaultdict(list)
        self._by_rare: defaultdict[str, list[str]] = defaultdict(list)
        self._by_any: defaultdict[str, list[str]] = defaultdict(list)

    def add(self, name: str, pieces: frozenset[str]) -> None:
        """Notes a set."""
        self._sets[name] = pieces
        for piece in self._rarest(pieces, self._share):
            self._by_share[piece].append(name)
        if self._held is not None:
            for piece in self._rarest(pieces, self._held):
                self._by_rare[piece].append(name)
            for piece in pieces:
                self._by_any[piece].append(name)

    def nearest(self, pieces: frozenset[str]) -> Match | None:
        """The set that this one is most like; None where it is like none."""
        names = {name for piece in self._rarest(pieces, self._share) for name in self._by_share.get(piece, ())}
        if self._held is not None:
            names.update(name for piece in self._rarest(pieces, self._held) for name in self._by_any.get(piece, ()))
            names.update(name for piece in pieces for name in self._by_rare.get(piece, ()))
        matches = [match for name in sorted(names) if (match := self._match(name, pieces)) is not None]
        return max(matches, key=lambda match: match[1:]) if matches else None

    def _match(self, name: str, pieces: frozenset[str]) -> Match | None:
        theirs = self._sets[name]
        smaller = min(len(pieces), len(theirs))
        if smaller < self._share * max(len(pieces), len(theirs)) and (self._held is None or smaller < LEAST_HELD):
            return None
        common = len(pieces & theirs)
        match = Match(name, common / (len(pieces) + len(theirs) - common), common / smaller)
        held = self._held is not None and smaller >= LEAST_HELD and match.held >= self._held
        return match if held or match.share >= self._share else None

    def _rarest(self, pieces: frozenset[str], share: float) -> list[str]:
        """So many of the rarest pieces that whatever holds this share of all of them holds one of these."""
        ordered = sorted(pieces, key=lambda piece: (self._counts.get(piece, 0), piece))
        return ordered[: len(ordered) - math.ceil(share * len(ordered) - 1e-9) + 1]


def wording(case: Case) -> frozenset[str]:
    """What the users of a case say, in runs of words without names and numbers."""
    expected = [turn.expect.calls or () for turn in case.turns if isinstance(turn, ExpectTurn)]
    values = {normal(text) for calls in expected for call in calls for text in _texts(call.arguments)}
    names = re.compile("|".join(sorted(map(re.escape, values - {""}), key=len, reverse=True)) or r"(?!)")
    said = (turn.user for turn in case.turns if isinstance(turn, UserTurn))
    return frozenset(run for text in said for run in _runs(_masked(text, names)))


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _masked(text: str, names: re.Pattern[str]) -> list[str]:
    text = names.sub(_MASK, normal(_NAME.sub(_MASK, text)))
    words: list[str] = []
    for word in re.findall(rf"{_MASK}|{_WORD.pattern}", text):
        masked = word == _MASK or any(mark.isdigit() or mark in "._@:/" for mark in word)
        if not masked or words[-1:] != [_MASK]:
            words.append(_MASK if masked else word)
    return words


def _runs(words: list[str]) -> Iterator[str]:
    padded = ["^", *words, "$"]
    return (" ".join(padded[place : place + _RUN]) for place in range(max(1, len(padded) - _RUN + 1)))
