"""A suite as the rules see it: cases with their decisions, and what the model can know at each of them."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from harness.lint.told import Told
from harness.replies import answering
from harness.scorers.fabrication import Trajectory
from harness.scorers.verdict import score
from harness.suite import ExpectTurn, tool_json
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from harness.records import ExpectedCall, Response, Score, ToolSpec
    from harness.suite import Case, Decision, Suite


class Offer(NamedTuple):
    """Tools offered together, compiled once."""

    toolset: Toolset
    plain: list[dict[str, Any]]


class Offers:
    """The sets of tools that a suite offers."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Sequence[ToolSpec], Offer]] = {}

    def of(self, tools: Sequence[ToolSpec]) -> Offer:
        """These tools; decisions share the tuples that hold them."""
        known = self._known.get(id(tools))
        if known is None or known[0] is not tools:
            toolset = Toolset([(tool.function.name, tool.function.parameters) for tool in tools])
            known = self._known[id(tools)] = tools, Offer(toolset, [tool_json(tool) for tool in tools])
        return known[1]


class Point:
    """A decision with its turn of the script, and everything that can be known when it is made."""

    def __init__(self, decision: Decision, turn: ExpectTurn, place: int, offer: Offer) -> None:
        self.decision = decision
        self.turn = turn
        self.place = place
        """Index of the turn in the case."""
        self.toolset = offer.toolset
        self._plain = offer.plain

    @property
    def path(self) -> str:
        """JSON pointer to the turn."""
        return f"/turns/{self.place}"

    @property
    def calls(self) -> Sequence[ExpectedCall]:
        """The calls that are expected."""
        return self.turn.expect.calls or ()

    @cached_property
    def trajectory(self) -> Trajectory:
        """What came before, as the detector of invented results sees it."""
        return Trajectory(self.decision.messages, self._plain)

    @cached_property
    def told(self) -> Told:
        """What of it can ground a value."""
        return Told(self.trajectory)

    @cached_property
    def said(self) -> Told:
        """What of it tells a value for this very case: users and observations, neither rules nor lists of choices."""
        told = [message for message in self.decision.messages if message["role"] != "system"]
        return Told(Trajectory(told, []))

    @cached_property
    def answered(self) -> Score | None:
        """The verdict on the reference answer; None where there is none."""
        return None if self.turn.answer is None else self.verdict(answering(self.turn.answer).response)

    def verdict(self, response: Response) -> Score:
        """The score of a response here."""
        quoted = "\n".join(self.trajectory.users)
        return score(self.decision.expect, self.toolset, response, quoted=quoted, history=lambda: self.trajectory)


class CaseView:
    """A case with its decisions."""

    def __init__(self, case: Case, decisions: Sequence[Decision], offers: Offers) -> None:
        self.case = case
        turns = ((place, turn) for place, turn in enumerate(case.turns) if isinstance(turn, ExpectTurn))
        self.points = [
            Point(decision, turn, place, offers.of(decision.tools))
            for decision, (place, turn) in zip(decisions, turns, strict=True)
        ]


def reason_at(case: Case, rule: str, path: str) -> str | None:
    """Why the author of a case silences a rule at a place; None where nobody does."""
    tokens = path.split("/")
    if tokens[1:2] == ["turns"]:
        turn = case.turns[int(tokens[2])]
        if isinstance(turn, ExpectTurn) and turn.lint and rule in turn.lint:
            return turn.lint[rule]
    return (case.lint or {}).get(rule)


def views(suite: Suite) -> Iterator[CaseView]:
    """Every case, one after another, so that what was worked out for one can be let go."""
    offers = Offers()
    by_id = {case.id: case for case in suite.cases}
    for case_id, decisions in groupby(suite.decisions, key=lambda decision: decision.case_id):
        yield CaseView(by_id[case_id], list(decisions), offers)
