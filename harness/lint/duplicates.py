"""Cases that differ by no more than names and numbers: one scenario written down several times.

Each case becomes a set of shingles: runs of words of what its users say and of the tools that are called, with names and
numbers taken out. A case whose set overlaps with an earlier one's (Jaccard) is its near-duplicate. Earlier ones are
found by their rarest shingles: two sets that overlap so far share at least one of those (prefix filtering), so the work
grows with the cases and not with their pairs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.lint.findings import Remark
from harness.lint.places import scalars
from harness.scorers.fabrication.forms import normal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.lint.views import CaseView
    from harness.suite import Suite

ALIKE = 0.75
"""Share of common shingles from which on two cases are one scenario."""
_WORD = re.compile(r"[^\W_\u4e00-\u9fff]+(?:[._@:/\-]+[^\W_\u4e00-\u9fff]+)*|[\u4e00-\u9fff]")
_NAME = re.compile(r"(?<=[a-z,;:] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
"""Words with a capital inside a sentence."""
_MASK = "\0"
_RUN = 3


class Twin(NamedTuple):
    """A case and the earlier one that it is like."""

    case: str
    like: str
    share: float


class NearDuplicates:
    """No case is like an earlier one but for names and numbers."""

    def __init__(self, suite: Suite) -> None:
        self._places = suite.places
        self._cases: dict[str, frozenset[str]] = {}
        self.distinct = 0
        """Cases that are like no earlier one."""

    def case(self, view: CaseView) -> Iterable[Remark]:
        """Notes what the case is made of; cases are compared at the end."""
        self._cases[view.case.id] = shingles(view)
        return ()

    def end(self) -> Iterator[Remark]:
        """Each case that is like an earlier one."""
        found = twins(self._cases)
        self.distinct = len(self._cases) - len(found)
        for twin in found:
            where = " ({}:{})".format(*self._places[twin.like]) if twin.like in self._places else ""
            message = (
                f"is like {twin.like}{where} but for names and numbers ({100 * twin.share:.0f} % of the wording is common); "
                "write another scenario, or take one of the two away"
            )
            yield Remark(twin.case, "", message)


def twins(cases: Mapping[str, frozenset[str]]) -> list[Twin]:
    """The cases that are like an earlier one, each with the one that it is most like of those that are like none."""
    counts = Counter(shingle for found in cases.values() for shingle in found)
    same: dict[frozenset[str], str] = {}
    holders: defaultdict[str, list[str]] = defaultdict(list)
    result = []
    for case, found in cases.items():
        first = same.setdefault(found, case)
        if first != case:
            result.append(Twin(case, first, 1.0))
            continue
        rarest = sorted(found, key=lambda shingle: (counts[shingle], shingle))
        prefix = rarest[: len(rarest) - int(ALIKE * len(rarest) - 1e-9)]
        best = _most_alike(found, {other for shingle in prefix for other in holders[shingle]}, cases)
        if best is not None:
            result.append(Twin(case, best[1], best[0]))
            same[found] = best[1]
            continue
        for shingle in prefix:
            holders[shingle].append(case)
    return result


def _most_alike(
    found: frozenset[str], others: set[str], cases: Mapping[str, frozenset[str]]
) -> tuple[float, str] | None:
    shares = []
    for other in sorted(others):
        theirs = cases[other]
        if ALIKE * len(theirs) <= len(found) <= len(theirs) / ALIKE:
            common = len(found & theirs)
            share = common / (len(found) + len(theirs) - common)
            if share >= ALIKE:
                shares.append((share, other))
    return max(shares, key=lambda one: one[0]) if shares else None


def shingles(case: CaseView) -> frozenset[str]:
    """What a case is made of, names and numbers taken out."""
    points = case.points
    values = {
        normal(place.value)
        for point in points
        for call in point.calls
        for place in scalars(call.arguments, point.toolset.node(call.name))
        if isinstance(place.value, str)
    }
    names = re.compile("|".join(sorted(map(re.escape, values - {""}), key=len, reverse=True)) or r"(?!)")
    found: set[str] = set()
    for turn in case.case.turns:
        text = getattr(turn, "user", None)
        if text is not None:
            found.update(_runs(_masked(text, names)))
    made = [" ".join(sorted(call.name for call in point.calls)) or "answer" for point in points]
    found.update(f"> {one} > {other}" for one, other in zip(["", *made], [*made, ""], strict=True))
    return frozenset(found)


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
