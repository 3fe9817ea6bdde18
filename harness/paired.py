"""Differences between rates that were measured on the same cases, with intervals that know it.

The turns of a case depend on one another, so cases are what is drawn: a bootstrap over clusters
(A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge 1997, sections 2.4
and 3.8; C. A. Field and A. H. Welsh, "Bootstrapping clustered data", JRSS B 69 (2007) 369-390).
"""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import Rate, rate
from harness.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEED = 0
_DRAWS = 2000
_MOST_PICKS = 2_000_000
"""Cases picked over all draws at most; of more than a thousand cases fewer draws are enough."""


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


def difference(cases: Iterable[Counts]) -> Difference:
    """The difference of two rates that the same cases add to.

    With a_c of n_c for the first rate and b_c of m_c for the second in case c, it is
    d = Σ b_c / Σ m_c - Σ a_c / Σ n_c. The interval lies between the 2.5 % and the 97.5 % quantile of d over
    samples of as many cases, drawn with replacement and with a fixed seed; a sample in which a denominator
    is empty is left out. Fewer than two cases, or cases that are all alike, have no spread to draw
    from: no interval then.
    """
    found = [case for case in cases if case.of_first or case.of_second]
    sums = _sums(found, [1] * len(found))
    value = _value(sums)
    low, high = _interval(found) if value is not None else (None, None)
    return Difference(first=rate(*sums[:2]), second=rate(*sums[2:]), value=value, low=low, high=high)


def _sums(cases: Sequence[Counts], times: Sequence[int]) -> Counts:
    return (
        Counts(*(sum(part * n for part, n in zip(parts, times, strict=True)) for parts in zip(*cases, strict=True)))
        if cases
        else Counts(0, 0, 0, 0)
    )


def _value(sums: Counts) -> float | None:
    if not sums.of_first or not sums.of_second:
        return None
    return sums.second / sums.of_second - sums.first / sums.of_first


def _interval(cases: Sequence[Counts]) -> tuple[float | None, float | None]:
    # Cases that add the same are drawn as one kind, so that a draw is summed up in few steps.
    kinds = Counter(cases)
    if len(kinds) < 2:
        return None, None
    names, weights = list(kinds), list(kinds.values())
    chance = random.Random(SEED)  # noqa: S311 - no secret
    values = []
    for _ in range(min(_DRAWS, max(200, _MOST_PICKS // len(cases)))):
        drawn = Counter(chance.choices(range(len(names)), weights, k=len(cases)))
        value = _value(_sums([names[number] for number in drawn], list(drawn.values())))
        if value is not None:
            values.append(value)
    if not values:
        return None, None
    values.sort()
    return _quantile(values, 0.025), _quantile(values, 0.975)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between order statistics (type 7 of Hyndman and Fan, The American Statistician 50, 1996)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
