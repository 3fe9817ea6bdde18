"""How decisions came out: the mix of each stage, and how they moved from one stage to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.report.html.pictures.figures import OUTCOMES
from harness.report.html.pictures.frame import PANEL, Said, field, figure
from harness.report.html.pictures.labels import LINE, SIZE, SMALL, label, width, word
from harness.report.html.pictures.svg import NOTHING, Drawn, element, path, picture
from harness.report.view import percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.comparison import Flips, Step
    from harness.records import Outcome
    from harness.report.html.pictures.figures import Mix

_BAR, _GAP = 24, 1.5
_NAMES, _FIGURES = 168, 100
_SIDE, _NODE, _HEIGHT, _APART = 72, 12, 132, 14
_TOP = 34
_TOLD = 3
"""Flows between single outcomes that are named at each ribbon."""
_RIGHT = ("correct_call", "correct_no_call")


def outcomes(mixes: Sequence[Mix], steps: Sequence[Step] = ()) -> Drawn:
    """The outcomes of one stage as rows, of several as stacked bars; then each step from stage to stage as flows."""
    drawn = [mix for mix in mixes if mix.total]
    if not drawn:
        return NOTHING
    present = [outcome for outcome in OUTCOMES if any(mix.outcomes.get(outcome) for mix in drawn)]
    several = len(drawn) > 1
    panels = [_stacked(drawn, present)] if several else [_rows(drawn[0], present)]
    moved = [step for step in steps if step.right + step.broken + step.fixed + step.wrong]
    keys = [field(f"fill {outcome}", outcome) for outcome in present] if several else []
    notes = [Said("flows", "Flows are over what all stages hold, without errors.")] if moved else []
    return figure(
        "outcomes", Said("outcomes", "Outcomes"), [*panels, *(_Flow(step).drawn() for step in moved)], keys, notes
    )


def _share(count: int, mix: Mix) -> str:
    return percent(count / mix.total)


def _told(mix: Mix, present: Sequence[Outcome]) -> str:
    parts = [
        f"{outcome} {count} ({_share(count, mix)})" for outcome in present if (count := mix.outcomes.get(outcome, 0))
    ]
    return f"{mix.name}, {mix.total} {mix.unit}: {', '.join(parts)}."


def _rows(mix: Mix, present: Sequence[Outcome]) -> Drawn:
    """The commonest first, as in the table."""
    counts = sorted(((mix.outcomes[outcome], outcome) for outcome in present), key=lambda one: (-one[0], one[1]))
    start, end = _NAMES, PANEL - _FIGURES
    parts = []
    for place, (count, outcome) in enumerate(counts):
        y = 4 + place * 23
        long = (end - start) * count / counts[0][0]
        told = f"{count} · {_share(count, mix)}"
        parts += [
            label(0, y + 13, outcome, _NAMES - 8),
            element("rect", x=start, y=y, width=max(long, 1), height=18, rx=2, class_=f"fill {outcome}"),
            label(start + max(long, 1) + 6, y + 13, told, _FIGURES, class_="figures"),
        ]
    return picture(f"Outcomes of {mix.name}", [_told(mix, present)], PANEL, 4 + 23 * len(counts), *parts)


def _stacked(mixes: Sequence[Mix], present: Sequence[Outcome]) -> Drawn:
    parts: list[Drawn] = []
    height = LINE + _BAR + 14
    for place, mix in enumerate(mixes):
        y = place * height
        n = f"n {mix.total}"
        room = PANEL - width(n, SMALL) - 12
        parts += [
            label(0, y + 12, mix.name, room, class_="head"),
            label(PANEL - 2, y + 12, n, PANEL, small=True, class_="quiet", text_anchor="end"),
            *_bar(mix, present, y + LINE + 3),
        ]
    told = [_told(mix, present) for mix in mixes]
    return picture("Outcomes by stage", told, PANEL, height * len(mixes), *parts)


def _bar(mix: Mix, present: Sequence[Outcome], y: float) -> Iterator[Drawn]:
    x = 0.0
    for outcome in present:
        count = mix.outcomes.get(outcome, 0)
        if not count:
            continue
        long = PANEL * count / mix.total
        share = _share(count, mix)
        fits = width(share, SMALL) + 6 < long
        yield element(
            "g",
            element("title", f"{mix.name}, {outcome}: {count} of {mix.total} ({share})"),
            element("rect", x=x, y=y, width=max(long - _GAP, 0.5), height=_BAR, class_=f"fill {outcome}"),
            label(x + (long - _GAP) / 2, y + 16, share, long, small=True, class_=f"on {outcome}", text_anchor="middle")
            if fits
            else NOTHING,
        )
        x += long


class _Ribbon(NamedTuple):
    """Decisions that went one way."""

    key: str
    name: str
    decisions: int
    flows: Sequence[Flips]


class _Flow:
    """One step, from one stage to the next: right and wrong of both, and ribbons between them."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.total = step.right + step.broken + step.fixed + step.wrong
        self.scale = _HEIGHT / self.total
        ways = (("kept", step.right), ("broken", step.broken), ("fixed", step.fixed), ("lost", step.wrong))
        names = {"kept": "right in both", "broken": "right → wrong", "fixed": "wrong → right", "lost": "wrong in both"}
        self.ribbons = {key: _Ribbon(key, names[key], count, self._flows(key)) for key, count in ways}

    def _flows(self, key: str) -> list[Flips]:
        wanted = {"kept": (True, True), "broken": (True, False), "fixed": (False, True), "lost": (False, False)}[key]
        return [
            flow
            for flow in self.step.flows
            if "errored" not in (flow.first, flow.second) and (flow.first in _RIGHT, flow.second in _RIGHT) == wanted
        ]

    def drawn(self) -> Drawn:
        step = self.step
        told = [f"{ribbon.name} {ribbon.decisions}{_named(ribbon.flows)}" for ribbon in self.ribbons.values()]
        told = [f"Of {self.total} scored in both: {'; '.join(told)}."]
        if step.errored:
            told.append(f"{step.errored} met an error in one of the two.")
        half = PANEL / 2 - 14
        return picture(
            f"{step.first} → {step.second}",
            told,
            PANEL,
            _TOP + _HEIGHT + _APART + 58 + (LINE + 2 if step.errored else 0),
            label(0, 12, step.first, half, class_="head"),
            label(PANEL / 2, 12, "→", 20, class_="quiet", text_anchor="middle"),
            label(PANEL - 2, 12, step.second, half, class_="head", text_anchor="end"),
            *self._drawn_ribbons(),
            *self._node(_SIDE, "end", step.right + step.broken, step.fixed + step.wrong),
            *self._node(PANEL - _SIDE - _NODE, "start", step.right + step.fixed, step.broken + step.wrong),
            *self._list(),
        )

    def _node(self, x: float, anchor: str, right: int, wrong: int) -> Iterator[Drawn]:
        aside = x - 8 if anchor == "end" else x + _NODE + 8
        y = float(_TOP)
        for class_, key, count in (("correct", "right", right), ("incorrect", "wrong", wrong)):
            high = count * self.scale
            middle = y + high / 2
            if count:
                yield element("rect", x=x, y=y, width=_NODE, height=max(high, 1), class_=f"fill {class_}")
            yield label(aside, middle, str(count), _SIDE, class_="figures", text_anchor=anchor)
            yield word(aside, middle + 12, key, key, text_anchor=anchor)
            y += high + _APART

    def _drawn_ribbons(self) -> Iterator[Drawn]:
        step, scale = self.step, self.scale
        below_first = _TOP + (step.right + step.broken) * scale + _APART
        below_second = _TOP + (step.right + step.fixed) * scale + _APART
        places = {
            "kept": (float(_TOP), float(_TOP)),
            "lost": (below_first + step.fixed * scale, below_second + step.broken * scale),
            "broken": (_TOP + step.right * scale, below_second),
            "fixed": (below_first, _TOP + step.right * scale),
        }
        for key, (left, right) in places.items():
            ribbon = self.ribbons[key]
            if ribbon.decisions:
                yield element(
                    "path",
                    element("title", f"{ribbon.name}: {ribbon.decisions} of {self.total}{_named(ribbon.flows)}"),
                    d=_between(left, right, max(ribbon.decisions * scale, 1)),
                    class_=f"ribbon {key}",
                )

    def _list(self) -> Iterator[Drawn]:
        top = _TOP + _HEIGHT + _APART + 34
        for place, ribbon in enumerate(self.ribbons.values()):
            x, y = (place % 2) * (PANEL / 2 + 6), top + (place // 2) * (LINE + 2)
            number = str(ribbon.decisions)
            yield element("rect", x=x, y=y - 9, width=12, height=10, rx=2, class_=f"ribbon swatch {ribbon.key}")
            yield label(x + 18, y, number, 80, class_="figures")
            yield word(x + 24 + width(number, SIZE), y, ribbon.key, ribbon.name)
        if self.step.errored:
            number = str(self.step.errored)
            y = top + 2 * (LINE + 2)
            yield label(18, y, number, 80, class_="figures")
            yield word(24 + width(number, SIZE), y, "flow_errored", "with an error in one of the two")


def _named(flows: Sequence[Flips]) -> str:
    if not flows:
        return ""
    told = [f"{flow.first} → {flow.second} {flow.decisions}" for flow in flows[:_TOLD]]
    return f" ({', '.join([*told, *(['...'] if len(flows) > _TOLD else [])])})"


def _between(left: float, right: float, thick: float) -> str:
    """A ribbon from the left node to the right one."""
    start, end = _SIDE + _NODE + 1, PANEL - _SIDE - _NODE - 1
    middle = (start + end) / 2
    return path(
        *("M", start, left, "C", middle, left, middle, right, end, right),
        *("L", end, right + thick, "C", middle, right + thick, middle, left + thick, start, left + thick, "Z"),
    )
