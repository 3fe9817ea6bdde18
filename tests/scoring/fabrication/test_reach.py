"""What is looked up in order is found exactly where trying everything finds it, and time grows with the answer."""

from __future__ import annotations

import itertools
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scorers.fabrication import Part, Trajectory, find
from harness.scorers.fabrication.derive import from_one, made_of, told_by
from harness.scorers.fabrication.reach import Operands
from harness.scorers.fabrication.values import values_of

NUMBERS = st.decimals(min_value=0, max_value=10**7, places=2, allow_nan=False)


@given(st.lists(NUMBERS, min_size=1, max_size=60), NUMBERS)
def test_operands_looked_up_are_operands_tried(numbers, told):
    value = values_of(f"{told:f}")[0]
    assert Operands(numbers).one(value) == from_one(value, [abs(float(one)) for one in numbers])


@given(st.lists(NUMBERS, min_size=1, max_size=50), NUMBERS)
def test_pairs_looked_up_are_pairs_tried(numbers, told):
    value = values_of(f"{told:f}")[0]
    target, tolerance = told_by(value, round_numbers=False)
    first = list(dict.fromkeys(map(float, numbers)))[:40]
    made = (one for left, right in itertools.combinations(first, 2) for one in made_of(left, right))
    assert Operands(numbers).two(value) == any(abs(abs(one) - target) <= tolerance for one in made)


@pytest.mark.parametrize("scale", [1, 100, Decimal("0.01")])
def test_many_operands_make_what_few_make(scale):
    numbers = [Decimal(7) * place for place in range(1, 100)]
    value = values_of(f"{numbers[41] * scale:f}")[0]
    assert Operands(numbers).one(value)


def _seconds(sentences):
    said = [
        f"Host {place} took {place * 7 + 1000.13} s at {place % 24}:{place % 60:02d}." for place in range(sentences)
    ]
    messages = [
        {"role": "user", "content": "How long did each take?"},
        {"role": "assistant", "tool_calls": [{"id": "1", "function": {"name": "times", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "1", "content": '{"at": "09:17", "seconds": 4711.5, "hosts": 40}'},
    ]
    began = time.process_time()
    find(Trajectory(messages, []), [Part(" ".join(said), "content")], called=False)
    return time.process_time() - began


@pytest.mark.slow
def test_time_grows_with_the_answer_not_with_its_square():
    short, long = min(_seconds(51), _seconds(52), _seconds(53)), min(_seconds(510), _seconds(520))
    assert long < 10**1.5 * max(short, 0.001)
