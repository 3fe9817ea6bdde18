"""Reading a log: a finished one for judging, an unfinished one for going on with it."""

from __future__ import annotations

import hashlib
import os
import re
from collections import deque
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic import TypeAdapter, ValidationError

from harness import jsonvalue
from harness.errors import InputError, NotComparableError, UsageError
from harness.records import STRICT_JSON, Record, explain
from harness.runlog.lines import (
    CASE,
    DECISION,
    LOG_NAME,
    RESUMED,
    ROLLOUT,
    CaseRow,
    DecisionRow,
    Footer,
    Header,
    Line,
    ResumedRow,
    RolloutRow,
    ToolsRow,
    undigested,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path


Key: TypeAlias = tuple[str, int, int]
"""Case, index, trial; of a case that was played through index 0."""


@cache
def _line() -> TypeAdapter[Line]:
    return TypeAdapter(Line)


class Unfinished(NamedTuple):
    """What a log holds so far, for resuming."""

    header: Header
    done: dict[tuple[str, int, int], str]
    """Digest of every decision with a response, by (case, index, trial); errored ones are not among them.
    In rollouts of every case that was played to its end, at index 0."""
    errored: int
    """Decisions (cases) whose last row is an error; a resumed run asks them again."""
    unread: int
    """Decisions (cases) with a response whose raw text a resumed run asks for again."""
    length: int
    """Bytes that are whole and stay."""
    size: int
    """Bytes of the file as it was read."""
    finished: bool
    rows: int
    """Decision rows (of rollouts: cases), superseded ones included."""
    cases: int
    base_urls: list[str]
    """Every address that a row may name, by its index: the header's, then those that later processes added."""

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to ask."""
        identity = self.header.identity
        wanted = identity.decisions if identity.mode == "teacher_forced" else self.cases
        return len(self.done) >= wanted * identity.trials and not self.unread


class RunLog:
    """A finished log on disk; its cases and rows are read one at a time."""

    def __init__(
        self,
        path: Path,
        header: Header,
        suite: ToolsRow,
        resumed: list[ResumedRow],
        footer: Footer,
        last_case: int,
    ) -> None:
        """`last_case` is the number of the last line that holds a case."""
        self.path = path
        self.header = header
        self.suite = suite
        self.resumed = resumed
        self.footer = footer
        self._last_case = last_case

    @property
    def base_urls(self) -> list[str]:
        """Every address that answered, by the index that a row's `url` is: the header's, then those added later."""
        return [*self.header.base_urls, *(url for row in self.resumed for url in row.base_urls)]

    def cases(self) -> Iterator[dict[str, Any]]:
        """The cases of the suite, as `suite.Case.to_json` writes them."""
        yield from _cases(self.path, self._last_case)

    def rows(self, wanted: Container[Key] | None = None) -> Iterator[DecisionRow]:
        """The decision rows in the order they were written; of repeated decisions only the last.

        Where keys (case, index, trial) are wanted, other rows are not looked into.
        """
        yield from (row for row in _entries(self.path, wanted) if isinstance(row, DecisionRow))

    def rollouts(self) -> Iterator[RolloutRow]:
        """The cases of a log of rollouts in the order they were written; of repeated cases only the last."""
        yield from rollout_rows(self.path)

    def entries(self) -> Iterator[DecisionRow | RolloutRow | ResumedRow]:
        """The rows, and between them the places where a later process took the run up."""
        yield from _entries(self.path)


def decision_rows(path: Path) -> Iterator[DecisionRow]:
    """The decision rows of a log, finished or not; of repeated decisions (after a resume) only the last."""
    return (entry for entry in _entries(path) if isinstance(entry, DecisionRow))


def rollout_rows(path: Path) -> Iterator[RolloutRow]:
    """The cases of a log of rollouts, finished or not; of repeated cases only the last."""
    return (entry for entry in _entries(path) if isinstance(entry, RolloutRow))


_ROWS = (DECISION, ROLLOUT)
_LATER = (CASE, *_ROWS)
"""Lines that are not looked into when a log is opened."""


def _entries(path: Path, wanted: Container[Key] | None = None) -> Iterator[DecisionRow | RolloutRow | ResumedRow]:
    last: dict[Key, int] = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith(_ROWS):
                key = key_of(line)
                if wanted is None or key in wanted:
                    last[key] = number
    kept = set(last.values())
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number in kept or line.startswith(RESUMED):
                row = parse(path, number, line)
                if isinstance(row, DecisionRow | RolloutRow | ResumedRow):
                    yield row


_PLAIN_KEY = re.compile(rb'{"type":"decision","case":"([ !#-\[\]-~]*)","index":([0-9]{1,9}),"trial":([0-9]{1,9}),')
"""The key of a decision's row as `decision_line` writes it, where the name of the case is plain."""


def key_of(line: bytes) -> Key:
    """Which decision (case) a row is about."""
    plain = _PLAIN_KEY.match(line)
    if plain:
        return plain[1].decode(), int(plain[2]), int(plain[3])
    value = _value(line)
    return value["case"], value.get("index", 0), value["trial"]


def log_path(run: Path) -> Path:
    """The log of a run given as its folder or as the file."""
    path = run / LOG_NAME if run.is_dir() else run
    if not path.is_file():
        inside = ", ".join(str(log.parent) for log in sorted(run.glob(f"*/{LOG_NAME}")))
        raise UsageError(f"{run}: no run here (no {LOG_NAME})" + (f"; there are runs in {inside}" if inside else ""))
    return path


def read_log(run: Path) -> RunLog:
    """A finished run, its digest checked.

    Raises:
        UsageError: there is no run.
        NotComparableError: the log is unfinished, or was edited.
        InputError: a line is not what a log holds.
    """
    path = log_path(run)
    digest = hashlib.sha256()
    found: dict[type[Record], Any] = {}
    resumed: list[ResumedRow] = []
    last_case = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if Footer in found:
                raise NotComparableError(f"{path}:{number}: text after the footer; the log was edited")
            # Cases are parsed where they are asked for: those of a large suite take more memory than all verdicts.
            if line.startswith(CASE):
                last_case = number
            parsed = None if line.startswith(_LATER) else parse(path, number, line)
            if isinstance(parsed, ResumedRow):
                resumed.append(parsed)
            elif parsed is not None:
                found[type(parsed)] = parsed
            digest.update(undigested(parsed) if isinstance(parsed, Footer) else line)
    whole = Footer in found and digest.hexdigest() == found[Footer].sha256
    if not whole:
        deque(_cases(path, last_case), maxlen=0)  # a line that is no case is named before anything else
    if Footer not in found:
        raise NotComparableError(f"{path}: the run is unfinished (no footer). Finish it with --resume.")
    if not whole:
        raise NotComparableError(f"{path}: the log was edited after the run (its digest does not match the footer).")
    if Header not in found or ToolsRow not in found:
        raise NotComparableError(f"{path}: the log has no header")
    return RunLog(path, found[Header], found[ToolsRow], resumed, found[Footer], last_case)


def _cases(path: Path, last: int) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(islice(file, last), start=1):
            if line.startswith(CASE) and isinstance(row := parse(path, number, line), CaseRow):
                yield row.case


def _value(line: bytes) -> Any:
    """A line's JSON; a lone surrogate that a server sent stays what it was."""
    try:
        return jsonvalue.loads(line)
    except jsonvalue.JsonError:
        reading = jsonvalue.read(line.decode())
        if not reading.complete:
            raise
        return reading.value


def parse(path: Path, number: int, line: bytes) -> Line:
    """A line of a log.

    Raises:
        InputError: it is none.
        NotComparableError: it is cut.
    """
    try:
        return _line().validate_python(_value(line), context=STRICT_JSON)
    except ValidationError as error:
        where, message = explain(error, _value(line))[0]
        raise InputError.single(path, message, line=number, where=where) from None
    except ValueError as error:
        if not line.endswith(b"\n"):
            raise NotComparableError(
                f"{path}:{number}: the run is unfinished (the last line is cut). Finish it with --resume."
            ) from None
        raise InputError.single(path, f"not a line of a run log: {error}", line=number) from None


def read_unfinished(path: Path) -> Unfinished:
    """What a log holds, finished or not; a torn last line is left out of `length`.

    Raises:
        UsageError: it has no header, or a line is not what a log holds.
        NotComparableError: the log was finished and edited since.
    """
    header: Header | None = None
    rows = _Rows()
    base_urls: list[str] = []
    length = cases = 0
    finished = False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            parsed = parse(path, number, line)
            if isinstance(parsed, Footer):
                finished = True
                digest.update(undigested(parsed))
                if digest.hexdigest() != parsed.sha256 or length + len(line) != size:
                    raise NotComparableError(f"{path}: the log was edited after the run; it cannot be resumed.")
                break
            digest.update(line)
            length += len(line)
            if isinstance(parsed, Header | ResumedRow):
                header = parsed if isinstance(parsed, Header) else header
                base_urls += parsed.base_urls
            elif isinstance(parsed, DecisionRow | RolloutRow):
                rows.add(parsed)
            cases += isinstance(parsed, CaseRow)
    if header is None:
        raise UsageError(f"{path}: nothing to resume: the log has no header. Remove the folder and run anew.")
    return Unfinished(
        header, rows.done, len(rows.errored), len(rows.unread), length, size, finished, rows.count, cases, base_urls
    )


class _Rows:
    """What the rows of a log come to, the last of each decision."""

    def __init__(self) -> None:
        self.count = 0
        self.done: dict[tuple[str, int, int], str] = {}
        self.errored: set[tuple[str, int, int]] = set()
        self.unread: set[tuple[str, int, int]] = set()

    def add(self, row: DecisionRow | RolloutRow) -> None:
        """Takes the next row in."""
        key = row.key
        self.count += 1
        self.errored.discard(key)
        self.unread.discard(key)
        if row.fault is not None:
            self.errored.add(key)
            return
        self.done[key] = row.digest
        if row.unread:
            self.unread.add(key)
