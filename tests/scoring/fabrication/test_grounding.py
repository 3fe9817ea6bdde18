"""Values are found again in every form, and follow from few operands."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.grounding import Grounding
from harness.scorers.fabrication.trajectory import Trajectory
from harness.scorers.fabrication.values import keys_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12,000", "1.2万"),
        ("12000", "twelve thousand"),
        ("2024-03-05", "3月5日"),
        ("March 5", "2024-03-05"),
        ("14:30", "下午2点半"),
        ("三个", "3"),
    ],
)
def test_forms_of_one_value_share_a_key(one, other):
    assert keys_of(one) & keys_of(other)


@pytest.mark.parametrize(
    ("observed", "told"),
    [
        ("40 and 60", "100 together"),
        ("sent 10:00, read 10:25", "25 minutes later"),
        ('[{"n": 4, "price": 2.5}, {"n": 2, "price": 10}]', "30 in all"),
        ("18452", "1.8万"),
    ],
)
def test_what_follows_is_derived(observed, told):
    messages = [{"role": "user", "content": "?"}, {"role": "tool", "content": observed}]
    assert {one.status for one in Grounding(Trajectory(messages, [])).place(told)} <= {"observed", "derived", "counted"}


def test_an_earlier_answer_without_observation_grounds_nothing():
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "It is 8841."}]
    assert [one.status for one in Grounding(Trajectory(messages, [])).place("8841")] == ["said"]
