"""`harness show`: transcripts of a run, each decision or turn with what was expected and what was done."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, get_args

from harness.errors import UsageError
from harness.records import Outcome, ViolationCode
from harness.report.conversation import print_rollout
from harness.report.terminal import console
from harness.report.transcript import print_case
from harness.report.view import unit_of
from harness.runlog import decisions_with_rows, read_log, suite_of
from harness.runner import Replay

if TYPE_CHECKING:
    import argparse

    from rich.console import Console

    from harness.records import Score
    from harness.runlog import RunLog


def execute(arguments: argparse.Namespace) -> int:
    """Prints the decisions (turns) asked for, case by case."""
    _known("outcome", arguments.outcome, get_args(Outcome))
    _known("violation", arguments.violation, get_args(ViolationCode))
    log = read_log(arguments.run)
    known = {str(case["id"]) for case in log.cases()}
    for name in arguments.case:
        if name not in known:
            raise UsageError(f"no case {name!r} in this run; its cases: {', '.join(sorted(known)[:20])}")
    out = console(sys.stdout)
    show = _show_rollouts if log.header.identity.mode == "rollout" else _show_decisions
    wanted, unit = show(arguments, log, out), unit_of(log.header)
    shown = min(wanted, arguments.limit or wanted)
    out.print(f"{shown} of {wanted} {unit}" if shown < wanted else f"{shown} {unit}", style="dim")
    return 0


def _show_decisions(arguments: argparse.Namespace, log: RunLog, out: Console) -> int:
    """Prints the decisions asked for, up to the limit; returns how many there are."""
    wanted = [
        (decision, row)
        for decision, row in decisions_with_rows(log)
        if (not arguments.case or row.case in arguments.case) and _has(arguments, row.score.outcome, [row.score])
    ]
    wanted.sort(key=lambda pair: (pair[1].case, pair[1].index, pair[1].trial))
    for _, pairs in groupby(wanted[: arguments.limit], key=lambda pair: pair[1].case):
        print_case(list(pairs), out, full=arguments.full)
    return len(wanted)


def _show_rollouts(arguments: argparse.Namespace, log: RunLog, out: Console) -> int:
    """Prints the turns asked for, up to the limit; returns how many there are. A case without a verdict counts as one."""
    replay = Replay(suite_of(log))
    count = 0
    for row in sorted(log.rollouts(), key=lambda row: (row.case, row.trial)):
        if arguments.case and row.case not in arguments.case:
            continue
        turns = [
            turn for turn in replay.turns(row) if _has(arguments, turn.row.outcome, [step.score for step in turn.steps])
        ]
        failed = row.fault is not None and _has(arguments, "errored", [])
        left = None if arguments.limit is None else max(0, arguments.limit - count)
        if left != 0 and (turns or failed):
            print_rollout(row, turns[:left], out, full=arguments.full)
        count += len(turns) + failed
    return count


def _has(arguments: argparse.Namespace, outcome: str | None, scores: list[Score]) -> bool:
    """Whether something with this outcome and these scores is asked for."""
    codes = {violation.code for score in scores for violation in score.violations}
    return arguments.outcome in (None, outcome) and (arguments.violation is None or arguments.violation in codes)


def _known(what: str, name: str | None, names: tuple[str, ...]) -> None:
    if name is not None and name not in names:
        raise UsageError(f"no {what} is called {name!r}; there are {', '.join(names)}")
