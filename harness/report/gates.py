"""The gate as a page: the verdict first, then what broke, how sure that is, which decisions, and how to look at them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from harness.records import METRICS
from harness.report.diffs import (
    SIGNED,
    changes_table,
    identity_facts_of,
    noise_notes,
    p_value,
    place,
    shared,
    unmatched,
)
from harness.report.rollouts import points
from harness.report.view import Table, View, counted, interval, metric_name, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from harness.comparison import Broken, Check, GateResult, Pair

_VERDICTS = {"passed": "GATE PASSED", "failed": "GATE FAILED", "not_comparable": "NOT COMPARABLE"}
_MOST = 10
_MOST_ON_PAGE = 100
"""Broken decisions listed on the terminal, and on a page that a CI system must take."""
_MOST_FACTS = 6
_MOST_CASES = 3
_NO_BASELINE = {"errors in the run", "critical verdicts"}
"""Checks that a run must pass before it may become a baseline itself."""


def gate_view(result: GateResult, source: str, commands: Sequence[tuple[str, str]], *, full: bool = False) -> View:
    """The gate on one screen; `full` with every check, and the metrics. `source` says where the policy is from."""
    failed, noted, passed = (
        [check for check in result.checks if check.state == state] for state in ("failed", "noted", "passed")
    )
    listed = [check for check in failed if check.group != "comparable"]
    title = "Failed" if result.verdict == "failed" else "Failed, as far as that can be told"
    tables = [
        *_checks(title, listed, result, full=full),
        *_checks("Noted: beyond its bound, but not for sure, or nothing to measure", noted, result, full=full),
        *_broken(result, _MOST_ON_PAGE if full else _MOST),
        *_unmatched(result, _MOST_ON_PAGE if full else _MOST),
        *(_checks("Passed", passed, result, full=full) if full or result.verdict == "passed" else []),
    ]
    if full and result.found is not None:
        tables.append(changes_table(result.found.changes, result.found.first.identity.mode))
    counts = {
        "failed": f": {len(failed)} of {len(result.checks)} checks",
        "passed": f", {len(noted)} noted" if noted else "",
        "not_comparable": "",
    }
    return View(
        f"{_VERDICTS[result.verdict]}{counts[result.verdict]}: {result.run} against {result.baseline}",
        tuple(_facts(result, failed, source)),
        tuple(tables),
        tuple(_notes(result)),
        tuple(commands),
    )


def _facts(result: GateResult, failed: Sequence[Check], source: str) -> Iterator[tuple[str, str]]:
    for check in failed:
        if check.group == "comparable":
            yield "why", check_words(check, result)
    found = result.found
    if found is None:
        return
    for name, results in (("run", found.second), ("baseline", found.first)):
        yield name, f"{results.identity.model} on {results.identity.suite}, {results.identity.mode.replace('_', ' ')}"
    differing = identity_facts_of(found)
    yield from differing[:_MOST_FACTS]
    if len(differing) > _MOST_FACTS:
        yield "and", f"{len(differing) - _MOST_FACTS} more differences: see harness diff"
    yield found.second.unit, shared(found)
    yield "policy", source
    passed = sum(check.state == "passed" for check in result.checks)
    yield "checks", f"{len(failed)} failed, {len(result.checks) - len(failed) - passed} noted, {passed} passed"


def check_name(check: Check, result: GateResult) -> str:
    """What a check is called among all others, as `drop: tool_call_accuracy`."""
    if check.group not in ("drop", "floor"):
        return check.name
    kinds = ("rise", "ceiling") if check.name == "fabrication_rate" else ("drop", "floor")
    return f"{kinds[check.group == 'floor']}: {_short_name(check, result)}"


def _short_name(check: Check, result: GateResult) -> str:
    """What it is called in a table, where its bound tells a drop from a floor."""
    mode = result.found.first.identity.mode if result.found else "teacher_forced"
    return next((metric_name(metric, mode) for metric in METRICS if metric == check.name), check.name)


def check_words(check: Check, result: GateResult) -> str:
    """A check in one line: what was measured, its bound, and how sure that is."""
    measured, bound, p, spread, seen = _figures(check)
    before = f"{percent(check.change.first.value)} → " if check.change else ""
    parts = [f"{check_name(check, result)}: {before}{measured}"]
    parts += [f"bound {bound}"] if bound else []
    parts += [f"p {p} (McNemar, Holm)"] if p else []
    parts += [f"95 % interval {spread}"] if spread else []
    parts += [f"would be seen from {seen} points"] if seen else []
    parts += [check.told] if check.told and check.told not in measured else []
    return "; ".join(parts) + _advice(check)


def _advice(check: Check) -> str:
    if check.state != "failed" or check.group != "comparable":
        return ""
    if check.name == "cases":
        return ". A gate over other cases is never green: save a baseline of this suite, or set `cases: shared`"
    if check.name.startswith("errors"):
        return ". `harness run --resume` asks again for what met an error"
    return ""


_COLUMNS = ("check", "measured", "bound", "p (Holm)", "95 % interval", "would be seen")


def _checks(title: str, checks: Sequence[Check], result: GateResult, *, full: bool) -> list[Table]:
    if not checks:
        return []
    columns = _COLUMNS if full else _COLUMNS[:-1]
    rows = tuple((_short_name(check, result), *_figures(check))[: len(columns)] for check in checks)
    return [Table(title, columns, rows)]


def _figures(check: Check) -> tuple[str, str, str, str, str]:
    """Measured, bound, p, interval, what would be seen; empty where there is none."""
    if (change := check.change) is not None:
        allowed = check.bound or 0.0
        bound = f"≤ {allowed:.1f} {'up' if change.metric == 'fabrication_rate' else 'down'}"
        seen = "n/a" if change.detectable is None else f"{100 * change.detectable:.1f}"
        figures = f"{percent(change.second.value)} ({points(change.value)})"
        return figures, bound, p_value(change.p_adjusted), interval(change, SIGNED), seen
    if check.rate is not None:
        found = check.rate
        bound = f"{'≤' if check.ceiling else '≥'} {percent(check.bound)}"
        return f"{percent(found.value)} ({found.numerator}/{found.denominator})", bound, "", interval(found), ""
    if check.measured is not None and check.name != "cases":
        told = f" ({check.told})" if check.told else ""
        return f"{check.measured:.0f}{told}", f"{check.bound:.0f}", "", "", ""
    return check.told or "equal", "", "", "", ""


def why(pair: Pair) -> str:
    """What is wrong with the second of a pair, in a few words."""
    second = pair.second
    told = [*second.codes, *(defect for defect in second.defects if defect not in second.codes)]
    return ", ".join([*told, *(["invented result"] if second.fabricated else [])]) or "-"


def _broken(result: GateResult, most: int) -> list[Table]:
    broken = result.broken
    if not broken:
        return []
    rows = tuple(_broken_row(one) for one in broken[:most])
    assert result.found is not None, "what broke was compared"
    title = f"Worse in the checks that failed: {counted(len(broken), result.found.second.unit)}"
    title += f" (the first {len(rows)})" if len(rows) < len(broken) else ""
    return [Table(title, ("decision", "was", "is", "why"), rows)]


def _unmatched(result: GateResult, most: int) -> list[Table]:
    return unmatched(result.found, most) if result.found is not None else []


def _broken_row(one: Broken) -> tuple[str, str, str, str]:
    mark = " (critical)" if one.critical else ""
    return f"{place(one.pair.second)}{mark}", one.pair.first.outcome, one.pair.second.outcome, why(one.pair)


def _notes(result: GateResult) -> Iterator[str]:
    found = result.found
    if found is None or result.verdict == "not_comparable":
        return
    level = result.policy.significance
    if level is None:
        yield "Every drop beyond its bound fails, sure or not: the policy has no significance level."
    else:
        yield (
            f"A drop fails where it is beyond its bound and sure: p below {percent(level)} after Holm over "
            f"{len(found.changes)} metrics, and a 95 % interval over cases without 0."
        )
    head = found.changes[0]
    told = dict.fromkeys(check.told for check in result.checks if check.group == "drop" and check.told)
    for why_so in told:
        names = [
            _short_name(check, result) for check in result.checks if check.group == "drop" and check.told == why_so
        ]
        yield f"{', '.join(names)}: {why_so}."
    units, name = counted(head.pairs, found.second.unit), metric_name(head.metric, found.first.identity.mode)
    if head.detectable is None:
        yield f"No drop of {name}, however large, is likely to be found with {units}."
    else:
        yield f"A drop of {name} by {100 * head.detectable:.1f} points or more would be found (80 % power, {units})."
    yield from noise_notes(found)


def look_commands(result: GateResult, run: str, baseline: str, folder: Path | None) -> Iterator[tuple[str, str]]:
    """What to type to see more; `run` and `baseline` as the user named them, `folder` where it is not the usual one."""
    found = result.found
    if found is None:
        return
    where = ["--folder", str(folder)] if folder is not None else []
    broken = result.broken
    yield "compare", _typed("diff", baseline, run, *where, *(["--transcripts", str(_MOST)] if broken else []))
    if found.second.log is None:
        return
    if broken:
        cases = list(dict.fromkeys(one.pair.second.case for one in broken))[:_MOST_CASES]
        yield "transcripts", _typed("show", run, *cases)
    failed = {check.name for check in result.checks if check.state == "failed"}
    if failed and not failed & _NO_BASELINE and found.first.log is None:
        yield "if intended", _typed("baseline", "save", run, "--name", found.first.name, "--replace", *where)


def _typed(*words: str) -> str:
    return shlex.join(["harness", *words])
