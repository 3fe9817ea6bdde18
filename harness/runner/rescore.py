"""Judging a run again from its log alone: no model, no server, no suite folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import harness
from harness import runlog
from harness.errors import UsageError
from harness.judging import Judge
from harness.metrics import Metrics, Tally
from harness.records import Outcome, Record
from harness.runlog import (
    DecisionRow,
    Footer,
    Header,
    ResumedRow,
    RolloutRow,
    RunLog,
    RunWriter,
    decisions_by_key,
    decisions_with_rows,
    suite_of,
)
from harness.runner.judging import judged
from harness.runner.replay import Replay
from harness.scorers.verdict import SCORER_VERSION

if TYPE_CHECKING:
    from pathlib import Path

    from harness.rollouts import RolloutMetrics


Change: TypeAlias = tuple[str, int, Outcome | None, Outcome | None]
"""Case, index (of a rollout: its turn's depth), outcome before, outcome now."""


class Rescored(NamedTuple):
    """What judging again came to."""

    header: Header
    footer: Footer
    metrics: Metrics
    changed: list[Change]
    """Every decision (turn) whose outcome changed."""
    rollout: RolloutMetrics | None = None


def numbers_of(log: RunLog) -> tuple[Metrics, RolloutMetrics | None]:
    """The numbers of a finished run, from the scores in its log; the second are those that only rollouts have."""
    if log.header.identity.mode == "rollout":
        replay = Replay(suite_of(log))
        for played in log.rollouts():
            replay.add(played)
        return replay.numbers()
    tally = Tally()
    for decision, row in decisions_with_rows(log):
        tally.add(judged(decision, row.trial, row.response, row.score))
    return tally.metrics(), None


def rescore(log: RunLog) -> Rescored:
    """Judges every response of a finished run again and replaces the log, the evidence unchanged.

    Raises:
        UsageError: the folder cannot be written; the log is as it was then.
    """
    folder = log.path.parent
    part = folder / ".rescore"
    identity = log.header.identity.model_copy(
        update={"scorer_version": SCORER_VERSION, "harness_version": harness.__version__}
    )
    header = log.header.model_copy(update={"identity": identity})
    _clear(part)
    writer = RunWriter(part)
    try:
        writer.write(runlog.encode(header))
        writer.write(
            runlog.encode(log.suite.model_copy(update={"tools": [tool.to_json() for tool in suite_of(log).tools]}))
        )
        for case in log.cases():
            writer.write(runlog.case_line(case))
        (metrics, rollout), changed, rows = _rejudge(log, writer)
        footer = log.footer.model_copy(update={"rows": rows, "scored": metrics.scored, "errored": metrics.errored})
        footer = writer.finish(footer)
    except BaseException:
        writer.close()
        _clear(part)
        raise
    writer.close()
    os.replace(writer.path, log.path)  # noqa: PTH105 - one atomic step, as its name says
    part.rmdir()
    return Rescored(header, footer, metrics, changed, rollout)


def _rejudge(log: RunLog, writer: RunWriter) -> tuple[tuple[Metrics, RolloutMetrics | None], list[Change], int]:
    judge, tally, replay, rows = Judge(), Tally(), Replay(suite_of(log)), 0
    changed: list[Change] = []
    by_key = decisions_by_key(log)
    for row in log.entries():
        again: Record = row
        if isinstance(row, DecisionRow):
            decision = by_key[row.case, row.index]
            verdict = judge.verdict(decision, row.response)
            again = row.model_copy(update={"score": verdict})
            tally.add(judged(decision, row.trial, row.response, verdict))
            if verdict.outcome != row.score.outcome:
                changed.append((row.case, row.index, row.score.outcome, verdict.outcome))
        elif isinstance(row, RolloutRow):
            again = played = replay.rejudged(row)
            replay.add(played)
            pairs = zip(row.turns, played.turns, strict=True)
            changed += [
                (row.case, was.turn, was.outcome, now.outcome) for was, now in pairs if was.outcome != now.outcome
            ]
        writer.write(runlog.encode(again))
        rows += not isinstance(row, ResumedRow)
    return replay.numbers() if log.header.identity.mode == "rollout" else (tally.metrics(), None), changed, rows


def _clear(part: Path) -> None:
    """Removes what an earlier rescoring that was cut off left behind."""
    try:
        (part / runlog.LOG_NAME).unlink(missing_ok=True)
        if part.exists():
            part.rmdir()
    except OSError as error:
        raise UsageError(f"cannot write to {part.parent}: {error.strerror}") from error
