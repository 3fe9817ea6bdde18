"""The metrics of a suite's runs over time; only runs of the very same content and mode share a chart."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from harness.metrics import MetricName, Rate
    from harness.runlog import Identity, Mode
    from harness.viewer.runs import Run
    from harness.viewer.shelf import Baseline, Listing

MOST_RUNS = 200
"""Runs that a chart shows, the latest."""


class Alike(NamedTuple):
    """The finished runs of one suite's content in one mode."""

    suite: str
    digest: str
    mode: Mode
    decisions: int
    runs: tuple[Run, ...]
    """Oldest first; the latest where there are many."""
    left_out: int
    """Earlier runs that are not among them."""
    baselines: tuple[Baseline, ...]
    scorers: tuple[str, ...]
    """Every version that judged one of them."""

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which they were first run."""
        return tuple(dict.fromkeys(run.identity.model for run in self.runs if run.identity is not None))


class Line(NamedTuple):
    """One model's values of a metric: for each of its runs the place in time and the rate."""

    model: str
    points: tuple[tuple[int, Rate], ...]


def alike(listing: Listing, suite: str) -> list[Alike]:
    """A suite's finished runs, those of the same content and mode together; what was run last first."""
    found: dict[tuple[str, Mode], list[Run]] = {}
    for run in listing.runs:
        if run.state == "finished" and run.identity is not None and run.identity.suite == suite:
            found.setdefault((run.identity.suite_digest, run.identity.mode), []).append(run)
    return [
        _together(suite, digest, mode, runs, listing.baselines)  # runs are newest first
        for (digest, mode), runs in found.items()
    ]


def _together(suite: str, digest: str, mode: Mode, runs: list[Run], baselines: Iterable[Baseline]) -> Alike:
    def fits(identity: Identity | None) -> bool:
        return identity is not None and (identity.suite, identity.suite_digest, identity.mode) == (suite, digest, mode)

    shown = runs[:MOST_RUNS][::-1]
    fitting = tuple(baseline for baseline in baselines if fits(baseline.identity))
    found = [*(run.identity for run in shown), *(one.identity for one in fitting)]
    identities = [identity for identity in found if identity is not None]
    scorers = tuple(sorted({identity.scorer_version for identity in identities}))
    decisions = identities[0].decisions
    return Alike(suite, digest, mode, decisions, tuple(shown), len(runs) - len(shown), fitting, scorers)


def lines(found: Alike, metric: MetricName) -> list[Line]:
    """One line for each model; runs in which nothing counts in the metric have no point."""
    points: dict[str, list[tuple[int, Rate]]] = {model: [] for model in found.models}
    for place, run in enumerate(found.runs):
        rate = run.rates.get(metric)
        if run.identity is not None and rate is not None and rate.value is not None:
            points[run.identity.model].append((place, rate))
    return [Line(model, tuple(some)) for model, some in points.items()]


def suites(listing: Listing) -> Mapping[str, int]:
    """How many finished runs each suite has, by its name."""
    counts: dict[str, int] = {}
    for run in listing.runs:
        if run.state == "finished" and run.identity is not None:
            counts[run.identity.suite] = counts.get(run.identity.suite, 0) + 1
    return dict(sorted(counts.items()))
