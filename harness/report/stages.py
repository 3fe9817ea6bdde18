"""Several stages of one model as a page."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from harness.report.diffs import p_value
from harness.report.rollouts import points
from harness.report.view import Table, View, counted, interval, metric_name, percent, with_n

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from harness.comparison import Change, Differing, Stages, Step

_SIGNED = "+.1f"
_MOST_FLOWS = 8


def stages_view(found: Stages, *, only: Collection[str] | None = None, full: bool = False) -> View:
    """The stages side by side; `only` names the tables wanted, `full` lists all of the flows between outcomes."""
    names = [stage.name for stage in found.stages]
    suites = dict.fromkeys(stage.results.identity.suite for stage in found.stages)
    steps = [step for step in found.steps if step.flows]
    tables = {
        "rates": [_rates(found)],
        "changes": [_changes(found)],
        "certainty": [_certainty(found)],
        "trials": _trials(found),
        "moves": [_moves(found)],
        "flows": [_flows(step, found.unit, None if full else _MOST_FLOWS) for step in steps],
    }
    return View(
        f"{' → '.join(names)} on {', '.join(suites)}" + (", played through" if found.mode == "rollout" else ""),
        tuple(_facts(found)),
        tuple(table for name, several in tables.items() if not only or name in only for table in several),
        tuple(_notes(found)),
    )


def _facts(found: Stages) -> Iterator[tuple[str, str]]:
    for stage in found.stages:
        name, metrics = stage.results.name, stage.metrics
        told = [stage.results.identity.model, f"{metrics.scored} {found.unit} scored"]
        told += [f"{metrics.errored} errored"] if metrics.errored else []
        yield stage.name, ", ".join([*told, name] if name != stage.name else told)
    yield "shared", f"{found.shared} {found.unit} that all stages hold: what the changes and moves are about"
    for stage in found.stages:
        parts = [f"{counted(stage.unshared, found.unit)} that not all stages hold"] if stage.unshared else []
        parts += [f"{stage.repeated} in further trials"] if stage.repeated else []
        if parts:
            yield "left out", f"of {stage.name} {', '.join(parts)}"
    for other in found.against:
        if other.differing:
            yield f"{other.name} differs", "; ".join(map(_in_words, other.differing))


def _in_words(one: Differing) -> str:
    return f"{one.what} {one.first} → {one.second}" if one.first else f"{one.what}: {one.second}"


def _rates(found: Stages) -> Table:
    shown = [change.metric for change in found.against[0].changes]
    rows = tuple((stage.name, *(with_n(stage.metrics.metrics[metric]) for metric in shown)) for stage in found.stages)
    return Table("Stages", ("stage", *(metric_name(metric, found.mode) for metric in shown)), rows, turns=True)


def _marked(change: Change) -> str:
    return points(change.value) + ("*" if change.significant else "")


def _changes(found: Stages) -> Table:
    columns = tuple(metric_name(change.metric, found.mode) for change in found.against[0].changes)
    rows = tuple((other.name, *map(_marked, other.changes)) for other in found.against)
    title = f"Change against {found.stages[0].name}, in percentage points"
    return Table(title, ("stage", *columns), rows, turns=True)


def _certainty(found: Stages) -> Table:
    rows = tuple(
        (
            f"{other.name} {metric_name(change.metric, found.mode)}",
            _marked(change),
            interval(change, _SIGNED),
            str(change.pairs),
            f"{change.fixed}/{change.broken}",
            p_value(change.p_adjusted) if change.pairs else "n/a",
        )
        for other in found.against
        for change in other.changes
    )
    columns = ("stage and metric", "points", "95 % interval", "pairs", "fixed/broken", "p (Holm)")
    return Table(f"How sure the changes against {found.stages[0].name} are", columns, rows)


def _trials(found: Stages) -> list[Table]:
    rows = tuple(
        (stage.name, str(kept.trials), percent(kept.decisions), percent(kept.cases), percent(kept.flips))
        for stage in found.stages
        if (kept := stage.trials) is not None
    )
    columns = ("stage", "k", f"pass^k of {found.unit}", "pass^k of cases", "flip rate")
    return [Table("Right in all of k trials, and how often two trials differ", columns, rows)] if rows else []


def _moves(found: Stages) -> Table:
    errors = any(step.errored for step in found.steps)
    rows = tuple(
        (
            _name(step),
            *map(str, (step.right, step.broken, step.fixed, step.wrong)),
            *([str(step.errored)] if errors else []),
            str(found.shared),
        )
        for step in found.steps
    )
    columns = ("step", "right in both", "broken", "fixed", "wrong in both", *(["errored"] if errors else []), "n")
    return Table(f"How {found.unit} moved from stage to stage", columns, rows)


def _name(step: Step) -> str:
    return f"{step.first} → {step.second}"


def _flows(step: Step, unit: str, most: int | None) -> Table:
    shown, rest = step.flows[:most], step.flows[most:] if most is not None else []
    rows = [(f"{flow.first} → {flow.second}", str(flow.decisions)) for flow in shown]
    if rest:
        rows.append((f"{len(rest)} rarer flows", str(sum(flow.decisions for flow in rest))))
    return Table(f"{_name(step)}: flows between outcomes", ("from → to", unit), tuple(rows))


def _notes(found: Stages) -> Iterator[str]:
    first = found.stages[0]
    for stage, other in zip(found.stages[1:], found.against, strict=True):
        worse = [
            metric_name(change.metric, found.mode) for change in other.changes if change.significant and change.worse
        ]
        if worse:
            see = shlex.join(["harness", "diff", first.results.name, stage.results.name])
            yield f"{other.name} is worse than {first.name}, beyond chance, in {', '.join(worse)}: `{see}` shows where."
    for stage in found.stages:
        if stage.metrics.errored:
            share = percent(stage.metrics.errored / stage.metrics.decisions)
            yield f"{share} of the {found.unit} of {stage.name} met an error: its rates are over the rest."
    count = len(found.against[0].changes)
    yield (
        f"* significant at 5 %: exact McNemar test over the {found.unit} (of case_pass_rate the cases) that count in both, "
        f"corrected by Holm over the {count} metrics of one stage, not over stages. Intervals: bootstrap over cases."
    )
    metric = metric_name("tool_call_accuracy", found.mode)
    smallest = ", ".join(f"{other.name} {_smallest(other.changes[0])}" for other in found.against)
    yield f"The smallest loss of {metric} that would be found at 80 % power, in points: {smallest}."
    if any(stage.unshared for stage in found.stages):
        yield "Not all stages hold the same: a change need not be the difference of two rates of the first table."


def _smallest(change: Change) -> str:
    return "none (too few)" if change.detectable is None else f"{100 * change.detectable:.1f}"
