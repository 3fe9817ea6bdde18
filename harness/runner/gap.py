"""The self-imitation gap of two finished runs of one suite: with the scripted history, and with the model's own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from harness.rollouts import Gap, RolloutFact, TurnFact, gap_of
from harness.runlog import decisions_with_rows, suite_of
from harness.runner.replay import Replay
from harness.runner.rollout import facts_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.runlog import DecisionRow, RunLog
    from harness.suite import Decision


def self_imitation_gap(scripted: RunLog, own: RunLog) -> Gap:
    """The gap between a teacher-forced run and rollouts of the same cases."""
    return gap_of(_scripted(scripted), _own(own))


def _own(log: RunLog) -> Iterator[RolloutFact]:
    replay = Replay(suite_of(log))
    for row in log.rollouts():
        yield RolloutFact(row.case, row.trial, facts_of(replay.turns(row)))


def _scripted(log: RunLog) -> Iterator[RolloutFact]:
    """The decisions of a user turn as one: right where all are; left out where one of them met an error."""
    cases: defaultdict[tuple[str, int], defaultdict[int, list[tuple[Decision, DecisionRow]]]]
    cases = defaultdict(lambda: defaultdict(list))
    for decision, row in decisions_with_rows(log):
        cases[row.case, row.trial][decision.depth].append((decision, row))
    for (case, trial), turns in cases.items():
        facts = [
            _fact(depth, found) for depth, found in sorted(turns.items()) if all(row.fault is None for _, row in found)
        ]
        yield RolloutFact(case, trial, facts)


def _fact(depth: int, found: list[tuple[Decision, DecisionRow]]) -> TurnFact:
    return TurnFact(
        depth,
        calls=any(not decision.expect.no_call for decision, _ in found),
        right=all(row.score.call_correct for _, row in found),
        fabricated=any(row.score.fabricated for _, row in found),
        steps=len(found),
    )
