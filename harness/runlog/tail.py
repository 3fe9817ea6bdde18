"""A log that another process writes: what was added to it since the last look, each line read once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from harness.runlog.lines import CASE, DECISION, CaseRow, DecisionRow, Footer, Header, ResumedRow, RolloutRow, ToolsRow
from harness.runlog.reader import parse
from harness.runlog.verdicts import RowVerdict, row_verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Added: TypeAlias = Header | ToolsRow | RowVerdict | RolloutRow | ResumedRow | Footer
"""What a log is followed by; cases are only counted."""

_KNOWN_AGAIN = 256
"""Bytes by which a log is known for the one that was read so far."""


class Tail:
    """Reads a log on from where the last look ended; a line that is cut is left for the next look.

    A log that was replaced, or cut back and written anew, is read from its beginning: whoever takes in a `Header`
    forgets what came before it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.cases = 0
        self._forget()

    def _forget(self) -> None:
        self.cases = self._number = self._offset = 0
        self._before = b""
        self._inode = -1

    def added(self) -> Iterator[Added]:
        """The lines since the last look.

        Raises:
            InputError: a line is not what a log holds; the next look begins anew.
            OSError: the file cannot be read.
        """
        with self.path.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            file.seek(max(0, self._offset - len(self._before)))
            if inode != self._inode or file.read(len(self._before)) != self._before:
                self._forget()
                self._inode = inode
                file.seek(0)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                self._offset += len(line)
                self._number += 1
                self._before = (self._before + line[-_KNOWN_AGAIN:])[-_KNOWN_AGAIN:]
                if line.startswith(CASE):
                    self.cases += 1
                    continue
                try:
                    found = self._read(line)
                except BaseException:
                    self._forget()
                    raise
                if found is not None:
                    yield found

    def _read(self, line: bytes) -> Added | None:
        if line.startswith(DECISION):
            return row_verdict(self.path, self._number, line)
        found = parse(self.path, self._number, line)
        return None if isinstance(found, CaseRow | DecisionRow) else found
