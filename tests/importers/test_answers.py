"""Lists of acceptable values as expected arguments and leniency."""

from __future__ import annotations

from decimal import Decimal

import pytest

from harness.importers.answers import AnswerError, answer_of


def of(truth, properties, required=()):
    return answer_of(truth, {"type": "object", "properties": properties, "required": list(required)})


TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("alternatives", "schema", "arguments", "rule"),
    [
        pytest.param([5], WHOLE, {"a": 5}, None, id="one value"),
        pytest.param([5, 6], WHOLE, {"a": 5}, {"one_of": [5, 6]}, id="several"),
        pytest.param([5, ""], WHOLE, {"a": 5}, {"optional": True}, id="may be left out"),
        pytest.param(["x", ""], TEXT, {"a": "x"}, {"one_of": ["x", ""], "optional": True}, id="or be empty"),
        pytest.param([""], TEXT, {}, {"one_of": [""], "optional": True}, id="empty or left out"),
        pytest.param([""], WHOLE, {}, None, id="must be left out"),
        pytest.param([5, Decimal("5.0")], NUMBER, {"a": 5}, None, id="one number"),
        pytest.param([[1, 2], [2, 1]], {"type": "array"}, {"a": [1, 2]}, {"one_of": [[1, 2], [2, 1]]}, id="lists"),
        pytest.param([None, 1], {}, {"a": None}, {"one_of": [None, 1]}, id="null is a value"),
        pytest.param([True, "true"], {"type": "boolean"}, {"a": True}, None, id="the schema decides"),
        pytest.param(["all", ""], WHOLE, {}, None, id="only what the schema refuses, or nothing"),
    ],
)
def test_alternatives_of_one_argument(alternatives, schema, arguments, rule):
    made = of({"a": alternatives}, {"a": schema})
    assert made.arguments == arguments
    assert made.match == ({} if rule is None else {"/a": rule})
    assert made.defects == []


def test_what_is_required_cannot_be_left_out():
    assert of({"a": ["x", ""]}, {"a": TEXT}, ["a"]).match == {"/a": {"one_of": ["x", ""]}}
    assert of({"a": [""]}, {"a": TEXT}, ["a"]) == ({"a": ""}, {}, [], [])


def test_members_of_an_object_have_alternatives_of_their_own():
    inner = {"type": "object", "properties": {"size": TEXT, "n": WHOLE}}
    made = of({"a": [{"size": ["big", "large"], "n": [1, ""]}]}, {"a": inner})
    assert made.arguments == {"a": {"size": "big", "n": 1}}
    assert made.match == {"/a/size": {"one_of": ["big", "large"]}, "/a/n": {"optional": True}}


def test_objects_in_a_list_are_written_out():
    items = {"type": "array", "items": {"type": "object", "properties": {"n": WHOLE, "m": WHOLE}}}
    made = of({"a": [[{"n": [1, 2], "m": [3, ""]}]]}, {"a": items})
    assert made.match["/a"]["one_of"] == [[{"n": 1, "m": 3}], [{"n": 1}], [{"n": 2, "m": 3}], [{"n": 2}]]


def test_a_value_that_the_schema_refuses_is_dropped_and_noted():
    made = of({"a": ["red", "crimson"]}, {"a": {"enum": ["red", "blue"]}})
    assert (made.arguments, made.match) == ({"a": "red"}, {})
    assert made.notes == [("alternative_breaks_schema", '/a: "crimson"')]


def test_gold_that_the_schema_refuses_is_a_defect():
    assert [note.rule for note in of({"a": ["crimson"]}, {"a": {"enum": ["red"]}}).defects] == ["gold_breaks_schema"]


def test_an_argument_that_the_tool_lacks():
    made = of({"a": [1], "b": ["", 2]}, {"a": WHOLE})
    assert (made.arguments, made.notes, made.defects) == ({"a": 1}, [("undeclared_argument", "/b")], [])
    assert of({"a": [1], "b": [2]}, {"a": WHOLE}).defects == [("undeclared_argument", "/b")]


def test_an_object_inside_may_be_open():
    made = of({"a": [{"n": [1], "m": [2]}]}, {"a": {"type": "object", "properties": {"n": WHOLE}}})
    assert (made.arguments, made.defects) == ({"a": {"n": 1, "m": 2}}, [])


@pytest.mark.parametrize("truth", [{"a": 5}, [], {"a": [{"b": list(range(20)), "c": list(range(20))}, {}]}])
def test_what_is_not_of_the_form_is_refused(truth):
    with pytest.raises(AnswerError):
        answer_of(truth, {"type": "object", "properties": {"a": {"type": "object"}}})
