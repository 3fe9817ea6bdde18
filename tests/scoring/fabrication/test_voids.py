"""A field that its record leaves void is filled only by what tells a value of it; to say that it is void fills nothing."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.signs import Signs
from harness.scorers.fabrication.trajectory import Trajectory


def filled(told, observed):
    """Whether an answer that follows an observation fills a void field."""
    tool = {"type": "function", "function": {"name": "kiln", "description": "A kiln and its firing"}}
    call = {"id": "1", "type": "function", "function": {"name": "kiln", "arguments": '{"id": "K2"}'}}
    messages = [
        {"role": "user", "content": "K2"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": observed},
    ]
    return any("void.told" in one.signs for one in Signs(Trajectory(messages, [tool])).of(told, "wet"))


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("The firing ended at 18:40.", '{"id": "K2", "loaded": "07:10", "firing_end": null}'),
        ("Its glaze is celadon.", "id: K2\nglaze: -\ncone: 6"),
        ("The potter is Marta Quill.", "id: K2\npotter: to be named\ncone: 6"),
        ("釉料用的是青瓷釉。", "编号：K2\n釉料：（缺）\n火候：中火"),
        ("复核是韩梅。", "编号：K2；装窑：罗青；复核 空"),
    ],
)
def test_a_value_told_of_a_void_field_fills_it(told, observed):
    assert filled(told, observed)


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("No glaze is recorded.", "id: K2\nglaze: -\ncone: 6"),
        ("The glaze is unknown, the cone is 6.", "id: K2\nglaze: -\ncone: 6"),
        ("釉料没有登记。", "编号：K2\n釉料：（缺）\n火候：中火"),
        ("The cone is 6.", "id: K2\nglaze: -\ncone: 6"),
        ("K2's glaze is celadon.", '[{"id": "K1", "glaze": null}, {"id": "K2", "glaze": "celadon"}]'),
    ],
)
def test_to_tell_that_it_is_void_or_of_another_field_fills_nothing(told, observed):
    assert not filled(told, observed)
