"""Two runs side by side: what flipped, what that does to the metrics, and how sure that is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.comparison.columns import columns_of
from harness.comparison.identity import Differing, differing, require_comparable
from harness.comparison.measures import Change, by_slice, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.errors import NotComparableError
from harness.paired import flip_rate
from harness.suite import NO_SLICE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from harness.baseline import Results
    from harness.records import Outcome


class Flips(NamedTuple):
    """How many decisions went from one outcome to another."""

    first: Outcome
    second: Outcome
    decisions: int


class Diff(NamedTuple):
    """Everything that a comparison of two runs tells."""

    first: Results
    second: Results
    differing: Sequence[Differing]
    pairing: Pairing
    changes: Sequence[Change]
    flips: Sequence[Flips]
    """Commonest first."""
    slices: Mapping[tuple[str, str], Change]
    """tool_call_accuracy by tag, depth, expectation; of those in which something flipped; none where they were not asked for."""
    noise: tuple[float | None, float | None]
    """How often two trials of one decision come out differently, in each run; null without several trials."""
    broken: Sequence[Pair]
    """Decisions that were right and are wrong now."""
    fixed: Sequence[Pair]
    """Decisions that were wrong and are right now."""


def diff(first: Results, second: Results, *, by_tag: bool = True) -> Diff:
    """Holds the second run against the first; `by_tag` in slices too, which nothing is decided by.

    Raises:
        NotComparableError: they have different modes or scorers, or not one scored decision in common.
    """
    require_comparable(first, second)
    found = pairing(first, second)
    if not any(pair.scored for pair in found.pairs):
        raise NotComparableError(
            f"{first.name} and {second.name} have no scored decision in common: "
            f"{len(found.changed)} changed, {len(found.added)} added, {len(found.removed)} removed. "
            "Nothing can be compared."
        )
    columns = columns_of(found.pairs)
    moved = [pair for pair in found.pairs if pair.flipped]
    flips = Counter((pair.first.outcome, pair.second.outcome) for pair in moved)
    return Diff(
        first,
        second,
        differing(first, second, found),
        found,
        changes(found, metrics_in(first.identity.mode), columns),
        [Flips(*outcomes, count) for outcomes, count in sorted(flips.items(), key=lambda one: (-one[1], one[0]))],
        by_slice(columns, _slices(second, found.pairs)) if by_tag else {},
        (noise(first), noise(second)),
        [pair for pair in moved if pair.broken],
        [pair for pair in moved if pair.fixed],
    )


def _slices(results: Results, pairs: Sequence[Pair]) -> dict[tuple[str, str], NDArray[np.int64]]:
    """The places of the pairs of each slice. Pairs that are alike in every slice, which are many, are found first."""
    import numpy as np

    alike: defaultdict[tuple[int, int, str, int], list[int]] = defaultdict(list)
    for place, (_, entry) in enumerate(pairs):
        alike[entry.depth, entry.tools, entry.expect, id(results.tags[entry.case])].append(place)
    slices: defaultdict[tuple[str, str], list[NDArray[np.int64]]] = defaultdict(list)
    for (depth, tools, expect, _), places in alike.items():
        tags = results.tags[pairs[places[0]].second.case]
        own = (("depth", str(depth)), ("tools", str(tools)), ("expect", expect))
        others = ((name, value) for name, value in tags.items() if name not in NO_SLICE)
        held = np.array(places, np.int64)
        for key in (*own, *others):
            slices[key].append(held)
    return {key: np.concatenate(parts) for key, parts in slices.items()}


def noise(results: Results) -> float | None:
    """The probability that two trials of a decision of a run have different outcomes; None where each was asked once."""
    if not any(entry.trial for entry in results.entries):
        return None
    trials: dict[tuple[str, int], list[str]] = {}
    for entry in results.entries:
        if not entry.errored:
            trials.setdefault((entry.case, entry.index), []).append(entry.outcome)
    return flip_rate(trials.values())
