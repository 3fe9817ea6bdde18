"""Rollouts out of a log: their conversations, verdicts and numbers; no model, no server, no suite folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judging import Judge
from harness.metrics import Judged, Metrics, Tally
from harness.runner.conversation import JudgedTurn, judged_turns, logged_turns
from harness.runner.player import errors_in_json
from harness.runner.rollout import RolloutCount, errored_turns, rejudged
from harness.suite import Script, Suite, scripts_of

if TYPE_CHECKING:
    from harness.rollouts import RolloutMetrics
    from harness.runlog import RolloutRow


class Replay:
    """Plays the rollouts of a suite again, as they happened."""

    def __init__(self, suite: Suite) -> None:
        self._scripts = scripts_of(suite)
        self._judge = Judge()
        self._tally = Tally()
        self._count = RolloutCount(self._tally, self._judge)
        self._in_json = errors_in_json(text for script in self._scripts.values() for text in script.observations)

    def turns(self, row: RolloutRow) -> list[JudgedTurn]:
        """The turns of a case with the verdicts of the log; none where an error ended it."""
        return logged_turns(self._scripts[row.case], row, self._judge, in_json=self._in_json)

    def script(self, case: str) -> Script:
        """A case as it was played."""
        return self._scripts[case]

    def counted(self, row: RolloutRow) -> list[Judged]:
        """The turns of a case as the tallies count them; all errored where an error ended it."""
        if row.fault is None:
            return [turn.counted(row.trial) for turn in self.turns(row)]
        return list(errored_turns(self._scripts[row.case], row.trial, row.fault.message, self._judge))

    def rejudged(self, row: RolloutRow) -> RolloutRow:
        """A case with the verdicts of this version."""
        return rejudged(row, judged_turns(self._scripts[row.case], row.steps, self._judge, in_json=self._in_json))

    def add(self, row: RolloutRow) -> None:
        """Counts a case by the verdicts of its row."""
        script = self._scripts[row.case]
        if row.fault is None:
            self._count.add(script, row.trial, self.turns(row))
        else:
            self._count.add_errored(script, row.trial, row.fault.message)

    def numbers(self) -> tuple[Metrics, RolloutMetrics]:
        """The numbers of the cases counted: of their turns, and what only rollouts have."""
        return self._tally.metrics(), self._count.metrics()
