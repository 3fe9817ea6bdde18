"""Which values of an answer are grounded: they stand in the context, or follow from values that do."""

from __future__ import annotations

import bisect
import re
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication.derive import (
    YEARS,
    Elapsed,
    Moment,
    durations,
    ends_expression,
    from_named,
    is_list_number,
    moment,
    named_weeks,
    of_columns,
    of_series,
    swapped,
    told_by,
    tolerance_of,
    years_apart,
)
from harness.scorers.fabrication.moves import Moves, Shifts, lasting
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.reach import Operands, Reach, pairs
from harness.scorers.fabrication.standing import Standing, Status
from harness.scorers.fabrication.values import values_of
from harness.scorers.fabrication.worked import Worked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.forms import Value
    from harness.scorers.fabrication.trajectory import Trajectory


class Placed(NamedTuple):
    """A value of the answer and where it comes from; its place is in the whole text."""

    value: Value
    start: int
    end: int
    status: Status


_ZONE = re.compile(
    r"(?i:\bUTC|\bGMT|\btime ?zone|local time|\bCES?T\b|\b[EP][SD]T\b|\bJST\b|\dZ\b)|\b[A-Z][a-z]+ time\b|\bfor you\b|当地时间|时区|东八区|北京时间|时差|\+\d\d:\d\d"
)
_WEEKDAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|周[一二三四五六日天]|星期[一二三四五六日天]|tomorrow|yesterday|明天|昨天|后天|前天|今天|today|\bweek\b|本周|下周",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"(?:total|sum|together|altogether|make|makes|comes? to|合计|共计|总计|一共|总共|加起来|总额|总和|共)\W*(?:[A-Z]{3}|of|is|to|为|是|约|about)?\W*$",
    re.IGNORECASE,
)
_WORKED_OUT = re.compile(
    r"\d\S*\s?(?:plus|minus|times|at|by|and|x|×|\*|[+]|加|减|乘以?|除以?)\s?(?:\w+ ){0,3}\S*\d\S*[^.;。；]{0,12}(?:makes?|gives?|comes? to|is|are|equals|=|得|是|为|等于|共)\s?(?:about |约)?\W{0,4}(?:[A-Z]{3} )?$"
)
_ROUNDS = 4
_RECENT = 16
_NEAR = 60
_TAIL = 2000
_ONE = Decimal(1)


class Grounding:
    """Grounds values against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self.standing = Standing(trajectory)
        self.worked = Worked(trajectory)
        self._hourly: Reach[float] = Reach()

    def place(self, text: str) -> list[Placed]:
        """Every value of a text with where it comes from, in order."""
        values = [value for value in values_of(text) if not is_list_number(text, value)]
        status: list[Status | None] = [self.standing.of(value) for value in values]
        if any(one is None for one in status):
            self._derive(text, values, status)
        return [
            Placed(value, value.start, value.end, one or "novel") for value, one in zip(values, status, strict=True)
        ]

    def _derive(self, text: str, values: Sequence[Value], status: list[Status | None]) -> None:
        """Settles what follows from values that are settled, until nothing more does."""
        known = [v.number for v, one in zip(values, status, strict=True) if v.number is not None and one in _HELD]
        pool = Operands(known)
        spanned = self._spanned(text, values)
        timed = any(one is None and v.kind in _TIMED for v, one in zip(values, status, strict=True))
        moves = self._moves(text, known) if timed else None
        for _ in range(_ROUNDS):
            grew = False
            for index in [index for index, one in enumerate(status) if one is None]:
                value = values[index]
                found: Status | None = None
                if value.start in spanned:
                    found = "derived"
                elif moves is not None and value.kind in _TIMED:
                    strict = value._replace(keys=value.keys[:1]) if self.standing.misyeared(value) else value
                    found = "derived" if self.worked.dated(value) or moves.fits(strict) else None
                elif value.number is not None:
                    found = self._computed(text, index, values, status, pool)
                if found is not None:
                    status[index] = found
                    grew = True
                    if value.number is not None:
                        pool.add(value.number)
                    if moves is not None:
                        moves.settle(value)
            if not grew:
                return

    def _spanned(self, text: str, values: Sequence[Value]) -> frozenset[int]:
        """The places of a text that durations take up which lie between two moments."""
        told = [at for value in values for key in value.keys if (at := moment(key)) is not None]
        lengths = durations(text)
        hours = {float(seconds) / unit for _, _, seconds, _ in lengths for unit in (3600, 60, 86400)}
        rates = {float(other) for other in self._numbers[:80]} if hours else ()
        self._hourly = Reach(one * rate for one in hours for rate in rates)
        between = [self._elapsed, Elapsed([*told, *self._moments[:40]])] if lengths else []
        spans = [(a, b) for a, b, seconds, finest in lengths if any(gaps.fits(seconds, finest) for gaps in between)]
        return frozenset().union(*(range(a, b) for a, b in spans))

    def _moves(self, text: str, known: Sequence[Decimal]) -> Moves:
        """By what a date or time may be moved: the durations named, zones, days of the week, the numbers told."""
        trajectory = self.trajectory
        tail = "\n".join([text, trajectory.user_text, trajectory.system[:_TAIL], trajectory.observed_text[-_TAIL:]])
        both = f"{text}\n{trajectory.told_text}\n{trajectory.observed_text}"
        named = frozenset(int(seconds) for _, _, seconds, _ in durations(tail)) | lasting(
            trajectory.observations[-_RECENT:]
        )
        shifts = Shifts(named, zoned=bool(_ZONE.search(both)), weekday=bool(_WEEKDAY.search(both)))
        return Moves(self._moments, known, shifts, named_weeks(text + trajectory.user_text))

    def _computed(
        self, text: str, index: int, values: Sequence[Value], status: Sequence[Status | None], pool: Operands
    ) -> Status | None:
        """Whether a number follows from the numbers told with it, from a series, or from one record."""
        value = values[index]
        number = value.number
        assert number is not None
        before = text[max(0, value.start - _NEAR) : value.start]
        if ends_expression(before) is not None:
            return "derived"  # its operands are judged by themselves; a wrong result is a slip
        low = bisect.bisect_right(values, value.start - _NEAR, key=_start)
        high = bisect.bisect_left(values, value.start + _NEAR, key=_start)
        near = [
            v.number for v, one in zip(values[low:high], status[low:high], strict=True) if v.number is not None and one
        ]
        if self._restates(value) or pool.one(value) or pool.two(value) or from_named(value, near):
            return "derived"
        if self._follows(value, near) or (YEARS.match(text, value.end) and number in years_apart(values)):
            return "counted"
        if self.worked.sure(value):
            return "worked"
        slips = (
            self.worked.slipped(value)
            or swapped(value, self.trajectory.keys)
            or (_WORKED_OUT.search(before) and len(near) >= 2)  # worked out from numbers named beside it, and wrong
            or (_TOTAL.search(before[-14:]) and None not in status[:index] and len(status) - status.count(None) >= 2)
        )
        return "slip" if slips else None

    def _restates(self, value: Value) -> bool:
        """Whether a number is one of the context rounded, or told as a percentage or in minor units."""
        number = abs(value.number or Decimal(0))
        amounts = self._amounts
        if not number and any(not one for one in self._numbers):
            return True
        return (
            amounts.near(number / 100, 0)
            or amounts.near(number * 100, 0)
            or amounts.near(number, tolerance_of(value))
            or (_ONE < number < 100 and value.digits > 0 and amounts.near(_ONE - number / 100, 0))
        )

    def _follows(self, value: Value, near: list[Decimal]) -> bool:
        """Whether a number is what the context's series and records make: its operands are not named."""
        number, tolerance = abs(value.number or Decimal(0)), tolerance_of(value)
        told = told_by(value, round_numbers=False)
        if self._of_series.near(*told) or self._of_tables.near(number, tolerance):
            return True
        if value.digits and any(
            abs(abs(one * rate) - number) <= tolerance for one in near for rate in self._rates if rate
        ):
            return True
        if self._hourly.near(float(number), tolerance):
            return True
        if value.unit and value.unit[0] in "°℃℉%％kmghlt" and self._latest.one(value):
            return True
        significant = len(re.sub(r"\D", "", value.text).strip("0"))
        return significant >= 2 and (self._recorded.one(value) or self._paired.near(*told))

    @cached_property
    def _amounts(self) -> Reach[Decimal]:
        """The numbers of the context without their signs; zero is no other number rounded."""
        return Reach(abs(number) for number in self._numbers if number)

    @cached_property
    def _latest(self) -> Operands:
        return Operands(self._numbers[:80])

    @cached_property
    def _of_series(self) -> Reach[float]:
        return Reach(map(abs, of_series(dict.fromkeys(map(tuple, self._series)))))

    @cached_property
    def _of_tables(self) -> Reach[Decimal]:
        return Reach(made for group in self._tables for made in of_columns(group))

    @cached_property
    def _recorded(self) -> Operands:
        return Operands(number for record in self._records for number in record)

    @cached_property
    def _paired(self) -> Reach[float]:
        return pairs(self._records)

    @cached_property
    def _numbers(self) -> list[Decimal]:
        trajectory = self.trajectory
        recent = trajectory.observations[-_RECENT:]
        found = [number for seen in recent for entry in seen.body.entries for number in entry.numbers]
        found += [value.number for value in trajectory.told_values if value.number is not None]
        return list(dict.fromkeys(found))

    @cached_property
    def _rates(self) -> list[Decimal]:
        """The numbers that system text and users name: prices, rates, factors."""
        texts = (self.trajectory.system, *self.trajectory.users[-2:])
        return [v.number for text in texts for v in values_of(text) if v.number is not None][:24]

    @cached_property
    def _columns(self) -> list[dict[str, list[Decimal]]]:
        """The numbers of each field over the records of one observation, for every observation."""
        found = []
        for seen in self.trajectory.observations[-_RECENT:]:
            own: dict[str, list[Decimal]] = {}
            for entry in seen.body.entries:
                for name, number in entry.columns:
                    own.setdefault(name, []).append(number)
            found.append(own)
        return found

    @cached_property
    def _series(self) -> list[list[Decimal]]:
        """The numbers of one field over several records, of one observation and of all; and how many records."""
        columns: dict[str, list[Decimal]] = {}
        groups: list[list[Decimal]] = []
        for own, seen in zip(self._columns, self.trajectory.observations[-_RECENT:], strict=True):
            for name, numbers in own.items():
                columns.setdefault(name, []).extend(numbers)
            groups += own.values()
            groups.append([_ONE] * len(seen.body.entries))
        return [*columns.values(), *groups]

    @cached_property
    def _tables(self) -> list[list[list[Decimal]]]:
        """The columns of numbers of each observation that has two or more of several rows."""
        whole = ([column for column in own.values() if len(column) >= 2] for own in self._columns)
        return [columns for columns in whole if len(columns) >= 2]

    @cached_property
    def _records(self) -> list[list[Decimal]]:
        """The numbers of each record, the latest first."""
        found = []
        for seen in reversed(self.trajectory.observations[-_RECENT:]):
            for entry in seen.body.entries[:60]:
                found += [list(entry.numbers)] if 2 <= len(entry.numbers) <= 14 else []
            if len(found) >= 60:
                break
        return found[:60]

    @cached_property
    def _moments(self) -> list[Moment]:
        return [found for key in sorted(self.trajectory.keys) if (found := moment(key)) is not None]

    @cached_property
    def _elapsed(self) -> Elapsed:
        return Elapsed(self._moments)


_HELD = ("observed", "told")
_TIMED = ("date", "time", "month")
_start = attrgetter("start")
