"""What nothing scores: the null models' numbers, beside those of a run and by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.view import Table, View, percent, short_names

if TYPE_CHECKING:
    from harness.runlog import Header, Mode
    from harness.suite import NullScores


def with_nulls(view: View, header: Header) -> View:
    """A run's summary with what null models score on its suite, right behind the metrics; as it is where none did."""
    identity, nulls = header.identity, header.nulls
    if nulls is None or not nulls.fits(identity.suite_digest, identity.scorer_version):
        return view
    metrics, *others = view.tables
    return view._replace(tables=(metrics, null_table(nulls, identity.mode), *others))


def null_table(nulls: NullScores, mode: Mode) -> Table:
    """One row for each null model, its metrics in a mode, with their denominators."""
    scores = nulls.rollout if mode == "rollout" else nulls.teacher_forced
    heads = short_names(mode)
    rows = tuple(
        (name.replace("_", " "), *(_share(*found.get(metric, (0, 0))) for metric in heads))
        for name, found in scores.items()
    )
    return Table("What nothing scores (null models)", ("model", *heads.values()), rows)


def _share(numerator: int, denominator: int) -> str:
    return f"{percent(numerator / denominator if denominator else None)} ({denominator})"
