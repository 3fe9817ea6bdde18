"""What variants of cases come to beside the cases themselves: which change breaks a model, and the worst of all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.errors import NotComparableError
from harness.metrics import rate
from harness.paired import Counts, difference, holm, mcnemar
from harness.suite import STRESS, UNCHANGED, VARIANT_OF

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.baseline import Entry, Results
    from harness.metrics import Rate
    from harness.paired import Difference


class ByChange(NamedTuple):
    """One change: the decisions (turns) of cases as they are, and the same of their variants."""

    change: str
    cases: int
    accuracy: Difference
    """First as they are, second changed, over the decisions scored in both; cases are what is drawn."""
    broken: int
    fixed: int
    p_adjusted: float
    """Exact McNemar test, corrected (Holm) over all changes."""


class Variants(NamedTuple):
    """A run of cases and their variants."""

    unit: str
    changes: Sequence[ByChange]
    """The one that breaks most first."""
    unchanged: Rate
    """Right decisions of the cases as they are, of those in `worst`."""
    worst: Rate
    """Decisions that are right as they are and in every variant; one that met an error anywhere is not counted."""
    unchanged_cases: Rate
    worst_cases: Rate
    """Cases all of whose decisions are right as they are, and in every variant."""
    added: int
    """Decisions that only variants have, such as those of small talk before a case: in no figure here."""


def has_variants(results: Results) -> bool:
    """Whether a run is of cases and their variants."""
    return any(VARIANT_OF in tags for tags in results.tags.values())


def variants(results: Results) -> Variants:
    """Holds the variants of each case against the case itself, decision by decision.

    What a change adds stands before the case, so decisions are lined up from the end.

    Raises:
        NotComparableError: no case is there with a variant of it.
    """
    families = list(_families(results))
    pairs: defaultdict[str, dict[tuple[str, int], list[tuple[Entry, Entry]]]] = defaultdict(dict)
    added = 0
    for key, origin, changed in families:
        for change, entries in changed.items():
            pairs[change][key] = list(zip(reversed(origin), reversed(entries), strict=False))
            added += max(0, len(entries) - len(origin))
    if not pairs:
        raise NotComparableError(f"{results.name} holds no case together with a variant of it")
    found = {change: _flips(by_case) for change, by_case in pairs.items()}
    adjusted = holm({change: mcnemar(fixed, broken) for change, (broken, fixed) in found.items()})
    changes = [
        ByChange(change, len({case for case, _ in by_case}), _accuracy(by_case), *found[change], adjusted[change])
        for change, by_case in pairs.items()
    ]
    rows = [list(_rows(origin, changed)) for _, origin, changed in families]
    scored = [[row for row in case if not any(entry.errored for entry in row)] for case in rows]
    whole = [case for case, kept in zip(rows, scored, strict=True) if len(case) == len(kept)]
    flat = [row for case in scored for row in case]
    return Variants(
        unit=results.unit,
        changes=sorted(changes, key=lambda one: (one.accuracy.value or 0.0, one.change)),
        unchanged=rate(sum(row[0].right for row in flat), len(flat)),
        worst=rate(sum(_all_right(row) for row in flat), len(flat)),
        unchanged_cases=rate(sum(all(row[0].right for row in case) for case in whole), len(whole)),
        worst_cases=rate(sum(all(map(_all_right, case)) for case in whole), len(whole)),
        added=added,
    )


def _families(results: Results) -> Iterator[tuple[tuple[str, int], list[Entry], dict[str, list[Entry]]]]:
    """Of every case that has variants, for each trial: its decisions, and those of each variant by the change."""
    by_case: defaultdict[tuple[str, int], dict[str, list[Entry]]] = defaultdict(dict)
    for entry in results.entries:
        tags = results.tags[entry.case]
        if VARIANT_OF in tags and STRESS in tags:
            by_case[tags[VARIANT_OF], entry.trial].setdefault(tags[STRESS], []).append(entry)
    for key, members in sorted(by_case.items()):
        origin = members.pop(UNCHANGED, None)
        if origin and members:
            yield key, origin, members


def _rows(origin: list[Entry], changed: dict[str, list[Entry]]) -> Iterator[list[Entry]]:
    """Each decision as it is, and in every variant."""
    for place, entry in enumerate(reversed(origin), 1):
        yield [entry, *(entries[-place] for entries in changed.values() if place <= len(entries))]


def _all_right(row: Sequence[Entry]) -> bool:
    return all(entry.right for entry in row)


def _scored(pairs: Sequence[tuple[Entry, Entry]]) -> list[tuple[Entry, Entry]]:
    return [pair for pair in pairs if not (pair[0].errored or pair[1].errored)]


def _flips(by_case: dict[tuple[str, int], list[tuple[Entry, Entry]]]) -> tuple[int, int]:
    """How many decisions a change breaks, and how many it fixes."""
    pairs = [pair for found in by_case.values() for pair in _scored(found)]
    broken = sum(first.right and not second.right for first, second in pairs)
    return broken, sum(second.right and not first.right for first, second in pairs)


def _accuracy(by_case: dict[tuple[str, int], list[tuple[Entry, Entry]]]) -> Difference:
    cases: defaultdict[str, Counts] = defaultdict(lambda: Counts(0, 0, 0, 0))
    for (case, _), found in by_case.items():
        for first, second in _scored(found):
            cases[case] = Counts(*map(sum, zip(cases[case], (first.right, 1, second.right, 1), strict=True)))
    return difference(cases.values())
