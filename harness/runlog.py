"""The run log: a header, the cases, one row a decision, a footer; append-only, one JSON line each.

Everything a later look needs is in this one file: what was compared (header), what was asked (cases),
what came back and how it was judged (rows), and that nothing was lost or edited since (footer: counts
and a SHA-256 over all bytes before it). A log without a footer is unfinished: it can be resumed, never
judged or compared.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from functools import cache
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from harness import jsonvalue
from harness.errors import InputError, NotComparableError, UsageError
from harness.records import STRICT_JSON, Dialect, FaultKind, Json, Record, Response, Score, explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG_NAME = "run.jsonl"
_DECISION = b'{"type":"decision"'


class Sampling(Record):
    """Every sampling parameter, as sent with each request."""

    temperature: Json = 0
    top_p: Json = 1
    top_k: int = 0
    min_p: Json = 0
    repetition_penalty: Json = 1
    presence_penalty: Json = 0
    frequency_penalty: Json = 0
    max_tokens: int
    seed: int = 0


class Identity(Record):
    """What was compared: two runs are comparable only where this says so."""

    suite: str
    suite_digest: str
    decisions: int
    model: str
    """The name that requests carry."""
    model_identity: dict[str, Json] = {}
    """What is known of the weights and adapters: paths, digests, parent."""
    server: dict[str, Json] = {}
    """vLLM version, chat template hash, parsers, context length, flags."""
    sampling: Sampling
    thinking: bool | None = None
    dialect: Dialect | None = None
    mode: Literal["teacher_forced"] = "teacher_forced"
    trials: int = 1
    harness_version: str
    scorer_version: str


class Header(Record):
    """The first line of a log."""

    type: Literal["header"] = "header"
    format: Literal[1] = 1
    identity: Identity
    description: str = ""
    thresholds: dict[str, Json] = {}
    started: str
    """When the run began, ISO 8601 in UTC."""
    command: list[str]
    base_urls: list[str]
    platform: str = ""
    """Operating system, processor and Python of the machine that asked."""


class CaseRow(Record):
    """One case of the suite, as `suite.Case.to_json` writes it, with the tools it may name."""

    type: Literal["case"] = "case"
    case: dict[str, Json]


class ToolsRow(Record):
    """The suite's tools, which the case rows name."""

    type: Literal["suite"] = "suite"
    licence: str | None = None
    tools: list[dict[str, Json]]


class Fault(Record):
    """Why there is no response to judge; never the model's doing."""

    kind: FaultKind
    status: int | None = None
    """HTTP status, where one came."""
    message: str


class Usage(Record):
    """Tokens of one response."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Timing(Record):
    """When and how long: seconds; `started` counts from the start of the run."""

    started: float
    latency: float
    attempts: int = 1
    """Requests sent, retries included."""


class DecisionRow(Record):
    """One decision: what was sent, what came back, the verdict."""

    type: Literal["decision"] = "decision"
    case: str
    index: int
    trial: int = 0
    digest: str
    """The decision's content digest."""
    request_digest: str
    """SHA-256 of the request body."""
    prompt_digest: str | None = None
    """SHA-256 of the rendered prompt's token ids, each as 4 bytes, little-endian."""
    response: Response
    token_ids: list[int] | None = None
    fault: Fault | None = None
    score: Score
    usage: Usage = Usage()
    timing: Timing
    url: int = 0
    """Which of the header's `base_urls` answered."""


class ResumedRow(Record):
    """A later process took the run up again."""

    type: Literal["resumed"] = "resumed"
    started: str
    command: list[str]
    harness_version: str


class Footer(Record):
    """The last line of a finished log."""

    type: Literal["footer"] = "footer"
    rows: int
    """Decision rows, superseded ones included."""
    scored: int
    errored: int
    finished: str
    elapsed: float
    """Seconds that the process which finished the run took."""
    server_metrics: dict[str, Json] = {}
    sha256: str
    """Of every byte before this line, and of this line with an empty digest."""


Line: TypeAlias = Annotated[
    Header | ToolsRow | CaseRow | DecisionRow | ResumedRow | Footer, Field(discriminator="type")
]


@cache
def _line() -> TypeAdapter[Line]:
    return TypeAdapter(Line)


def encode(line: Record) -> bytes:
    """A record as one line of the log."""
    return jsonvalue.dump_line(line.model_dump())


def case_line(case: dict[str, Any]) -> bytes:
    """A case row, from the case as plain JSON."""
    return jsonvalue.dump_line({"type": "case", "case": case})


def decision_line(row: dict[str, Any]) -> bytes:
    """A decision row from its fields, as plain JSON values: what `encode` writes, without building the record."""
    return jsonvalue.dump_line({"type": "decision", **row})


def _undigested(footer: Footer) -> bytes:
    """A footer as its own digest sees it."""
    return encode(footer.model_copy(update={"sha256": ""}))


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
        found = read_unfinished(log_path(folder))
        return found if found.rows else None

    @classmethod
    def resume(cls, folder: Path, found: Unfinished) -> RunWriter:
        """Opens a log to go on with it; a torn last line and the footer are cut off first."""
        self = cls.__new__(cls)
        self.path = folder / LOG_NAME
        self._digest = hashlib.sha256()
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
        """Appends one line."""
        try:
            while line:
                written = self._file.write(line) or 0
                self._digest.update(line[:written])
                line = line[written:]
        except OSError as error:
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            what = "the disk is full" if full else str(error.strerror)
            raise UsageError(
                f"cannot write to {self.path}: {what}. What was done is kept; make room, then run again with --resume."
            ) from error

    def finish(self, footer: Footer) -> Footer:
        """Writes the footer, its digest filled in; the log is complete."""
        self._digest.update(_undigested(footer))
        complete = footer.model_copy(update={"sha256": self._digest.hexdigest()})
        self.write(encode(complete))
        os.fsync(self._file.fileno())
        return complete

    def close(self) -> None:
        """Closes the file; without a footer the log stays unfinished."""
        self._file.close()


def _lock(file: IO[bytes], path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise UsageError(f"{path} is being written by another run; wait for it, or choose another --out.") from None


class Unfinished(NamedTuple):
    """What a log holds so far, for resuming."""

    header: Header
    done: dict[tuple[str, int, int], str]
    """Digest of every decision with a response, by (case, index, trial); errored rows are not among them."""
    length: int
    """Bytes that are whole and stay."""
    size: int
    """Bytes of the file as it was read."""
    finished: bool
    rows: int


class RunLog:
    """A finished log on disk; its rows are read one at a time."""

    def __init__(
        self, path: Path, header: Header, suite: ToolsRow, cases: list[dict[str, Any]], footer: Footer
    ) -> None:
        self.path = path
        self.header = header
        self.suite = suite
        self.cases = cases
        self.footer = footer

    def rows(self) -> Iterator[DecisionRow]:
        """The decision rows in the order they were written; of repeated decisions only the last."""
        yield from decision_rows(self.path)


def decision_rows(path: Path) -> Iterator[DecisionRow]:
    """The decision rows of a log, finished or not; of repeated decisions (after a resume) only the last."""
    last = {}
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith(_DECISION):
                row = _value(line)
                last[row["case"], row["index"], row["trial"]] = number
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith(_DECISION):
                parsed = _parse(path, number, line)
                if isinstance(parsed, DecisionRow) and last[parsed.case, parsed.index, parsed.trial] == number:
                    yield parsed


def log_path(run: Path) -> Path:
    """The log of a run given as its folder or as the file."""
    path = run / LOG_NAME if run.is_dir() else run
    if not path.is_file():
        raise UsageError(f"{run}: no run here (no {LOG_NAME})")
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
    cases: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if Footer in found:
                raise NotComparableError(f"{path}:{number}: text after the footer; the log was edited")
            parsed = None if line.startswith(_DECISION) else _parse(path, number, line)
            if isinstance(parsed, CaseRow):
                cases.append(parsed.case)
            elif parsed is not None:
                found[type(parsed)] = parsed
            digest.update(_undigested(parsed) if isinstance(parsed, Footer) else line)
    if Footer not in found:
        raise NotComparableError(f"{path}: the run is unfinished (no footer). Finish it with --resume.")
    if digest.hexdigest() != found[Footer].sha256:
        raise NotComparableError(f"{path}: the log was edited after the run (its digest does not match the footer).")
    if Header not in found or ToolsRow not in found:
        raise NotComparableError(f"{path}: the log has no header")
    return RunLog(path, found[Header], found[ToolsRow], cases, found[Footer])


def _value(line: bytes) -> Any:
    """A line's JSON; a lone surrogate that a server sent stays what it was."""
    try:
        return jsonvalue.loads(line)
    except jsonvalue.JsonError:
        reading = jsonvalue.read(line.decode())
        if not reading.complete:
            raise
        return reading.value


def _parse(path: Path, number: int, line: bytes) -> Line:
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
    done: dict[tuple[str, int, int], str] = {}
    length = rows = 0
    finished = False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            parsed = _parse(path, number, line)
            if isinstance(parsed, Footer):
                finished = True
                digest.update(_undigested(parsed))
                if digest.hexdigest() != parsed.sha256 or length + len(line) != size:
                    raise NotComparableError(f"{path}: the log was edited after the run; it cannot be resumed.")
                break
            digest.update(line)
            length += len(line)
            if isinstance(parsed, Header):
                header = parsed
            elif isinstance(parsed, DecisionRow):
                rows += 1
                key = (parsed.case, parsed.index, parsed.trial)
                if parsed.fault is None:
                    done[key] = parsed.digest
    if header is None:
        raise UsageError(f"{path}: nothing to resume: the log has no header. Remove the folder and run anew.")
    return Unfinished(header, done, length, size, finished, rows)
