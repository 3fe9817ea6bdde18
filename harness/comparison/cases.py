"""Each decision of a run by itself, held against the same one of a baseline: right, broken, known, fixed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.comparison.pairing import pairing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.baseline import Entry, Results

State: TypeAlias = Literal["right", "fixed", "known", "broken", "wrong", "errored"]
"""Right before too, or unknown to the baseline; right now only; wrong before too; right before only; wrong, and unknown
to the baseline; without a response to judge."""


class Verdict(NamedTuple):
    """One decision (turn) over all its trials."""

    entries: Sequence[Entry]
    """Of the run, by trial; never empty."""
    before: Sequence[Entry]
    """Of the baseline; empty where it does not hold this decision."""

    @property
    def state(self) -> State:
        """How the decision stands. Of several trials it is right where more than half of those with a response are."""
        now, then = _right(self.entries), _right(self.before)
        if now is None:
            return "errored"
        if then is None:
            return "right" if now else "wrong"
        if now:
            return "right" if then else "fixed"
        return "broken" if then else "known"


def verdicts(run: Results, baseline: Results | None = None) -> dict[str, list[Verdict]]:
    """The decisions of each case of a run, in order; the baseline's are found by content, as `pairing` finds them."""
    before = {pair.second.key: pair.first for pair in pairing(baseline, run).pairs} if baseline is not None else {}
    trials: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in run.entries:
        trials[entry.case, entry.index].append(entry)
    found: dict[str, list[Verdict]] = {}
    for (case, _), entries in sorted(trials.items()):
        known = [before[entry.key] for entry in entries if entry.key in before]
        found.setdefault(case, []).append(Verdict(entries, known))
    return found


def _right(entries: Iterable[Entry]) -> bool | None:
    scored = [entry.right for entry in entries if not entry.errored]
    return 2 * sum(scored) > len(scored) if scored else None
