"""The data of a page: an index of every decision, and the transcripts in parts that are opened when they are looked at."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.comparison.pairing import pairing
from harness.report.html.columns import Columns
from harness.report.html.packing import Block, Chunks, block
from harness.report.html.runs import Transcripts, case_value, transcripts_of
from harness.suite import tool_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.baseline import Entry, Results
    from harness.records import ToolSpec
    from harness.report.html.runs import Asked, Done
    from harness.suite import Suite

VERSION = 1
"""Of the form of the data, for the page's own script."""


class Row(NamedTuple):
    """One decision (turn) of a page: what each stage made of it."""

    key: tuple[str, int, int]
    entries: Sequence[Entry | None]
    before: Entry | None
    """What the baseline made of it."""


def rows_of(stages: Sequence[Results], baseline: Results | None = None) -> list[Row]:
    """Every decision (turn) that a stage holds; equal ones of several stages are one, as comparisons pair them."""
    first = stages[0]
    found: dict[tuple[Any, ...], list[Entry | None]] = {}
    for number, stage in enumerate(stages):
        same = {pair.second.key: pair.first for pair in pairing(first, stage).pairs} if number else {}
        for entry in stage.entries:
            anchor = same.get(entry.key, entry)
            found.setdefault((*anchor.key, anchor.digest), [None] * len(stages))[number] = entry
    known = {pair.second.key: pair.first for pair in pairing(baseline, first).pairs} if baseline else {}
    rows = []
    for (case, index, trial, _), entries in sorted(found.items()):
        own = entries[0]
        rows.append(Row((case, index, trial), entries, known.get(own.key) if own is not None else None))
    return rows


def data_blocks(
    named: Sequence[tuple[str, Results]], baseline: Results | None = None, suite: Suite | None = None
) -> list[Block]:
    """The blocks of data of a page about some stages: index, parts of transcripts, tools.

    Args:
        named: each stage with its name; those of a baseline's file have verdicts only.
        baseline: what the only stage is held against.
        suite: the suite of all of them, where it is at hand: then it is not rebuilt from their logs.
    """
    results = [one for _, one in named]
    with ExitStack() as stack:
        logs = [stack.enter_context(transcripts_of(one.log, suite)) if one.log else None for one in results]
        making = _Making(results, logs)
        for row in rows_of(results, baseline):
            making.add(row)
        return making.blocks(named, baseline)


class _Making:
    """Goes through the rows once; what was made of one is packed before the next is read."""

    def __init__(self, results: Sequence[Results], logs: Sequence[Transcripts | None]) -> None:
        self._results = results
        self._logs = logs
        self._chunks = Chunks()
        self._columns = Columns(results)
        self._tools = _Tools()

    def add(self, row: Row) -> None:
        """Takes the next row in."""
        places = list(zip(self._logs, row.entries, strict=True))
        known = [(log, entry) for log, entry in places if log is not None and entry is not None]
        done = [None if log is None or entry is None else log.done(entry) for log, entry in places]
        chunk, asked = -1, None
        if known:
            log, entry = known[0]
            asked = log.asked(
                entry, wrong=any("rejected" in one.value or "no_rejected" in one.value for one in done if one)
            )
            chunk = self._pack(asked, done, (entry.case, log.history(entry.case)))
        self._columns.add(row, asked, [one.scores if one else () for one in done], chunk)

    def _pack(self, asked: Asked, done: Sequence[Done | None], case: tuple[str, Sequence[dict[str, Any]]]) -> int:
        name, history = case
        value = {**asked.value, "tools": self._tools.names(asked.tools)}
        if list(history[: len(asked.messages)]) == list(asked.messages):
            value["prefix"] = len(asked.messages)
        else:
            value["messages"] = list(asked.messages)
        value["stages"] = [None if one is None else one.value for one in done]
        return self._chunks.add(self._columns.count, value, name, lambda: case_value(asked.case, history))

    def blocks(self, named: Sequence[tuple[str, Results]], baseline: Results | None) -> list[Block]:
        """All of it."""
        self._chunks.close()
        first = self._results[0]
        index = {
            "version": VERSION,
            "unit": first.unit,
            "mode": first.identity.mode,
            "stages": [_stage(*one, log) for one, log in zip(named, self._logs, strict=True)],
            "baseline": baseline.name if baseline else None,
            **self._columns.value(),
        }
        return [block("index", index), *self._chunks.blocks, block("tools", self._tools.value)]


def _stage(name: str, results: Results, log: Transcripts | None) -> dict[str, Any]:
    """What is known of a stage."""
    identity = results.identity
    return {
        "name": name,
        "model": identity.model,
        "suite": identity.suite,
        "folder": str(results.path.parent if results.log else results.path),
        "base_url": next(iter(results.log.base_urls), "") if results.log else "",
        "sampling": identity.sampling.model_dump(),
        "request": log.request(identity) if log is not None else {},
    }


class _Tools:
    """Every tool that was offered, once."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self._keys: dict[bytes, str] = {}
        self._offers: dict[int, tuple[Sequence[ToolSpec], list[str]]] = {}

    def names(self, offered: Sequence[ToolSpec]) -> list[str]:
        """What these tools are found by: their names, and a number where several have one."""
        known = self._offers.get(id(offered))
        if known is None or known[0] is not offered:
            known = self._offers[id(offered)] = offered, [self._name(tool) for tool in offered]
        return known[1]

    def _name(self, tool: ToolSpec) -> str:
        value = tool_json(tool)
        text = jsonvalue.canonical(value)
        if text not in self._keys:
            name, number = tool.function.name, 2
            while name in self.value:
                name, number = f"{tool.function.name}#{number}", number + 1
            self._keys[text] = name
            self.value[name] = value
        return self._keys[text]
