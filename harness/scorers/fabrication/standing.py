"""Where a value stands in the context as it is told, or in another way of writing the same; derivations are not looked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.values import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.scorers.fabrication.forms import Value
    from harness.scorers.fabrication.trajectory import Trajectory

Status: TypeAlias = Literal["observed", "told", "derived", "counted", "worked", "slip", "free", "said", "novel"]
"""Where a value comes from: an observation or call; system, tools or user; a derivation; one whose operands the answer
does not name; one that few operands make, hardly by chance; swapped digits of one that is there; too small to tell; only
an earlier text of the assistant, which grounds nothing; nowhere."""


class Standing:
    """Finds values as they are told, against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    def of(self, value: Value) -> Status | None:
        """Where a value stands as it is told; None where it stands nowhere."""
        trajectory = self.trajectory
        number = value.number
        whole = format(abs(number), "f") if number is not None and value.digits == 0 and value.scale == 1 else ""
        plain = normal(value.text) if value.kind == "identifier" else ""
        if self.misyeared(value):
            return None
        ranked: tuple[tuple[Status, Callable[[], bool]], ...] = (
            ("observed", lambda: not trajectory.observed_keys.isdisjoint(value.keys)),
            ("observed", lambda: value.kind == "month" and not self._months.isdisjoint(value.keys)),
            ("told", lambda: not trajectory.told_keys.isdisjoint(value.keys)),
            ("observed", lambda: self._stands_compact(value)),
            ("observed", lambda: bool(plain) and plain in trajectory.observed_text),
            ("told", lambda: bool(plain) and plain in trajectory.told_text),
            ("free", lambda: whole in ("0", "1", "2", "3")),
            ("observed", lambda: bool(whole) and self._runs(whole)),
            ("said", lambda: not self._unread_keys.isdisjoint(value.keys)),
        )
        return next((status for status, holds in ranked if holds()), None)

    def _stands_compact(self, value: Value) -> bool:
        """Whether a time stands in an observation without its colon (`1306`), a day of the year with a slash (`05/14`)."""
        for key in value.keys:
            if value.kind == "time" and (clock := _CLOCK.fullmatch(key)):
                return _stands_in(f"{int(clock[1]):02d}{clock[2]}", self.trajectory.observed_text)
            if value.kind == "date" and (day := _DAY_KEY.fullmatch(key)):
                return any(
                    _stands_in(f"{left}/{right}", self.trajectory.observed_text)
                    for left, right in ((day[1], day[2]), (f"{int(day[1]):02d}", f"{int(day[2]):02d}"))
                )
        return False

    def misyeared(self, value: Value) -> bool:
        """Whether a date has a year, and its day stands in the context with other years only."""
        return (
            value.kind == "date"
            and len(value.keys) > 1
            and value.keys[0] not in self.trajectory.keys
            and value.keys[1] in self._yeared
        )

    @cached_property
    def _yeared(self) -> frozenset[str]:
        """The days of the year that the context's full dates fall on."""
        return frozenset(
            key.partition("-")[2] for key in self.trajectory.keys if key.count("-") > 1 and key[:4].isdigit()
        )

    @cached_property
    def _unread_keys(self) -> frozenset[str]:
        """The values that an earlier text of the assistant told without an observation at hand."""
        return frozenset().union(*(keys_of(said.text) for said in self.trajectory.said if not said.read))

    @cached_property
    def _months(self) -> frozenset[str]:
        found = set()
        for key in self.trajectory.keys:
            match = re.fullmatch(r"(?:(\d{4})-)?(\d\d?)-(\d\d?)", key)
            if match:
                found.add("m" + match[2])
                if match[1]:
                    found.add(f"{match[1]}-m{match[2]}")
        for seen in self.trajectory.observations:
            for entry in seen.body.entries:
                for name, value in entry.fields:
                    if _MONTHS_FIELD.search(name):
                        found.update(f"m{number}" for number in re.findall(r"\d+", value))
        return frozenset(found)

    def _runs(self, digits: str) -> bool:
        """Whether some digits stand in the context, alone or beside letters and marks."""
        if len(digits) > _RUN:
            return False
        trajectory = self.trajectory
        return any(_stands_in(digits, text) for text in (trajectory.observed_text, trajectory.told_text))


def _stands_in(digits: str, text: str) -> bool:
    """Whether digits stand in a text with no other digit and no point beside them."""
    place = text.find(digits)
    while place >= 0:
        before, after = text[max(0, place - 1) : place], text[place + len(digits) : place + len(digits) + 1]
        if not any(mark == "." or mark.isdecimal() for mark in (before, after)):
            return True
        place = text.find(digits, place + 1)
    return False


_CLOCK = re.compile(r"(\d\d?):(\d\d)")
_DAY_KEY = re.compile(r"(\d\d?)-(\d\d?)")
_MONTHS_FIELD = re.compile("month|月", re.IGNORECASE)
_RUN = 12
"""Digits of the longest run that is looked for in the text: an identifier, told without its letters."""
