"""Baselines on disk: small, sorted, the same bytes for the same run, so that a pull request shows what changed.

A header with the identity of everything compared, a line for each case's tags, a line for each entry, a footer with
counts and a SHA-256 (hex) over all bytes before it; one JSON object each.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, ValidationError

from harness import jsonvalue
from harness.baseline.entries import Entry, Results
from harness.baseline.plain import PlainLines
from harness.errors import InputError, NotComparableError, UsageError
from harness.records import STRICT_JSON, Json, Outcome, QualityDefect, Record, ViolationCode, explain
from harness.runlog import Identity
from harness.suite import Expected, Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOLDER = Path("baselines")
_LOCAL = re.compile(r"~?/|\.{1,2}/|[A-Za-z]:[\\/]")
"""What a path begins with, and no name of a hub."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")


class BaselineHeader(Record):
    """The first line."""

    type: Literal["baseline"] = "baseline"
    format: Literal[1] = 1
    name: str
    identity: Identity
    thresholds: dict[str, Json] = {}
    gate: Annotated[Policy | None, Field(exclude_if=lambda value: value is None)] = None


class CaseTags(Record):
    """A case and its tags."""

    type: Literal["case"] = "case"
    case: str
    tags: dict[str, str]


class EntryLine(Record):
    """An entry; what is at its default is left out."""

    case: str
    index: int
    trial: int = 0
    digest: str
    depth: int
    tools: int
    expect: Expected
    outcome: Outcome
    name: bool | None = None
    args: bool | None = None
    codes: list[ViolationCode] = []
    fabricated: bool = False
    defects: list[QualityDefect] = []
    prompt: str | None = None

    def entry(self) -> Entry:
        """What it says."""
        return Entry(**{**self.__dict__, "codes": tuple(self.codes), "defects": tuple(self.defects)})


class BaselineFooter(Record):
    """The last line."""

    type: Literal["footer"] = "footer"
    cases: int
    entries: int
    right: int
    errored: int
    sha256: str


_KINDS: dict[Any, type[Record]] = {
    "baseline": BaselineHeader,
    "case": CaseTags,
    "footer": BaselineFooter,
    None: EntryLine,
}
"""What a line is by its `type`; entries, which are nearly all, need none."""


def written(results: Results, name: str) -> bytes:
    """A baseline as its file holds it."""
    entries = sorted(results.entries, key=lambda entry: entry.key)
    header = BaselineHeader(
        name=name, identity=_portable(results.identity), thresholds=dict(results.thresholds), gate=results.gate
    )
    body = bytearray(jsonvalue.dump_line(header.model_dump()))
    for case, tags in sorted(results.tags.items()):
        body += _case_line(case, tags)
    for entry in entries:
        body += _entry_line(entry)
    footer = BaselineFooter(
        cases=len(results.tags),
        entries=len(entries),
        right=sum(entry.right for entry in entries),
        errored=sum(entry.errored for entry in entries),
        sha256=hashlib.sha256(body).hexdigest(),
    )
    return bytes(body + jsonvalue.dump_line(footer.model_dump()))


def _case_line(case: str, tags: Mapping[str, str]) -> bytes:
    return jsonvalue.dump_line({"type": "case", "case": case, "tags": dict(sorted(tags.items()))})


_ALWAYS = frozenset(("case", "index", "digest", "depth", "tools", "expect", "outcome"))


def _entry_line(entry: Entry) -> bytes:
    """Of verdicts that need not be there `False` is said, `None` is not."""
    told = {
        name: value
        for name, value in entry._asdict().items()
        if name in _ALWAYS or (value is not None if name in ("name", "args") else value)
    }
    return jsonvalue.dump_line(told)


def _portable(identity: Identity) -> Identity:
    parts = {"model_identity": without_folders(identity.model_identity), "server": without_folders(identity.server)}
    return identity.model_copy(update=parts)


def without_folders(value: Any) -> Any:
    """A part of an identity with the last name only of each local path: where weights lie is nobody else's business.

    What they are, their digest says. Names as hubs have them (`Qwen/Qwen3-8B`) stay.
    """
    if isinstance(value, dict):
        return {name: without_folders(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item) for item in value]
    return PurePath(value).name if isinstance(value, str) and _LOCAL.match(value) else value


def save(results: Results, name: str, folder: Path = FOLDER, *, replace: bool = False) -> Path:
    """Writes a baseline and returns its file.

    Raises:
        UsageError: the name is no file name, a baseline of that name exists, or the folder cannot be written.
        NotComparableError: nothing was scored.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a baseline: letters, digits, and . _ + - inside, at most 100")
    if all(entry.errored for entry in results.entries):
        raise NotComparableError(f"{results.name}: nothing was scored; it cannot become a baseline")
    path = folder / f"{name}.jsonl"
    try:
        if path.exists() and not replace:
            raise UsageError(f"{path} exists: choose another --name, or --replace it")
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(written(results, name))
        part.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return path


def read(path: Path) -> Results:
    """A baseline from its file, its digest and counts checked.

    Raises:
        UsageError: there is no such file.
        InputError: a line is not what a baseline holds.
        NotComparableError: it has no footer, or was edited.
    """
    found = _Lines(path)
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                found.add(number, line)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    return found.results()


class _Lines:
    """What the lines of a file come to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._header: BaselineHeader | None = None
        self._footer: BaselineFooter | None = None
        self._tags: dict[str, dict[str, str]] = {}
        self._entries: list[Entry] = []
        self._digest = hashlib.sha256()
        self._plain = PlainLines()

    def add(self, number: int, line: bytes) -> None:
        """Takes the next line in."""
        entry = self._plain.entry(line)
        if entry is not None and self._footer is None and entry.case in self._tags:
            self._digest.update(line)
            self._entries.append(entry)
            return
        self._add_parsed(number, line, _parse(self._path, number, line))

    def _add_parsed(self, number: int, line: bytes, parsed: Record) -> None:
        if self._footer is not None:
            raise NotComparableError(f"{self._path}:{number}: text after the footer; the baseline was edited")
        if isinstance(parsed, BaselineFooter):
            self._footer = parsed
            return
        self._digest.update(line)
        if isinstance(parsed, BaselineHeader):
            self._header = parsed
        elif isinstance(parsed, CaseTags):
            self._tags[parsed.case] = self._plain.shared(parsed.tags)
        elif isinstance(parsed, EntryLine):
            if parsed.case not in self._tags:
                raise InputError.single(self._path, f"an entry of case {parsed.case!r}, which has no line", line=number)
            self._entries.append(self._plain.learn(line, parsed.entry()))

    def results(self) -> Results:
        """The whole."""
        if self._header is None or self._footer is None:
            missing = "header" if self._header is None else "footer"
            raise NotComparableError(f"{self._path}: not a whole baseline (its {missing} is missing)")
        if self._digest.hexdigest() != self._footer.sha256:
            raise NotComparableError(
                f"{self._path}: edited after it was saved (its digest does not match). Save the run again."
            )
        thresholds = {name: float(value) for name, value in self._header.thresholds.items()}
        header = self._header
        return Results(
            header.name, self._path, header.identity, thresholds, self._tags, self._entries, gate=header.gate
        )


def _parse(path: Path, number: int, line: bytes) -> Record:
    try:
        value = jsonvalue.loads(line)
    except ValueError as error:
        raise InputError.single(path, f"not a line of a baseline: {error}", line=number) from None
    kind = _KINDS.get(value.get("type")) if isinstance(value, dict) else None
    if kind is None:
        raise InputError.single(path, "not a line of a baseline", line=number)
    try:
        return kind.model_validate(value, context=STRICT_JSON)
    except ValidationError as error:
        where, message = explain(error, value)[0]
        raise InputError.single(path, message, line=number, where=where) from None


def stored(folder: Path = FOLDER) -> Iterator[Path]:
    """The files of the baselines in a folder, by name."""
    yield from sorted(folder.glob("*.jsonl"))
