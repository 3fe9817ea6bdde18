"""Observations: each fits its call, and the same call returns the same until something changes."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.lint.findings import Remark
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.lint.findings import Severity
    from harness.lint.views import CaseView, Point
    from harness.records import ExpectedCall

_IDENTIFIER = re.compile(r"(?=.*[\d@])\S{2,}|\S*[._@/-]\S*")
"""A text that identifies something: one word with a digit, or with a mark inside."""
_AGAIN = re.compile(
    r"\b(?:again|anew|afresh|an hour|a while|minutes|since|ago|re-?\w+|now|current|currently|latest|still|meanwhile|update[ds]?|later|fresh|once more|by now|yet|"
    r"another (?:look|try)|(?:has|have|did|is|are|any|been) (?:\w+ )*(?:change|moved|progress|over|done|finish|back|through)\w*)\b|"
    r"再|重|又|复|小时前|分钟|一会|过了|现在|目前|最新|当前|刷新|更新|还是|还在|变化|有没有变|进展|好了|完成|恢复",
    re.IGNORECASE,
)
"""Words with which a user asks for a look-up that was made before."""


class _Made(NamedTuple):
    point: Point
    number: int
    call: ExpectedCall
    observation: str


def fits_call(case: CaseView) -> Iterator[Remark]:
    """No observation tells of another thing than the one that its call names."""
    for made in _made(case):
        body = read(made.observation)
        if body.failed:
            continue
        for name, value in made.call.arguments.items():
            if not _identifies(name, value, made.point, made.call):
                continue
            told = [text for entry in body.entries for field, text in entry.fields if normal(field) == normal(name)]
            if told and not any(_same(value, text) for text in told) and normal(str(value)) not in body.text:
                where = f"{made.point.path}/observations/{made.number}"
                message = (
                    f"tells of {name} {told[0]!r}, but the call was for {jsonvalue.dumps(value)}; let it tell of what was "
                    "asked for"
                )
                yield Remark(case.case.id, where, message, made.point.decision.index)


def _identifies(name: str, value: Any, point: Point, call: ExpectedCall) -> bool:
    """Whether an argument names the thing that the call is about: no member of an enum, no limit, no free text."""
    if any("enum" in schema for schema in point.toolset.node(call.name).child(name).schemas):
        return False
    return isinstance(value, str) and _IDENTIFIER.fullmatch(value) is not None


def _same(value: Any, text: str) -> bool:
    given, told = normal(str(value)), normal(text).strip("\"' ")
    if given == told:
        return True
    try:
        return Decimal(given) == Decimal(told)
    except InvalidOperation:
        return False


def same_call(case: CaseView) -> Iterator[Remark]:
    """A call that is made again returns what it did, unless a call in between wrote something or the user asks anew."""
    before: dict[tuple[str, bytes], _Made] = {}
    changed: defaultdict[tuple[str, bytes], bool] = defaultdict(bool)
    for made in _made(case):
        key = made.call.name, jsonvalue.canonical(made.call.arguments)
        earlier = before.get(key)
        if earlier is not None and not changed[key] and _differs(earlier, made):
            same_turn = earlier.point.decision.depth == made.point.decision.depth
            if same_turn or not _AGAIN.search(made.point.trajectory.last_user):
                where = f"{made.point.path}/observations/{made.number}"
                message = (
                    f"differs from what the same call returned at decision {earlier.point.decision.index}, and nothing was "
                    "changed in between; return the same, or let the user say why it is to be looked up again"
                )
                severity: Severity | None = None if same_turn else "warning"
                yield Remark(case.case.id, where, message, made.point.decision.index, severity)
        before[key] = made
        changed[key] = False
        if _writes(made):
            changed.update(dict.fromkeys(before, True))


def _writes(made: _Made) -> bool:
    return any(card.name == made.call.name and card.writes for card in made.point.trajectory.tools)


def _differs(earlier: _Made, later: _Made) -> bool:
    """Whether two readings differ; one of them failed is no contradiction: that is why it is tried again."""
    if earlier.observation == later.observation:
        return False
    return not (read(earlier.observation).failed or read(later.observation).failed)


def _made(case: CaseView) -> Iterator[_Made]:
    """Every call of the case with what it returned."""
    for point in case.points:
        for index, (call, observation) in enumerate(zip(point.calls, point.turn.observations or (), strict=False)):
            yield _Made(point, index, call, observation)
