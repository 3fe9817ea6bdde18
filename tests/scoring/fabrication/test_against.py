"""A clause that tells the opposite of the state its record is in goes against it; another word for that state does not."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.signs import Signs
from harness.scorers.fabrication.trajectory import Trajectory


def opposed(told, observed):
    """Whether an answer that follows an observation goes against it."""
    tool = {"type": "function", "function": {"name": "sluice", "description": "State of a sluice"}}
    call = {"id": "1", "type": "function", "function": {"name": "sluice", "arguments": '{"id": "S4"}'}}
    messages = [
        {"role": "user", "content": "S4"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": observed},
    ]
    return any("opposed" in one.signs for one in Signs(Trajectory(messages, [tool])).of(told, "wet"))


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("The gate of S4 is shut.", '{"id": "S4", "gate": "open"}'),
        ("S4's inspection has passed.", "id: S4\ninspection: failed"),
        ("The level keeps steady and the lamp shows green.", '{"id": "S4", "lamp": "red"}'),
        ("The motor was enabled at noon.", '{"id": "S4", "enabled": false}'),
        ("闸门目前关着。", "编号=S4；闸门=开着"),
        ("电费已经缴清。", "编号：S4\n电费：未缴"),
        ("S4验收没有通过。", "编号：S4\n验收：合格"),
        ("值班员还没签到。", "S4：值班员已签到，水位3.2米"),
        ("It is not reversible.", '{"id": "S4", "reversible": true}'),
    ],
)
def test_what_tells_the_opposite_of_what_the_record_holds(told, observed):
    assert opposed(told, observed)


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("The gate of S4 is closed.", '{"id": "S4", "gate": "shut"}'),
        ("S4 did not pass.", "id: S4\ninspection: failed"),
        ("It should be shut before the flood.", '{"id": "S4", "gate": "open"}'),
        ("Nothing is paid.", '{"id": "S4", "paid": false}'),
        ("闸门没有关。", "编号=S4；闸门=开着"),
        ("电费逾期了。", "编号：S4\n电费：未缴"),
        ("要先关闭再检修。", "编号：S4\n闸门：开放"),
        ("The gate opened at 8 and closed at 9.", "08:00 gate opened\n09:00 gate closed"),
    ],
)
def test_other_words_for_what_the_record_holds_and_wishes_go_against_nothing(told, observed):
    assert not opposed(told, observed)
