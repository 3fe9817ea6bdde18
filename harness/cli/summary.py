"""What every command leaves that has a run to sum up: files in its folder and a table on the terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import UsageError
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.report.view import run_view

if TYPE_CHECKING:
    from pathlib import Path

    from harness.metrics import Metrics
    from harness.runlog import Footer, Header

_TERMINAL_TABLES = 5


def publish(header: Header, footer: Footer, metrics: Metrics, folder: Path) -> None:
    """Writes summary.json and summary.md beside the log and prints the summary's first tables."""
    view = run_view(header, footer, metrics, str(folder))
    value = {"header": header.model_dump(), "footer": footer.model_dump(), **metrics.model_dump()}
    try:
        (folder / "summary.json").write_bytes(jsonvalue.dump_line(value))
        (folder / "summary.md").write_text(markdown(view), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write the summary into {folder}: {error.strerror}") from error
    out = console(sys.stdout)
    out.print()
    print_view(view, out, most_tables=_TERMINAL_TABLES)
    out.print(f"\nslices by tag, depth and tools: {folder}/summary.md   transcripts: harness show {folder}")
