"""Trials: how often the same decision comes out the same, and how far the metric moves by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.html.pictures.frame import PANEL, Key, Said, field, figure
from harness.report.html.pictures.labels import SMALL, label, thinned, word
from harness.report.html.pictures.scales import axis, held
from harness.report.html.pictures.svg import Drawn, element, line, picture
from harness.report.view import counted, interval, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.report.html.pictures.figures import Repeats
    from harness.report.html.pictures.scales import Axis

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, PANEL - 24, 52, 178
_ROWS = 200
"""Units that the trials have together; many stand close."""


def noise(repeats: Sequence[Repeats]) -> Drawn:
    """Two panels for each stage: decisions by how many of their trials are right, and the metric of each trial."""
    panels = [
        element("div", _agreement(one, repeats), _spread(one, repeats), class_="pair")
        for one in repeats
        if sum(one.agreement)
    ]
    keys = [
        field("fill steady", "", Said("agree", "all trials agree")),
        field("fill unsteady", "", Said("disagree", "some are right, some wrong")),
        field("strip", "", Said("spread", "from the lowest trial to the highest")),
        Key(line([(7, 0), (7, 14)], class_="mean"), "", (Said("all_trials", "all trials together"),), 14),
        Key(_dot(2, 14, 26, 7), said=(Said("one_trial", "one trial and its 95 % interval"),)),
    ]
    note = Said(
        "noise",
        "Where the strip is narrow against the intervals, the model's own chance matters less than which decisions were asked.",
    )
    return figure("noise", Said("trials", "The same asked again"), panels, keys, [note])


def _head(one: Repeats, repeats: Sequence[Repeats], told: str) -> str:
    return f"{one.name}: {told}" if len(repeats) > 1 else told


def _dot(low: float, at: float, high: float, y: float) -> Drawn:
    return Drawn(
        line([(low, y), (high, y)], class_="whisker s0") + element("circle", cx=at, cy=y, r=3.6, class_="mark s0")
    )


def _agreement(one: Repeats, repeats: Sequence[Repeats]) -> Drawn:
    step = (_RIGHT - _LEFT) / (one.trials + 1)
    most, whole = max(one.agreement), sum(one.agreement)
    wide = min(step * 0.8, 46)
    parts = [line([(_LEFT, _BOTTOM), (_RIGHT, _BOTTOM)], class_="axis")]
    roomy = len(thinned([str(count) for count in one.agreement], step, SMALL, 2)) == len(one.agreement)
    if not roomy:  # the heights are told at the side then
        parts += [
            line([(_LEFT, _TOP), (_RIGHT, _TOP)], class_="grid"),
            *(
                label(_LEFT - 5, y + 4, text, _LEFT, small=True, class_="quiet", text_anchor="end")
                for y, text in ((_TOP, str(most)), (_BOTTOM, "0"))
            ),
        ]
    for right, count in enumerate(one.agreement):
        x, high = _LEFT + step * (right + 0.5), (_BOTTOM - _TOP) * count / most
        class_ = "unsteady" if 0 < right < one.trials else "steady"
        told = f"{count} of {whole} {one.unit} are right in {right} of {one.trials} trials"
        bar = element("rect", x=x - wide / 2, y=_BOTTOM - high, width=wide, height=high, class_=f"fill {class_}")
        parts.append(element("g", element("title", told), bar))
        if roomy:
            y = _BOTTOM - high - 5
            parts.append(label(x, y, str(count), 60, small=True, class_="figures", text_anchor="middle"))
    parts += [
        label(_LEFT + step * (right + 0.5), _BOTTOM + 15, str(right), 40, small=True, text_anchor="middle")
        for right in thinned([str(right) for right in range(one.trials + 1)], step, SMALL)
    ]
    figures = f"pass^{one.trials} {percent(one.all_right)} · flip rate {percent(one.flips)}"
    n = f"{one.trials} trials · {counted(whole, one.unit)} · {figures}"
    named = len(repeats) > 1
    parts += [
        label(2, 14, one.name, PANEL - 4, class_="head")
        if named
        else word(2, 14, "steady", "Right how often", "label head"),
        label(2, 31, n, PANEL - 4, small=True, class_="quiet"),
        word((_LEFT + _RIGHT) / 2, _BOTTOM + 31, "trials_right", "trials that are right", text_anchor="middle"),
    ]
    spoken = [f"{count} right in {right}" for right, count in enumerate(one.agreement)]
    sentences = [f"Of {whole} {one.unit} asked {one.trials} times: {', '.join(spoken)}.", f"{figures}."]
    if one.left_out:
        sentences.append(f"{one.left_out} met an error in some trial and are left out.")
    title = f"{one.name}: {one.unit} by how many of {one.trials} trials are right"
    return picture(title, sentences, PANEL, _BOTTOM + 40, *parts)


def _spread(one: Repeats, repeats: Sequence[Repeats]) -> Drawn:
    row = min(18.0, max(3.0, _ROWS / len(one.by_trial)))
    top, bottom = 42.0, 42.0 + row * len(one.by_trial) + 6
    shares = axis(held([*one.by_trial]), _LEFT, _RIGHT, zero=False)
    known = [rate.value for rate in one.by_trial if rate.value is not None]
    spread = f"{percent(min(known))} to {percent(max(known))}" if known else "n/a"
    parts: list[Drawn] = [
        label(2, 14, _head(one, repeats, one.metric), PANEL - 4, class_="head"),
        label(2, 31, f"trials from {spread} · all {percent(one.overall.value)}", PANEL - 4, small=True, class_="quiet"),
    ]
    if known:
        left, right = shares.at(min(known)), shares.at(max(known))
        parts.append(element("rect", x=left - 1, y=top, width=right - left + 2, height=bottom - top, class_="strip"))
    parts += [line([(x, top), (x, bottom)], class_="grid") for x, _ in shares.ticks]
    parts += [
        label(x, bottom + 15, text, 60, small=True, class_="quiet", text_anchor="middle") for x, text in shares.ticks
    ]
    if one.overall.value is not None:
        x = shares.at(one.overall.value)
        parts.append(line([(x, top), (x, bottom)], class_="mean"))
    parts += _trials(one, shares, top, row)
    parts.append(word(2, bottom + 15, "trial", "trial"))
    told = [
        f"trial {trial} {percent(rate.value)} (n {rate.denominator}, 95 % interval {interval(rate)})"
        for trial, rate in enumerate(one.by_trial, 1)
    ]
    return picture(
        f"{one.name}: {one.metric} of each trial",
        [f"{'; '.join(told)}.", f"From {spread}; all trials together {percent(one.overall.value)}."],
        PANEL,
        bottom + 24,
        *parts,
    )


def _trials(one: Repeats, shares: Axis, top: float, row: float) -> Iterator[Drawn]:
    every = max(1, -int(-12 // row))
    for place, rate in enumerate(one.by_trial):
        y = top + 3 + row * (place + 0.5)
        if place % every == 0:
            yield label(_LEFT - 8, y + 4, str(place + 1), _LEFT, small=True, class_="quiet", text_anchor="end")
        if rate.value is None or rate.low is None or rate.high is None:
            continue
        told = f"trial {place + 1}: {percent(rate.value)}, n {rate.denominator}, 95 % interval {interval(rate)}"
        yield element(
            "g", element("title", told), _dot(shares.at(rate.low), shares.at(rate.value), shares.at(rate.high), y)
        )
