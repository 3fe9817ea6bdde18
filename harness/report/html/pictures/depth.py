"""Accuracy and invented results by turn depth."""

from __future__ import annotations

from itertools import groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from harness.report.html.pictures.frame import COLOURS, PANEL, Key, Said, figure, marker
from harness.report.html.pictures.labels import SMALL, label, thinned, word
from harness.report.html.pictures.scales import axis, held
from harness.report.html.pictures.svg import NOTHING, Drawn, element, line, path, picture
from harness.report.view import interval, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.metrics import Rate
    from harness.report.html.pictures.figures import Curve, Point
    from harness.report.html.pictures.scales import Axis

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, PANEL - 8, 30, 196
_ROW = 14
_BANDS = 2
"""Up to so many curves have their intervals as bands; more would cover one another."""
_FEW = 5
"""Points of fewer decisions are drawn faint: they hardly say anything."""
_HISTORIES = {"scripted": Said("scripted", "scripted history"), "own": Said("own", "own history")}


def depth(curves: Sequence[Curve]) -> Drawn:
    """Both metrics of one or more stages by turn depth, with their intervals, and n under the axis."""
    drawn = [curve for curve in curves if any(point.right.denominator for point in curve.points)]
    if not drawn:
        return NOTHING
    turns = drawn[0].unit == "turns"
    panels = [
        _Panel(drawn, "turn_accuracy" if turns else "tool_call_accuracy", lambda point: point.right).drawn(),
        _Panel(drawn, "fabrication_rate", lambda point: point.fabricated).drawn(),
    ]
    stages = _stages(drawn)
    several = len({curve.history for curve in drawn}) > 1
    keys = [
        Key(_key(curve, stages[curve.name]), curve.name, (_HISTORIES[curve.history],) if several else ())
        for curve in drawn
    ]
    depths = {point.depth for curve in drawn for point in curve.points}
    notes = [
        Said("depth_bands", "Bands are 95 % intervals.")
        if len(drawn) <= _BANDS and len(depths) > 1
        else Said("depth_whiskers", "Whiskers are 95 % intervals.")
    ]
    if any(0 < rate.denominator < _FEW for curve in drawn for point in curve.points for rate in point[1:]):
        notes.append(Said("depth_few", "Faint points have an n below 5."))
    return figure("depth", Said("depth", "By user turn"), panels, keys if len(drawn) > 1 else (), notes)


def _stages(curves: Sequence[Curve]) -> dict[str, int]:
    return {name: place for place, name in enumerate(dict.fromkeys(curve.name for curve in curves))}


def _key(curve: Curve, stage: int) -> Drawn:
    own = curve.history == "own"
    drawn = line([(1, 7), (27, 7)], class_=f"line s{stage % COLOURS}" + (" own" if own else ""))
    return Drawn(drawn + marker(14, 7, stage, hollow=own))


class _Panel:
    """One metric."""

    def __init__(self, curves: Sequence[Curve], metric: str, rate_of: Callable[[Point], Rate]) -> None:
        self.curves, self.metric, self.rate_of = curves, metric, rate_of
        self.stages = _stages(curves)
        self.depths = sorted({point.depth for curve in curves for point in curve.points})
        self.step = (_RIGHT - _LEFT) / len(self.depths)
        self.places = {depth: _LEFT + self.step * (place + 0.5) for place, depth in enumerate(self.depths)}
        self.rates = [{point.depth: rate_of(point) for point in curve.points} for curve in curves]
        self.shares: Axis = axis(held(rate for rates in self.rates for rate in rates.values()), _BOTTOM, _TOP)
        self.banded = len(curves) <= _BANDS and len(self.depths) > 1

    def drawn(self) -> Drawn:
        rows = list(self._counts())
        return picture(
            f"{self.metric} by user turn",
            list(self._told()),
            PANEL,
            _BOTTOM + 24 + _ROW * len(rows),
            label(2, 14, self.metric, _RIGHT, class_="head"),
            *self._axes(),
            *(part for place in range(len(self.curves)) for part in self._curve(place)),
            *(part for row in rows for part in row),
        )

    def _told(self) -> Iterator[str]:
        for curve, rates in zip(self.curves, self.rates, strict=True):
            parts = [
                f"turn {depth} {percent(rate.value)} (n {rate.denominator}, 95 % interval {interval(rate)})"
                for depth, rate in rates.items()
            ]
            yield f"{curve.name}, {_HISTORIES[curve.history].text}, {curve.unit}: {'; '.join(parts)}."

    def _axes(self) -> Iterator[Drawn]:
        for y, text in self.shares.ticks:
            yield line([(_LEFT, y), (_RIGHT, y)], class_="grid" if y != _BOTTOM else "axis")
            yield label(_LEFT - 5, y + 4, text, _LEFT, small=True, class_="quiet", text_anchor="end")
        for place in thinned([str(depth) for depth in self.depths], self.step, SMALL):
            depth = self.depths[place]
            yield label(self.places[depth], _BOTTOM + 15, str(depth), 60, small=True, text_anchor="middle")
        yield word(2, _BOTTOM + 15, "turn", "turn")

    def _curve(self, place: int) -> Iterator[Drawn]:
        curve, rates = self.curves[place], self.rates[place]
        stage = self.stages[curve.name]
        room = min(7.0, 0.8 * self.step / len(self.curves))
        shift = 0.0 if self.banded else (place - (len(self.curves) - 1) / 2) * room
        known = [(self.places[depth] + shift, depth, rate) for depth, rate in rates.items() if rate.value is not None]
        own = curve.history == "own"
        if self.banded:
            yield self._band(known, stage)
        for part, class_ in _parts([(x, self.shares.at(rate.value or 0.0), rate) for x, _, rate in known]):
            yield line(part, class_=f"line s{stage % COLOURS}{class_}" + (" own" if own else ""))
        for x, depth, rate in known:
            y = self.shares.at(rate.value or 0.0)
            told = (
                f"{curve.name}, {_HISTORIES[curve.history].text}, turn {depth}: {percent(rate.value)}, "
                f"n {rate.denominator}, 95 % interval {interval(rate)}"
            )
            yield element(
                "g",
                element("title", told),
                NOTHING if self.banded else self._whisker(x, rate, stage),
                marker(x, y, stage, hollow=own, size=3.6 if self.step > 14 else 2.4),
                element("circle", cx=x, cy=y, r=min(9.0, max(3.0, self.step / 2)), class_="hit"),
                class_="few" if rate.denominator < _FEW else None,
            )

    def _whisker(self, x: float, rate: Rate, stage: int) -> Drawn:
        low, high = self.shares.at(rate.low or 0.0), self.shares.at(rate.high or 0.0)
        return line([(x, low), (x, high)], class_=f"whisker s{stage % COLOURS}")

    def _band(self, known: Sequence[tuple[float, int, Rate]], stage: int) -> Drawn:
        upper = [(x, self.shares.at(rate.high or 0.0)) for x, _, rate in known]
        lower = [(x, self.shares.at(rate.low or 0.0)) for x, _, rate in reversed(known)]
        steps = [part for place, (x, y) in enumerate(upper + lower) for part in ("L" if place else "M", x, y)]
        return element("path", d=path(*steps, "Z"), class_=f"band s{stage % COLOURS}") if known else NOTHING

    def _counts(self) -> Iterator[list[Drawn]]:
        """A row of n for each curve, one where all have the same."""
        counts = [[rates[depth].denominator if depth in rates else 0 for depth in self.depths] for rates in self.rates]
        alike = all(row == counts[0] for row in counts)
        shown = thinned([str(count) for row in counts for count in row], self.step, SMALL)
        every = shown.step
        for place, row in enumerate(counts[:1] if alike else counts):
            y = _BOTTOM + 15 + _ROW * (place + 1)
            parts = [label(2, y, "n", 12, small=True, class_="quiet")] if place == 0 else []
            if not alike:
                stage = self.stages[self.curves[place].name]
                parts.append(marker(_LEFT - 14, y - 4, stage, hollow=self.curves[place].history == "own", size=3))
            for depth, count in list(zip(self.depths, row, strict=True))[::every]:
                x = self.places[depth]
                parts.append(label(x, y, str(count), 60, small=True, class_="quiet", text_anchor="middle"))
            yield parts


def _parts(known: Sequence[tuple[float, float, Rate]]) -> Iterator[tuple[list[tuple[float, float]], str]]:
    """A line in pieces, those to or from a point of few decisions faint."""
    pairs = [
        ([(x, y), (other_x, other_y)], " few" if min(rate.denominator, other.denominator) < _FEW else "")
        for (x, y, rate), (other_x, other_y, other) in pairwise(known)
    ]
    for class_, group in groupby(pairs, key=itemgetter(1)):
        pieces = [piece for piece, _ in group]
        yield [pieces[0][0], *(end for _, end in pieces)], class_
