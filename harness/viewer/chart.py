"""One metric over runs as a picture: a line for each model, with the intervals of its points; inline SVG."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from markupsafe import Markup

from harness.report.terminal import visible
from harness.report.view import interval, percent, with_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.metrics import Rate
    from harness.viewer.trends import Line

COLOURS = 6
"""Lines that look different; the seventh looks like the first."""
_WIDTH, _HEIGHT = 380, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 10, 10, 12
_TICKS = (1, 2, 5, 10, 20, 25)
"""Points between two lines of the grid."""
_LEAST = 20.0
"""Points that an axis spans at least: noise must not look like a landslide."""
_SHAPES = (
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z",
    "M-3.2-3.2h6.4v6.4h-6.4z",
    "M0-4.4L4.4 0L0 4.4L-4.4 0z",
    "M0-4.2L4.2 3.4H-4.2z",
    "M0 4.2L4.2-3.4H-4.2z",
    "M-4-1.2h2.8V-4h2.4v2.8H4v2.4H1.2V4h-2.4V1.2H-4z",
)
"""Marks of the lines, for whoever sees no colours."""


def mark(number: int) -> Markup:
    """The mark of a line, for a legend."""
    place = number % COLOURS
    return Markup(
        '<svg class="mark" viewBox="-6 -6 12 12" aria-hidden="true"><path class="s{} dot" d="{}"/></svg>'
    ).format(place, _SHAPES[place])


def chart(name: str, title: str, runs: int, lines: Sequence[Line], levels: Sequence[tuple[str, Rate]]) -> Markup:
    """A picture of one metric; nothing where no run has a value.

    Args:
        name: unique in the page, for what refers to the picture's texts.
        title: what it shows.
        runs: places on the axis of time.
        lines: one for each model, its points by place.
        levels: baselines, drawn as levels across.
    """
    drawn = [(number, line) for number, line in enumerate(lines) if line.points]
    if not drawn:
        return Markup("")
    axis = _Axis([rate for _, line in drawn for _, rate in line.points] + [rate for _, rate in levels], runs)
    parts = [
        *axis.grid(),
        *(_level(axis, text, rate, named=len(levels) > 1) for text, rate in levels),
        *(_line(axis, number, line) for number, line in drawn),
    ]
    told = "; ".join(f"{line.model}: {', '.join(percent(rate.value) for _, rate in line.points)}" for _, line in drawn)
    beside = "".join(f"; {text}: {percent(rate.value)}" for text, rate in levels)
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
    ).format(_WIDTH, _HEIGHT, name, name, name, title, name, visible(told + beside), Markup("").join(parts))


class _Axis:
    """Where values and places are in the picture."""

    def __init__(self, rates: Sequence[Rate], runs: int) -> None:
        values = [100 * value for rate in rates for value in (rate.value, rate.low, rate.high) if value is not None]
        low, high = min(values), max(values)
        if high - low < _LEAST:
            middle = min(max((low + high) / 2, _LEAST / 2), 100 - _LEAST / 2)
            low, high = min(low, middle - _LEAST / 2), max(high, middle + _LEAST / 2)
        self._tick = next((tick for tick in _TICKS if (high - low) / tick <= 5), _TICKS[-1])
        self._low = max(0, math.floor(low / self._tick) * self._tick)
        self._high = min(100, math.ceil(high / self._tick) * self._tick)
        self._runs = runs

    def x(self, place: int) -> str:
        """A place in time; a single run stands in the middle."""
        share = place / (self._runs - 1) if self._runs > 1 else 0.5
        return f"{_LEFT + 8 + share * (_WIDTH - _LEFT - _RIGHT - 16):.1f}"

    def y(self, value: float) -> str:
        """A share."""
        share = (100 * value - self._low) / (self._high - self._low)
        return f"{_HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM):.1f}"

    def grid(self) -> list[Markup]:
        """Lines across, with their values."""
        line = Markup(
            '<path class="grid" d="M{} {}H{}"/><text class="axis" x="{}" y="{}" dy="4" text-anchor="end">{} %</text>'
        )
        ticks = range(self._low, self._high + 1, self._tick)
        return [
            line.format(_LEFT, self.y(tick / 100), _WIDTH - _RIGHT, _LEFT - 4, self.y(tick / 100), tick)
            for tick in ticks
        ]


def _line(axis: _Axis, number: int, line: Line) -> Markup:
    place = number % COLOURS
    path = "M" + "L".join(f"{axis.x(at)} {axis.y(rate.value or 0)}" for at, rate in line.points)
    dots = [
        Markup('<g transform="translate({} {})"><title>{}</title><path class="dot" d="{}"/></g>').format(
            axis.x(at),
            axis.y(rate.value or 0),
            visible(f"{line.model}: {with_n(rate)}, {interval(rate)}"),
            _SHAPES[place],
        )
        for at, rate in line.points
    ]
    spans = "".join(
        f"M{axis.x(at)} {axis.y(rate.low)}V{axis.y(rate.high)}"
        for at, rate in line.points
        if rate.low is not None and rate.high is not None
    )
    return Markup('<g class="s{}"><path class="span" d="{}"/><path class="line" d="{}"/>{}</g>').format(
        place, spans, path, Markup("").join(dots)
    )


def _level(axis: _Axis, text: str, rate: Rate, *, named: bool) -> Markup:
    """A level across; a single one is named by the legend alone."""
    y = axis.y(rate.value or 0)
    label = Markup('<text x="{}" y="{}" dy="-3" text-anchor="end">{}</text>').format(_WIDTH - _RIGHT, y, visible(text))
    drawn = Markup('<g class="level"><title>{}</title><path d="M{} {}H{}"/>{}</g>')
    return drawn.format(visible(f"{text}: {with_n(rate)}"), _LEFT, y, _WIDTH - _RIGHT, label if named else "")
