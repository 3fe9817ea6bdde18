"""`harness show`: transcripts of a run, each decision with what was expected and what was done."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, get_args

from harness.errors import UsageError
from harness.records import Outcome, ViolationCode
from harness.report.terminal import console
from harness.report.transcript import print_case
from harness.runlog import read_log
from harness.runner import decisions_with_rows

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Prints the decisions asked for, case by case."""
    _known("outcome", arguments.outcome, get_args(Outcome))
    _known("violation", arguments.violation, get_args(ViolationCode))
    log = read_log(arguments.run)
    known = {str(case["id"]) for case in log.cases}
    for name in arguments.case:
        if name not in known:
            raise UsageError(f"no case {name!r} in this run; its cases: {', '.join(sorted(known)[:20])}")
    wanted = [
        (decision, row)
        for decision, row in decisions_with_rows(log)
        if (not arguments.case or row.case in arguments.case)
        and (arguments.outcome is None or row.score.outcome == arguments.outcome)
        and (arguments.violation is None or any(v.code == arguments.violation for v in row.score.violations))
    ]
    wanted.sort(key=lambda pair: (pair[1].case, pair[1].index, pair[1].trial))
    out = console(sys.stdout)
    for _, pairs in groupby(wanted[: arguments.limit], key=lambda pair: pair[1].case):
        print_case(list(pairs), out, full=arguments.full)
    shown = min(len(wanted), arguments.limit or len(wanted))
    out.print(f"{shown} of {len(wanted)} decisions" if shown < len(wanted) else f"{shown} decisions", style="dim")
    return 0


def _known(what: str, name: str | None, names: tuple[str, ...]) -> None:
    if name is not None and name not in names:
        raise UsageError(f"no {what} is called {name!r}; there are {', '.join(names)}")
