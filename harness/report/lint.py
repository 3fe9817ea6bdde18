"""What the linter found in a suite: a line for each finding, and the suite in figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.report.nulls import null_table
from harness.report.view import Table, View, counted, percent
from harness.scorers.verdict import SCORER_VERSION
from harness.suite import STRESS, UNCHANGED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.lint import Finding, Report, Severity

MOST_LINES: dict[Severity, int] = {"error": 40, "warning": 40, "hint": 10}
"""Findings of one rule that are printed, by severity."""
_NEARLY = 0.999
_FOLDED = frozenset({("mutants", "hint")})
"""Told by their number only: there may be one for each decision, and the table counts them."""


def finding_lines(report: Report, file: Path | None = None) -> Iterator[str]:
    """Every finding as one line, those of one rule together; `file` is where all of them are written."""
    counts: Counter[tuple[str, Severity]] = Counter()
    for finding in report.findings:
        key = finding.rule, finding.severity
        counts[key] += 1
        if counts[key] <= MOST_LINES[finding.severity] and key not in _FOLDED:
            yield _line(finding)
    where = f"; {file} has all" if file else "; --json FILE writes all"
    for (rule, severity), count in counts.items():
        if count > MOST_LINES[severity] and (rule, severity) not in _FOLDED:
            yield f"... and {counted(count - MOST_LINES[severity], f'{severity}s')} more of {rule}{where}"


def _line(finding: Finding) -> str:
    where = f"{finding.file}:{finding.line}: " if finding.file else ""
    case = ", ".join(
        [
            *([finding.case] if finding.case else []),
            *([f"decision {finding.decision}"] if finding.decision is not None else []),
            *([finding.path] if finding.path else []),
        ]
    )
    return f"{where}{finding.severity}: {finding.rule}: {f'{case}: ' if case else ''}{finding.message}"


def lint_view(report: Report) -> View:
    """A suite in figures: what was looked at and found, gold and its mutants, what nothing scores."""
    suite = report.suite
    facts = [
        ("suite", f"{suite.name}, {counted(len(suite.cases), 'cases')}, {counted(len(suite.decisions), 'decisions')}")
    ]
    if report.distinct is not None:
        own = sum(case.tags.get(STRESS, UNCHANGED) == UNCHANGED for case in suite.cases)
        variants = f", {counted(len(suite.cases) - own, 'variants')} of them" if own < len(suite.cases) else ""
        share = percent(report.distinct / own if own else None)
        facts.append(("distinct", f"{counted(report.distinct, 'scenarios')} ({share} of the cases){variants}"))
    if report.gold is not None:
        gold = report.gold
        facts.append(
            (
                "gold",
                f"{gold.right}/{gold.decisions} decisions right, played through {gold.turns_right}/{gold.turns} turns",
            )
        )
    if report.mutants:
        caught, made = (sum(getattr(kind, name) for kind in report.mutants) for name in ("caught", "mutants"))
        drawn = f", {report.mutated} decisions drawn by their digests" if report.mutated != len(suite.decisions) else ""
        facts.append(("mutants", f"{_share(caught, made)} caught ({caught}/{made}{drawn})"))
    found = ", ".join(counted(count, f"{severity}s") for severity, count in report.counts.items())
    silenced = f"; {len(report.silenced)} silenced with a reason" if report.silenced else ""
    facts.append(("found", found + silenced))
    verdict = "clean" if report.clean else "not clean"
    return View(f"{suite.name}: {verdict}", tuple(facts), tuple(_tables(report)), ())


def _tables(report: Report) -> Iterator[Table]:
    if report.mutants:
        rows = tuple(
            (kind.kind, str(kind.mutants), _share(kind.caught, kind.mutants), _share(kind.named, kind.mutants))
            for kind in report.mutants
        )
        columns = ("what was done to gold", "mutants", "judged wrong", "called by its name")
        yield Table("Mutated gold", columns, rows)
    nulls = report.suite.nulls
    if nulls is not None and nulls.fits(report.suite.digest, SCORER_VERSION):
        yield null_table(nulls, "teacher_forced")


def _share(part: int, whole: int) -> str:
    """A share; 100.0 % only where nothing is missing."""
    return percent(min(part / whole, _NEARLY) if 0 < part < whole else part / whole if whole else None)
