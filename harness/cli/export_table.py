"""`harness export table`: runs as flat tables, for pandas, DuckDB or a spreadsheet."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import UsageError
from harness.memory import without_sweeps
from harness.report.frames import decisions_frame, metrics_frame, write_frame
from harness.runner import load_results
from harness.visible import visible

if TYPE_CHECKING:
    import argparse

    from harness.baseline import Results

_ENDINGS = (".csv", ".parquet")


def execute(arguments: argparse.Namespace) -> int:
    """Writes the table and says what is in it."""
    out: Path = arguments.out
    _refuse(out, replace=arguments.replace)
    with without_sweeps():
        runs = [_named(word, arguments.folder) for word in arguments.runs]
        twice = [name for name, count in Counter(name for name, _ in runs).items() if count > 1]
        if twice:
            raise UsageError(f"several runs are called {', '.join(twice)}: give each a name of its own, as NAME=RUN")
        frame = (metrics_frame if arguments.of == "metrics" else decisions_frame)(runs)
        write_frame(frame, out)
    unit = "metrics" if arguments.of == "metrics" else " and ".join(sorted({results.unit for _, results in runs}))
    sys.stdout.write(visible(f"{out}: {len(frame.rows)} {unit}, {len(frame.columns)} columns\n"))
    return 0


def _refuse(out: Path, *, replace: bool) -> None:
    """Refuses what could not be written, before anything is read."""
    if out.suffix not in _ENDINGS:
        raise UsageError(f"--out {out}: a table ends in {' or '.join(_ENDINGS)}")
    if out.is_dir():
        raise UsageError(f"{out} is a folder; name a file in it with --out")
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent} is no folder; make it first, or choose another --out")
    if out.exists() and not replace:
        raise UsageError(f"{out} is there already; --replace takes its place")


def _named(word: str, folder: Path) -> tuple[str, Results]:
    """A run and what its rows call it: NAME of NAME=RUN, else what it is called on the command line."""
    name, equals, run = word.partition("=")
    if not equals or Path(word).exists():
        return word, load_results(word, folder)
    if not (name and run):
        raise UsageError(f"{word!r} is no run: NAME=RUN, or a run or baseline alone")
    return name, load_results(run, folder)
