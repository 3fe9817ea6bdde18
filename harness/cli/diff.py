"""`harness diff`: two runs or baselines side by side."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.comparison import diff
from harness.errors import UsageError
from harness.memory import without_sweeps
from harness.report.diffs import diff_view, place
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.report.transcripts import print_entries
from harness.runner import load_results
from harness.visible import one_line

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from harness.comparison import Diff, Pair


def execute(arguments: argparse.Namespace) -> int:
    """Prints the comparison, and transcripts of what broke."""
    with without_sweeps():
        first, second = (load_results(name, arguments.folder) for name in (arguments.first, arguments.second))
        found = diff(first, second)
    out = console(sys.stdout)
    print_view(diff_view(found, most=None if arguments.full else 20), out)
    if arguments.markdown:
        write(arguments.markdown, markdown(diff_view(found, most=None)))
    if arguments.json:
        write(arguments.json, jsonvalue.dump_line(_plain(found)).decode())
    broken = [pair.second for pair in found.broken][: arguments.transcripts]
    if second.log is not None and broken:
        out.print(f"\nbroken in {one_line(second.name)}:\n")
        print_entries(second.log, broken, out, full=arguments.full)
    return 0


def _plain(found: Diff) -> dict[str, object]:
    return {
        "first": found.first.name,
        "second": found.second.name,
        "differing": [one._asdict() for one in found.differing],
        "metrics": [one.model_dump() for one in found.changes],
        "flips": [one._asdict() for one in found.flips],
        "broken": [plain_pair(pair) for pair in found.broken],
        "fixed": [plain_pair(pair) for pair in found.fixed],
        "changed": [place(pair.first) for pair in found.pairing.changed],
        "added": [place(entry) for entry in found.pairing.added],
        "removed": [place(entry) for entry in found.pairing.removed],
        "noise": list(found.noise),
    }


def plain_pair(pair: Pair) -> dict[str, object]:
    """A decision in both runs, as JSON holds it."""
    return {
        "case": pair.second.case,
        "index": pair.second.index,
        "trial": pair.second.trial,
        "first": pair.first.outcome,
        "second": pair.second.outcome,
        "violations": list(pair.second.codes),
    }


def write(path: Path, text: str) -> None:
    """Writes what was asked for beside the terminal's output."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
