"""From a decision and a response to the verdict, with all that the decisions of one suite have in common made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.scorers.verdict import score
from harness.suite import tool_json
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.records import Response, Score, ToolSpec
    from harness.scorers.fabrication import Trajectory
    from harness.suite import Decision


class Judge:
    """Judges the decisions of one suite; each set of tools is compiled once."""

    def __init__(self) -> None:
        self._toolsets: dict[int, tuple[Sequence[ToolSpec], Toolset]] = {}
        self._offers: dict[int, tuple[Sequence[ToolSpec], list[dict[str, Any]]]] = {}

    def verdict(self, decision: Decision, response: Response, history: Callable[[], Trajectory] | None = None) -> Score:
        """The score of one response. Who judges several at one decision gives its `trajectory`, made once."""
        return score(
            decision.expect,
            self.toolset(decision.tools),
            response,
            quoted=user_text(decision),
            history=history or (lambda: self.trajectory(decision)),
        )

    def trajectory(self, decision: Decision) -> Trajectory:
        """What came before a decision, as the detector of invented results reads it."""
        from harness.scorers.fabrication import Trajectory

        known = self._offers.get(id(decision.tools))
        if known is None or known[0] is not decision.tools:
            known = self._offers[id(decision.tools)] = decision.tools, [tool_json(tool) for tool in decision.tools]
        return Trajectory(decision.messages, known[1])

    def toolset(self, tools: Sequence[ToolSpec]) -> Toolset:
        """These tools, compiled."""
        known = self._toolsets.get(id(tools))
        if known is None or known[0] is not tools:
            compiled = Toolset([(tool.function.name, tool.function.parameters) for tool in tools])
            known = self._toolsets[id(tools)] = (tools, compiled)
        return known[1]


def user_text(decision: Decision) -> str:
    """All that the user wrote so far, joined."""
    return "\n".join(message["content"] for message in decision.messages if message["role"] == "user")
