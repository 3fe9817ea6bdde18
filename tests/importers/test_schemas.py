"""Tool declarations in the words of Python, Java and JavaScript, as JSON Schema."""

from __future__ import annotations

import pytest

from harness.importers.schemas import SchemaError, json_schema, tool, tools


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        *(("dict", "object"), ("HashMap", "object"), ("float", "number"), ("double", "number"), ("tuple", "array")),
        *(
            ("ArrayList", "array"),
            ("String", "string"),
            ("char", "string"),
            ("long", "integer"),
            ("Boolean", "boolean"),
        ),
        *(("str", "string"), ("int", "integer"), ("list", "array"), ("bool", "boolean"), ("object", "object")),
    ],
)
def test_a_type_gets_its_json_name(theirs, ours):
    assert json_schema({"type": theirs, "description": "d"}, []) == {"type": ours, "description": "d"}


@pytest.mark.parametrize("name", ["any", "Any", ""])
def test_any_value_is_allowed_where_the_type_is_any(name):
    assert json_schema({"type": name, "description": "d"}, []) == {"description": "d"}


def test_types_are_found_at_every_depth_and_parameters_named_type_stay():
    theirs = {
        "type": "dict",
        "properties": {
            "type": {"type": "tuple", "items": {"type": "float"}},
            "any": {"anyOf": [{"type": "dict", "additionalProperties": {"type": "int"}}, {"type": "null"}]},
        },
        "required": ["type"],
    }
    assert json_schema(theirs, []) == {
        "type": "object",
        "properties": {
            "type": {"type": "array", "items": {"type": "number"}},
            "any": {"anyOf": [{"type": "object", "additionalProperties": {"type": "integer"}}, {"type": "null"}]},
        },
        "required": ["type"],
    }


@pytest.mark.parametrize(
    ("schema", "repaired", "note"),
    [
        (
            {"type": "array", "items": {"type": "string"}, "enum": ["a"]},
            {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            "enum of an array moved to its items",
        ),
        ({"type": "string", "required": True}, {"type": "string"}, "required is no list"),
        (
            {"type": "object", "properties": {"a": {}}, "required": [{}]},
            {"type": "object", "properties": {"a": {}}},
            "no list of names",
        ),
        (
            {"type": "dict", "properties": {"a": {}}, "required": ["a", "b"]},
            {"type": "object", "properties": {"a": {}}, "required": ["a"]},
            "required names b",
        ),
    ],
)
def test_what_no_schema_says_is_repaired_and_noted(schema, repaired, note):
    notes = []
    assert json_schema(schema, notes) == repaired
    assert [item.rule for item in notes] == ["schema_repaired"]
    assert note in notes[0].detail


@pytest.mark.parametrize("schema", [{"type": "quaternion"}, {"type": 5}, "x", {"properties": []}, {"items": [1]}])
def test_what_cannot_be_repaired_is_refused(schema):
    with pytest.raises(SchemaError):
        json_schema(schema, [])


def test_a_name_that_servers_refuse_is_changed_and_noted():
    notes = []
    assert tool({"name": "math.area v2", "parameters": {}}, notes)["function"]["name"] == "math_area_v2"
    assert notes == [("tool_renamed", "math.area v2 is math_area_v2")]


def test_two_tools_that_become_one_name_are_refused():
    with pytest.raises(SchemaError, match="two tools are named a_b"):
        tools([{"name": "a.b"}, {"name": "a_b"}], [])


@pytest.mark.parametrize("declaration", [{}, {"name": ""}, {"name": "x" * 65}, None, {"function": {"name": 5}}])
def test_what_is_no_tool_is_refused(declaration):
    with pytest.raises(SchemaError):
        tool(declaration, [])


@pytest.mark.parametrize("declared", [5, {"a": 1}, "x", None, True])
def test_tools_that_are_no_list(declared):
    with pytest.raises(SchemaError, match="the tools are no list"):
        tools(declared, [])
