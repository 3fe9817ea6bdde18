"""What can go wrong, and whose fault it is.

    HarnessError
    ├── UsageError            exit 2: wrong use: an option, a folder, a name
    │   └── InputError        exit 2: bad input: every problem with file, line and JSON path
    ├── NotComparableError    exit 3: an unfinished or edited run, too many errors, nothing scored
    └── ServerError           exit 4: the server could not be started or reached

The rule: what a *model* or a *server* does wrong during a run is data (a `Fault` in the response,
counted and attributed), never an exception. Exceptions are for the person at the keyboard: each says
what is wrong, where, and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class HarnessError(Exception):
    """Base of all errors that the command line turns into a message and an exit code."""

    exit_code = 2


class UsageError(HarnessError):
    """The command, an option or a path is wrong; the message says what to do."""


class NotComparableError(HarnessError):
    """A run that cannot be judged or held against another: incomplete, edited, over its error limit."""

    exit_code = 3


class ServerError(HarnessError):
    """The model server could not be started or reached."""

    exit_code = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in one input file.

    `line` counts from 1 (0: the file as a whole), `where` is a JSON pointer inside the document.
    """

    file: str
    line: int
    where: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.where}: {self.message}" if self.where else f"{place}: {self.message}"
        # Names out of files make no line that looks like another problem.
        return text.replace("\n", "\n  ")


class InputError(UsageError):
    """Input files that cannot be used; lists every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def single(cls, file: str | Path, message: str, *, line: int = 0, where: str = "") -> InputError:
        """An error with one problem."""
        return cls([Problem(str(file), line, where, message)])
