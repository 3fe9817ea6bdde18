"""Writing a log: one process at a time, line by line, each on its way to the disk before the next."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import time
from typing import IO, TYPE_CHECKING

from harness.errors import UsageError
from harness.runlog.lines import HEADER, LOG_NAME, Footer, encode, undigested
from harness.runlog.reader import Unfinished, log_path, read_unfinished

if TYPE_CHECKING:
    from pathlib import Path

_TRIES, _PAUSE = 8, 0.02
"""How often a log is tried that another process has, and the seconds between."""


class RunWriter:
    """Appends to a log; every line reaches the operating system before the call returns.

    Raises:
        UsageError: the folder cannot be written, holds a run already, or another process writes to it;
            later, when the disk is full. What was written stays.
    """

    def __init__(self, folder: Path, *, replace: bool = False) -> None:
        """Begins a log; `replace` takes the place of one that holds no row yet."""
        self.path = folder / LOG_NAME
        self._digest = hashlib.sha256()
        self._failed: UsageError | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = self.path.open("r+b" if replace else "xb", buffering=0)
        except FileExistsError as error:
            if not folder.is_dir():
                raise UsageError(f"cannot write to {folder}: {error.strerror}, and is no folder") from None
            raise UsageError(
                f"{self.path} exists: this folder holds a run already. Choose another --out, or --resume it."
            ) from None
        except OSError as error:
            raise UsageError(f"cannot write to {folder}: {error.strerror}") from error
        _lock(self._file, self.path)
        if replace:
            self._file.truncate()

    @staticmethod
    def begun(folder: Path) -> Unfinished | None:
        """What the log in a folder holds so far; None where it stopped before its first row.

        Raises:
            UsageError: there is no log, or its lines are not a log's.
        """
        path = log_path(folder)
        if _is_torn_header(path):
            return None
        found = read_unfinished(path)
        return found if found.rows else None

    @classmethod
    def resume(cls, folder: Path, found: Unfinished) -> RunWriter:
        """Opens a log to go on with it; a torn last line and the footer are cut off first."""
        self = cls.__new__(cls)
        self.path = folder / LOG_NAME
        self._digest = hashlib.sha256()
        self._failed = None
        try:
            self._file = self.path.open("r+b", buffering=0)
        except OSError as error:
            raise UsageError(f"cannot resume {folder}: {self.path.name}: {error.strerror}") from error
        _lock(self._file, self.path)
        if os.fstat(self._file.fileno()).st_size != found.size:
            self._file.close()
            raise UsageError(f"{self.path} was written to by another run meanwhile; run again with --resume.")
        self._file.truncate(found.length)
        self._file.seek(0)
        while chunk := self._file.read(1 << 20):
            self._digest.update(chunk)
        return self

    def write(self, line: bytes) -> None:
        """Appends one line; after one that was not written whole there is no other."""
        if self._failed is not None:
            raise self._failed
        try:
            while line:
                written = self._file.write(line) or 0
                self._digest.update(line[:written])
                line = line[written:]
        except OSError as error:
            self._failed = self._refusal(error)
            raise self._failed from error

    def finish(self, footer: Footer) -> Footer:
        """Writes the footer, its digest filled in; the log is complete and on the disk."""
        self._digest.update(undigested(footer))
        complete = footer.model_copy(update={"sha256": self._digest.hexdigest()})
        self.write(encode(complete))
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._refusal(error) from error
        return complete

    def _refusal(self, error: OSError) -> UsageError:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "the disk is full" if full else str(error.strerror)
        return UsageError(
            f"cannot write to {self.path}: {what}. What was done is kept; make room, then run again with --resume."
        )

    def close(self) -> None:
        """Closes the file; without a footer the log stays unfinished."""
        self._file.close()


def being_written(path: Path) -> bool:
    """Whether a process has the log open to write to it; not, where a file system knows no locks.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            return isinstance(error, BlockingIOError)
    return False


def _lock(file: IO[bytes], path: Path) -> None:
    """Takes the log for this process alone; whoever only asks whether it is `being_written` has it for an instant."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError:
            break
        else:
            return
    file.close()
    raise UsageError(f"{path} is being written by another run; wait for it, or choose another --out.")


def _is_torn_header(path: Path) -> bool:
    """Whether nothing stands in a log but the beginning of its first line, or not even that."""
    with path.open("rb") as file:
        beginning = file.read(len(HEADER))
        return HEADER.startswith(beginning) and not (beginning + file.readline()).endswith(b"\n")
