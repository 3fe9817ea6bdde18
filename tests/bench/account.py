"""What a command costs, by the operating system's account of its process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Cost(NamedTuple):
    """What one process cost: seconds of wall and CPU, peak memory in bytes, seconds to its first request."""

    wall: float
    cpu: float
    memory: int
    first: float
    slots: int


def account(command: Sequence[str], allowed: Sequence[int] = (0,)) -> Cost:
    """Runs a command; exits where it ends with a code that is not allowed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise SystemExit(f"failed with {process.returncode}: {' '.join(command)}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, 0.0, 0)


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Commands run on one core, where the system lets that be asked for."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)
