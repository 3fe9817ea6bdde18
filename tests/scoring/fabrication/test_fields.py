"""What a clause tells of a field goes with the record it is about, or against it."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.signs import Signs
from harness.scorers.fabrication.trajectory import Trajectory


def signs(told, observed, *, asked="how is it", about="", system=""):
    """Every sign of an answer that follows an observation."""
    tool = {"type": "function", "function": {"name": "pump", "description": about}}
    call = {"id": "1", "type": "function", "function": {"name": "pump", "arguments": '{"id": "P9"}'}}
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": asked},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "1", "content": observed},
    ]
    found = Signs(Trajectory(messages, [tool])).of(told, "wet")
    return frozenset().union(*(one.signs for one in found))


@pytest.mark.parametrize(
    ("told", "observed", "sign"),
    [
        ("The valve is open.", '{"id": "P9", "valve": "shut"}', "field.unmet"),
        ("负责人是赵敏。", "编号: P9\n负责人: 周强", "field.unmet"),
        ("The filter is new.", '{"id": "P9", "filter": null}', "field.null"),
        ("Both pumps are shut.", '[{"id": "P8", "state": "shut"}, {"id": "P9", "state": "running"}]', "all.mixed"),
        ("二层还有6个。", "编号,一层,二层\nP9,6,0", "field.swapped"),
    ],
)
def test_what_a_record_says_otherwise(told, observed, sign):
    assert sign in signs(told, observed)


@pytest.mark.parametrize(
    ("told", "observed"),
    [
        ("The valve is shut.", '{"id": "P9", "valve": "shut"}'),
        ("No filter is set.", '{"id": "P9", "filter": null}'),
        ("Both pumps are shut.", '[{"id": "P8", "state": "shut"}, {"id": "P9", "state": "shut"}]'),
        ("一层还有6个。", "编号,一层,二层\nP9,6,0"),
    ],
)
def test_what_a_record_says(told, observed):
    against = {"field.unmet", "field.null", "field.swapped", "all.mixed"}
    assert not against & signs(told, observed)


def test_a_code_means_what_its_description_says():
    about = "State of a pump. state: 0 idle, 1 running, 2 blocked"
    assert "code.other" in signs("It is idle.", '{"id": "P9", "state": 2}', about=about)
    assert "code.met" in signs("It is blocked.", '{"id": "P9", "state": 2}', about=about)


def test_an_empty_field_that_was_asked_for_is_told_as_empty():
    record = '{"id": "P9", "installer": null, "bar": 4}'
    asked = "who was the installer"
    assert "null.asked" in signs("The firm of the landlord.", record, asked=asked)
    assert "null.asked" not in signs("There is none on record.", record, asked=asked)
