"""Runs and baselines as lines of the index, and what of a line changes while a run is under way."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple, get_args

from harness.metrics import METRICS
from harness.report.live import clock
from harness.report.view import interval, short_names, with_n
from harness.runlog import Mode
from harness.viewer.runs import REPORT
from harness.viewer.shelf import address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.metrics import MetricName, Rate
    from harness.runlog import Identity
    from harness.viewer.manner import Manner
    from harness.viewer.runs import Run
    from harness.viewer.shelf import Baseline


class Cell(NamedTuple):
    """A metric; without a text where a run has none of it."""

    metric: MetricName
    name: str
    """What it is called in the run's mode."""
    text: str = ""
    interval: str = ""


class Row(NamedTuple):
    """A run or a baseline."""

    name: str
    link: str
    when: str
    model: str
    suite: str
    mode: str
    cells: Sequence[Cell]
    errored: str
    size: str
    problem: str
    key: str = ""
    state: str = ""
    """Of a run."""
    report: str = ""
    """Where a finished run's report is."""
    has_report: bool = False
    live: Mapping[str, str] = {}
    """Of an unfinished run."""


def columns(known: Iterable[Identity]) -> dict[MetricName, str]:
    """The metrics that any of these has, with their heads; what rollouts call otherwise is told as well."""
    modes = {identity.mode for identity in known} or {"teacher_forced"}
    names = [short_names(mode) for mode in get_args(Mode) if mode in modes]
    return {
        metric: " / ".join(dict.fromkeys(name[metric] for name in names if metric in name))
        for metric in METRICS
        if any(metric in name for name in names)
    }


def cells(identity: Identity | None, rates: Mapping[MetricName, Rate], shown: Iterable[MetricName]) -> list[Cell]:
    """The metrics of a run in these columns."""
    names = short_names(identity.mode) if identity is not None else {}
    found = []
    for metric in shown:
        rate = rates.get(metric) if metric in names else None
        cell = Cell(metric, names.get(metric, ""))
        found.append(cell if rate is None else cell._replace(text=with_n(rate), interval=interval(rate)))
    return found


def run_row(run: Run, name: str, shown: Iterable[MetricName], manner: Manner) -> Row:
    """A run."""
    finished = run.state == "finished"
    row = _row(name, address(run.key), run.started, run.identity, run.errored, run.size)
    return row._replace(
        errored="" if run.state == "damaged" else row.errored,
        cells=cells(run.identity, run.rates, shown),
        problem=run.problem,
        key=run.key,
        state=run.state,
        report=address(run.key, REPORT) if finished else "",
        has_report=REPORT in run.files,
        live=live(run, manner),
    )


def baseline_row(found: Baseline, shown: Iterable[MetricName]) -> Row:
    """A baseline; it came when its file did."""
    changed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(found.changed))
    row = _row(found.name, address(found.name, top="baseline"), changed, found.identity, found.errored, found.size)
    return row._replace(cells=cells(found.identity, found.rates, shown), problem=found.problem)


def _row(name: str, link: str, when: str, identity: Identity | None, errored: int, size: int) -> Row:
    if identity is None:
        return Row(name, link, when, "", "", "", (), "", in_bytes(size), "")
    told = identity.model, identity.suite, identity.mode
    return Row(name, link, when, *told, (), str(errored), in_bytes(size), "")


def live(run: Run, manner: Manner) -> dict[str, str]:
    """What changes while a run is under way, as texts; `share` is what is done, in percent, for a bar."""
    if run.state in ("finished", "damaged"):
        return {}
    told = {"state": manner.word(run.state), "errored": str(run.errored)}
    standing, identity = run.standing, run.identity
    if standing is None or identity is None:
        return told
    names = short_names(identity.mode)
    told |= {metric: with_n(rate) for metric, rate in run.rates.items() if metric in names}
    unit = manner.word("cases" if identity.mode == "rollout" else "decisions")
    told["done"] = f"{standing.done}/{standing.total} {unit}"
    told["share"] = f"{100 * standing.done / standing.total:.1f}" if standing.total else "0"
    running = run.state == "running"
    told["speed"] = f"{standing.speed:.1f}/s" if running and standing.speed else ""
    told["left"] = manner.word("left", time=clock(standing.left)) if running and standing.left is not None else ""
    return told


def in_bytes(size: int) -> str:
    """A size as people read it."""
    shown, unit = float(size), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if shown < 1000:
            break
        shown, unit = shown / 1000, larger
    return f"{size} B" if unit == "B" else f"{shown:.1f} {unit}"
