"""One model against another: which decides better, where, and what each takes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.comparison.costs import verdicts
from harness.comparison.diff import Diff, diff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.baseline import Results
    from harness.comparison.costs import Cost, Spent, Verdicts
    from harness.comparison.measures import Change
    from harness.comparison.pairing import Pair


class Contender(NamedTuple):
    """One of two models: what its run came to, and what that took."""

    results: Results
    spent: Spent | None = None
    """None of a baseline, which tells neither tokens nor times."""
    cost: Cost | None = None
    """None where nobody said on how many GPUs it ran."""

    @property
    def verdicts(self) -> Verdicts:
        """How many decisions were scored, and how many are right; of a baseline too."""
        return verdicts(self.results.entries)


class Together(NamedTuple):
    """Decisions (turns) that both runs hold and that were scored in both, by who had them right."""

    both: int
    first_only: int
    second_only: int
    neither: int


class Slice(NamedTuple):
    """The decisions of one tag, depth, number of tools or expectation."""

    name: str
    value: str
    change: Change
    """Of tool_call_accuracy, not corrected for how many slices there are."""


class Comparison(NamedTuple):
    """Everything that holding two models against each other tells."""

    first: Contender
    second: Contender
    diff: Diff
    together: Together
    first_ahead: Sequence[Slice]
    """The slices in which the first is right more often, surest first."""
    second_ahead: Sequence[Slice]


def compare(first: Contender, second: Contender) -> Comparison:
    """Holds two models against each other.

    Quality is compared over the decisions that both runs hold; what each took is of its own.

    Raises:
        NotComparableError: they have different modes or scorers, or not one scored decision in common.
    """
    found = diff(first.results, second.results)
    slices = [Slice(*key, change) for key, change in found.slices.items() if change.value]
    slices.sort(key=lambda one: (one.change.p, -abs(one.change.value or 0.0), one.name, one.value))
    return Comparison(
        first,
        second,
        found,
        _together(found.pairing.pairs),
        [one for one in slices if one.change.worse],
        [one for one in slices if not one.change.worse],
    )


def _together(pairs: Sequence[Pair]) -> Together:
    found = Counter((pair.first.right, pair.second.right) for pair in pairs if pair.scored)
    return Together(found[True, True], found[True, False], found[False, True], found[False, False])
