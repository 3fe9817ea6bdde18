"""From drafts to suite folders: versions of tools told apart, every case inspected, every item accounted for.

A suite folder gets, beside `suite.yaml`, `tools.json` and `cases/`:

- `import-report.jsonl`: one line for each item of the source: imported, quarantined or left out, and by which rule
- `quarantine.jsonl`: the cases that fail a check, whole, with what is wrong
- `review.md`, where the source says so: what a person should look at before the cases count
- `README.md`: where it comes from, the counts, and the rules in words
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness import jsonvalue
from harness.errors import UsageError
from harness.importers.checking import inspected
from harness.importers.drafts import Draft, LeftOut, Note
from harness.suite import Case, Defaults, Suite, SuiteTool, write_suite

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from harness.importers.drafts import Further, Header, Imported, Importer
    from harness.jsonvalue import JsonValue

REPORT = "import-report.jsonl"
OUTCOMES = ("imported", "quarantined", "left out")
RULES: Mapping[str, str] = {
    "not_a_case": "the case made of it is not one of this harness's format",
    "breaks_suite_check": "the case breaks a check that every suite must pass",
    "gold_fails": "the expected calls, given as a model's response, are not judged right",
    "same_id": "another item of the source has the same id",
    "tool_unusable": "a tool's declaration is no JSON Schema that compiles",
}
"""The rules of writing itself; an importer has its own beside them."""


@dataclass(slots=True)
class Written:
    """One suite folder that was written, and what became of every item."""

    name: str
    folder: Path
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    """By category, how many items had each outcome."""
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often a rule was named, by (outcome, rule), at most once an item."""
    decisions: Counter[str] = field(default_factory=Counter)
    """By category, of what was imported."""

    def total(self, outcome: str) -> int:
        """How many items had an outcome."""
        return sum(counter[outcome] for counter in self.counts.values())


def write_suites(
    items: Iterable[Imported],
    importer: Importer,
    out: Path,
    origin: str,
    *,
    replace: bool,
    further: Further | None = None,
) -> list[Written]:
    """A folder under `out` for each suite that the items name.

    `origin` says in words where they come from. A suite of which nothing is left has its report only. `further` is
    shown what passed the checks here, and says what else is wrong, by case: a linter's place to plug in.

    Raises:
        UsageError: a folder is there already, and `replace` is not said, or cannot be written; or the source holds
            nothing that is wanted, or nothing that this importer reads.
    """
    by_suite: dict[str, list[Imported]] = {}
    for item in items:
        by_suite.setdefault(item.suite, []).append(item)
    if not by_suite:
        raise UsageError("the source holds no item of what was asked for")
    _refuse_foreign([item for found in by_suite.values() for item in found], importer, origin)
    for name in by_suite:
        _may_write(out / name, replace=replace)
    return [_write(name, found, importer, out / name, origin, further) for name, found in by_suite.items()]


def _refuse_foreign(items: list[Imported], importer: Importer, origin: str) -> None:
    """Refuses a source of which no item can be read as what the importer reads: a suite of nothing helps nobody."""
    reasons = [item.reason for item in items if isinstance(item, LeftOut) and item.reason.rule in importer.foreign]
    if len(reasons) == len(items):
        first = f"{items[0].item}: {reasons[0]} ({importer.rules[reasons[0].rule]})"
        raise UsageError(
            f"{origin.strip('`')}: nothing in it can be read as what {importer.name} imports ({importer.source}); "
            f"of {len(items)} items the first is {first}"
        )


def _may_write(folder: Path, *, replace: bool) -> None:
    """Refuses to take the place of anything that was not imported, or that nobody said may go."""
    try:
        there, imported = folder.exists(), (folder / REPORT).is_file()
    except OSError as error:
        raise UsageError(f"{folder} cannot be looked into: {error.strerror}; choose another --out") from error
    if not there:
        return
    if not imported:
        raise UsageError(f"{folder} is there already, and is no imported suite; choose another --out")
    if not replace:
        raise UsageError(f"{folder} is there already; --replace takes its place")


def _write(
    name: str,
    items: list[Imported],
    importer: Importer,
    folder: Path,
    origin: str,
    further: Further | None,
) -> Written:
    written = Written(name, folder)
    shelf = Shelf()
    drafts = {id(item): (item, *shelf.shelved(item)) for item in items if isinstance(item, Draft)}
    tools = shelf.tools()
    problems = _problems(drafts, tools)
    sound = {drafts[key][1]["id"]: drafts[key][1] for key, found in problems.items() if not found}
    if further is not None and sound:
        more = further.find(_suite_of(name, importer, tools, list(sound.values())))
        problems = {key: found or more.get(drafts[key][1]["id"], []) for key, found in problems.items()}
    files = _Files(folder)
    kept: list[JsonValue] = []
    for item in items:
        if isinstance(item, LeftOut):
            files.note(written, item, "left out", [item.reason])
        elif problems[id(item)]:
            files.quarantine(item, problems[id(item)])
            files.note(written, item, "quarantined", [*problems[id(item)], *item.notes])
        else:
            case = drafts[id(item)][1]
            kept.append(case)
            files.keep(item, case)
            files.note(written, item, "imported", item.notes)
            written.decisions[item.category] += sum("expect" in turn for turn in case["turns"])
    listed = set(_listed(kept))
    words = {**RULES, **importer.rules, **(further.rules if further else {})}
    files.finish(written, importer, [tool for tool in tools if tool.key in listed], origin, words)
    return written


def _problems(
    drafts: Mapping[int, tuple[Draft, dict[str, JsonValue], list[Note]]], tools: list[SuiteTool]
) -> dict[int, list[Note]]:
    """What is wrong with each draft; of two with one id the first counts."""
    usable = [key for key, (_, _, unusable) in drafts.items() if not unusable]
    inspections = dict(zip(usable, inspected(tools, [drafts[key][1] for key in usable]), strict=True))
    seen: set[str] = set()
    found: dict[int, list[Note]] = {}
    for key, (item, case, unusable) in drafts.items():
        found[key] = [*item.defects, *unusable] or inspections[key]
        if not found[key] and case["id"] in seen:
            found[key] = [Note("same_id", case["id"])]
        if not found[key]:
            seen.add(case["id"])
    return found


def _suite_of(name: str, importer: Importer, tools: list[SuiteTool], cases: list[JsonValue]) -> Suite:
    """The cases as the suite that they will be."""
    header = importer.header(name)
    made = [Case.model_validate({**case, "tags": {**header.tags, **case.get("tags", {})}}) for case in cases]
    return Suite(
        name=name,
        description=header.description,
        licence=header.licence,
        defaults=Defaults(tags=dict(header.tags)),
        thresholds={},
        tools=tuple(tools),
        cases=tuple(sorted(made, key=lambda case: case.id)),
    )


class Shelf:
    """The tools of a suite as they come: one key for each declaration, whoever offers it."""

    def __init__(self) -> None:
        self._keys: dict[bytes, str] = {}
        self._tools: dict[str, SuiteTool] = {}
        self._versions: Counter[str] = Counter()
        self._defects: dict[str, str] = {}

    def shelved(self, draft: Draft) -> tuple[dict[str, JsonValue], list[Note]]:
        """The case of a draft with its tools listed by key, and which of them are no tools at all."""
        keys = {tool["function"]["name"]: self._key(tool) for tool in draft.tools}
        case = {**draft.case}
        case["tools"] = [keys[name] for name in draft.case.get("tools", keys)]
        case["turns"] = [
            {**turn, "tools": [keys[name] for name in turn["tools"]]} if "tools" in turn else turn
            for turn in draft.case["turns"]
        ]
        return case, [Note("tool_unusable", self._defects[key]) for key in keys.values() if key in self._defects]

    def tools(self) -> list[SuiteTool]:
        """All that came."""
        return list(self._tools.values())

    def _key(self, tool: dict[str, JsonValue]) -> str:
        text = jsonvalue.canonical(tool)
        key = self._keys.get(text)
        if key is not None:
            return key
        name = tool["function"]["name"]
        self._versions[name] += 1
        number = self._versions[name]
        key = self._keys[text] = name if number == 1 else f"{name}@{number}"
        try:
            made = SuiteTool.model_validate({**tool, **({"id": key} if number > 1 else {})})
        except ValidationError as error:
            self._defects[key] = f"{name}: {error.errors()[0]['msg']}"
            return key
        self._tools[key] = made
        defect = _defect(made)
        if defect is not None:
            self._defects[key] = f"{name}: {defect}"
        return key


def _defect(tool: SuiteTool) -> str | None:
    from harness.toolschema import Tool

    return Tool(tool.function.name, tool.function.parameters).defect


def _listed(cases: Iterable[JsonValue]) -> Iterator[str]:
    for case in cases:
        yield from case["tools"]
        for turn in case["turns"]:
            yield from turn.get("tools", ())


class _Files:
    """What goes into one folder, gathered, and written at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cases: dict[str, list[JsonValue]] = {}
        self._report: list[bytes] = []
        self._quarantine: list[bytes] = []
        self._review: list[str] = []

    def keep(self, item: Draft, case: JsonValue) -> None:
        """A case that counts."""
        self._cases.setdefault(item.category, []).append(case)
        self._review += [f"- [ ] `{case['id']}`: {line}" for line in item.review]

    def quarantine(self, item: Draft, problems: list[Note]) -> None:
        """A case that does not, with all that is needed to mend it."""
        line = {
            "item": item.item,
            "problems": [{"rule": note.rule, "detail": note.detail} for note in problems],
            "case": item.case,
            "tools": item.tools,
        }
        self._quarantine.append(jsonvalue.dump_line(line))

    def note(self, written: Written, item: Imported, outcome: str, notes: list[Note]) -> None:
        """One line of the report, and the counts."""
        written.counts.setdefault(item.category, Counter())[outcome] += 1
        written.rules.update({(outcome, note.rule) for note in notes})
        line: dict[str, JsonValue] = {"item": item.item, "category": item.category, "outcome": outcome}
        if isinstance(item, Draft):
            line["case"] = item.case.get("id")
        line["notes"] = [{"rule": note.rule, "detail": note.detail} for note in notes]
        self._report.append(jsonvalue.dump_line(line))

    def finish(
        self, written: Written, importer: Importer, tools: list[SuiteTool], origin: str, words: Mapping[str, str]
    ) -> None:
        """Writes all of it, in the place of what was there.

        Raises:
            UsageError: the folder cannot be written.
        """
        part = self._folder.with_name(f".{self._folder.name}.part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            self._fill(part, written, importer, tools, origin, words)
            shutil.rmtree(self._folder, ignore_errors=True)
            part.rename(self._folder)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise UsageError(f"cannot write {self._folder}: {error.strerror}; choose another --out") from error

    def _fill(
        self,
        part: Path,
        written: Written,
        importer: Importer,
        tools: list[SuiteTool],
        origin: str,
        words: Mapping[str, str],
    ) -> None:
        header = importer.header(written.name)
        if self._cases:
            first = {"name": written.name, "description": header.description, "licence": header.licence}
            tags = {"defaults": {"tags": dict(header.tags)}} if header.tags else {}
            write_suite(part, first | tags, tools, self._cases)
        (part / REPORT).write_bytes(b"".join(self._report))
        if self._quarantine:
            (part / "quarantine.jsonl").write_bytes(b"".join(self._quarantine))
        if self._review:
            (part / "review.md").write_text(_review(written.name, self._review), encoding="utf-8")
        page = _page(written, importer, header, origin, words)
        (part / "README.md").write_text(page, encoding="utf-8")


def _review(name: str, lines: list[str]) -> str:
    head = f"# To be reviewed: {name}\n\nNobody has looked at these expectations yet. Tick what you have checked.\n\n"
    return head + "\n".join(lines) + "\n"


def _page(written: Written, importer: Importer, header: Header, origin: str, words: Mapping[str, str]) -> str:
    rows = [
        f"| {category} | {' | '.join(str(counter[outcome]) for outcome in OUTCOMES)} |"
        for category, counter in written.counts.items()
    ]
    rules = [
        f"| {outcome} | `{rule}` | {count} | {words.get(rule, '')} |"
        for (outcome, rule), count in sorted(
            written.rules.items(), key=lambda pair: (OUTCOMES.index(pair[0][0]), pair[0])
        )
    ]
    made = (
        f"Made by `harness import {importer.name}` from {origin}. Licence of the content: {header.licence}. "
        "`import-report.jsonl` says of every item what became of it; `quarantine.jsonl` holds what failed a check."
    )
    parts = [
        f"# {written.name}",
        header.description,
        made,
        "\n".join([f"| category | {' | '.join(OUTCOMES)} |", "| --- | --- | --- | --- |", *rows]),
    ]
    if rules:
        head = ["| outcome | rule | items | meaning |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([*head, *rules]))
    return "\n\n".join(parts) + "\n"
