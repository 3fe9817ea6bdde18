"""`harness nulls`: null models scored on suites, and what they come to stored beside each."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.nulls import null_scores
from harness.report.nulls import null_table
from harness.report.terminal import console, print_view
from harness.report.view import View
from harness.suite import NULLS, load_suite

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Scores the null models, prints the table of each suite and writes its file."""
    out = console(sys.stdout)
    for folder in arguments.suites:
        suite = load_suite(folder, nulls=False)  # a broken file of scores is mended by writing it anew
        scores = null_scores(suite)
        path = folder / NULLS
        try:
            path.write_text(scores.text(), encoding="utf-8")
        except OSError as error:
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        facts = (("suite", f"{suite.name} ({len(suite.decisions)} decisions, digest {suite.digest[:12]})"),)
        tables = (null_table(scores, "teacher_forced"), null_table(scores, "rollout")._replace(title="Played through"))
        print_view(View(f"Null models on {suite.name}", (*facts, ("stored", str(path))), tables, ()), out)
    return 0
