"""Whether a number, a date or a time follows from values that are there: few operands, and those named nearby."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.scorers.fabrication.forms import Value

Moment: TypeAlias = tuple[str, int]
"""A date as ("date", day number), a day of a year not named as ("day", day number), a time as ("time", seconds)."""

FACTORS = (
    2.0,
    3.0,
    3.6,
    4.0,
    5.0,
    6.0,
    7.0,
    8.0,
    10.0,
    12.0,
    24.0,
    30.0,
    31.0,
    52.0,
    60.0,
    90.0,
    100.0,
    365.0,
    1000.0,
    1024.0,
    1440.0,
    3600.0,
    86400.0,
    10000.0,
    1000000.0,
    1048576.0,
    1e9,
    1073741824.0,
    1.609344,
    3.785412,
    0.453592,
    2.54,
    0.3048,
    0.9144,
)
LEAST_PART = 0.05
MOST = 40


def tolerance_of(value: Value) -> Decimal:
    """How far a number may lie from what it rounds."""
    return _half_step(value.scale, value.digits)


@lru_cache(maxsize=256)
def _half_step(scale: int, digits: int) -> Decimal:
    return Decimal(scale).scaleb(-digits) / 2 if digits or scale > 1 else Decimal("0.5")


def told_by(value: Value, *, round_numbers: bool = True) -> tuple[float, float]:
    """A number's amount, and how far what makes it may lie from it; a round number is told with less care."""
    assert value.number is not None
    target, tolerance = abs(float(value.number)), float(tolerance_of(value)) + 1e-9
    if round_numbers and not value.digits and target >= 100 and target % 10 == 0:
        tolerance = max(tolerance, min(5.0, 0.005 * target))
    return target, tolerance


def from_one(value: Value, pool: Iterable[float], factors: Sequence[float] = FACTORS) -> bool:
    """Whether the number is another one, none of them negative, rounded, scaled or converted."""
    target, tolerance = told_by(value)
    for one in pool:
        for number in (one, one * 100, one / 100, 100 - one, one * 1.8 + 32, (one - 32) / 1.8):
            if abs(abs(number) - target) <= tolerance and (number or not target):
                return True
        for factor in factors:
            part = one / factor
            if abs(one * factor - target) <= tolerance or (part >= LEAST_PART and abs(part - target) <= tolerance):
                return True
    return False


def made_of(left: float, right: float) -> list[float]:
    """What two numbers make: sum, difference, product, mean, a percentage of one more or less, quotients, shares."""
    total, gap, product = left + right, left - right, left * right
    part = product / 100
    made = [total, gap, product, total / 2, part, left - part, right - part, left + part, right + part]
    if right:
        share = left / right
        made += (share, share * 100, gap / right * 100, share * 60, share * 24)
    if left:
        share = right / left
        made += (share, share * 100, gap / left * 100)
    if total:
        made += (left / total * 100, right / total * 100)
    return made


def of_series(series: Iterable[Sequence[Decimal]]) -> Iterator[float]:
    """The sums, means, ranges, shares and counts of one field over several records."""
    for exact in series:
        numbers = [float(number) for number in exact]
        if not numbers:
            continue
        total = sum(numbers)
        if len(numbers) == 1:
            yield from (total, 0.0, 1.0, 100.0) if total else (0.0, 1.0)
            continue
        yield from (total, total / len(numbers), max(numbers) - min(numbers), float(len(numbers)))
        if total:
            yield from (number / total * 100 for number in numbers)
        for part in itertools.accumulate(numbers):
            yield from (part, total - part)
        if 3 <= len(numbers) <= 8:
            yield from (sum(group) for size in (2, 3) for group in itertools.combinations(numbers, size))
        yield from (a - b for a, b in itertools.combinations(numbers[:12], 2))
        yield sorted(numbers)[len(numbers) // 2]


def of_columns(columns: Sequence[Sequence[Decimal]]) -> Iterator[Decimal]:
    """What two columns of equal length make: the sum of their products, and a weighted mean."""
    for one, other in itertools.permutations(columns[:8], 2):
        if len(one) != len(other) or not 2 <= len(one) <= 60:
            continue
        product = sum((a * b for a, b in zip(one, other, strict=True)), Decimal(0))
        total = sum(one, Decimal(0))
        yield product
        if total:
            yield product / total


def from_named(value: Value, nearby: Sequence[Decimal]) -> bool:
    """Whether the number is one that is named beside it plus or minus a simple part of another one."""
    assert value.number is not None
    target, tolerance = told_by(value, round_numbers=False)
    return any(
        abs(one + sign * other / part - target) <= tolerance
        for one, other in itertools.permutations([abs(float(number)) for number in nearby[:8]], 2)
        for part in (2, 3, 4)
        for sign in (1, -1)
    )


_EXPRESSION = re.compile(r"[(（]?[\d.,\s()（）+\-−–*/×x✕÷%]*\d[\d.,\s()（）+\-−–*/×x✕÷%]*$", re.IGNORECASE)


def ends_expression(before: str) -> str | None:
    """The arithmetic that ends right before a value (`2 * 3 =`); None where there is none."""
    match = re.search(r"[=＝≈]\s*(?:about|约|roughly|[€$£¥￥+\-]|EUR|USD|GBP|NOK)?\s*$", before)
    if match is None:
        return None
    found = _EXPRESSION.search(before[: match.start()].rstrip())
    if found is None or not re.search(r"[+\-−–*/×x✕÷]", found[0].strip("-− ")):
        return None
    return found[0]


_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile(
    # What can start one is looked at first: most places of a text are then passed by at once.
    r"(?=[\dhaotfsen半个一两二三四五六七八九十])(?P<half>半个?(?=小时|天|个月|月|年)|half an\s|half a\s)?"
    r"(?:(?P<n>(?<!\d)\d+(?:\.\d+)?|(?<![A-Za-z])an?(?=\s)|one|two|three|four|five|six|seven|eight|nine|ten|[一两二三四五六七八九十])\s?)?(?:个)?(?P<more>半)?"
    r"(?:(?P<w>weeks?|周|星期)|(?P<d>days?|d\b|天|日)|(?P<h>hours?|hrs?|h\b|小时|钟头)|(?P<m>minutes?|mins?|min\b|m\b|分钟?|分)|(?P<s>seconds?|secs?|s\b|秒钟?))(?P<and>\sand a half)?",
    re.IGNORECASE,
)


_MINUTES = re.compile(r"(?<=[hr时])\s?([0-5]\d)(?![\d:.,/%]|\s?(?:m|s|min|sec|分|秒))", re.IGNORECASE)
"""Minutes after hours, their unit left out: `2 h 40`."""


@lru_cache(maxsize=512)
def durations(text: str) -> tuple[tuple[int, int, Decimal, int], ...]:
    """Spans of durations (`3 h 47 min`, `6 days, 11 hours and 26 minutes`), their seconds, and their finest unit's."""
    found: list[tuple[int, int, Decimal, int]] = []
    for match in _DURATION.finditer(text):
        unit = 604800 if match["w"] else 86400 if match["d"] else 3600 if match["h"] else 60 if match["m"] else 1
        if match["n"] is None and match["half"] is None:
            continue
        word = (match["n"] or "0").lower()
        number = Decimal(word) if word[0].isdigit() else Decimal(_WORDS.get(word, 1))
        bare = _MINUTES.match(text, match.end()) if match["h"] else None
        if match["half"] or match["more"] or match["and"]:
            number += Decimal("0.5")
        if (
            found
            and match.start() - found[-1][1] <= 6
            and re.fullmatch(r"[\s,，]*(?:and|零|又)?\s*", text[found[-1][1] : match.start()])
            and unit < found[-1][3]
        ):
            start, _, seconds, _ = found.pop()
            found.append((start, match.end(), seconds + number * unit, unit))
        elif bare:
            found.append((match.start(), bare.end(), number * unit + 60 * int(bare[1]), 60))
        else:
            found.append((match.start(), match.end(), number * unit, unit))
    return tuple(found)


_WORDS = (
    {
        word: number
        for number, word in enumerate(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"], 1
        )
    }
    | {char: number for number, char in enumerate("一二三四五六七八九十", 1)}
    | {"两": 2}
)


def moment(key: str) -> Moment | None:
    """A date key as (kind, day number), a time key as (kind, seconds)."""
    if ":" in key:
        time = _TIME_KEY.fullmatch(key)
        return ("time", int(time[1]) * 3600 + int(time[2]) * 60 + int(time[3] or 0)) if time else None
    date = _DATE_KEY.fullmatch(key) if "-" in key else None
    if date is None:
        return None
    try:
        day = dt.date(int(date[1] or _LEAP), int(date[2]), int(date[3])).toordinal()
    except ValueError:
        return None
    return "date" if date[1] else "day", day


_DATE_KEY = re.compile(r"(?:(\d{4})-)?(\d\d?)-(\d\d?)")
_TIME_KEY = re.compile(r"(\d\d?):(\d\d)(?::(\d\d))?")
_LEAP = 2024


class Elapsed:
    """The times between every two moments of one kind, days before and after midnight allowed for."""

    def __init__(self, moments: Iterable[Moment]) -> None:
        moments = list(moments)
        times = sorted({second for kind, second in moments if kind == "time"})[:60]
        days = sorted({day for kind, day in moments if kind in ("date", "day")})[:40]
        gaps = {later - earlier for earlier, later in itertools.combinations(times, 2)}
        self._gaps = sorted(gaps | {86400 - gap for gap in gaps})
        spans = {later - earlier for earlier, later in itertools.combinations(days, 2)}
        self._spans = sorted(span for span in spans if span < 4000)

    def fits(self, seconds: Decimal, finest: int) -> bool:
        """Whether a duration, exact to its finest unit, lies between two of the moments."""
        if self._near(float(seconds), finest):
            return True
        for span in self._spans:
            if any(abs(seconds - (span + shift) * 86400) < finest for shift in (0, 1, -1)):
                return True
            if span <= 31:
                rest = float(seconds) - span * 86400
                if self._near(rest, finest) or self._near(-rest, finest):
                    return True
        return False

    def _near(self, seconds: float, finest: int) -> bool:
        place = bisect.bisect_right(self._gaps, seconds - finest)
        return place < len(self._gaps) and self._gaps[place] < seconds + finest


_WEEK = re.compile(r"\bweek\s(\d\d?)\b|第\s?(\d\d?)\s?周", re.IGNORECASE)


def named_weeks(text: str) -> tuple[frozenset[int], tuple[int, ...]]:
    """The ISO weeks that a text names (`week 18`), and the years."""
    weeks = frozenset(int(match[1] or match[2]) for match in _WEEK.finditer(text))
    return weeks, tuple(dict.fromkeys(map(int, re.findall(r"\b20\d\d\b", text)))) if weeks else ()


def in_week(key: str, weeks: frozenset[int], years: Sequence[int]) -> bool:
    """Whether a date opens or closes one of the weeks, in its own year or else in one of the years."""
    parts = [int(part) for part in key.split("-")] if re.fullmatch(r"[\d-]+", key) else []
    if not weeks or len(parts) < 2:
        return False
    for year in [parts[0]] if len(parts) == 3 else years:
        try:
            day = dt.date(year, *parts[-2:])
        except ValueError:
            continue
        if day.isocalendar().week in weeks and day.isoweekday() in (1, 5, 7):
            return True
    return False


YEARS = re.compile(r"\s?(?:years?\b|年)")


def years_apart(values: Sequence[Value]) -> set[int]:
    """How many years lie between the dates that the answer names."""
    years = {int(key[:4]) for value in values if value.kind == "date" for key in value.keys if key[:4].isdigit()}
    return {abs(one - other) for one in years for other in years if one != other}


_LIST_NUMBER = re.compile(r"(?:^|\n)\s*\(?$")


def is_list_number(text: str, value: Value) -> bool:
    """Whether the value is the running number of a list's item."""
    after = text[value.end : value.end + 2]
    return (
        after[:1] in (".", ")", "、", "）")
        and after[1:] in (" ", "")
        and bool(_LIST_NUMBER.search(text[: value.start][-6:]))
    )


def swapped(value: Value, keys: frozenset[str]) -> bool:
    """Whether two neighbouring digits of a value that is there changed places: a slip."""
    digits, dot, decimals = value.keys[0].partition(".")
    run, place = digits + decimals, len(digits)
    if len(run) < 3 or not run.isdigit():
        return False
    turned = (run[:i] + run[i + 1] + run[i] + run[i + 2 :] for i in range(len(run) - 1))
    return any(one[:place] + dot + one[place:] in keys for one in turned)
