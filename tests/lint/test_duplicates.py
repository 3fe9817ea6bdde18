"""Near-duplicates are found among all earlier cases, though only few of them are looked at."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from harness.lint.duplicates import ALIKE, Twin, twins

sets = st.lists(st.frozensets(st.sampled_from("abcdefghijkl"), min_size=1, max_size=8), max_size=12)


def by_all_pairs(cases):
    first, found = [], []
    for name, own in cases.items():
        alike = [
            (len(own & cases[other]) / len(own | cases[other]), other)
            for other in first
            if len(own & cases[other]) / len(own | cases[other]) >= ALIKE
        ]
        if alike:
            found.append(Twin(name, max(alike, key=lambda one: one[0])[1], max(alike)[0]))
        else:
            first.append(name)
    return found


@given(sets)
def test_as_if_all_pairs_were_compared(drawn):
    cases = {f"case-{number:02}": shingles for number, shingles in enumerate(drawn)}
    found = twins(cases)
    assert [(twin.case, twin.share) for twin in found] == [(twin.case, twin.share) for twin in by_all_pairs(cases)]


def test_many_cases_of_few_scenarios_take_no_longer_than_many_scenarios():
    def seconds(scenarios, cases=3000):
        made = {
            f"{number:05}": frozenset(f"{number % scenarios} {place}" for place in range(40)) | {f"own {number}"}
            for number in range(cases)
        }
        began = time.process_time()
        assert len(twins(made)) == cases - scenarios
        return time.process_time() - began

    assert seconds(3) < 5 * seconds(3000) + 0.5
