"""From a decision and its response to the verdict, as a run and a rescoring both need it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.metrics import Judged
from harness.scorers.attribution import attribute
from harness.scorers.channels import message_calls
from harness.scorers.verdict import score
from harness.suite import NO_SLICE, tool_json
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import Response, Score, ToolSpec
    from harness.scorers.fabrication import Trajectory
    from harness.suite import Decision

_MISMATCHES = ("missing_argument", "unexpected_argument", "type_mismatch", "value_mismatch")
_DONE_INSTEAD = {"malformed": "malformed call", "answered": "no call", "empty": "empty response"}


class Judge:
    """Judges the decisions of one suite; each set of tools is compiled once."""

    def __init__(self) -> None:
        self._toolsets: dict[int, tuple[Sequence[ToolSpec], Toolset]] = {}
        self._offers: dict[int, tuple[Sequence[ToolSpec], list[dict[str, Any]]]] = {}

    def verdict(self, decision: Decision, response: Response) -> Score:
        """The score of one response."""
        return score(
            decision.expect,
            self.toolset(decision.tools),
            response,
            quoted=user_text(decision),
            history=lambda: self._trajectory(decision),
        )

    def _trajectory(self, decision: Decision) -> Trajectory:
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


def judged(decision: Decision, trial: int, response: Response, verdict: Score) -> Judged:
    """A verdict as the tallies count it: with its slices and, where it is wrong, what was done instead."""
    slices = [("depth", str(decision.depth)), ("tools", str(len(decision.tools))), ("expect", decision.expect.kind)]
    slices += [(name, value) for name, value in decision.tags.items() if name not in NO_SLICE]
    confusion = None
    if verdict.call_correct is False:
        confusion = (_expected(decision), _actual(response, verdict))
    attribution = attribute(response, verdict, quoted=user_text(decision))
    return Judged((decision.case_id, trial), decision.expect.kind, verdict, tuple(slices), confusion, attribution)


def _expected(decision: Decision) -> str:
    calls = decision.expect.calls
    if calls is None:
        return "no call" if decision.expect.no_call else "any call"
    return " + ".join(sorted(call.name for call in calls))


def _actual(response: Response, verdict: Score) -> str:
    if verdict.state != "called":
        return _DONE_INSTEAD[verdict.state]
    names = sorted(call.name or "?" for call in message_calls(response.message or {}))
    made = " + ".join(names)
    if verdict.outcome != "wrong_arguments":
        return made
    places = {_place(violation.path) for violation in verdict.violations if violation.code in _MISMATCHES}
    return f"{made} with wrong {', '.join(sorted(places))}"


def _place(path: str) -> str:
    """The argument that a path such as /0/arguments/city leads to; all of them where it ends before."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]
    return (tokens[2] or '""') if len(tokens) > 2 else "arguments"
