"""Gold values that nobody could know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.lint.findings import Remark
from harness.lint.places import free_names, leniency, scalars
from harness.lint.told import implied

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.lint.findings import Severity
    from harness.lint.told import Standing
    from harness.lint.views import CaseView, Point
    from harness.records import ExpectedCall

_NOWHERE = (
    "stands nowhere before this decision (system, tools, users, observations); let somebody tell it, declare it free with "
    "match, or silence this with the rule that it follows from"
)
_DERIVED = "is not told, it only follows by reckoning; see that the system text or the user says the rule"


def grounded(case: CaseView) -> Iterator[Remark]:
    """Every value of a gold call is told before it, implied by the schema, or declared free."""
    for point in case.points:
        for index, call in enumerate(point.calls):
            for path, value, standing in untold(point, call):
                where = f"{point.path}/expect/calls/{index}/arguments{path}"
                shown = jsonvalue.dumps(value)
                shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
                message = f"{shown} of {call.name} {_NOWHERE if standing == 'nowhere' else _DERIVED}"
                severity: Severity | None = None if standing == "nowhere" else "hint"
                yield Remark(case.case.id, where, message, point.decision.index, severity)


def untold(point: Point, call: ExpectedCall) -> Iterator[tuple[str, Any, Standing]]:
    """The values of a call that are not told by then, each with its pointer into the arguments."""
    node = point.toolset.node(call.name)
    for place in (*scalars(call.arguments, node), *free_names(call.arguments, node)):
        allowed = leniency(call, place.path)
        if allowed.free:
            continue
        wanted = allowed.one_of or (place.value,)
        if any(implied(one, place.node) for one in wanted):
            continue
        found = {_standing(point, one, place.name) for one in wanted}
        if "told" not in found:
            yield place.path, place.value, "derived" if "derived" in found else "nowhere"


def _standing(point: Point, value: Any, name: str) -> Standing:
    """Where a value stands; of a list or an object, where the worst of it does."""
    if not isinstance(value, dict | list):
        return point.told.standing(value, name)
    parts = value.values() if isinstance(value, dict) else value
    found = {_standing(point, part, name) for part in parts}
    return next((one for one in _WORST_FIRST if one in found), "told")


_WORST_FIRST: tuple[Standing, ...] = ("nowhere", "derived")
