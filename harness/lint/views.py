"""A suite as the rules see it: cases with their decisions, and what the model can know at each of them."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from harness.judging import Judge
from harness.lint.told import Told
from harness.replies import answering
from harness.scorers.fabrication import Trajectory
from harness.suite import ExpectTurn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.records import ExpectedCall, Response, Score
    from harness.suite import Case, Decision, Suite


class Point:
    """A decision with its turn of the script, and everything that can be known when it is made."""

    def __init__(self, decision: Decision, turn: ExpectTurn, place: int, judge: Judge) -> None:
        self.decision = decision
        self.turn = turn
        self.place = place
        """Index of the turn in the case."""
        self.toolset = judge.toolset(decision.tools)
        self._judge = judge

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
        return self._judge.trajectory(self.decision)

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
        return self._judge.verdict(self.decision, response, lambda: self.trajectory)


class CaseView:
    """A case with its decisions."""

    def __init__(self, case: Case, decisions: Sequence[Decision], judge: Judge) -> None:
        self.case = case
        turns = ((place, turn) for place, turn in enumerate(case.turns) if isinstance(turn, ExpectTurn))
        self.points = [
            Point(decision, turn, place, judge) for decision, (place, turn) in zip(decisions, turns, strict=True)
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
    judge = Judge()
    by_id = {case.id: case for case in suite.cases}
    for case_id, decisions in groupby(suite.decisions, key=lambda decision: decision.case_id):
        yield CaseView(by_id[case_id], list(decisions), judge)
