"""Where figures stand: shares on an axis with round ends."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from harness.report.html.pictures.labels import SMALL, width

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.metrics import Rate

_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST = 5
"""Marks beside the first, where there is room for so many."""


class Axis(NamedTuple):
    """Shares from `low` to `high` laid out from `start` to `end`; a mark every `step`."""

    low: float
    high: float
    step: float
    start: float
    end: float

    def at(self, share: float) -> float:
        """Where a share stands."""
        return self.start + (share - self.low) / (self.high - self.low) * (self.end - self.start)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where marks stand, and what is written at them."""
        count = round((self.high - self.low) / self.step)
        shares = [self.low + self.step * place for place in range(count + 1)]
        return [(self.at(share), f"{100 * share:.0f} %") for share in shares]


def axis(shares: Iterable[float], start: float, end: float, *, zero: bool = True) -> Axis:
    """An axis that holds all of these shares; with `zero` it begins there. From left to right its texts do not touch."""
    known = list(shares) or [0.0, 1.0]
    least, highest = (0.0 if zero else min(known)), max(known)
    most = _MOST if end < start else min(_MOST, int((end - start) // (width("100 %", SMALL) + 4)))
    for step in _STEPS:
        low = max(0.0, math.floor(least / step + 1e-9) * step)
        high = min(1.0, math.ceil(highest / step - 1e-9) * step)
        if high - low < 2 * step:  # all alike: room on both sides, within 0 and 1
            low, high = (low, low + 2 * step) if low + 2 * step <= 1 else (high - 2 * step, high)
        whole = abs((high - low) / step - round((high - low) / step)) < 1e-9
        if whole and round((high - low) / step) <= most and high - low >= 0.1 - 1e-9:
            return Axis(low, high, step, start, end)
    return Axis(0.0, 1.0, 0.5, start, end)


def held(rates: Iterable[Rate]) -> list[float]:
    """All shares that rates and their intervals reach."""
    return [share for rate in rates for share in (rate.low, rate.value, rate.high) if share is not None]
