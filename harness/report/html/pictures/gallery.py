"""All pictures of a page, from results as comparisons hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.comparison import has_variants
from harness.comparison import variants as variants_of
from harness.errors import NotComparableError
from harness.report.html.pictures.depth import depth
from harness.report.html.pictures.figures import (
    curve_of,
    curve_of_rollouts,
    curves_of_gap,
    heat_of,
    mix_of,
    repeats_of,
)
from harness.report.html.pictures.heat import heat
from harness.report.html.pictures.noise import noise
from harness.report.html.pictures.outcomes import outcomes
from harness.report.html.pictures.svg import Drawn, joined
from harness.report.html.pictures.variants import variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.baseline import Results
    from harness.comparison import Stages, Variants
    from harness.metrics import MetricName, Metrics
    from harness.report.html.pictures.figures import Curve, Heat
    from harness.rollouts import Gap, RolloutMetrics

_MOST_MAPS = 4
_COLUMNS = ("language", "observation_format")


def pictures_of(
    named: Sequence[tuple[str, Results]],
    found: Stages | None = None,
    *,
    gaps: Sequence[tuple[str, Gap]] = (),
    rollouts: Sequence[tuple[str, RolloutMetrics]] = (),
) -> Drawn:
    """Every picture that has something to show, one behind the other.

    Args:
        named: one run or several stages, each with its name.
        found: the stages, compared: with it the flows between them are drawn.
        gaps: of stages that were run with both histories; they are drawn in place of `named` by depth.
        rollouts: what rollouts came to, likewise.
    """
    counted = [(name, results, results.metrics()) for name, results in named]
    drawn = [
        outcomes(
            [mix_of(name, metrics, results.unit) for name, results, metrics in counted], found.steps if found else ()
        ),
        depth(_curves(counted, gaps, rollouts)),
        *(heat(_heats(named, columns)) for columns in _COLUMNS),
        noise([repeats for name, results in named if (repeats := repeats_of(name, results)) is not None]),
        variants(list(_variants(named))),
    ]
    return joined(drawn)


def _curves(
    named: Sequence[tuple[str, Results, Metrics]],
    gaps: Sequence[tuple[str, Gap]],
    rollouts: Sequence[tuple[str, RolloutMetrics]],
) -> list[Curve]:
    if gaps:
        return [curve for name, gap in gaps for curve in curves_of_gap(name, gap)]
    if rollouts:
        return [curve_of_rollouts(name, metrics) for name, metrics in rollouts]
    return [curve_of(name, metrics, results.identity.mode) for name, results, metrics in named]


def _heats(named: Sequence[tuple[str, Results]], columns: str) -> list[Heat]:
    """Of one run both metrics, of several stages the accuracy of each; of many that of the first and the last."""
    if len(named) > _MOST_MAPS:
        named = [named[0], named[-1]]
    metrics: tuple[MetricName, ...] = ("tool_call_accuracy",)
    if len(named) == 1:
        metrics = (*metrics, "fabrication_rate")
    made = [heat_of(name, results, "kind", columns, metric) for name, results in named for metric in metrics]
    return [one for one in made if one is not None]


def _variants(named: Sequence[tuple[str, Results]]) -> Iterator[tuple[str, Variants]]:
    for name, results in named:
        if has_variants(results):
            try:
                yield name, variants_of(results)
            except NotComparableError:  # variants without the cases that they are of
                continue
