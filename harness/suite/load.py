"""From a folder to a suite: reading its files, filling in defaults, and listing everything wrong with them."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, ValidationError

from harness import jsonvalue
from harness.documents import Document, read_json, read_jsonl, read_yaml
from harness.errors import InputError, Problem
from harness.memory import without_sweeps
from harness.records import METRICS, Json, Record
from harness.suite.cases import MIN_WORDS, Case, SuiteTool
from harness.suite.checks import Checker, tool_problems
from harness.suite.decisions import Decision, Toolbox, decisions_of
from harness.suite.nulls import NULLS, NullScores
from harness.suite.policy import Policy
from harness.suite.shape import near, shape_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from harness.jsonvalue import JsonValue


class Defaults(Record):
    """What a suite sets for all its cases; a case's own word goes before it. `max_tokens` is per response."""

    min_words: Annotated[int, Field(ge=0)] = MIN_WORDS
    defaults_equal: bool = False
    system: str | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    tags: dict[str, str] = {}


class SuiteHeader(Record):
    """The content of `suite.yaml`."""

    name: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)]
    defaults: Defaults = Defaults()
    thresholds: dict[str, Json] = {}
    gate: Policy | None = None


@dataclass(frozen=True)
class Suite:
    """A loaded suite: every rule of its format holds. `cases` are sorted by id."""

    name: str
    description: str
    licence: str
    defaults: Defaults
    thresholds: dict[str, Decimal | int]
    tools: tuple[SuiteTool, ...]
    cases: tuple[Case, ...]
    gate: Policy | None = None
    """What it asks of a run that is held against a baseline."""
    nulls: NullScores | None = None
    """What null models scored when `harness nulls` was run; its digest says on which version of the suite."""
    places: Mapping[str, tuple[Path, int]] = field(default_factory=dict, compare=False)
    """File and line (from 1) of each case by its id; empty in a suite that is rebuilt from a log."""

    @cached_property
    def decisions(self) -> tuple[Decision, ...]:
        """Every decision, by case id and number."""
        toolbox = Toolbox(self.tools)
        with without_sweeps():
            return tuple(decision for case in self.cases for decision in decisions_of(case, toolbox))

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON of every [case id, [decision digests]], sorted by id."""
        digests: dict[str, list[str]] = {case.id: [] for case in self.cases}
        for decision in self.decisions:
            digests[decision.case_id].append(decision.digest)
        content = [[case_id, digests[case_id]] for case_id in sorted(digests)]
        return hashlib.sha256(jsonvalue.canonical(content)).hexdigest()


def load_suite(path: Path | str, *, nulls: bool = True) -> Suite:
    """The suite in a folder; without `nulls` what null models scored is not read, whatever its file holds.

    Raises:
        InputError: with every problem of every file, by file and line.
    """
    folder = Path(path)
    if not folder.is_dir():
        raise InputError.single(folder, "there is no such suite folder; name one that holds suite.yaml")
    loading = _Loading()
    header = loading.header(folder / "suite.yaml")
    tools = loading.tools(folder / "tools.json")
    scores = loading.nulls(folder / NULLS) if nulls else None
    with without_sweeps():
        cases = loading.cases(folder / "cases", header.defaults if header else Defaults(), tools)
    if loading.problems or header is None or tools is None:
        raise InputError(loading.problems)
    return Suite(
        name=header.name,
        description=header.description,
        licence=header.licence,
        defaults=header.defaults,
        thresholds=dict(header.thresholds),
        tools=tuple(tools),
        cases=tuple(sorted(cases, key=lambda case: case.id)),
        gate=header.gate,
        nulls=scores,
        places={case: (Path(file), line) for case, (file, line) in loading.places.items()},
    )


_READERS = {".yaml": read_yaml, ".yml": read_yaml, ".jsonl": read_jsonl}


@dataclass(slots=True)
class _Loading:
    """One pass over a suite's files; problems are gathered, not raised."""

    problems: list[Problem] = field(default_factory=list)
    places: dict[str, tuple[str, int]] = field(default_factory=dict)
    """File and line of each case."""

    def header(self, path: Path) -> SuiteHeader | None:
        """The suite's own file."""
        if not path.is_file():
            self._note_file(path, "is missing; write one with name, description and licence")
            return None
        documents = list(self._documents(path))
        if len(documents) != 1:
            if not any(problem.file == str(path) for problem in self.problems):
                self._note_file(path, f"holds {len(documents)} documents; it must hold exactly one")
            return None
        document = documents[0]
        try:
            header = SuiteHeader.model_validate(document.value)
        except ValidationError as error:
            self._note(document, shape_problems(error, SuiteHeader, document.value))
            return None
        self._note(document, _threshold_problems(header.thresholds))
        return header

    def tools(self, path: Path) -> list[SuiteTool] | None:
        """The suite's tools; None where a problem makes the list unfit to check cases by."""
        if not path.is_file():
            self._note_file(path, "is missing; write a JSON list of the tools, [] if there are none")
            return None
        for document in self._take(path, read_json(path)):
            if not isinstance(document.value, list):
                self._note(document, [("", "must be a JSON list of tools")])
                return None
            return self._tool_list(document, document.value)
        return None

    def nulls(self, path: Path) -> NullScores | None:
        """What null models scored, where that is stored."""
        before = len(self.problems)
        scores = self._null_scores(path)
        if len(self.problems) > before:
            self._note_file(path, f"holds no scores of null models; delete it, or run: harness nulls {path.parent}")
        return scores

    def _null_scores(self, path: Path) -> NullScores | None:
        for document in self._take(path, read_json(path)) if path.is_file() else ():
            try:
                return NullScores.model_validate(document.value)
            except ValidationError as error:
                self._note(document, shape_problems(error, NullScores, document.value))
        return None

    def _tool_list(self, document: Document, values: list[JsonValue]) -> list[SuiteTool] | None:
        tools: list[tuple[int, SuiteTool]] = []
        for index, value in enumerate(values):
            try:
                tools.append((index, SuiteTool.model_validate(value)))
            except ValidationError as error:
                found = shape_problems(error, SuiteTool, value)
                self._note(document, ((f"/{index}{where}", message) for where, message in found))
        self._note(document, tool_problems(tools))
        return [tool for _, tool in tools] if len(tools) == len(values) else None

    def cases(self, folder: Path, defaults: Defaults, tools: list[SuiteTool] | None) -> list[Case]:
        """The cases of all files under a folder, in the order of file names."""
        if not folder.is_dir():
            self._note_file(folder, "is missing; put the cases there, as *.yaml or *.jsonl")
            return []
        checker = Checker(tools)
        before = len(self.problems)
        cases: list[Case] = []
        for document in self._case_documents(folder):
            case = self._case(document, defaults, checker)
            if case is None:
                continue
            file, line = self.places.setdefault(case.id, (document.file, document.line))
            if (file, line) != (document.file, document.line):
                message = f"the id {case.id!r} is taken by the case at {file}:{line}; give each case its own"
                self._note(document, [("/id", message)])
            cases.append(case)
        if not cases and len(self.problems) == before:
            self._note_file(folder, "holds no case; add one as *.yaml or *.jsonl")
        return cases

    def _case_documents(self, folder: Path) -> Iterator[Document]:
        for path in sorted(folder.rglob("*")):
            if path.suffix in _READERS and not path.is_dir():
                yield from self._documents(path)
            elif path.suffix == ".json":
                self._note_file(path, "is not read; write cases as *.yaml, or one a line as *.jsonl")

    def _case(self, document: Document, defaults: Defaults, checker: Checker) -> Case | None:
        value = _with_defaults(document.value, defaults)
        try:
            case = Case.model_validate(value).compact()
        except ValidationError as error:
            self._note(document, shape_problems(error, Case, value))
            return None
        self._note(document, checker.problems(case))
        return case

    def _documents(self, path: Path) -> Iterator[Document]:
        return self._take(path, _READERS[path.suffix](path))

    def _take(self, path: Path, found: Iterator[Document | Problem]) -> Iterator[Document]:
        """The documents of a file; its problems go to the others."""
        try:
            for item in found:
                if isinstance(item, Problem):
                    self.problems.append(item)
                else:
                    yield item
        except OSError as error:
            self._note_file(path, f"cannot be read: {error.strerror}")

    def _note_file(self, path: Path, message: str) -> None:
        self.problems.append(Problem(str(path), 0, "", message))

    def _note(self, document: Document, found: Any) -> None:
        self.problems.extend(document.problem(where, message) for where, message in found)


def _with_defaults(value: JsonValue, defaults: Defaults) -> JsonValue:
    """A case's document with the suite's defaults filled in; what is not of the right shape stays as it is."""
    if not isinstance(value, dict):
        return value
    filled = {"system": defaults.system, "min_words": defaults.min_words, **value}
    if isinstance(filled["system"], str):  # often long, and the same in thousands of cases
        filled["system"] = sys.intern(filled["system"])
    tags = value.get("tags", {})
    if isinstance(tags, dict):
        filled["tags"] = {**defaults.tags, **tags}
    turns = value.get("turns")
    if isinstance(turns, list):
        base = {"min_words": filled["min_words"], "defaults_equal": defaults.defaults_equal}
        filled["turns"] = [_turn_with_defaults(turn, base) for turn in turns]
    return filled


def _turn_with_defaults(turn: JsonValue, base: dict[str, Any]) -> JsonValue:
    if not isinstance(turn, dict) or not isinstance(expect := turn.get("expect"), dict):
        return turn
    return {**turn, "expect": {**base, **expect}}


def _threshold_problems(thresholds: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
    for name, floor in thresholds.items():
        where = jsonvalue.pointer("thresholds", name)
        if name not in METRICS:
            yield where, f"unknown metric {name!r}; {near(name, METRICS)}"
        elif isinstance(floor, bool) or not isinstance(floor, int | Decimal):
            yield where, f"a threshold is a number from 0 to 1, not {jsonvalue.kind(floor)}"
        elif not 0 <= floor <= 1:
            yield where, f"a threshold is from 0 to 1, not {floor}; write 90 % as 0.9"
