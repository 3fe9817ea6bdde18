"""The line that shows a run under way."""

from __future__ import annotations

import io

import pytest

from harness.report.live import Live, progress_line
from harness.runner import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def at(done, *, total=200, errors=0, accuracy=0.5, rate=10.0, elapsed=61.0):
    return Progress(done, total, errors, accuracy, 7, elapsed, rate)


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (at(100), "100/200 decisions · 10.0/s · ETA 0:10 · accuracy 50.0 % · 0 errors · 7 in flight · 1:01"),
        (
            at(0, accuracy=None, rate=0.0, elapsed=0.2),
            "0/200 decisions · 0.0/s · accuracy n/a · 0 errors · 7 in flight · 0:00",
        ),
        (
            at(200, errors=3, elapsed=3725),
            "200/200 decisions · 10.0/s · accuracy 50.0 % · 3 errors · 7 in flight · 1:02:05",
        ),
    ],
)
def test_the_line(progress, line):
    assert progress_line(progress) == line


def screen(text):
    """The lines that a terminal would show."""
    lines = []
    for line in text.split("\n"):
        shown = ""
        for part in line.split("\r"):
            shown = part + shown[len(part) :]
        lines.append(shown.rstrip())
    return lines


def test_on_a_terminal_one_line_is_rewritten():
    out = Terminal()
    live = Live(out)
    live(at(99, rate=1000.0))
    live(at(100, rate=1.0))
    live(at(200, accuracy=None))
    assert screen(out.getvalue()) == [progress_line(at(200, accuracy=None)), ""]


def test_a_run_that_stops_leaves_its_line():
    out = Terminal()
    live = Live(out)
    live(at(100))
    live.end()
    assert screen(out.getvalue()) == [progress_line(at(100)), ""]


def test_nothing_shown_leaves_nothing():
    out = Terminal()
    Live(out).end()
    assert out.getvalue() == ""


def test_in_a_log_now_and_then_and_at_the_end(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("harness.report.live.time.monotonic", lambda: now[0])
    out = io.StringIO()
    live = Live(out)
    for second in range(25):
        now[0] = 100.0 + second
        live(at(second))
    live(at(200))
    live.end()
    assert out.getvalue().splitlines() == [progress_line(at(done)) for done in (0, 10, 20, 200)]


def test_the_end_is_shown_once():
    """The ticker and the end of the run may both see the last decision done."""
    out = Terminal()
    live = Live(out)
    live(at(200))
    live(at(200))
    live.end()
    assert out.getvalue().count("\n") == 1
