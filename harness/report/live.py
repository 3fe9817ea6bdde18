"""A run under way, on one line. Imports nothing heavy: it stands between the command and the first request."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from harness.runner import Progress


class Live:
    """The line that shows a run under way: rewritten in place on a terminal, now and then in a log."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._terminal = self._out.isatty()
        self._last = 0.0
        self._finished = False
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        """Shows where the run stands."""
        now = time.monotonic()
        finished = progress.done >= progress.total
        if self._finished:
            return
        self._finished = finished
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
        if self._terminal and self._width and not self._finished:
            self._out.write("\n")
            self._out.flush()


def progress_line(progress: Progress) -> str:
    """Decisions (turns) done, rate, time to go, running accuracy, errors."""
    accuracy = "n/a" if progress.accuracy is None else f"{100 * progress.accuracy:.1f} %"
    eta = "" if progress.eta is None or progress.done >= progress.total else f" · ETA {clock(progress.eta)}"
    return (
        f"{progress.done}/{progress.total} {progress.unit} · {progress.rate:.1f}/s{eta} · accuracy {accuracy} · "
        f"{progress.errors} errors · {progress.in_flight} in flight · {clock(progress.elapsed)}"
    )


def clock(seconds: float) -> str:
    """A time as minutes and seconds, and hours where there are some."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
