"""Stress variants: what is right as it is, and with a change that changes nothing in meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.comparison import ALPHA
from harness.report.html.pictures.frame import PANEL, Key, Said, figure
from harness.report.html.pictures.labels import label, word
from harness.report.html.pictures.scales import Axis, axis, held
from harness.report.html.pictures.svg import Drawn, element, line, picture
from harness.report.rollouts import points
from harness.report.view import interval, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.comparison import Variants
    from harness.metrics import Rate

_LEFT, _RIGHT = 146, PANEL - 60
_ROW = 34


class _Line(NamedTuple):
    """Two rates of the same decisions."""

    name: str
    """The change; empty: all of them, the worst case."""
    n: str
    plain: Rate
    changed: Rate
    points: str
    class_: str
    told: str


def variants(named: Sequence[tuple[str, Variants]]) -> Drawn:
    """A panel for each stage: a line for each change, the one that breaks most first, and the worst case."""
    panels = [_panel(name, found, several=len(named) > 1) for name, found in named if found.changes]
    keys = [
        Key(
            element("circle", cx=14, cy=7, r=3.6, class_="mark plain hollow"), said=(Said("unchanged", "as they are"),)
        ),
        Key(
            Drawn(
                line([(2, 7), (26, 7)], class_="whisker plain")
                + element("circle", cx=14, cy=7, r=3.6, class_="mark plain")
            ),
            said=(Said("changed", "changed, with its 95 % interval"),),
        ),
    ]
    note = Said(
        "variants",
        "Right as they are and after changes that change nothing in meaning, in points; in the worst case, right in all of them. Star and colour: significant at 5 %, corrected over the changes.",
    )
    return figure("variants", Said("stress", "Stress variants"), panels, keys, [note])


def _changes(found: Variants) -> Iterator[_Line]:
    for one in found.changes:
        sure = one.p_adjusted < ALPHA
        class_ = "plain" if not sure else "worse" if (one.accuracy.value or 0) < 0 else "better"
        shown = points(one.accuracy.value) + ("*" if sure else "")
        told = (
            f"{one.change}: {percent(one.accuracy.first.value)} as they are, {percent(one.accuracy.second.value)} changed "
            f"(n {one.accuracy.second.denominator}, 95 % interval {interval(one.accuracy.second)}), {shown} points, "
            f"{one.broken} broken, {one.fixed} fixed"
        )
        n = f"n {one.accuracy.second.denominator}"
        yield _Line(one.change, n, one.accuracy.first, one.accuracy.second, shown, class_, told)


def _worst(found: Variants) -> Iterator[_Line]:
    both = ((found.unit, found.unchanged, found.worst), ("cases", found.unchanged_cases, found.worst_cases))
    for unit, plain, worst in both:
        told = (
            f"{unit} right in every variant: {percent(worst.value)} (n {worst.denominator}, 95 % interval "
            f"{interval(worst)}), as they are {percent(plain.value)}"
        )
        yield _Line("", f"{unit}, n {worst.denominator}", plain, worst, percent(worst.value), "plain", told)


def _panel(name: str, found: Variants, *, several: bool) -> Drawn:
    lines = [*_changes(found), *_worst(found)]
    shares = axis(held(rate for one in lines for rate in (one.plain, one.changed)), _LEFT, _RIGHT)
    ruled = len(found.changes)
    tops = [24.0 + _ROW * place + (10 if place >= ruled else 0) for place in range(len(lines))]
    bottom = tops[-1] + _ROW
    metric = "turn_accuracy" if found.unit == "turns" else "tool_call_accuracy"
    parts = [label(2, 14, name if several else metric, PANEL - 4, class_="head")]
    parts += [line([(x, 22), (x, bottom)], class_="grid") for x, _ in shares.ticks]
    parts += [
        label(x, bottom + 15, text, 60, small=True, class_="quiet", text_anchor="middle") for x, text in shares.ticks
    ]
    parts.append(line([(2, tops[ruled] - 4), (PANEL, tops[ruled] - 4)], class_="axis"))
    for top, one in zip(tops, lines, strict=True):
        parts += _drawn(one, shares, top + _ROW / 2)
    return picture(f"Stress variants of {name}", [f"{one.told}." for one in lines], PANEL, bottom + 24, *parts)


def _drawn(one: _Line, shares: Axis, y: float) -> Iterator[Drawn]:
    yield label(2, y, one.name, _LEFT - 14) if one.name else word(2, y, "worst", "worst case", "label")
    yield label(2, y + 13, one.n, _LEFT - 14, small=True, class_="quiet")
    yield label(PANEL - 2, y + 4, one.points, 58, class_=f"figures {one.class_}", text_anchor="end")
    plain, changed = one.plain.value, one.changed.value
    if plain is None or changed is None:
        return
    yield element(
        "g",
        element("title", one.told),
        line(
            [(shares.at(one.changed.low or 0.0), y), (shares.at(one.changed.high or 0.0), y)],
            class_=f"whisker {one.class_}",
        ),
        line([(shares.at(plain), y), (shares.at(changed), y)], class_=f"move {one.class_}"),
        element("circle", cx=shares.at(plain), cy=y, r=4.2, class_="mark plain hollow"),
        element("circle", cx=shares.at(changed), cy=y, r=3.8, class_=f"mark {one.class_}"),
    )
