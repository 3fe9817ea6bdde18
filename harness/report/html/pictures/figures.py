"""The figures that pictures show, and where they come from: no rate is computed here but by `metrics`."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.comparison.diff import noise
from harness.metrics import Rate, rates_of
from harness.paired import pass_hat_k

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.baseline import Entry, Results
    from harness.metrics import MetricName, Metrics
    from harness.records import Outcome
    from harness.rollouts import Gap, RolloutMetrics
    from harness.runlog import Mode

History: TypeAlias = Literal["scripted", "own"]


class Point(NamedTuple):
    """The decisions (turns) of one depth."""

    depth: int
    right: Rate
    fabricated: Rate


class Curve(NamedTuple):
    """One stage by turn depth, with the scripted history or with the model's own."""

    name: str
    history: History
    unit: str
    """What a rate's n counts: decisions or turns."""
    points: Sequence[Point]
    """By depth, rising."""


class Mix(NamedTuple):
    """How the decisions (turns) of one stage came out."""

    name: str
    unit: str
    outcomes: Mapping[Outcome, int]
    total: int


class Cell(NamedTuple):
    """The decisions (turns) that share two tags."""

    row: str
    column: str
    rate: Rate


class Heat(NamedTuple):
    """One metric of one stage, by two tags."""

    name: str
    metric: MetricName
    told: str
    """What the metric is called in the run's mode."""
    unit: str
    rows: str
    """The tag whose values are the rows."""
    columns: str
    cells: Sequence[Cell]
    """One for each pair of values that occurs."""


class Repeats(NamedTuple):
    """The same decisions (turns) asked several times by one stage."""

    name: str
    metric: str
    """What the rates are called."""
    unit: str
    trials: int
    agreement: Sequence[int]
    """How many decisions are right in none, one, ... all of the trials."""
    left_out: int
    """Decisions without a response in some trial: in none of these."""
    overall: Rate
    """Over all trials."""
    by_trial: Sequence[Rate]
    all_right: float | None
    """pass^k: the probability that all trials of a decision are right."""
    flips: float | None
    """The probability that two trials of a decision have different outcomes."""


def curve_of(name: str, metrics: Metrics, mode: Mode) -> Curve:
    """A run by turn depth, as its own summary slices it."""
    points = [
        Point(int(found.value), found.metrics["tool_call_accuracy"], found.metrics["fabrication_rate"])
        for found in metrics.slices
        if found.dimension == "depth"
    ]
    points.sort(key=lambda point: point.depth)
    return Curve(
        name, "own" if mode == "rollout" else "scripted", "turns" if mode == "rollout" else "decisions", points
    )


def curve_of_rollouts(name: str, found: RolloutMetrics) -> Curve:
    """Rollouts by turn depth: the cases that were played to their end."""
    return Curve(name, "own", "turns", [Point(at.depth, at.right, at.fabricated) for at in found.depths])


def curves_of_gap(name: str, gap: Gap) -> list[Curve]:
    """The same turns with the scripted history and with the model's own."""
    depths = [(at.depth, at) for at in gap.depths if at.depth is not None]
    return [
        Curve(
            name, "scripted", "turns", [Point(depth, at.accuracy.first, at.fabrication.first) for depth, at in depths]
        ),
        Curve(name, "own", "turns", [Point(depth, at.accuracy.second, at.fabrication.second) for depth, at in depths]),
    ]


def mix_of(name: str, metrics: Metrics, unit: str) -> Mix:
    """How a run's decisions (turns) came out; `unit` is what they are."""
    return Mix(name, unit, {outcome: metrics.outcomes.get(outcome, 0) for outcome in OUTCOMES}, metrics.decisions)


OUTCOMES: tuple[Outcome, ...] = (
    "correct_call",
    "correct_no_call",
    "wrong_arguments",
    "wrong_tool",
    "malformed_call",
    "spurious_call",
    "missed_call",
    "empty_response",
    "fabricated_observation",
    "errored",
)
"""From right over wrong to none: as they stand in a bar."""


def heat_of(
    name: str, results: Results, rows: str, columns: str, metric: MetricName = "tool_call_accuracy"
) -> Heat | None:
    """A metric by two tags of the cases; None where fewer than two cells would be told apart."""
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in results.entries:
        tags = results.tags[entry.case]
        if rows in tags and columns in tags:
            found[tags[rows], tags[columns]].append(entry)
    if len(found) < 2:
        return None
    cells = [Cell(*key, rates_of(map(results.judged, found[key]))[metric]) for key in sorted(found)]
    return Heat(name, metric, _told(metric, results), results.unit, rows, columns, cells)


def _told(metric: MetricName, results: Results) -> str:
    from harness.report.view import metric_name

    return metric_name(metric, results.identity.mode)


def repeats_of(name: str, results: Results) -> Repeats | None:
    """How far trials agree, and how far the metric spreads over them; None where each decision was asked once."""
    trials = results.identity.trials
    if trials < 2:
        return None
    by_place: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
    by_trial: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in results.entries:
        by_place[entry.case, entry.index].append(entry)
        by_trial[entry.trial].append(entry)
    whole = [
        sum(entry.right for entry in entries)
        for entries in by_place.values()
        if len(entries) == trials and not any(entry.errored for entry in entries)
    ]
    agreement = Counter(whole)
    return Repeats(
        name=name,
        metric=_told("tool_call_accuracy", results),
        unit=results.unit,
        trials=trials,
        agreement=[agreement[right] for right in range(trials + 1)],
        left_out=len(by_place) - len(whole),
        overall=results.rates()["tool_call_accuracy"],
        by_trial=[
            rates_of(map(results.judged, entries))["tool_call_accuracy"] for _, entries in sorted(by_trial.items())
        ],
        all_right=pass_hat_k([(right, trials) for right in whole], trials),
        flips=noise(results),
    )
