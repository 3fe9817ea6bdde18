"""Cases that differ by no more than names and numbers: one scenario written down several times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.alike import Index, wording
from harness.lint.findings import Remark
from harness.suite import STRESS, UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from harness.lint.views import CaseView
    from harness.suite import Suite

ALIKE = 0.75
"""Share of common pieces from which on two cases are one scenario."""


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
        if view.case.tags.get(STRESS, UNCHANGED) == UNCHANGED:  # a variant is like its case by its making
            self._cases[view.case.id] = wording(view.case) | _course(view)
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
    index = Index(Counter(piece for found in cases.values() for piece in found), ALIKE)
    same: dict[frozenset[str], str] = {}
    result = []
    for case, found in cases.items():
        first = same.setdefault(found, case)
        if first != case:
            result.append(Twin(case, first, 1.0))
        elif (match := index.nearest(found)) is not None:
            result.append(Twin(case, match.name, match.share))
            same[found] = match.name
        else:
            index.add(case, found)
    return result


def _course(view: CaseView) -> set[str]:
    """Which tools are called one after another, as pieces of the case."""
    made = [" ".join(sorted(call.name for call in point.calls)) or "answer" for point in view.points]
    return {f"> {one} > {other}" for one, other in zip(["", *made], [*made, ""], strict=True)}
