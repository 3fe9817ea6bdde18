"""Whether a date or a time is another one moved: by a duration that is named, or told in another zone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication.derive import in_week, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from harness.scorers.fabrication.derive import Moment
    from harness.scorers.fabrication.forms import Value
    from harness.scorers.fabrication.trajectory import Observation

_HALF_HOUR, _ZONES, _DAY, _DAYS, _WEEK = 1800, 28, 86400, 400, 7


class Shifts(NamedTuple):
    """By what a text moves dates and times.

    `named` are the durations it names, in seconds; `zoned`: a time may be told in another zone; `weekday`: it names days
    of the week, so that a date may lie some days off.
    """

    named: frozenset[int]
    zoned: bool
    weekday: bool


class Moves:
    """The moments that are settled, and by how much they may be moved: seconds for times, days for dates."""

    def __init__(
        self,
        moments: Iterable[Moment],
        numbers: Iterable[Decimal],
        shifts: Shifts,
        weeks: tuple[frozenset[int], tuple[int, ...]],
    ) -> None:
        self._seconds = set(shifts.named)
        if shifts.zoned:
            self._seconds |= {_HALF_HOUR * count for count in range(_ZONES + 1)}
        self._seconds |= {_DAY - seconds for seconds in self._seconds if seconds <= _DAY}
        self._days = {days for days in range(_DAYS + 1) if days * _DAY in shifts.named}
        if shifts.weekday or shifts.zoned:
            self._days |= set(range(_WEEK + 1 if shifts.weekday else 2))
        self._weeks, self._years = weeks
        self._lengths: set[Decimal] = set()
        self._settled: dict[str, set[int]] = {"date": set(), "day": set(), "time": set()}
        for kind, at in moments:
            self._settled[kind].add(at)
        for number in numbers:
            self._measure(number)

    def settle(self, value: Value) -> None:
        """Adds the moments of a value that was found to follow, or its number: so many days, weeks, seconds ..."""
        for kind, at in filter(None, map(moment, value.keys)):
            self._settled[kind].add(at)
        if value.number is not None:
            self._measure(value.number)

    def _measure(self, number: Decimal) -> None:
        self._lengths |= {number, number * 60, number * 3600}
        size = abs(number)
        if size <= _DAYS + 1:
            near = range(max(0, int(size) - 1), min(_DAYS, int(size) + 2) + 1)
            self._days |= {days for days in near if abs(size - days) <= 1}
            if size * 7 == int(size * 7) <= _DAYS:
                self._days.add(int(size * 7))

    def fits(self, value: Value) -> bool:
        """Whether a date or time is a settled one moved, a length (`26:40` for 1,600 seconds), or bounds a named week."""
        own = [found for found in map(moment, value.keys) if found is not None]
        if value.kind == "time" and any(at in self._lengths for _, at in own):
            return True
        for kind, at in own:
            settled = self._settled[kind]
            gaps = self._seconds if kind == "time" else self._days
            if any(at - gap in settled or at + gap in settled for gap in gaps):
                return True
        return any(in_week(key, self._weeks, self._years) for key in value.keys)


def lasting(observations: Sequence[Observation]) -> frozenset[int]:
    """The seconds that fields named for a unit of time hold; of days also one less, both ends counted."""
    found: set[int] = set()
    for seen in observations:
        for entry in seen.body.entries[:20]:
            for name, number in entry.columns:
                unit = _LASTS.search(name)
                if unit is None or not 0 < number < _LONG:
                    continue
                seconds = next(size for part, size in _LENGTHS if unit[part])
                found.add(int(number * seconds))
                if unit["d"]:
                    found.add(int(number - 1) * seconds)
    return frozenset(found)


_LASTS = re.compile(
    r"(?:^|[_\W])(?:(?P<d>days?|nights?|d)|(?P<w>weeks?)|(?P<h>hours?|hrs?|h)|(?P<m>min(?:ute)?s?))(?:$|[_\W])|(?P<hd>天数?|晚数?|间夜)|(?P<hh>小时|时长)",
    re.IGNORECASE,
)
"""The name of a field that holds a length of time."""
_LENGTHS = (("d", 86400), ("hd", 86400), ("w", 604800), ("h", 3600), ("hh", 3600), ("m", 60))
_LONG = 400
