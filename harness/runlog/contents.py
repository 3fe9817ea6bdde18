"""What was asked in a run: its suite, rebuilt from the log, and every decision with its row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.suite import Case, Defaults, Suite, SuiteTool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.runlog.lines import DecisionRow
    from harness.runlog.reader import RunLog
    from harness.suite import Decision


def suite_of(log: RunLog) -> Suite:
    """The suite of a run, rebuilt from its log."""
    return Suite(
        name=log.header.identity.suite,
        description=log.header.description,
        licence=log.suite.licence or "",
        defaults=Defaults(),
        thresholds=dict(log.header.thresholds),
        tools=tuple(SuiteTool.model_validate(tool) for tool in log.suite.tools),
        cases=tuple(Case.from_json(case) for case in log.cases),
        gate=log.header.gate,
    )


def decisions_by_key(log: RunLog) -> dict[tuple[str, int], Decision]:
    """The decisions of a run by case and index."""
    return {decision.key: decision for decision in suite_of(log).decisions}


def decisions_with_rows(log: RunLog) -> Iterator[tuple[Decision, DecisionRow]]:
    """Every row of a run with its decision."""
    by_key = decisions_by_key(log)
    for row in log.rows():
        yield by_key[row.case, row.index], row
