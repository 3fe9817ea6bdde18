"""`harness score`: a file of records in, a file of scores out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.cli.saying import say
from harness.memory import collect_rarely
from harness.recorded import score_file

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Scores the records; says how many, and what was left out."""
    collect_rarely()
    counts, skipped = score_file(
        arguments.records, arguments.out, dialect=arguments.dialect, skip_invalid=arguments.skip_invalid
    )
    for problem in skipped:
        say(f"harness: skipped {problem}")
    left_out = f", {counts.invalid} invalid lines skipped" if counts.invalid else ""
    say(f"{counts.scored} scored{left_out}: {arguments.out}")
    return 0
