"""Which decisions of two runs are the same: by content, wherever they stand."""

from __future__ import annotations

from collections import defaultdict
from operator import gt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.baseline import Entry, Results


_KEY, _SAME = 3, 4
"""Fields of an entry, from the first, that are its key; and those that say what it is too: case, index, trial, digest."""


class Pair(NamedTuple):
    """One decision (turn), as both runs judged it."""

    first: Entry
    second: Entry

    @property
    def scored(self) -> bool:
        """Whether both had a response to judge."""
        return not (self.first.errored or self.second.errored)

    @property
    def flipped(self) -> bool:
        """Whether the outcome changed."""
        return self.first.outcome != self.second.outcome

    @property
    def broken(self) -> bool:
        """Whether it was right and is wrong now."""
        return self.scored and self.first.right and not self.second.right

    @property
    def fixed(self) -> bool:
        """Whether it was wrong and is right now."""
        return self.scored and self.second.right and not self.first.right


class Pairing(NamedTuple):
    """What two runs have in common, and what only one of them holds; all sorted."""

    pairs: Sequence[Pair]
    changed: Sequence[Pair]
    """Of the same place in the same case, but with other tools, history or expectation: not to be compared."""
    added: Sequence[Entry]
    """Only in the second."""
    removed: Sequence[Entry]
    """Only in the first."""
    repeated: int
    """Further trials that only one of the two has; they are left out."""

    @property
    def same(self) -> bool:
        """Whether both are about the same decisions."""
        return not (self.changed or self.added or self.removed)


def pairing(first: Results, second: Results) -> Pairing:
    """Pairs the decisions of two runs of one mode by their content digests.

    A case that was renamed or moved keeps its pairs. Of equal decisions those of the same place go together. Trials are
    paired by number; where one run has more of them than the other, the rest is left out.
    """
    trials = min(first.identity.trials, second.identity.trials)
    ours, theirs = _within(first.entries, trials), _within(second.entries, trials)
    repeated = len(first.entries) - len(ours) + len(second.entries) - len(theirs)
    waiting = {entry[:_SAME]: entry for entry in theirs}
    pairs: list[Pair] = []
    left: list[Entry] = []
    for entry in ours:
        other = waiting.pop(entry[:_SAME], None)
        if other is not None:
            pairs.append(Pair(entry, other))
        else:
            left.append(entry)
    by_place = {entry.key: entry for entry in waiting.values()}
    moved = dict(_moved(left, by_place.values()))
    pairs += [Pair(entry, moved[entry.key]) for entry in left if entry.key in moved]
    for found in moved.values():
        del by_place[found.key]
    alone = [entry for entry in left if entry.key not in moved]
    changed = [Pair(entry, by_place.pop(entry.key)) for entry in alone if entry.key in by_place]
    gone = {pair.first.key for pair in changed}
    keys = [entry[:_KEY] for entry, _ in pairs]
    if any(map(gt, keys, keys[1:])):
        pairs.sort(key=lambda pair: pair.first.key)
    return Pairing(
        pairs=pairs,
        changed=changed,
        added=sorted(by_place.values(), key=lambda entry: entry.key),
        removed=[entry for entry in alone if entry.key not in gone],
        repeated=repeated,
    )


def _within(entries: Sequence[Entry], trials: int) -> list[Entry]:
    return [entry for entry in entries if entry.trial < trials]


def _moved(left: Iterable[Entry], others: Iterable[Entry]) -> Iterator[tuple[tuple[str, int, int], Entry]]:
    """By the key of an entry, the one of equal content that stands elsewhere in the other run."""
    waiting: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in sorted(others, key=lambda entry: entry.key, reverse=True):
        waiting[entry.digest, entry.trial].append(entry)
    for entry in left:
        alike = waiting.get((entry.digest, entry.trial))
        if alike:
            yield entry.key, alike.pop()
