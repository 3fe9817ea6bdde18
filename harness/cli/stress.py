"""`harness stress`: a suite of variants that mean the same."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.lint import RULES, lint
from harness.report.terminal import console, print_view
from harness.report.view import Table, View, counted
from harness.stress import REPORT, TRANSFORMS, refuse_taken, stress, write_variants
from harness.suite import STRESS, load_suite

if TYPE_CHECKING:
    import argparse

    from harness.stress import Stressed
    from harness.suite import Suite

_NOT_ASKED = ("near_duplicate", "mutants", "nulls", "tags")
"""Rules that ask nothing of a variant: it is like its case, has its tags, and gold of the same kind."""
_MOST_REASONS = 12


def execute(arguments: argparse.Namespace) -> int:
    """Writes the variants and says what was made, and what could not be."""
    names = list(dict.fromkeys(arguments.transforms))
    unknown = [name for name in names if name not in TRANSFORMS]
    if unknown:
        raise UsageError(f"no change is called {', '.join(unknown)}; there are {', '.join(TRANSFORMS)}")
    suite = load_suite(arguments.suite)
    refuse_taken(arguments.out, arguments.suite)
    names = names or list(TRANSFORMS)
    made = stress(suite, names, arguments.seed)
    made = made.without(_disputed(made.suite))
    write_variants(made.suite, arguments.out, _plain(suite, made, arguments.seed))
    print_view(_view(suite, made, names, str(arguments.out)), console(sys.stdout))
    return 0


def _disputed(suite: Suite) -> dict[str, str]:
    """What the linter disputes, gold replayed among it, by case."""
    report = lint(suite, [rule.name for rule in RULES if rule.name not in _NOT_ASKED])
    found: dict[str, str] = {}
    for finding in report.findings:
        if finding.severity == "error":
            found.setdefault(finding.case, f"the linter disputes it ({finding.rule})")
    return found


def _view(suite: Suite, made: Stressed, names: list[str], folder: str) -> View:
    counts = Counter(case.tags[STRESS] for case in made.suite.cases)
    left_out = Counter(one.transform for one in made.left_out)
    reasons = Counter((one.transform, one.reason) for one in made.left_out).most_common()
    shown = [f"{name}: {count} left out, {reason}" for (name, reason), count in reasons[:_MOST_REASONS]]
    if len(reasons) > _MOST_REASONS:
        shown.append(f"... and {counted(len(reasons) - _MOST_REASONS, 'more reasons')}; {REPORT} has all")
    size = f"{counted(len(made.suite.cases), 'cases')}, {counted(len(made.suite.decisions), 'decisions')}"
    return View(
        f"Variants of {suite.name}",
        (("suite", f"{folder}, {size}, the {len(suite.cases)} as they are among them"),),
        (
            Table(
                "What was changed",
                ("change", "variants", "left out"),
                tuple((name, str(counts[name]), str(left_out[name])) for name in names),
            ),
        ),
        tuple(shown),
        (("run it", f"harness run {folder} ..."), ("then", "harness table RUN")),
    )


def _plain(suite: Suite, made: Stressed, seed: int) -> dict[str, object]:
    return {
        "suite": suite.name,
        "suite_digest": suite.digest,
        "seed": seed,
        "digest": made.suite.digest,
        "variants": dict(Counter(case.tags[STRESS] for case in made.suite.cases)),
        "left_out": [one._asdict() for one in made.left_out],
    }
