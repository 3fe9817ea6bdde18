"""The comparison of two runs as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.report.rollouts import points
from harness.report.view import Table, View, interval, metric_name, percent, with_n

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.baseline import Entry
    from harness.comparison import Change, Diff, Pair
    from harness.runlog import Mode

SIGNED = "+.1f"
_MOST_SLICES = 30


class Heads(NamedTuple):
    """What the columns of two runs are called."""

    first: str
    second: str
    moved: str
    """Of how many decisions were won by the second and lost to the first."""


HEADS = Heads("first", "second", "fixed/broken")


def diff_view(found: Diff, *, most: int | None = 20) -> View:
    """Two runs side by side; of broken, fixed and unmatched decisions at most so many are listed."""
    first, second = found.first, found.second
    unit = second.unit
    facts = [
        ("first", f"{first.name}: {first.identity.model} on {first.identity.suite}"),
        ("second", f"{second.name}: {second.identity.model} on {second.identity.suite}"),
        *identity_facts_of(found),
        (unit, shared(found)),
    ]
    return View(
        f"{second.name} against {first.name}",
        tuple(facts),
        (
            changes_table(found.changes, first.identity.mode),
            *_flips(found),
            *_decisions(f"Broken {unit}", found.broken, most),
            *_decisions(f"Fixed {unit}", found.fixed, most),
            *_slices(found),
            *unmatched(found, most),
        ),
        tuple(_notes(found)),
    )


def identity_facts_of(found: Diff) -> list[tuple[str, str]]:
    """What differed between the two, in words."""
    return [(one.what, f"{one.first} → {one.second}" if one.first else one.second) for one in found.differing]


def shared(found: Diff) -> str:
    """How many decisions both hold, and what became of them."""
    parts = [f"{len(found.pairing.pairs)} in both", f"{len(found.fixed)} fixed", f"{len(found.broken)} broken"]
    return ", ".join([*parts, *not_compared(found)])


def not_compared(found: Diff) -> list[str]:
    """How many decisions are in no statistics, by the reason, in words."""
    errored = sum(not pair.scored for pair in found.pairing.pairs)
    parts = [f"{errored} met an error in one of them"] if errored else []
    left = (("changed", found.pairing.changed), ("added", found.pairing.added), ("removed", found.pairing.removed))
    parts += [f"{len(listed)} {name}, not compared" for name, listed in left if listed]
    parts += [f"{found.pairing.repeated} further trials left out"] if found.pairing.repeated else []
    return parts


def changes_table(changes: Sequence[Change], mode: Mode, heads: Heads = HEADS) -> Table:
    """Each metric in both runs, its difference, and how sure it is."""
    rows = [
        (
            metric_name(one.metric, mode),
            with_n(one.first),
            with_n(one.second),
            points(one.value) + ("*" if one.significant else ""),
            interval(one, SIGNED),
            f"{one.fixed}/{one.broken}",
            p_value(one.p_adjusted),
            "n/a" if one.detectable is None else f"{100 * one.detectable:.1f}",
        )
        for one in changes
    ]
    columns = (
        "metric",
        f"{heads.first} (n)",
        f"{heads.second} (n)",
        "points",
        "95 % interval",
        heads.moved,
        "p (Holm)",
        "would be seen",
    )
    return Table("Metrics over what both hold", columns, tuple(rows))


def slices_table(title: str, slices: Iterable[tuple[str, str, Change]], heads: Heads = HEADS) -> Table:
    """What a metric comes to in some slices, each given as dimension, value, change."""
    rows = tuple(
        (
            f"{name} {value}",
            with_n(one.first),
            with_n(one.second),
            points(one.value),
            f"{one.fixed}/{one.broken}",
            p_value(one.p),
        )
        for name, value, one in slices
    )
    columns = ("slice", f"{heads.first} (n)", f"{heads.second} (n)", "points", heads.moved, "p (uncorrected)")
    return Table(title, columns, rows)


def p_value(value: float) -> str:
    """A p-value as tables print it."""
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _flips(found: Diff) -> list[Table]:
    if not found.flips:
        return []
    rows = tuple((f"{one.first} → {one.second}", str(one.decisions)) for one in found.flips)
    return [Table("Flips between outcomes", ("from → to", found.second.unit), rows)]


def place(entry: Entry) -> str:
    """Where a decision stands, as every listing names it."""
    return f"{entry.case}#{entry.index}" + (f" trial {entry.trial}" if entry.trial else "")


def _decisions(title: str, pairs: Sequence[Pair], most: int | None) -> list[Table]:
    if not pairs:
        return []
    rows = tuple(
        (
            place(pair.second),
            pair.first.outcome,
            pair.second.outcome,
            ", ".join(pair.second.codes if pair.broken else pair.first.codes) or "-",
        )
        for pair in pairs[:most]
    )
    title += f" (the first {len(rows)} of {len(pairs)})" if len(rows) < len(pairs) else ""
    return [Table(title, ("decision", "first", "second", "violations"), rows)]


def _slices(found: Diff) -> list[Table]:
    shown = sorted(found.slices.items(), key=lambda item: (item[1].value or 0.0, item[0]))[:_MOST_SLICES]
    if not shown:
        return []
    title = f"{metric_name('tool_call_accuracy', found.first.identity.mode)} where something flipped, worst first"
    title += f" (the first {len(shown)} of {len(found.slices)})" if len(shown) < len(found.slices) else ""
    return [slices_table(title, ((name, value, one) for (name, value), one in shown))]


def unmatched(found: Diff, most: int | None) -> list[Table]:
    """The decisions that only one of the two holds as they are."""
    listed = [
        *((place(pair.first), "changed") for pair in found.pairing.changed),
        *((place(entry), "added") for entry in found.pairing.added),
        *((place(entry), "removed") for entry in found.pairing.removed),
    ]
    if not listed:
        return []
    shown = listed[:most]
    title = "Not compared" + (f" (the first {len(shown)} of {len(listed)})" if len(shown) < len(listed) else "")
    return [Table(title, ("decision", "why"), tuple(shown))]


def _notes(found: Diff) -> list[str]:
    notes = [f"* significant at 5 % over {len(found.changes)} metrics tested together (exact McNemar, Holm)."]
    notes += noise_notes(found)
    if found.second.log is None and found.first.log is None and found.broken:
        notes.append("Neither is a run at hand: transcripts are in a run's folder.")
    return notes


def noise_notes(found: Diff) -> list[str]:
    """How far each of the two differs from itself, where trials tell it."""
    return [
        f"{results.name} differs from itself: two trials of a decision come out differently with probability "
        f"{percent(noise)}."
        for results, noise in zip((found.first, found.second), found.noise, strict=True)
        if noise is not None
    ]
