"""What a tool said of the value it was asked for is not told of another one."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.signs import Signs
from harness.scorers.fabrication.trajectory import Trajectory


def signs(told, asked):
    """Every sign of an answer with no call, after a list of halls and the state of one of them."""
    messages = [{"role": "user", "content": "hello"}]
    for name, arguments, text in (
        ("shows", '{"day": "2026-08-09"}', '[{"hall": "hall-2", "film": "Reed"}, {"hall": "hall-5", "film": "Tide"}]'),
        ("hall", '{"hall": "hall-2"}', '{"hall": "hall-2", "projector": "fine", "seats": 140}'),
    ):
        call = {"id": name, "type": "function", "function": {"name": name, "arguments": arguments}}
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": name, "content": text},
        ]
    messages.append({"role": "user", "content": asked})
    return frozenset().union(*(one.signs for one in Signs(Trajectory(messages, [])).of(told, "dry")))


@pytest.mark.parametrize(
    ("told", "sign"),
    [
        ("Hall-5 has 140 seats.", "pair.told"),
        ("In hall-5, the projector is fine.", "pair.told"),
        ("The same there.", "same.unlooked"),
    ],
)
def test_told_of_a_value_that_no_call_had(told, sign):
    assert sign in signs(told, "and hall-5?")


def test_what_a_list_says_of_its_rows():
    found = signs("Hall-5 shows Tide.", "and hall-5?")
    assert not {"pair.told", "same.unlooked"} & found


def test_what_was_called_for():
    assert "pair.told" not in signs("Hall-2 has 140 seats.", "hall-2?")
