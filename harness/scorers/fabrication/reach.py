"""What numbers make, kept in order: whether anything made lies near a told number is then found without trying it all."""

from __future__ import annotations

import bisect
import itertools
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Generic, TypeVar

from harness.scorers.fabrication.derive import FACTORS, LEAST_PART, MOST, from_one, made_of, told_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.scorers.fabrication.forms import Value

_SHORT = 16
"""Operands so few that trying them all costs less than looking them up."""


Number = TypeVar("Number", float, Decimal)


class Reach(Generic[Number]):
    """Made numbers in order; more may be added."""

    def __init__(self, made: Iterable[Number] = ()) -> None:
        self._made: list[Number] = []
        self._fresh: list[Number] = list(made)

    def add(self, made: Iterable[Number]) -> None:
        """Adds numbers."""
        self._fresh += made

    def near(self, target: Number, tolerance: float | Decimal) -> bool:
        """Whether one of them lies no farther from the target than the tolerance."""
        if self._fresh:
            self._made += [one for one in self._fresh if not math.isnan(one)]
            self._made.sort()
            self._fresh = []
        place = bisect.bisect_left(self._made, target)
        return any(abs(one - target) <= tolerance for one in self._made[max(0, place - 1) : place + 1])


class Operands:
    """Numbers, and whether another one follows from one or two of them; more may be added."""

    def __init__(self, numbers: Iterable[Decimal] = ()) -> None:
        self._numbers = list(dict.fromkeys([abs(float(number)) for number in numbers]))
        self._known = set(self._numbers)
        self._sorted = sorted(self._numbers)
        self._paired = 0
        self._pairs: Reach[float] = Reach()

    def add(self, number: Decimal) -> None:
        """Adds a number."""
        one = abs(float(number))
        if one not in self._known:
            self._known.add(one)
            self._numbers.append(one)
            bisect.insort(self._sorted, one)

    def one(self, value: Value) -> bool:
        """Whether a number follows from one of them."""
        if len(self._numbers) <= _SHORT:
            return from_one(value, self._numbers)
        target, tolerance = told_by(value)
        exact = [target, target / 100, target * 100, 100 - target, 100 + target]
        exact += [(target - 32) / 1.8, target * 1.8 + 32, 32 - target * 1.8]
        return (
            from_one(value, {one for made in exact for one in self._beside(made)}, factors=())
            or any(
                abs(one * factor - target) <= tolerance for factor in FACTORS for one in self._beside(target / factor)
            )
            or any(
                one / factor >= LEAST_PART and abs(one / factor - target) <= tolerance
                for factor in FACTORS
                for one in self._beside(max(target, LEAST_PART) * factor)
            )
        )

    def _beside(self, exact: float) -> list[float]:
        """The operands next to the one that would make a number exactly: no other one makes one that lies nearer."""
        place = bisect.bisect_left(self._sorted, exact)
        return self._sorted[max(0, place - 2) : place + 2]

    def two(self, value: Value) -> bool:
        """Whether a number follows from two of them."""
        for place in range(self._paired, min(len(self._numbers), MOST)):
            right = self._numbers[place]
            self._pairs.add(abs(made) for left in self._numbers[:place] for made in made_of(left, right))
        self._paired = len(self._numbers)
        return self._pairs.near(*told_by(value, round_numbers=False))


def pairs(groups: Iterable[Iterable[Decimal]]) -> Reach[float]:
    """What two numbers of one group make."""
    made: Reach[float] = Reach()
    for group in groups:
        numbers = list(dict.fromkeys(abs(float(number)) for number in group))[:MOST]
        made.add(abs(one) for left, right in itertools.combinations(numbers, 2) for one in made_of(left, right))
    return made
