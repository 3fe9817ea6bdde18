"""`harness gate`: a run held against a baseline, with an exit code for a pipeline."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.baseline import FOLDER
from harness.cli.diff import plain_pair, write
from harness.cli.folders import latest_run
from harness.cli.memory import without_sweeps
from harness.comparison import diff, gate, refused
from harness.errors import NotComparableError
from harness.report.gates import check_words, gate_view, look_commands
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.report.transcripts import entry_texts
from harness.runner import load_results
from harness.suite import load_policy

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from harness.comparison import Check, GateResult
    from harness.suite import Policy

_TRANSCRIPTS = 50
"""Of so many broken decisions JUnit holds the transcript."""


class _Asked(NamedTuple):
    """What is held against what, by which policy, as the user named them."""

    run: str
    baseline: str
    folder: Path
    policy: Policy | None
    source: str


def execute(arguments: argparse.Namespace) -> int:
    """Prints the verdict with its reasons, writes the files asked for; also where nothing could be compared."""
    policy = load_policy(arguments.policy) if arguments.policy else None
    run = arguments.run or str(latest_run())
    asked = _Asked(run, arguments.baseline, arguments.folder, policy, str(arguments.policy or ""))
    with without_sweeps():
        result = _gate(asked)
    if not asked.source:
        own = result.found is not None and result.found.second.gate is not None
        asked = asked._replace(source="the suite's own" if own else "none given: no sure drop, no broken critical case")
    commands = list(look_commands(result, run, asked.baseline, None if asked.folder == FOLDER else asked.folder))
    print_view(gate_view(result, asked.source, commands), console(sys.stdout))
    if arguments.markdown:
        write(arguments.markdown, markdown(gate_view(result, asked.source, commands, full=True)))
    if arguments.json:
        write(arguments.json, jsonvalue.dump_line(_plain(result, asked)).decode())
    if arguments.junit:
        write(arguments.junit, junit(result, _texts(result)).decode())
    return result.exit_code


def _gate(asked: _Asked) -> GateResult:
    try:
        baseline, run = (load_results(name, asked.folder) for name in (asked.baseline, asked.run))
        return gate(diff(baseline, run, by_tag=False), asked.policy)
    except NotComparableError as error:
        return refused(asked.run, asked.baseline, str(error), asked.policy)


def _texts(result: GateResult) -> dict[tuple[str, int, int], str]:
    broken = [one.pair.second for one in result.broken[:_TRANSCRIPTS]]
    if result.found is None or result.found.second.log is None or not broken:
        return {}
    return entry_texts(result.found.second.log, broken)


def _plain(result: GateResult, asked: _Asked) -> dict[str, object]:
    return {
        "verdict": result.verdict,
        "exit_code": result.exit_code,
        "run": asked.run,
        "baseline": asked.baseline,
        "policy": result.policy.model_dump(),
        "policy_from": asked.source,
        "checks": [_plain_check(check, result) for check in result.checks],
        "differing": [one._asdict() for one in result.found.differing] if result.found else [],
        "broken": [
            {**plain_pair(one.pair), "checks": list(one.checks), "critical": one.critical} for one in result.broken
        ],
    }


def _plain_check(check: Check, result: GateResult) -> dict[str, object]:
    """A check; of a drop `measured` and `bound` are points lost (of fabrication_rate: gained), else shares or counts."""
    return {
        "group": check.group,
        "name": check.name,
        "state": check.state,
        "measured": check.measured,
        "bound": check.bound,
        "sure": check.sure,
        "words": check_words(check, result),
        "rate": check.rate.model_dump() if check.rate else None,
        "change": check.change.model_dump() if check.change else None,
        "decisions": len(check.decisions),
    }
