"""Decisions at which another offered tool would take the same arguments, and is described alike."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.lint.findings import Remark
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.words import token_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.lint.views import CaseView, Point
    from harness.records import ExpectedCall, ToolSpec
    from harness.suite import Suite

ALIKE = 0.4
"""Share of the content words of two descriptions that both have."""


class _Place(NamedTuple):
    case: str
    path: str
    decision: int


class Ambiguous:
    """No other offered tool could be meant; one remark for each pair of tools, at its first place."""

    def __init__(self, _: Suite) -> None:
        self._found: defaultdict[tuple[str, str], list[_Place]] = defaultdict(list)
        self._likeness = _Likeness()

    def case(self, view: CaseView) -> Iterable[Remark]:
        """Notes the places; they are told at the end."""
        for point in view.points:
            for number, call in enumerate(point.calls):
                path = f"{point.path}/expect/calls/{number}/name"
                for other in _also_fitting(point, call, self._likeness):
                    self._found[call.name, other].append(_Place(view.case.id, path, point.decision.index))
        return ()

    def end(self) -> Iterator[Remark]:
        """Each pair of tools, with how often it comes."""
        for (name, other), places in self._found.items():
            times = f" (so in {len(places)} decisions)" if len(places) > 1 else ""
            message = (
                f"{other} would take the arguments of {name} and is described alike{times}; see that the user's words or "
                "the descriptions leave one of the two only"
            )
            yield Remark(places[0].case, places[0].path, message, places[0].decision)


def _also_fitting(point: Point, call: ExpectedCall, likeness: _Likeness) -> Iterator[str]:
    tools = {tool.function.name: tool for tool in point.decision.tools}
    expected = {one.name for one in point.calls}
    for name, tool in tools.items():
        if name not in expected and likeness.of(tools[call.name], tool) >= ALIKE and _accepts(point, name, call):
            yield name


def _accepts(point: Point, name: str, call: ExpectedCall) -> bool:
    """Whether a tool declares all of a call's arguments, and its schema allows them."""
    tool = point.toolset.tools[name]
    return all(tool.node.child(key).declared for key in call.arguments) and not tool.errors(call.arguments)


class _Likeness:
    """How alike tools are described, worked out once for each pair."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], float] = {}

    def of(self, one: ToolSpec, other: ToolSpec) -> float:
        """Share of common content words of names and descriptions."""
        key = one.function.name, other.function.name
        if key not in self._known:
            first, second = _words(one), _words(other)
            self._known[key] = len(first & second) / max(1, len(first | second))
        return self._known[key]


def _words(tool: ToolSpec) -> frozenset[str]:
    text = f"{tool.function.name.replace('_', ' ')} {tool.function.description or ''}"
    return token_set(normal(text))
