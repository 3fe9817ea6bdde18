"""Differences between rates that were measured on the same cases, with intervals that know it.

The turns of a case depend on one another, so cases are what is drawn: a bootstrap over clusters
(A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge 1997, sections 2.4
and 3.8; C. A. Field and A. H. Welsh, "Bootstrapping clustered data", JRSS B 69 (2007) 369-390).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import Rate, rate
from harness.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

SEED = 0
_MOST_DRAWS, _LEAST_DRAWS, _CELLS = 10_000, 400, 20_000_000
"""Samples drawn: of more than 2,000 kinds of cases fewer than the most, so that any suite takes seconds."""
_AT_ONCE = 2_000_000
"""Cells held in memory at a time."""


class Counts(NamedTuple):
    """What one case adds to two rates."""

    first: int
    of_first: int
    second: int
    of_second: int


class Difference(Record):
    """The second of two rates less the first, with its 95 % interval; null where there is none."""

    first: Rate
    second: Rate
    value: float | None
    low: float | None
    high: float | None


def difference(cases: Iterable[Counts] | Mapping[Counts, int]) -> Difference:
    """The difference of two rates that the same cases add to; of many alike it is enough to say how many.

    With a_c of n_c for the first rate and b_c of m_c for the second in case c, it is
    d = Σ b_c / Σ m_c - Σ a_c / Σ n_c. The interval lies between the 2.5 % and the 97.5 % quantile of d over
    samples of as many cases, drawn with replacement and with a fixed seed; a sample in which a denominator
    is empty is left out. Where all samples come to the same (few cases, or cases without any
    difference) they tell nothing of the spread: no interval then.
    """
    kinds = {case: count for case, count in Counter(cases).items() if case.of_first or case.of_second}
    sums = Counts(*(sum(case[place] * count for case, count in kinds.items()) for place in range(4)))
    value = low = high = None
    if sums.of_first and sums.of_second:
        value = sums.second / sums.of_second - sums.first / sums.of_first
        low, high = _interval(kinds)
    return Difference(first=rate(*sums[:2]), second=rate(*sums[2:]), value=value, low=low, high=high)


def _interval(kinds: Mapping[Counts, int]) -> tuple[float | None, float | None]:
    """Percentiles of the difference over samples of the cases.

    How often a sample drawn with replacement holds each kind of case is multinomial (B. Efron, "Bootstrap
    methods: another look at the jackknife", Annals of Statistics 7 (1979) 1-26), so kinds are drawn and not
    cases. They are sorted: the samples do not depend on the order in which cases came. Quantiles are linear
    between order statistics (type 7 of Hyndman and Fan, The American Statistician 50, 1996).
    """
    import numpy as np

    cases = np.array(sorted(kinds), dtype=np.int64)
    counts = np.array([kinds[case] for case in sorted(kinds)], dtype=np.int64)
    sums = _samples(cases, counts)
    sums = sums[(sums[:, 1] > 0) & (sums[:, 3] > 0)]
    values = sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1]
    if not values.size or values.min() == values.max():
        return None, None
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _samples(cases: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sums of every sample, (draws, 4), from the kinds of cases, (kinds, 4), and how many there are of each."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    draws = min(_MOST_DRAWS, max(_LEAST_DRAWS, _CELLS // len(cases)))
    rows = max(1, _AT_ONCE // len(cases))
    size = int(counts.sum())
    return np.concatenate(
        [chance.multinomial(size, counts / size, min(rows, draws - start)) @ cases for start in range(0, draws, rows)]
    )
