"""Two runs side by side: what flipped, what that does to the metrics, and how sure that is."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from harness.comparison.identity import Differing, differing, require_comparable
from harness.comparison.measures import Change, by_slice, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.errors import NotComparableError
from harness.paired import flip_rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
    """tool_call_accuracy by tag, depth, expectation; of those in which something flipped."""
    noise: tuple[float | None, float | None]
    """How often two trials of one decision come out differently, in each run; null without several trials."""

    @property
    def broken(self) -> list[Pair]:
        """Decisions that were right and are wrong now."""
        return [pair for pair in self.pairing.pairs if pair.broken]

    @property
    def fixed(self) -> list[Pair]:
        """Decisions that were wrong and are right now."""
        return [pair for pair in self.pairing.pairs if pair.fixed]


def diff(first: Results, second: Results) -> Diff:
    """Holds the second run against the first.

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
    flips = Counter((pair.first.outcome, pair.second.outcome) for pair in found.pairs if pair.flipped)
    return Diff(
        first,
        second,
        differing(first, second, found),
        found,
        changes(found, metrics_in(first.identity.mode)),
        [Flips(*outcomes, count) for outcomes, count in sorted(flips.items(), key=lambda one: (-one[1], one[0]))],
        {
            key: one
            for key, one in by_slice(found.pairs, lambda pair: _slices(second, pair)).items()
            if one.fixed or one.broken
        },
        (noise(first), noise(second)),
    )


def _slices(results: Results, pair: Pair) -> Iterator[tuple[str, str]]:
    entry = pair.second
    yield from (("depth", str(entry.depth)), ("tools", str(entry.tools)), ("expect", entry.expect))
    yield from results.tags[entry.case].items()


def noise(results: Results) -> float | None:
    """The probability that two trials of a decision of a run have different outcomes; None where each was asked once."""
    trials: dict[tuple[str, int], list[str]] = {}
    for entry in results.entries:
        if not entry.errored:
            trials.setdefault((entry.case, entry.index), []).append(entry.outcome)
    return flip_rate(trials.values())
