"""The `harness` command in a process of its own, as a user starts it, watched by what it writes and starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from harness.runlog import LOG_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE_S = 240.0
_POLL_S = 0.1


class Process(NamedTuple):
    """A process as it can be told from a later one with the same id."""

    pid: int
    started: int

    @property
    def lives(self) -> bool:
        """Whether it is still there, and more than a dead entry that waits for its parent."""
        found = _stat(Path(f"/proc/{self.pid}/stat"))
        return found is not None and found[0] != "Z" and found[2] == self.started


def _stat(path: Path) -> tuple[str, int, int] | None:
    """State, parent's id and start time; None where the process is gone."""
    try:
        fields = path.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields[0], int(fields[1]), int(fields[19])


def below(pid: int) -> set[Process]:
    """All processes that a process has started, and theirs."""
    table = {int(path.parent.name): found for path in Path("/proc").glob("[0-9]*/stat") if (found := _stat(path))}
    family, before = {pid}, 0
    while len(family) > before:
        before = len(family)
        family |= {child for child, (_, parent, _) in table.items() if parent in family}
    return {Process(member, table[member][2]) for member in family - {pid}}


class Command:
    """One command under way; whatever it starts is noted while it is waited for."""

    def __init__(self, words: list[str], place: Path, label: str) -> None:
        self._out, self._err = place / f"{label}.out", place / f"{label}.err"
        self._place = place
        self.started: set[Process] = set()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            # A session of its own, as a terminal's: Ctrl-C goes to all of the group.
            self._process = subprocess.Popen(
                words, cwd=place, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
            )

    @property
    def out(self) -> str:
        return self._out.read_text(encoding="utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text(encoding="utf-8")

    @property
    def running(self) -> bool:
        self.started |= below(self._process.pid)
        return self._process.poll() is None

    def wait_until(self, reached: Callable[[], bool], what: str) -> None:
        """Waits for a point on the command's way; fails where it ends before."""
        deadline = time.monotonic() + _PATIENCE_S
        while not reached():
            assert self.running, f"ended before {what}: {self.err}"
            assert time.monotonic() < deadline, f"still no {what}: {self.err}"
            time.sleep(_POLL_S)
        assert self.running, f"ended at {what}: {self.err}"

    def wait_for_rows(self, folder: str, count: int) -> None:
        """Waits until the log of a run (its folder may be a pattern) holds so many decisions."""

        def reached() -> bool:
            logs = self._place.glob(f"{folder}/{LOG_NAME}")
            return any(log.read_bytes().count(b'\n{"type":"decision"') >= count for log in logs)

        self.wait_until(reached, f"{count} rows in {folder}")

    def wait_for_words(self, *words: str) -> None:
        """Waits until the command has said one of these."""
        self.wait_until(lambda: any(word in self.err for word in words), " or ".join(words))

    def send(self, number: signal.Signals) -> None:
        """A signal to the command's process group, as from a terminal; SIGKILL to the command alone."""
        if number == signal.SIGKILL:
            self._process.kill()
        else:
            os.killpg(self._process.pid, number)

    def end(self) -> int:
        """Waits for the end: the exit code, or minus the signal that ended it."""
        deadline = time.monotonic() + _PATIENCE_S
        while self.running:
            assert time.monotonic() < deadline, f"does not end: {self.err}"
            time.sleep(_POLL_S)
        return self._process.returncode

    def left(self, within_s: float = 30.0) -> list[Process]:
        """The processes that it started and that live on after so many seconds."""
        deadline = time.monotonic() + within_s
        while (alive := [process for process in self.started if process.lives]) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return alive

    def clear(self) -> None:
        """Kills what is left of a failed test."""
        if self._process.poll() is None:
            self.started |= below(self._process.pid)
            self._process.kill()
        self._process.wait()
        for process in self.left(within_s=15):
            os.kill(process.pid, signal.SIGKILL)


class Start(Protocol):
    """Starts `harness` with these words in a folder."""

    def __call__(self, place: Path, *words: object) -> Command: ...


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Starts commands; none outlives the tests of a module."""
    commands: list[Command] = []

    def command(place: Path, *words: object) -> Command:
        line = [sys.executable, "-m", "harness", *map(str, words)]
        commands.append(Command(line, place, f"command-{len(commands)}"))
        return commands[-1]

    # A test run in the background of a script ignores Ctrl-C, and so would everything it starts.
    before: Any = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield command
    signal.signal(signal.SIGINT, before)
    for each in commands:
        each.clear()
