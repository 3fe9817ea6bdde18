"""A number told right after a field's label is held against what the records hold under that label."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication import Trajectory
from harness.scorers.fabrication.signs import Signs


def told(answer: str, result: str = '{"tank": "T-12", "level_pct": 63.5, "leaks": 2, "件数": 8}') -> bool:
    function = {"name": "read_tank", "arguments": '{"tank": "T-12"}'}
    messages = [
        {"role": "user", "content": "How is T-12?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "a", "type": "function", "function": function}]},
        {"role": "tool", "tool_call_id": "a", "content": result},
    ]
    return any("label.other" in one.signs for one in Signs(Trajectory(messages, [])).of(answer, "wet"))


@pytest.mark.parametrize("answer", ["leaks is 57.", "level pct is 71", "件数是63。"])
def test_another_number_under_a_label_is_told(answer):
    assert told(answer)


@pytest.mark.parametrize(
    "answer", ["leaks is 2.", "level pct is 64.", "件数是8。", "It leaks 57 litres.", "leaks of late"]
)
def test_the_number_held_even_rounded_is_no_other(answer):
    assert not told(answer)


def test_a_label_that_holds_words_too_binds_no_number():
    assert not told("room is 7.", '[{"room": "A7"}, {"room": 5}]')
