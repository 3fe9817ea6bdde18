"""What was asked in a run: its suite, rebuilt from the log, and every decision with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.suite import Case, Defaults, Suite, SuiteTool

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator

    from harness.runlog.lines import DecisionRow
    from harness.runlog.reader import Key, RunLog
    from harness.suite import Decision


def suite_of(log: RunLog, only: Container[str] | None = None) -> Suite:
    """The suite of a run, rebuilt from its log; of all its cases, or of some by their ids."""
    return Suite(
        name=log.header.identity.suite,
        description=log.header.description,
        licence=log.suite.licence or "",
        defaults=Defaults(),
        thresholds=dict(log.header.thresholds),
        tools=tuple(SuiteTool.model_validate(tool) for tool in log.suite.tools),
        cases=tuple(Case.from_json(case) for case in log.cases() if only is None or case["id"] in only),
        gate=log.header.gate,
    )


def decisions_by_key(log: RunLog, only: Container[str] | None = None) -> dict[tuple[str, int], Decision]:
    """The decisions of a run by case and index; of all its cases, or of some."""
    return {decision.key: decision for decision in suite_of(log, only).decisions}


def decisions_with_rows(log: RunLog, wanted: Collection[Key] | None = None) -> Iterator[tuple[Decision, DecisionRow]]:
    """Every row of a run with its decision, or those with the keys (case, index, trial) that are wanted."""
    by_key = decisions_by_key(log, None if wanted is None else {case for case, _, _ in wanted})
    for row in log.rows(wanted):
        yield by_key[row.case, row.index], row
