"""Differences between rates that were measured on the same cases, with intervals that know it.

The turns of a case depend on one another, so cases are what is drawn: a bootstrap over clusters
(A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application", Cambridge 1997, sections 2.4
and 3.8; C. A. Field and A. H. Welsh, "Bootstrapping clustered data", JRSS B 69 (2007) 369-390).
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import Rate, rate
from harness.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SEED = 0
_MOST_DRAWS, _LEAST_DRAWS, _PICKS = 2000, 400, 400_000
"""Samples drawn: of more than 200 cases fewer than the most, so that a large suite takes seconds."""


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
    is empty is left out. Where all samples come to the same (few cases, or cases without any
    difference) they tell nothing of the spread: no interval then.
    """
    found = sorted(case for case in cases if case.of_first or case.of_second)
    sums = _sums(found)
    value = _value(sums)
    low, high = _interval(found) if value is not None else (None, None)
    return Difference(first=rate(*sums[:2]), second=rate(*sums[2:]), value=value, low=low, high=high)


def _sums(cases: Sequence[Counts]) -> Counts:
    return Counts(*map(sum, zip(*cases, strict=True))) if cases else Counts(0, 0, 0, 0)


def _value(sums: Counts) -> float | None:
    if not sums.of_first or not sums.of_second:
        return None
    return sums.second / sums.of_second - sums.first / sums.of_first


def _interval(cases: Sequence[Counts]) -> tuple[float | None, float | None]:
    """`cases` are sorted: their order, and so the samples drawn, does not depend on how they came."""
    chance = random.Random(SEED)  # noqa: S311 - seeded draws of a bootstrap, nothing secret
    draws = min(_MOST_DRAWS, max(_LEAST_DRAWS, _PICKS // len(cases)))
    drawn = (_value(_sums(chance.choices(cases, k=len(cases)))) for _ in range(draws))
    values = [value for value in drawn if value is not None]
    values.sort()
    if not values or values[0] == values[-1]:
        return None, None
    return _quantile(values, 0.025), _quantile(values, 0.975)


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between order statistics (type 7 of Hyndman and Fan, The American Statistician 50, 1996)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
