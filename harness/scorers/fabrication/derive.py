"""Whether a number, a date or a time follows from values that are there: few operands, and those named nearby."""

from __future__ import annotations

import itertools
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.scorers.fabrication.values import Value

_FACTORS = tuple(Decimal(text) for text in ("2", "3", "4", "5", "6", "7", "8", "10", "12", "24", "30", "31", "52", "60", "90", "100", "365", "1000", "1024", "1440", "3600", "86400", "10000", "1000000", "1048576", "1.609344", "0.453592", "2.54", "0.3048"))
_HUNDRED = Decimal(100)
_MOST = 60


def follows(value: Value, pool: Sequence[Decimal]) -> bool:
    """Whether the number follows from one or two numbers of the pool, to the precision it was written in."""
    if value.number is None:
        return False
    target, step = value.number, Decimal(value.scale).scaleb(-value.digits)
    tolerance = step / 2 if value.digits or value.scale > 1 else Decimal("0.5")
    target = abs(target)

    def hits(number: Decimal) -> bool:
        return abs(abs(number) - target) <= tolerance

    numbers = list(dict.fromkeys(pool))[:_MOST]
    for one in numbers:
        if hits(one) or hits(one * _HUNDRED) or (one and (hits(one / _HUNDRED) or hits(_HUNDRED - one))):
            return True
        for factor in _FACTORS:
            if hits(one * factor) or hits(one / factor):
                return True
        if hits(one * Decimal("1.8") + 32) or hits((one - 32) / Decimal("1.8")):
            return True
    for left, right in itertools.combinations(numbers, 2):
        if hits(left + right) or hits(left - right) or hits(left * right) or hits((left + right) / 2):
            return True
        try:
            if right and (hits(left / right) or hits(left / right * _HUNDRED) or hits((left - right) / right * _HUNDRED)):
                return True
            if left and (hits(right / left) or hits(right / left * _HUNDRED) or hits((left - right) / left * _HUNDRED)):
                return True
            total = left + right
            if total and (hits(left / total * _HUNDRED) or hits(right / total * _HUNDRED)):
                return True
        except (DivisionByZero, InvalidOperation):
            continue
    return False


def follows_from_series(value: Value, series: Iterable[Sequence[Decimal]]) -> bool:
    """Whether the number is a sum, mean, range, share or count of one field over several records."""
    if value.number is None:
        return False
    target, step = abs(value.number), Decimal(value.scale).scaleb(-value.digits)
    tolerance = step / 2 if value.digits or value.scale > 1 else Decimal("0.5")
    for numbers in series:
        if not numbers:
            continue
        total = sum(numbers, Decimal(0))
        found = [total, total / len(numbers), max(numbers) - min(numbers), Decimal(len(numbers))]
        if total:
            found += [number / total * _HUNDRED for number in numbers]
        for part in itertools.accumulate(numbers):
            found += [part, total - part]
        if 3 <= len(numbers) <= 6:
            found += [sum(group, Decimal(0)) for size in (2, 3) for group in itertools.combinations(numbers, size)]
        ordered = sorted(numbers)
        found.append(ordered[len(ordered) // 2])
        if any(abs(abs(number) - target) <= tolerance for number in found):
            return True
    return False
