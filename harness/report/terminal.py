"""A summary, a transcript and a run under way, on a terminal.

Model output is hostile input: control characters and bidirectional overrides are shown, not obeyed.
"""

from __future__ import annotations

import re
import sys
import time
from typing import TYPE_CHECKING, TextIO

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

if TYPE_CHECKING:
    from harness.report.view import Table, View
    from harness.runner import Progress

_HOSTILE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Text with control characters, escape sequences and direction overrides made visible."""
    return _HOSTILE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def console(file: TextIO | None = None) -> Console:
    """A console that neither interprets markup in texts nor wraps figures away."""
    made = Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True)
    if not made.is_terminal:
        made = Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True, width=120)
    return made


def print_view(view: View, out: Console, *, most_tables: int | None = None) -> None:
    """Prints a summary; with `most_tables` only the first tables."""
    out.print(Text(visible(view.title), style="bold"))
    for name, text in view.facts:
        out.print(Text.assemble((f"  {name:<13}", "dim"), visible(text)))
    for table in view.tables[:most_tables]:
        out.print()
        out.print(_rich(table))
    for note in view.notes:
        out.print(Text(f"  ! {visible(note)}", style="yellow"))


def _rich(table: Table) -> RichTable:
    made = RichTable(title=visible(table.title), title_justify="left", title_style="bold", box=None, pad_edge=True)
    for number, column in enumerate(table.columns):
        made.add_column(column, justify="left" if number == 0 else "right", header_style="dim", no_wrap=number > 0)
    for row in table.rows:
        made.add_row(*(Text(visible(cell)) for cell in row))
    return made


class Live:
    """The line that shows a run under way: rewritten in place on a terminal, now and then in a log."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._terminal = self._out.isatty()
        self._last = 0.0
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Shows where the run stands."""
        now = time.monotonic()
        finished = progress.done >= progress.total
        if not self._terminal and not finished and now - self._last < 10.0:
            return
        self._last = now
        text = progress_line(progress)
        if self._terminal:
            self._out.write("\r" + text.ljust(self._width) + ("\n" if finished else ""))
            self._width = len(text)
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def end(self) -> None:
        """Leaves the line as it is, the cursor below it."""
        if self._terminal and self._width:
            self._out.write("\n")
            self._out.flush()


def progress_line(progress: Progress) -> str:
    """Decisions done, rate, time to go, running accuracy, errors."""
    accuracy = "n/a" if progress.accuracy is None else f"{100 * progress.accuracy:.1f} %"
    eta = "" if progress.eta is None or progress.done >= progress.total else f" · ETA {_clock(progress.eta)}"
    return (
        f"{progress.done}/{progress.total} decisions · {progress.rate:.1f}/s{eta} · accuracy {accuracy} · "
        f"{progress.errors} errors · {progress.in_flight} in flight · {_clock(progress.elapsed)}"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
