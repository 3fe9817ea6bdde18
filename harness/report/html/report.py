"""The page of one run, held against a baseline or not, and of several stages."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from harness.comparison import diff, has_variants, stages, variants
from harness.errors import NotComparableError
from harness.metrics import missed_thresholds
from harness.report.baselines import baseline_view
from harness.report.diffs import diff_view, identity_facts_of, shared
from harness.report.html.data import data_blocks
from harness.report.html.overview import Rated, tiles
from harness.report.html.page import Chapter, Page, html
from harness.report.html.pictures import pictures_of
from harness.report.nulls import with_nulls
from harness.report.rollouts import gap_view, with_rollouts
from harness.report.stages import stages_view
from harness.report.variants import variant_notes, variant_tables, variants_view
from harness.report.view import run_view
from harness.runner import numbers_of, self_imitation_gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from harness.baseline import Results
    from harness.comparison import Diff, Stages, Variants
    from harness.metrics import MetricName, Metrics, Rate
    from harness.report.view import View
    from harness.rollouts import Gap, RolloutMetrics
    from harness.runlog import Footer, Header, RunLog
    from harness.suite import Suite


class Known(NamedTuple):
    """What is at hand of a run that has just been made, and is read from its log otherwise."""

    metrics: Metrics
    rollout: RolloutMetrics | None = None
    suite: Suite | None = None


MOST_LISTED = 100
"""Of broken decisions and of fixed ones so many stand in a table; all of them are in the browser."""


def full_run_view(
    header: Header, footer: Footer, metrics: Metrics, folder: str, rollout: RolloutMetrics | None = None
) -> View:
    """All that a run's summary tells, in whichever form it is printed."""
    view = run_view(header, footer, metrics, folder)
    if rollout is not None:
        view = with_rollouts(view, rollout, header.identity.max_steps)
    return with_nulls(view, header)


def run_page(
    run: Results,
    baseline: Results | None = None,
    *,
    name: str = "",
    scripted: Results | None = None,
    known: Known | None = None,
) -> str:
    """A run (or a baseline by itself) as one HTML document.

    Args:
        run: what it is about.
        baseline: what the run is held against.
        name: what it is called in pictures and transcripts; its model's name where there is none.
        scripted: where the run is of rollouts, one of the same cases with the scripted history: their gap is told too.
        known: what is at hand of the run.

    Raises:
        NotComparableError: run and baseline have different modes or scorers, or no scored decision in common.
    """
    found = None if baseline is None else diff(baseline, run)
    metrics, rollout, view = _told(run, known)
    facts, notes, chapters = [*view.facts], [*view.notes], [Chapter("", view)]
    if found is not None:
        first = found.first
        facts += [("baseline", f"{first.name}: {first.identity.model} on {first.identity.suite}")]
        facts += [*identity_facts_of(found), ("compared", shared(found))]
        against = diff_view(found, most=MOST_LISTED)
        chapters.append(Chapter(against.title, against))
    gap = _gap(scripted, run)
    if gap is not None and scripted is not None:
        told = gap_view(_log(run).header, gap, scripted.name, run.name)
        chapters.append(Chapter(told.title, told))
    if (varied := _variants(run)) is not None:
        told = variants_view(run, varied)
        chapters.append(Chapter(told.title, told))
    name, mode = name or run.identity.model, run.identity.mode
    return html(
        Page(
            title=view.title,
            unit=run.unit,
            facts=facts,
            tiles=tiles(
                [Rated(None, metrics.metrics, *((found.changes, found.first.name) if found else ()))],
                mode,
                run.log.header if run.log else None,
                _missed(metrics.metrics, run.thresholds),
            ),
            notes=notes,
            pictures=pictures_of(
                [(name, run)], gaps=[(name, gap)] if gap else (), rollouts=[(name, rollout)] if rollout else ()
            ),
            chapters=chapters,
            commands=list(_commands(run, found)),
            blocks=data_blocks([(name, run)], baseline, known.suite if known else None),
        )
    )


def stages_page(named: Sequence[tuple[str, Results]]) -> str:
    """Several stages as one HTML document: each by itself, and what moved between them.

    Raises:
        NotComparableError: they have different modes or scorers, or share not one scored decision.
    """
    found = stages(named)
    view = stages_view(found, full=True)
    varied = [(name, one) for name, results in named if (one := _variants(results)) is not None]
    if varied:
        tables, notes = (*view.tables, *variant_tables(varied)), (*view.notes, *variant_notes(varied))
        view = view._replace(tables=tables, notes=notes)
    chapters, rollouts = [Chapter("", view)], []
    for name, results in named:
        _, rollout, own = _told(results)
        chapters.append(Chapter(f"{name}: {own.title}", own))
        rollouts += [(name, rollout)] if rollout is not None else []
    words = shlex.join(f"{name}={results.path.parent if results.log else results.path}" for name, results in named)
    return html(
        Page(
            title=view.title,
            unit=found.unit,
            facts=view.facts,
            tiles=tiles(list(_rated(found)), found.mode, _header(named)),
            notes=(),
            remarks=view.notes,
            pictures=pictures_of(named, found, rollouts=rollouts if len(rollouts) == len(named) else ()),
            chapters=chapters,
            commands=[("these tables in another form", f"harness table {words}")],
            blocks=data_blocks(named),
        )
    )


def _told(run: Results, known: Known | None = None) -> tuple[Metrics, RolloutMetrics | None, View]:
    """What a run came to, and its summary; of a baseline what its verdicts come to."""
    if run.log is None:
        return run.metrics(), None, baseline_view(run)
    metrics, rollout = known[:2] if known else numbers_of(run.log)
    folder = str(run.log.path.parent)
    return metrics, rollout, full_run_view(run.log.header, run.log.footer, metrics, folder, rollout)


def _log(run: Results) -> RunLog:
    assert run.log is not None, "it was not read from a baseline's file"
    return run.log


def _gap(scripted: Results | None, own: Results) -> Gap | None:
    return None if scripted is None else self_imitation_gap(_log(scripted), _log(own))


def _rated(found: Stages) -> Iterator[Rated]:
    against = {other.name: other.changes for other in found.against}
    for stage in found.stages:
        yield Rated(stage.name, stage.metrics.metrics, against.get(stage.name, ()), found.stages[0].name)


def _header(named: Sequence[tuple[str, Results]]) -> Header | None:
    """Of the last stage whose log is at hand: what null models score is the same for all runs of a suite."""
    return next((results.log.header for _, results in reversed(named) if results.log is not None), None)


def _missed(rates: Mapping[MetricName, Rate], thresholds: Mapping[str, float]) -> dict[str, float]:
    return {name: thresholds[name] for name in missed_thresholds(rates, thresholds)}


def _variants(run: Results) -> Variants | None:
    """What stress did to a run of cases and their variants; None where it holds no variant with its case."""
    if not has_variants(run):
        return None
    try:
        return variants(run)
    except NotComparableError:
        return None


def _commands(run: Results, found: Diff | None) -> Iterator[tuple[str, str]]:
    """What to type to see more."""
    folder = str(run.log.path.parent) if run.log is not None else ""
    if folder:
        yield "transcripts on the terminal", shlex.join(["harness", "show", folder])
    if found is None:
        yield "held against a baseline", f"harness report {shlex.quote(folder or run.name)} --baseline NAME"
    elif folder:
        yield "what broke, on the terminal", shlex.join(["harness", "diff", found.first.name, folder])
