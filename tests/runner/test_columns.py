"""Counting on arrays comes to what counting decision by decision comes to."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.baseline import Entry
from harness.comparison import Pair
from harness.comparison.columns import columns_of
from harness.comparison.measures import counted, passes
from harness.paired import Counts
from harness.records import METRICS

verdicts = st.fixed_dictionaries(
    {
        "expect": st.sampled_from(["calls", "no_call", "any_call"]),
        "outcome": st.sampled_from(["correct_call", "wrong_tool", "correct_no_call", "errored"]),
        "name": st.sampled_from([None, True, False]),
        "args": st.sampled_from([None, True, False]),
        "fabricated": st.booleans(),
        "defects": st.sampled_from([(), ("too_short",), ("truncated",)]),
    }
)
keys = st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.integers(0, 2))
pairs = st.dictionaries(keys, st.tuples(verdicts, verdicts), min_size=1, max_size=40)


def paired(found) -> list[Pair]:
    return [
        Pair(*(Entry(*key, digest="", depth=1, tools=1, **verdict) for verdict in both)) for key, both in found.items()
    ]


def sums(units) -> Counter[Counts]:
    cases = defaultdict(lambda: [0, 0, 0, 0])
    for case, _, first, second in units:
        added = (first is True, first is not None, second is True, second is not None)
        cases[case] = [one + other for one, other in zip(cases[case], added, strict=True)]
    return Counter(Counts(*case) for case in cases.values())


def most(units) -> Counter[tuple[bool, bool]]:
    places = defaultdict(list)
    for _, place, first, second in units:
        if first is not None and second is not None:
            places[place].append((first, second))
    found: Counter[tuple[bool, bool]] = Counter()
    for trials in places.values():
        ones, others = (2 * sum(column) - len(trials) for column in zip(*trials, strict=True))
        if ones and others:
            found[ones > 0, others > 0] += 1
    return found


@given(pairs)
@settings(deadline=None)
def test_every_metric_of_decisions(found):
    known = paired(found)
    columns = columns_of(known)
    for metric in METRICS:
        units = columns.units(partial(counted, metric))
        wanted = [(one.case, one.key[:2], counted(metric, one), counted(metric, other)) for one, other in known]
        assert units.counts() == sums(wanted)
        assert Counter(zip(*(column.tolist() for column in units.decided()), strict=True)) == most(wanted)


@given(pairs, st.data())
@settings(deadline=None)
def test_the_case_rate_and_what_is_left_out_of_it(found, data):
    import numpy as np

    known = paired(found)
    out = data.draw(st.lists(st.booleans(), min_size=len(known), max_size=len(known)))
    played = defaultdict(list)
    for pair, left in zip(known, out, strict=True):
        played[pair.first.case, pair.first.trial].append((pair, left))
    wanted = [
        (case, case, *(passes(pair[side] for pair, _ in group) for side in (0, 1)))
        for (case, _), group in played.items()
        if not any(left for _, left in group)
    ]
    units = columns_of(known).cases(np.array(out, bool))
    assert units.counts() == sums(wanted)
    assert Counter(zip(*(column.tolist() for column in units.decided()), strict=True)) == most(wanted)
