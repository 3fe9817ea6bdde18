"""The numbers of rollouts: first wrong turn, onset, inertia, and the gap to the scripted history."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.paired import Counts, difference
from harness.rollouts import RolloutFact, TurnFact, gap_of, rollout_metrics


def rollout(case, marks, trial=0):
    """A rollout from a mark a turn: r right, w wrong, f wrong and fabricated; in capitals a turn without tools."""
    turns = [
        TurnFact(depth, mark.islower(), mark in "rR", mark in "fF", 2) for depth, mark in enumerate(marks, start=1)
    ]
    return RolloutFact(case, trial, turns)


def metrics(*marks):
    return rollout_metrics([rollout(f"case {number}", text) for number, text in enumerate(marks)], 0)


def test_first_wrong_turn_and_onset_are_those_of_each_case():
    found = metrics("rrr", "rwf", "wrr", "rff")
    assert found.first_bad == {"1": 1, "2": 2, "none": 1}
    assert found.onset == {"2": 1, "3": 1, "none": 2}
    assert [(case.case, case.first_bad, case.onset, case.right) for case in found.rollouts] == [
        ("case 0", None, None, 3),
        ("case 1", 2, 3, 1),
        ("case 2", 1, None, 2),
        ("case 3", 2, 2, 1),
    ]
    assert [(at.depth, at.right.numerator, at.first_bad, at.onset) for at in found.depths] == [
        (1, 3, 1, 0),
        (2, 2, 2, 1),
        (3, 2, 0, 1),
    ]
    assert (found.turns, found.steps, found.turn_accuracy.numerator) == (12, 24, 7)


INERTIA = {
    # marks: (fabricated, tool turns) before any, and next after one
    "never": ("rrrr", (0, 4), (0, 0)),
    "once begun it goes on": ("rrff", (1, 3), (1, 1)),
    "once and never again": ("rfrr", (1, 2), (0, 1)),
    "an honest tool turn between ends it": ("frf", (1, 1), (0, 1)),
    "turns without tools between do not": ("fRRf", (1, 1), (1, 1)),
    "one without tools can begin it": ("rFf", (0, 1), (1, 1)),
    "what comes after a turn without tools that began it anew": ("frFf", (1, 1), (1, 2)),
    "no tool turn after it": ("rfR", (1, 2), (0, 0)),
}


@pytest.mark.parametrize(("marks", "before", "after"), INERTIA.values(), ids=INERTIA)
def test_inertia_is_the_next_tool_turn_after_one_with_an_invented_result_against_those_before_any(marks, before, after):
    found = metrics(marks).inertia
    assert (found.first.numerator, found.first.denominator) == before
    assert (found.second.numerator, found.second.denominator) == after
    if after[1]:
        assert found.value == pytest.approx(after[0] / after[1] - before[0] / before[1])
    else:
        assert found.value is None


def test_errored_cases_are_counted_and_nothing_else():
    found = rollout_metrics([rollout("a", "rr")], 3)
    assert (found.cases, found.errored, found.turns) == (1, 3, 2)


def test_the_numbers_do_not_depend_on_the_order_in_which_cases_finished():
    cases = [rollout(f"case {number}", marks) for number, marks in enumerate(["rrw", "wff", "rrr", "fRf", "rfr"])]
    shuffled = random.Random(1).sample(cases, len(cases))
    assert rollout_metrics(shuffled, 0) == rollout_metrics(cases, 0)


# The gap.


def test_the_gap_pairs_the_same_turn_of_the_same_case_and_trial():
    scripted = [rollout("a", "rrr"), rollout("b", "rwr"), rollout("c", "rr"), rollout("a", "www", trial=1)]
    own = [rollout("a", "rff"), rollout("b", "rw"), rollout("d", "rr"), rollout("a", "wwf", trial=1)]
    gap = gap_of(scripted, own)
    assert gap.unpaired == 5
    assert gap.overall.turns == 8
    assert (gap.overall.accuracy.first.numerator, gap.overall.accuracy.second.numerator) == (4, 2)
    assert gap.overall.accuracy.value == pytest.approx(-2 / 8)
    assert gap.overall.fabrication.value == pytest.approx(3 / 8)
    assert [(at.depth, at.turns, at.accuracy.value) for at in gap.depths] == [
        (1, 3, 0.0),
        (2, 3, pytest.approx(-1 / 3)),
        (3, 2, pytest.approx(-1 / 2)),
    ]


def test_equal_runs_have_no_gap_and_no_interval():
    cases = [rollout(f"case {number}", marks) for number, marks in enumerate(["rrw", "wrr", "rrr"])]
    at = gap_of(cases, cases).overall.accuracy
    assert (at.value, at.low, at.high) == (0.0, None, None)


def test_a_gap_of_nothing_has_no_value():
    gap = gap_of([], [rollout("a", "r")])
    assert (gap.unpaired, gap.overall.accuracy.value, gap.depths) == (1, None, [])


# Intervals.

counts = st.builds(
    lambda n, a, m, b: Counts(min(a, n), n, min(b, m), m),
    *(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)),
)


@settings(max_examples=25)
@given(st.lists(counts, max_size=12), st.randoms(use_true_random=False))
def test_differences_are_the_same_every_time_and_in_any_order(cases, chance):
    first = difference(cases)
    assert difference(cases) == first
    assert difference(chance.sample(cases, len(cases))) == first
    if first.low is not None and first.high is not None:
        assert -1 <= first.low <= first.high <= 1


@settings(max_examples=25)
@given(st.lists(counts, max_size=12))
def test_turned_round_the_difference_is_its_negative(cases):
    there = difference(cases)
    back = difference([Counts(case.second, case.of_second, case.first, case.of_first) for case in cases])
    assert (there.value is None) == (back.value is None)
    if there.value is not None and back.value is not None:
        assert there.value == pytest.approx(-back.value)


def test_intervals_have_the_width_that_the_spread_of_the_cases_gives():
    """Against the normal approximation with the standard error of the cases' mean difference."""
    chance = random.Random(7)
    cases = [Counts(int(chance.random() < 0.7), 1, int(chance.random() < 0.5), 1) for _ in range(400)]
    found = difference(cases)
    spread = [case.second - case.first for case in cases]
    error = statistics.stdev(spread) / math.sqrt(len(spread))
    assert found.value == pytest.approx(statistics.mean(spread))
    assert found.low == pytest.approx(found.value - 1.96 * error, abs=0.01)
    assert found.high == pytest.approx(found.value + 1.96 * error, abs=0.01)


def test_turns_of_one_case_are_not_taken_for_independent():
    """Ten turns that always go the same way are no more evidence than one."""
    alone = [Counts(1, 1, number % 2, 1) for number in range(40)]
    tenfold = [Counts(10, 10, 10 * (number % 2), 10) for number in range(40)]
    one, ten = difference(alone), difference(tenfold)
    assert (ten.low, ten.high) == (one.low, one.high)


def test_intervals_cover_what_they_should():
    """Of 95 % intervals of fifty cases about 95 in 100 hold the true difference."""
    chance = random.Random(3)
    held = 0
    for _ in range(30):
        cases = [
            Counts(sum(chance.random() < 0.6 for _ in range(4)), 4, sum(chance.random() < 0.4 for _ in range(4)), 4)
            for _ in range(50)
        ]
        found = difference(cases)
        held += found.low <= -0.2 <= found.high
    assert held >= 26
