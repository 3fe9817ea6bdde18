"""Pairs as columns of numbers: a metric over a million of them is a few operations on arrays."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.baseline import verdict_of
from harness.paired import Counts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from harness.baseline import Entry
    from harness.comparison.pairing import Pair

NOTHING = -1
"""As a number, what a unit adds that does not count."""


class Units(NamedTuple):
    """What a metric counts, decisions or cases, one number each."""

    case: NDArray[np.int64]
    place: NDArray[np.int64]
    """Equal for the trials of one decision (case)."""
    first: NDArray[np.int8]
    """What it adds in the first run: 1, 0, or `NOTHING`."""
    second: NDArray[np.int8]

    def counts(self) -> Mapping[Counts, int]:
        """What cases add to both rates, and how many add that."""
        import numpy as np

        cases, case = np.unique(self.case, return_inverse=True)
        columns = [
            np.bincount(case[found], minlength=len(cases)).tolist()
            for values in (self.first, self.second)
            for found in (values == 1, values != NOTHING)
        ]
        return {Counts(*added): number for added, number in Counter(zip(*columns, strict=True)).items()}

    def decided(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """What most trials of each place come to in each run, of those that count in both; without places where half do."""
        import numpy as np

        both = (self.first != NOTHING) & (self.second != NOTHING)
        places, place = np.unique(self.place[both], return_inverse=True)
        trials = np.bincount(place, minlength=len(places))
        first, second = (
            2 * np.bincount(place[values[both] == 1], minlength=len(places)) - trials
            for values in (self.first, self.second)
        )
        clear = (first != 0) & (second != 0)
        return first[clear] > 0, second[clear] > 0


class Columns(NamedTuple):
    """Pairs, one number each: whose they are, and which of the distinct verdicts they have."""

    case: NDArray[np.int64]
    """Of the first entry."""
    number: NDArray[np.int64]
    trial: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    verdicts: Sequence[Entry]
    """An entry with each distinct verdict; `first` and `second` are places in it."""

    def units(self, adds: Callable[[Entry], bool | None], pairs: NDArray[np.int64] | None = None) -> Units:
        """The pairs, or those at some places, by what an entry adds."""
        import numpy as np

        values = np.array([NOTHING if (added := adds(entry)) is None else added for entry in self.verdicts], np.int8)
        columns = self[:-1] if pairs is None else [column[pairs] for column in self[:-1]]
        case, number, _, first, second = columns
        return Units(case, _combined(case, number), values[first], values[second])

    def cases(self, left_out: NDArray[np.bool_]) -> Units:
        """Cases, each trial by itself, by whether they pass; without those of which any pair is left out."""
        import numpy as np

        played, begin, of = np.unique(_combined(self.case, self.trial), return_index=True, return_inverse=True)

        def holds(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
            return np.bincount(of[found], minlength=len(played)) > 0

        errored = np.array([entry.errored for entry in self.verdicts], bool)
        strict = np.array([entry.expect != "any_call" for entry in self.verdicts], bool)
        wrong = np.array([not entry.right for entry in self.verdicts], bool) & strict
        first, second = (
            np.where(holds(errored[column]) | ~holds(strict[column]), NOTHING, ~holds(wrong[column])).astype(np.int8)
            for column in (self.first, self.second)
        )
        kept = ~holds(left_out)
        case = self.case[begin][kept]
        return Units(case, case, first[kept], second[kept])


def columns_of(pairs: Sequence[Pair]) -> Columns:
    """The columns of some pairs."""
    import numpy as np

    cases: dict[str, int] = {}
    seen: dict[object, int] = {}
    verdicts: list[Entry] = []

    def place(entry: Entry) -> int:
        found = seen.setdefault(verdict_of(entry), len(verdicts))
        if found == len(verdicts):
            verdicts.append(entry)
        return found

    case, number, trial, first, second = (
        np.fromiter(column, np.int64, len(pairs))
        for column in (
            (cases.setdefault(one.case, len(cases)) for one, _ in pairs),
            (one.index for one, _ in pairs),
            (one.trial for one, _ in pairs),
            (place(one) for one, _ in pairs),
            (place(other) for _, other in pairs),
        )
    )
    return Columns(case, number, trial, first, second, verdicts)


def _combined(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each combination of two, neither negative."""
    return one * (int(other.max(initial=0)) + 1) + other
