"""Cases and their variants as tables: which change breaks a model, and what is left in the worst case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.diffs import p_value
from harness.report.rollouts import points
from harness.report.view import Table, View, counted, interval, percent, with_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.baseline import Results
    from harness.comparison import ByChange, Variants

_SIGNED = "+.1f"
_ALPHA = 0.05


def variants_view(results: Results, found: Variants) -> View:
    """One run of cases and their variants as a page."""
    identity = results.identity
    facts = [
        ("run", results.name),
        (
            "cases",
            f"{max(one.cases for one in found.changes)} with variants by {counted(len(found.changes), 'changes')}",
        ),
    ]
    return View(
        f"{identity.model} on {identity.suite}: what changes nothing in meaning",
        tuple(facts),
        (_by_change(found), *worst_tables([(identity.model, found)])),
        tuple(variant_notes([(identity.model, found)])),
    )


def variant_tables(named: Sequence[tuple[str, Variants]]) -> list[Table]:
    """Several stages side by side: each change, and the worst case; nothing where no stage has variants."""
    if not named:
        return []
    changes = list(dict.fromkeys(one.change for _, found in named for one in found.changes))
    by_name = [{one.change: one for one in found.changes} for _, found in named]
    rows = [(change, *(_told(known.get(change)) for known in by_name)) for change in changes]
    title = f"Accuracy of changed {named[0][1].unit}, and points against the same as they are"
    return [Table(title, ("change", *(name for name, _ in named)), tuple(rows)), *worst_tables(named)]


def worst_tables(named: Sequence[tuple[str, Variants]]) -> list[Table]:
    """What is right as it is, and what is right in every variant."""
    rows = []
    for name, found in named:
        for unit, plain, worst in (
            (found.unit, found.unchanged, found.worst),
            ("cases", found.unchanged_cases, found.worst_cases),
        ):
            rows.append((f"{name}, {unit}", with_n(plain), with_n(worst), interval(worst)))
    columns = ("right", "as they are", "in every variant", "95 % interval")
    return [Table("Worst case over the variants", columns, tuple(rows))]


def variant_notes(named: Sequence[tuple[str, Variants]]) -> list[str]:
    """What the tables leave out, and what stands behind a star."""
    unit = named[0][1].unit
    test = f"exact McNemar test over the {unit} that are scored both ways, corrected by Holm over the changes"
    notes = [f"* significant at 5 %: {test}. Intervals: bootstrap over cases."]
    for name, found in named:
        if found.added:
            notes.append(
                f"{name}: {counted(found.added, unit)} that variants add before their case are in no figure here."
            )
    return notes


def _by_change(found: Variants) -> Table:
    rows = tuple(
        (
            one.change,
            str(one.cases),
            percent(one.accuracy.first.value),
            with_n(one.accuracy.second),
            points(one.accuracy.value) + _star(one),
            interval(one.accuracy, _SIGNED),
            f"{one.broken}/{one.fixed}",
            p_value(one.p_adjusted),
        )
        for one in found.changes
    )
    columns = ("change", "cases", "as they are", "changed", "points", "95 % interval", "broken/fixed", "p (Holm)")
    return Table("Which change breaks the model", columns, rows)


def _told(one: ByChange | None) -> str:
    return "n/a" if one is None else f"{percent(one.accuracy.second.value)} ({points(one.accuracy.value)}{_star(one)})"


def _star(one: ByChange) -> str:
    return "*" if one.p_adjusted < _ALPHA else ""
