"""What stands at the top of a page: each metric as a tile, with what it has to be held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.report.diffs import SIGNED, p_value
from harness.report.rollouts import points
from harness.report.view import EXPLANATIONS, interval, names_in, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from harness.comparison import Change
    from harness.metrics import MetricName, Rate
    from harness.runlog import Header, Mode


Verdict: TypeAlias = Literal["better", "worse", "same"]


class Line(NamedTuple):
    """What a metric came to in one stage."""

    stage: str | None
    """None where there is one alone."""
    value: str
    interval: str
    n: str
    change: str | None = None
    """Points against the baseline or the first stage, over what both hold."""
    against: str | None = None
    """What that is called."""
    certainty: str | None = None
    """The change's interval, and p over all metrics."""
    verdict: Verdict | None = None
    """The same is also what cannot be told from chance."""


class Tile(NamedTuple):
    """One metric."""

    name: str
    explanation: str
    lines: Sequence[Line]
    null: tuple[str, str] | None = None
    """The null model that fares best, and what it scores."""
    missed: str | None = None
    """The threshold of the suite that it misses."""


class Rated(NamedTuple):
    """A stage as the tiles see it."""

    stage: str | None
    rates: Mapping[MetricName, Rate]
    changes: Sequence[Change] = ()
    """Against the baseline or the first stage."""
    against: str | None = None
    """What that is called."""


def tiles(
    stages: Sequence[Rated], mode: Mode, header: Header | None = None, missed: Mapping[str, float] | None = None
) -> list[Tile]:
    """A tile for each metric that a mode has.

    Args:
        stages: one, or several to stand under each other.
        mode: of their runs.
        header: of the last one's log; it may hold what null models score on the suite.
        missed: the thresholds that are missed, by metric.
    """
    floors = missed or {}
    return [
        Tile(
            shown,
            EXPLANATIONS.get(shown, ""),
            [_line(stage, name) for stage in stages],
            _best_null(header, name, mode),
            f"misses the suite's threshold of {percent(floors[name])}" if name in floors else None,
        )
        for name, shown in names_in(mode).items()
    ]


def _line(stage: Rated, metric: MetricName) -> Line:
    rate = stage.rates[metric]
    one = Line(stage.stage, percent(rate.value), interval(rate), f"{rate.numerator}/{rate.denominator}")
    change = next((change for change in stage.changes if change.metric == metric), None)
    if change is None:
        return one
    between = "" if change.low is None else f"{interval(change, SIGNED)}, "
    certainty = f"{between}p {p_value(change.p_adjusted)}"
    verdict: Verdict = ("worse" if change.worse else "better") if change.significant else "same"
    return one._replace(change=points(change.value), against=stage.against, certainty=certainty, verdict=verdict)


def _best_null(header: Header | None, metric: MetricName, mode: Mode) -> tuple[str, str] | None:
    if header is None or header.nulls is None:
        return None
    if not header.nulls.fits(header.identity.suite_digest, header.identity.scorer_version):
        return None
    scores = header.nulls.rollout if mode == "rollout" else header.nulls.teacher_forced
    known = {model: found[metric][0] / found[metric][1] for model, found in scores.items() if found[metric][1]}
    if not known:
        return None
    best = min(known, key=known.__getitem__) if metric == "fabrication_rate" else max(known, key=known.__getitem__)
    return best.replace("_", " "), percent(known[best])
