"""Cases in which a parameter is missing: it really is, when the assistant asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.lint.findings import Remark
from harness.lint.places import scalars

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from harness.lint.views import CaseView, Point

KIND = "missing_parameter"
_ASKS = re.compile(
    r"[?？]|\b(?:need|missing|requires?|tell me|let me know|please (?:give|provide|say|name))\b|请问|请提供|请告|请给|还需要|还差|缺",
    re.IGNORECASE,
)
_OFFERS = re.compile(
    r"(?:^|[.!?] )(?:(?:shall|should) i|would you like|do you want|is there) [^?]*\?\s*$|(?:需要我|是否需要|还有别的)[^？]*？\s*$",
    re.IGNORECASE,
)
"""An offer, with which an answer may close: it asks for no parameter."""


def missing_parameter(case: CaseView) -> Iterator[Remark]:
    """A case of this kind asks for something, and the call that follows holds a value that nobody had told before."""
    if case.case.tags.get("kind") != KIND:
        return
    answering = [point for point in case.points if point.turn.expect.no_call]
    asking = [point for point in answering if point.turn.answer is None or _asks(point.turn.answer)]
    if not asking:
        message = f"is of kind {KIND}, but no answer of the assistant asks for anything; let one ask, or change the tag"
        yield Remark(case.case.id, "/tags/kind", message)
    for point in asking:
        if _lacks(case, point) is False:
            message = (
                "the assistant asks, but every value of the call that follows had been told; take the value out of what "
                "comes before, or expect the call here"
            )
            yield Remark(case.case.id, f"{point.path}/answer", message, point.decision.index)


def _asks(answer: str) -> bool:
    return _ASKS.search(answer) is not None and _OFFERS.search(answer) is None


def _lacks(case: CaseView, asking: Point) -> bool | None:
    """Whether the calls of the next user turn that has some need a value that nobody has told yet; None: no call follows."""
    later = [point for point in case.points if point.place > asking.place and point.calls]
    wanted = [
        place.value
        for point in later
        if point.decision.depth == later[0].decision.depth
        for call in point.calls
        for place in scalars(call.arguments, point.toolset.node(call.name))
        if _is_small(place.value) or asking.said.standing(place.value, place.name) == "nowhere"
    ]
    return bool(wanted) if later else None


def _is_small(value: Any) -> bool:
    """Whether a value is a number that stands in most texts by chance."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10
