"""Runs as flat tables for pandas, DuckDB or a spreadsheet: a row a decision, or a row a metric; a file of either.

Figures are whole and bare here, shares from 0 to 1; the metrics are those that every summary prints.
"""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from harness.comparison import counted
from harness.errors import UsageError
from harness.report.csv_tables import unarmed
from harness.report.view import measured
from harness.runlog import decisions_with_rows, suite_of
from harness.runner import Replay
from harness.runner.judging import judged
from harness.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from harness.baseline import Entry, Results
    from harness.metrics import Judged, Rate
    from harness.runlog import RunLog, Timing, Usage

Kind: TypeAlias = Literal["string", "Int64", "Float64", "boolean"]
"""What a column holds, as pandas calls it; each may have nothing in a row."""

_WHOLE = "all"
_INSTALL = f'{shlex.quote(sys.executable)} -m pip install "toolcall-harness[table]"'


class Frame(NamedTuple):
    """A table of plain values."""

    columns: tuple[tuple[str, Kind], ...]
    rows: list[tuple[Any, ...]]


class _Spent(NamedTuple):
    """What only a log tells of a decision; of a turn over its steps."""

    verdict: Judged
    steps: int
    usages: Sequence[Usage]
    timings: Sequence[Timing]


_RUN: dict[str, tuple[Kind, Callable[[Results], Any]]] = {
    "model": ("string", lambda run: run.identity.model),
    "suite": ("string", lambda run: run.identity.suite),
    "mode": ("string", lambda run: run.identity.mode),
}
_DECISION: dict[str, tuple[Kind, Callable[[Entry], Any]]] = {
    "case": ("string", lambda one: one.case),
    "index": ("Int64", lambda one: one.index),
    "turn": ("Int64", lambda one: one.depth),
    "trial": ("Int64", lambda one: one.trial),
    "digest": ("string", lambda one: one.digest),
    "tools": ("Int64", lambda one: one.tools),
    "expected": ("string", lambda one: one.expect),
    "outcome": ("string", lambda one: one.outcome),
    "right": ("boolean", lambda one: counted("tool_call_accuracy", one)),
    "tools_right": ("boolean", lambda one: counted("tool_name_accuracy", one)),
    "arguments_right": ("boolean", lambda one: counted("tool_args_accuracy", one)),
    "well_formed": ("boolean", lambda one: counted("response_quality", one)),
    "fabricated": ("boolean", lambda one: counted("fabrication_rate", one)),
    "violations": ("string", lambda one: _listed(one.codes)),
    "defects": ("string", lambda one: _listed(one.defects)),
}
_LOGGED: dict[str, tuple[Kind, Callable[[_Spent], Any]]] = {
    "signals": ("string", lambda one: _listed(sorted({found.signal for found in one.verdict.score.fabrication}))),
    "agree": ("boolean", lambda one: one.verdict.score.channels_agree),
    "disagreement": ("string", lambda one: one.verdict.attribution),
    "steps": ("Int64", lambda one: one.steps),
    "prompt_tokens": ("Int64", lambda one: _sum([usage.prompt_tokens for usage in one.usages])),
    "completion_tokens": ("Int64", lambda one: _sum([usage.completion_tokens for usage in one.usages])),
    "seconds": ("Float64", lambda one: sum(timing.latency for timing in one.timings)),
    "requests": ("Int64", lambda one: sum(timing.attempts for timing in one.timings)),
}


def decisions_frame(runs: Sequence[tuple[str, Results]]) -> Frame:
    """A row for each decision (of rollouts: each user turn) of some runs, each with its name.

    The mean of `right` is tool_call_accuracy, of `tools_right` tool_name_accuracy and so on: where a decision does not
    count in a metric there is nothing. What only transcripts tell is missing of a baseline.
    """
    tags = sorted({name for _, results in runs for own in results.tags.values() for name in own})
    rows = []
    for run, results in runs:
        spent = {} if results.log is None else _spent(results.log)
        head = (run, *(value(results) for _, value in _RUN.values()))
        for entry in results.entries:
            verdict = tuple(value(entry) for _, value in _DECISION.values())
            told = spent.get(entry.key)
            logged = tuple(None if told is None else value(told) for _, value in _LOGGED.values())
            own = results.tags[entry.case]
            rows.append((*head, *verdict, *logged, *(own.get(name) for name in tags)))
    fixed = [(name, kind) for group in (_RUN, _DECISION, _LOGGED) for name, (kind, _) in group.items()]
    return Frame((("run", "string"), *fixed, *((f"tag_{name}", "string") for name in tags)), rows)


def metrics_frame(runs: Sequence[tuple[str, Results]]) -> Frame:
    """A row for each metric of each run, over all of it and by slice, as its summary has them."""
    heads: tuple[tuple[str, Kind], ...] = (("run", "string"), *((name, kind) for name, (kind, _) in _RUN.items()))
    slices: tuple[tuple[str, Kind], ...] = (("dimension", "string"), ("value", "string"), ("metric", "string"))
    figures: tuple[tuple[str, Kind], ...] = (
        ("numerator", "Int64"),
        ("denominator", "Int64"),
        ("rate", "Float64"),
        ("low", "Float64"),
        ("high", "Float64"),
    )
    rows = [
        (
            *(run, *(value(results) for _, value in _RUN.values())),
            *((_WHOLE, _WHOLE) if one.dimension is None else (one.dimension, one.value)),
            *(one.metric, *_figures(one.rate)),
        )
        for run, results in runs
        for one in measured(results.metrics(), results.identity.mode)
    ]
    return Frame((*heads, *slices, *figures), rows)


def _figures(rate: Rate) -> tuple[int, int, float | None, float | None, float | None]:
    return rate.numerator, rate.denominator, rate.value, rate.low, rate.high


def _spent(log: RunLog) -> dict[tuple[str, int, int], _Spent]:
    """What the log tells of each decision (turn) that was answered, by its key."""
    if log.header.identity.mode == "rollout":
        return dict(_of_turns(log))
    return {
        row.key: _Spent(judged(decision, row.trial, row.response, row.score), 1, [row.usage], [row.timing])
        for decision, row in decisions_with_rows(log)
        if row.fault is None
    }


def _of_turns(log: RunLog) -> Iterator[tuple[tuple[str, int, int], _Spent]]:
    replay = Replay(suite_of(log))
    for played in log.rollouts():
        for turn in replay.turns(played):
            steps = [step for step in played.steps if step.turn == turn.row.turn]
            verdict = turn.counted(played.trial)
            found = [finding for step in steps for finding in step.score.fabrication]
            verdict = verdict._replace(score=verdict.score.model_copy(update={"fabrication": found}))
            key = (played.case, turn.row.turn, played.trial)
            yield key, _Spent(verdict, len(steps), [one.usage for one in steps], [one.timing for one in steps])


def _listed(names: Sequence[str]) -> str | None:
    return " ".join(names) or None


def _sum(counts: Sequence[int | None]) -> int | None:
    """The sum where all are known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def write_frame(frame: Frame, path: Path) -> None:
    """Writes a table as the ending of its file says, `.csv` or `.parquet`, whole or not at all.

    Text is written as a terminal may show it, in CSV on one line, and so that no spreadsheet takes it for a formula.

    Raises:
        UsageError: it cannot be written, or pandas is not there.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed, which makes such tables: {_INSTALL}") from None
    shown = _in_csv if path.suffix == ".csv" else visible
    columns = zip(*frame.rows, strict=True) if frame.rows else [()] * len(frame.columns)
    table = pd.DataFrame(
        {
            shown(name): pd.array(_cells(kind, values, shown), dtype=kind)
            for (name, kind), values in zip(frame.columns, columns, strict=True)
        }
    )
    part = path.with_name(f".{path.name}.part")
    try:
        if path.suffix == ".csv":
            table.to_csv(part, index=False, lineterminator="\n")
        else:
            table.to_parquet(part, index=False, engine="pyarrow")
        part.replace(path)
    except ImportError as error:
        raise UsageError(f"pyarrow is not installed, which writes Parquet: {_INSTALL}") from error
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _in_csv(text: str) -> str:
    """Text on the line of its row, and no formula."""
    return unarmed(visible(text).replace("\n", "\\n"))


def _cells(kind: Kind, values: Sequence[Any], shown: Callable[[str], str]) -> list[Any]:
    if kind != "string":
        return list(values)
    known: dict[str, str] = {}
    return [None if text is None else known.get(text) or known.setdefault(text, shown(text)) for text in values]
