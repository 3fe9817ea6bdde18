"""The rows of a finished log in any order: each is read when it is asked for."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from harness.runlog.lines import DECISION, ROLLOUT, DecisionRow, RolloutRow
from harness.runlog.reader import key_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness.runlog.reader import Key, RunLog


class RowReader:
    """Looks rows up by their keys, of repeated ones the last; holds no row itself."""

    def __init__(self, log: RunLog) -> None:
        self._path = log.path
        self._file: IO[bytes] = log.path.open("rb")
        self._places: dict[Key, tuple[int, int]] = {}
        position = 0
        for number, line in enumerate(self._file, start=1):
            if line.startswith((DECISION, ROLLOUT)):
                self._places[key_of(line)] = position, number
            position += len(line)

    def close(self) -> None:
        """Closes the log."""
        self._file.close()

    @property
    def keys(self) -> Iterable[Key]:
        """The key of every row, in the order of the log."""
        return self._places.keys()

    def row(self, key: Key) -> DecisionRow | RolloutRow:
        """The row of a key.

        Raises:
            KeyError: the log has none.
            InputError: the line is not what a log holds.
        """
        position, number = self._places[key]
        self._file.seek(position)
        found = parse(self._path, number, self._file.readline())
        assert isinstance(found, DecisionRow | RolloutRow), "it begins as one"
        return found
