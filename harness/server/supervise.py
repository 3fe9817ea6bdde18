"""Runs one command and takes it down, with all it started, when the harness goes away.

Run as a script by `harness.server.process`, standard library only: `python -I supervise.py GRACE_S COMMAND...`.
The harness holds the other end of our standard input. It closes when the harness stops the server, and
just as well when the harness is killed by a signal that nobody can catch; then the command gets SIGTERM,
and after GRACE_S seconds every process below us gets SIGKILL. Exits with the command's own status.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.2


def _adopt_orphans() -> None:
    """Makes processes whose parent died our children (Linux), so that none slips out of the tree."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _descendants() -> list[int]:
    """The ids of all live processes below this one; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # The name in parentheses may itself hold spaces and parentheses.
            state, parent, *_ = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.parent.name))
    found: list[int] = []
    todo = [os.getpid()]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _kill_all() -> None:
    """SIGKILL to every process below this one, until none is left."""
    for _ in range(100):
        victims = _descendants()
        if not victims:
            return
        for pid in victims:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
        _reap()


def main() -> int:
    """Runs the command given in `sys.argv` and returns its exit status (128 + n for signal n)."""
    grace_s = float(sys.argv[1])
    told_to_stop = False

    def note(_signal: int, _frame: object) -> None:
        nonlocal told_to_stop
        told_to_stop = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, note)
    _adopt_orphans()
    command = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL)
    while command.poll() is None and not told_to_stop:
        readable, _, _ = select.select([sys.stdin.fileno()], [], [], _POLL_S)
        if readable and not os.read(sys.stdin.fileno(), 1):
            told_to_stop = True
    if command.poll() is None:
        command.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            command.wait(grace_s)
    status = command.poll()
    _kill_all()
    if status is None:
        return 128 + signal.SIGKILL
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main())
