"""Where a page goes, and in which form."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from harness.cli.saying import say
from harness.errors import UsageError
from harness.report.csv_tables import csv_tables
from harness.report.latex import latex
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view

if TYPE_CHECKING:
    from pathlib import Path

    from harness.report.view import View

_WRITERS = {"markdown": markdown, "csv": csv_tables, "latex": latex}
_BY_ENDING = {".md": "markdown", ".csv": "csv", ".tex": "latex"}


def put(view: View, form: str | None, path: Path | None) -> None:
    """Prints a page, or writes it to a file; in the form that the file's ending says where none is given.

    Raises:
        UsageError: the file cannot be written.
    """
    form = form or (_BY_ENDING.get(path.suffix, "terminal") if path else "terminal")
    if form == "terminal" and path is None:
        print_view(view, console(sys.stdout))
        return
    text = _plain(view) if form == "terminal" else _WRITERS[form](view)
    if path is None:
        sys.stdout.write(text)
        return
    write(path, text)


def write(path: Path, text: str) -> None:
    """Writes a file and says so.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    say(f"written: {path}")


def _plain(view: View) -> str:
    out = io.StringIO()
    print_view(view, console(out))
    return out.getvalue()
