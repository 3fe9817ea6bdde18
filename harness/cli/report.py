"""`harness report`: a run, or several stages, as one HTML page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness.cli.folders import REPORTS, both_folders, latest_run, plain_name
from harness.cli.table import stages_named
from harness.errors import UsageError
from harness.memory import without_sweeps
from harness.report.html.report import run_page, stages_page
from harness.runner import load_results

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from harness.baseline import Results

PAGE = "report.html"


def execute(arguments: argparse.Namespace) -> int:
    """Writes the page: into the run's own folder, or of several stages under reports/."""
    words = arguments.runs or [str(latest_run())]
    with without_sweeps():
        scripted, own = both_folders(words[0]) if len(words) == 1 else (None, None)
        named = stages_named([str(own)] if own else words, arguments.folder)
        baseline = load_results(arguments.baseline, arguments.folder) if arguments.baseline else None
        if len(named) > 1:
            if baseline is not None:
                raise UsageError("stages are held against the first: leave --baseline out, or give it as a stage")
            text = stages_page(named)
        else:
            history = load_results(str(scripted)) if scripted else None
            name, run = named[0]
            text = run_page(run, baseline, name=name, scripted=history)
    write_page(arguments.out or _place(named, above=own is not None), text)
    return 0


def _place(named: list[tuple[str, Results]], *, above: bool) -> Path:
    """Where a page goes that nobody named a file for."""
    names = [name for name, _ in named]
    if len(named) == 1:
        first = named[0][1]
        folder = first.path.parent
        if first.log is not None:
            return (folder.parent if above else folder) / PAGE
        names = [first.path.stem]
    return REPORTS / f"{'-'.join(map(plain_name, names))}.html"


def write_page(path: Path, text: str) -> None:
    """Writes a page whole, or leaves what was there, and says so.

    Raises:
        UsageError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    print(f"written: {path}", file=sys.stderr)
