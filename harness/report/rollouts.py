"""What rollouts add to a run's summary, and the gap between scripted history and the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.view import Table, View, interval, percent, with_n

if TYPE_CHECKING:
    from harness.metrics import Rate
    from harness.paired import Difference
    from harness.rollouts import Gap, RolloutMetrics
    from harness.runlog import Header

_MOST_CASES = 200
_SIGNED = "+.1f"


def with_rollouts(view: View, found: RolloutMetrics, max_steps: int | None) -> View:
    """A run's summary with what only rollouts have, right behind its metrics."""
    played = (
        f"{found.cases} cases played to their end, {found.errored} ended by an error; {found.turns} turns in "
        f"{found.steps} steps, at most {max_steps} a turn unless its script needs more"
    )
    metrics, *others = view.tables
    tables = (metrics, _by_turn(found), _inertia(found), *others, _by_case(found))
    return view._replace(facts=(*view.facts[:-1], ("rollouts", played), view.facts[-1]), tables=tables)


def _by_turn(found: RolloutMetrics) -> Table:
    """Each case stands once in the last two columns at most: where it went wrong, or began to invent, first."""
    rows = [
        (str(at.depth), with_n(at.right), with_n(at.fabricated), str(at.first_bad), str(at.onset))
        for at in found.depths
    ]
    rows.append(("never", "", "", str(found.first_bad.get("none", 0)), str(found.onset.get("none", 0))))
    columns = ("turn", "right", "with an invented result", "first wrong here", "first invented here")
    return Table("By user turn", columns, tuple(rows))


def _inertia(found: RolloutMetrics) -> Table:
    both = found.inertia
    rows = (
        ("before any in the case", percent(both.first.value), interval(both.first), _n(both.first)),
        ("next after one", percent(both.second.value), interval(both.second), _n(both.second)),
        ("difference (inertia)", points(both.value), interval(both, _SIGNED), ""),
    )
    return Table("Invented results on tool turns", ("tool turns", "share", "95 % interval", "n"), rows)


def _n(rate: Rate) -> str:
    return f"{rate.numerator}/{rate.denominator}"


def points(value: float | None) -> str:
    """A difference of shares in percentage points, signed."""
    return "n/a" if value is None else f"{100 * value:{_SIGNED}}"


def _by_case(found: RolloutMetrics) -> Table:
    shown = found.rollouts[:_MOST_CASES]
    several = any(rollout.trial for rollout in found.rollouts)
    rows = tuple(
        (
            f"{rollout.case}, trial {rollout.trial}" if several else rollout.case,
            f"{rollout.right}/{rollout.turns}",
            str(rollout.steps),
            str(rollout.first_bad or "none"),
            str(rollout.onset or "none"),
        )
        for rollout in shown
    )
    more = f" (the first {len(shown)} of {len(found.rollouts)})" if len(found.rollouts) > len(shown) else ""
    return Table(f"Cases{more}", ("case", "turns right", "steps", "first wrong turn", "first invented"), rows)


def gap_view(header: Header, gap: Gap, scripted: str, own: str) -> View:
    """The gap as tables; `scripted` and `own` are the folders of the two runs."""
    identity = header.identity
    notes = [f"{gap.unpaired} turns were judged in one of the two runs only and are left out."] if gap.unpaired else []
    parts = [gap.overall, *gap.depths]
    title = "Turns with an invented result"
    invented = _gap_table(title, [(_depth(at.depth), at.fabrication) for at in parts])
    return View(
        f"Self-imitation gap of {identity.model} on {identity.suite}",
        (("scripted", scripted), ("own", own), ("pairs", f"{gap.overall.turns} turns, each under both histories")),
        (_gap_table("Turns that are right", [(_depth(at.depth), at.accuracy) for at in parts]), invented),
        tuple(notes),
    )


def _depth(depth: int | None) -> str:
    return "all" if depth is None else str(depth)


def _gap_table(title: str, found: list[tuple[str, Difference]]) -> Table:
    rows = tuple(
        (
            depth,
            str(at.first.denominator),
            percent(at.first.value),
            percent(at.second.value),
            points(at.value),
            interval(at, _SIGNED),
        )
        for depth, at in found
    )
    columns = ("turn", "n", "scripted history", "own history", "difference", "95 % interval")
    return Table(title, columns, rows)
