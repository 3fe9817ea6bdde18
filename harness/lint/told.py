"""Whether a value of a gold call can be known when it is made: told, in whatever form, or implied by the tool's schema."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from harness import jsonvalue
from harness.scorers.fabrication.derive import durations
from harness.scorers.fabrication.forms import key_of, normal, number_value
from harness.scorers.fabrication.grounding import Grounding
from harness.scorers.fabrication.values import values_of

if TYPE_CHECKING:
    from harness.scorers.fabrication.trajectory import Trajectory
    from harness.toolschema import SchemaNode

Standing: TypeAlias = Literal["told", "derived", "nowhere"]
"""Told in some form; not told, but it follows from what is by reckoning; neither."""

_TOKEN = re.compile(r"[^\W_\u4e00-\u9fff]+|[\u4e00-\u9fff]")
_RUN = re.compile(r"[^\W_\u4e00-\u9fff]+|[\u4e00-\u9fff]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ESCAPED = re.compile(r'\\(?:u([0-9a-fA-F]{4})|[nrt"/\\])')
_GAP = re.compile(r"[\s\WTZ_]*")
"""What may stand between the values of a text that consists of values: `2026-03-07T03:20:11Z`."""
_ORDINALS = {
    number: re.compile(pattern)
    for number, pattern in {
        2: r"\b(?:second|2nd|both|pair|couple)\b|第二|两|俩",
        3: r"\b(?:third|3rd)\b|第三",
        4: r"\b(?:fourth|4th)\b|第四",
        5: r"\b(?:fifth|5th)\b|第五",
    }.items()
}
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNIT_NAME = re.compile(r"(?:^|[_\W])(second|minute|hour|day|week)s?(?:$|[_\W])|(?:^|_)(sec|min)s?$", re.IGNORECASE)
_SHORT_UNITS = {"sec": "second", "min": "minute"}
_SCALES = tuple(Decimal(factor) for factor in ("100", "0.01", "1000", "0.001", "1024", "60", "24", "7"))
_MOST_WORDS = 12
_MOST_FACTORS = 60
_FINE = Decimal("0.01")


class Told:
    """What can ground a value at one decision: system text, tools, users, observations, and the calls made before."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    def standing(self, value: Any, name: str = "") -> Standing:
        """Where a scalar stands; `name` is that of its argument, which may say a unit.

        Booleans, null and what says nothing (an empty text) need no telling.
        """
        if value is None or isinstance(value, bool) or value == "":
            return "told"
        if isinstance(value, int | Decimal):
            return self._number(value, name)
        return self._text(value) if isinstance(value, str) else "nowhere"

    def _text(self, value: str) -> Standing:
        words = _words(value)
        if not words:
            return "told" if normal(value) in self._visible else "nowhere"
        spoken = _words(_HUMP.sub(" ", value))  # stopPropagation
        if any(f" {' '.join(one)} " in self._tokens for one in (words, spoken)) or self._in_one_message(value):
            return "told"
        return self._of_values(value)

    def _in_one_message(self, value: str) -> bool:
        """Whether all words of a short text stand in one message: `Mei Lin` of `Lin, Mei`."""
        words = [" ".join(_words(word)) for word in _RUN.findall(normal(value))]
        if not 1 < len(words) <= _MOST_WORDS:
            return False
        return any(all(f" {word} " in text for word in words) for text in self._messages)

    def _of_values(self, value: str) -> Standing:
        """A text that consists of dates, times and numbers, each told or derived in another form."""
        place, found = 0, []
        for one in values_of(value):
            if not _GAP.fullmatch(value, place, one.start):
                return "nowhere"
            place = one.end
            found.append(one)
        if not found or not _GAP.fullmatch(value, place):
            return "nowhere"
        return self._worst(self._grounding.place(value))

    def _worst(self, placed: list[Any]) -> Standing:
        states = {one.status for one in placed}
        if states & {"novel", "said", "slip"}:
            return "nowhere"
        return "derived" if states & {"derived", "counted", "worked"} else "told"

    def _number(self, value: int | Decimal, name: str) -> Standing:
        number = Decimal(value)
        if number in (0, 1):  # `a keyboard` is one
            return "told"
        literal = key_of(number)
        status = self._grounding.standing.of(number_value(0, len(literal), literal, literal))
        if status in ("observed", "told") or key_of(abs(number)) in self.trajectory.keys:
            return "told"
        if number in _ORDINALS and _ORDINALS[int(number)].search(self._visible):
            return "told"
        if self._lasts(number, name) or self._rescaled(number):
            return "told"
        derived = [one.status for one in self._grounding.place(literal)]
        if self._reckoned(number) or (derived and derived[0] in ("derived", "counted", "worked")):
            return "derived"
        return "nowhere"

    def _reckoned(self, number: Decimal) -> bool:
        """Whether it is a told share or multiple of a number that was observed: 15 % of 400."""
        keys = self.trajectory.observed_keys
        return any(
            key_of((number / factor).quantize(_FINE)) in keys or key_of((100 * number / factor).quantize(_FINE)) in keys
            for factor in self._factors
        )

    def _lasts(self, number: Decimal, name: str) -> bool:
        """Whether it is a duration that is told in another unit: `a day` as 24 hours."""
        named = _UNIT_NAME.search(name)
        unit = (named[1] or _SHORT_UNITS.get((named[2] or "").lower(), "")).lower() if named else ""
        units = [_UNITS[unit]] if unit in _UNITS else _UNITS.values()
        return any(number * one in self._durations for one in units)

    def _rescaled(self, number: Decimal) -> bool:
        """Whether it is a number that is told in another scale: `15 %` as 0.15, `2 GB` as 2048."""
        return any(key_of(number * factor) in self._numbers for factor in _SCALES)

    @cached_property
    def _grounding(self) -> Grounding:
        return Grounding(self.trajectory)

    @cached_property
    def _visible(self) -> str:
        return f"{self.trajectory.told_text}\n{self.trajectory.observed_text}"

    @cached_property
    def _messages(self) -> list[str]:
        trajectory = self.trajectory
        seen = [f"{one.arguments}\n{one.body.raw}" for one in trajectory.observations]
        return [_spread(text) for text in (trajectory.system, *trajectory.users, *seen)]

    @cached_property
    def _tokens(self) -> str:
        tools = [card.text for card in self.trajectory.tools]
        return "\n".join([*self._messages, *map(_spread, [*tools, *self.trajectory.calls])])

    @cached_property
    def _durations(self) -> frozenset[Decimal]:
        texts = (self.trajectory.system, *self.trajectory.users, *(card.about for card in self.trajectory.tools))
        return frozenset(seconds for text in texts for _, _, seconds, _ in durations(text))

    @cached_property
    def _factors(self) -> list[Decimal]:
        """The numbers that system text and users tell, as shares or counts to reckon with; also what is left of 100 %."""
        told = {value.number for value in self.trajectory.told_values if value.number is not None and value.number > 1}
        return sorted(told | {100 - one for one in told if 1 < one < 100})[:_MOST_FACTORS]

    @cached_property
    def _numbers(self) -> frozenset[str]:
        """The numbers that system text and users tell: what observations hold is seldom told in another scale."""
        return frozenset(key_of(value.number) for value in self.trajectory.told_values if value.number is not None)


def implied(value: Any, node: SchemaNode) -> bool:
    """Whether a schema names a value itself: a boolean, a member of an enum, a constant, its default."""
    if isinstance(value, bool) or value is None:
        return True
    for schema in node.schemas:
        named = [*(schema.get("enum") or ()), *(schema[key] for key in ("const", "default") if key in schema)]
        if any(jsonvalue.equal(value, one) for one in named):
            return True
    return False


def _words(text: str) -> list[str]:
    return _TOKEN.findall(normal(text))


def _spread(text: str) -> str:
    """The words of a text, each between spaces: whatever stands between them, and however JSON has escaped it."""
    if "\\" in text:
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else " ", text)
    return f" {' '.join(_words(text))} "
