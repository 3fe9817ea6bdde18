"""Tool schemas: which number rule a value follows, what is valid, and what constrains nothing."""

from __future__ import annotations

import socket
from decimal import Decimal
from typing import Any

import pytest

from harness.toolschema import Tool, Toolset

HALF = Decimal("0.5")


def tool(properties: Any, **schema: Any) -> Tool:
    return Tool("f", {"type": "object", "properties": properties, **schema})


def errors_of(declared: Any, value: Any, **schema: Any) -> list[str]:
    return [error.path for error in tool({"x": declared}, **schema).errors({"x": value})]


DEFS = {
    "$defs": {
        "a b%c": {"type": "integer"},
        "named": {"$anchor": "here", "type": "number"},
        "n": {"type": "integer"},
        "a/b~c": {"type": "number"},
        "deep": {"n": [{"type": "integer"}]},
    }
}


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": "number"}, "number"),
        ({"type": ["integer", "null"]}, "integer"),
        ({"type": ["integer", "number"]}, "number"),
        ({"type": "string"}, None),
        ({}, None),
        (True, None),
        ({"$ref": "#/$defs/n"}, "integer"),
        ({"$ref": "#/$defs/a~1b~0c"}, "number"),
        ({"$ref": "#/$defs/deep/n/0"}, "integer"),
        ({"$ref": "#/$defs/a%20b%25c"}, "integer"),
        ({"$ref": "#/%24defs/n"}, "integer"),
        ({"$ref": "#here"}, "number"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "integer"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"allOf": [{"type": "integer"}, {"minimum": 0}]}, "integer"),
        ({"anyOf": [{"$ref": "#/$defs/n"}, {"oneOf": [{"$ref": "#/$defs/a~1b~0c"}]}]}, "number"),
        ({"type": "integer", "anyOf": [{"type": "number"}]}, "number"),
        ({"enum": [1, 2]}, None),
        ({"not": {"type": "integer"}}, None),
    ],
)
def test_number_rule_is_found_through_references_and_unions(declared: Any, rule: str | None) -> None:
    assert tool({"x": declared}, **DEFS).node.child("x").number_rule == rule


def test_number_rule_of_members_and_elements() -> None:
    node = tool({
        "list": {"type": "array", "items": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "number"}], "items": {"type": "integer"}},
        "map": {"type": "object", "properties": {"a": {"type": "number"}}, "additionalProperties": {"type": "integer"}},
        "either": {"anyOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "number"}}}]},
    }).node  # fmt: skip
    assert node.child("list").item(7).number_rule == "integer"
    assert node.child("pair").item(0).number_rule == "number"
    assert node.child("pair").item(1).number_rule == "integer"
    assert node.child("map").child("a").number_rule == "number"
    assert node.child("map").child("z").number_rule == "integer"
    assert node.child("either").child("a").number_rule == "integer"
    assert node.child("either").child("b").number_rule == "number"
    assert not node.child("either").child("c").declared
    assert not node.child("list").child("a").declared


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = tool({"x": {"$ref": "#"}, "n": {"type": "integer"}})
    assert tree.node.child("x").child("x").child("n").number_rule == "integer"
    assert tree.errors({"x": {"x": {"n": 1}}}) == []
    assert [error.path for error in tree.errors({"x": {"x": {"n": HALF}}})] == ["/x/x/n"]


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"allOf": [{"$ref": "#"}]}, "/"),
        ({"anyOf": [{"$ref": "#"}]}, "/"),
        ({"oneOf": [{"not": {"$ref": "#"}}]}, "/"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"if": {"$ref": "#/$defs/a"}}}}, "/$defs/a"),
        ({"properties": {"x": {"$ref": "#/properties/x"}}}, "/properties/x"),
    ],
)
def test_a_schema_without_end_constrains_nothing(more: dict[str, Any], place: str) -> None:
    own = Tool("f", {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"], **more})
    assert own.defect == f"{place}: the schema holds itself for the same value, without end"
    assert not own.node.declared
    assert own.errors({}) == own.errors({"n": HALF}) == []


def test_equal_parts_in_several_places_are_no_endless_schema() -> None:
    part = {"type": "integer"}
    assert tool({"a": part, "b": {"allOf": [part, part]}}).defect is None


@pytest.mark.parametrize(
    ("declared", "defaults"),
    [
        ({"$ref": "#/$defs/a"}, [("x", 1)]),
        ({"$ref": "#/$defs/b"}, [("x", 1)]),
        ({"$ref": "#/$defs/a", "default": 2}, [("x", 2)]),
        ({"allOf": [{"$ref": "#/$defs/b"}]}, [("x", 1)]),
        ({"$ref": "#/$defs/null"}, [("x", None)]),
        # What one branch declares is no default of the argument.
        ({"anyOf": [{"$ref": "#/$defs/a"}, {"type": "null"}]}, []),
        ({"$ref": "#/$defs/none"}, []),
        (True, []),
    ],
)
def test_defaults_are_found_behind_references(declared: Any, defaults: Any) -> None:
    named = {"a": {"default": 1}, "b": {"$ref": "#/$defs/a"}, "null": {"default": None}, "none": {"type": "integer"}}
    assert list(tool({"x": declared}, **{"$defs": named}).node.defaults()) == defaults


@pytest.mark.parametrize(
    ("reference", "valid"),
    [("#/$defs/a%20b%25c", False), ("#here", True), ("#/$defs/n", False), ("#nowhere", True), ("#/$defs/a b", True)],
)
def test_references_are_followed_in_validation_as_in_number_rules(reference: str, *, valid: bool) -> None:
    assert (errors_of({"$ref": reference}, HALF, **DEFS) == []) is valid
    assert errors_of({"$ref": reference}, 1, **DEFS) == []


def test_a_reference_that_only_the_validator_cannot_follow_constrains_nothing() -> None:
    inner = {"$id": "https://example.com/inner", "$ref": "#/$defs/n"}
    assert errors_of(inner, "no integer", **DEFS, **{"$id": "https://example.com/outer"}) == []


@pytest.mark.parametrize(
    ("declared", "value", "valid"),
    [
        ({"type": "integer"}, 5, True),
        ({"type": "integer"}, Decimal("5.0"), False),
        ({"type": "integer"}, Decimal("5E0"), False),
        ({"type": "integer"}, True, False),
        ({"type": "number"}, 5, True),
        ({"type": "number"}, Decimal("5.0"), True),
        ({"type": "number"}, False, False),
        ({"type": ["integer", "null"]}, Decimal("5.0"), False),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, Decimal("1.0"), False),
        ({"type": "array", "items": {"type": "integer"}}, [1, Decimal("2.0")], False),
        ({"type": "number", "multipleOf": Decimal("0.1")}, Decimal("0.3"), True),
        ({"type": "number", "multipleOf": Decimal("0.1")}, Decimal("0.35"), False),
        ({"type": "number", "maximum": Decimal("0.3")}, Decimal("0.30000000000000000001"), False),
        ({"type": "number", "exclusiveMinimum": 0}, Decimal("1E-400"), True),
        ({"type": "string", "format": "date"}, "no date", True),
        ({"type": "string", "format": "ipv4"}, "no address", True),
        ({"const": 1}, True, False),
        ({"enum": ["a"]}, "A", False),
        ({"type": "array", "uniqueItems": True}, [1, 1], False),
        (False, 1, False),
        (True, 1, True),
    ],
)
def test_validity_with_exact_literals(declared: Any, value: Any, *, valid: bool) -> None:
    assert (errors_of(declared, value) == []) is valid


def test_errors_say_where_and_write_numbers_plainly() -> None:
    found = tool({"x": {"type": "array", "items": {"maximum": HALF}}}).errors({"x": [0, Decimal("0.75")]})
    assert [error.path for error in found] == ["/x/1"]
    assert "0.75 is greater than the maximum of 0.5" in found[0].message
    assert "Decimal" not in found[0].message


@pytest.mark.parametrize(
    "parameters",
    [
        {"type": "objekt"},
        {"type": "object", "properties": []},
        {"type": "object", "required": "x"},
        {"type": "object", "properties": {"x": {"type": "string", "pattern": "("}}},
        {"type": "object", "properties": {"x": {"$ref": "#/$defs/nowhere"}}},
        {"type": "object", "properties": {"x": {"minimum": "0"}}},
        {"type": "object", "properties": {"x": {"items": [{"type": "integer"}]}}},
    ],
)
def test_a_schema_that_does_not_compile_constrains_nothing(parameters: Any) -> None:
    broken = Tool("f", parameters)
    assert broken.defect
    assert broken.errors({"x": HALF, "y": None}) == []
    assert not broken.node.declared
    assert broken.node.child("x").number_rule is None


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        {},
        {"type": "object"},
        {"type": "object", "properties": {"x": {"type": "string", "pattern": "^a+$"}}, "required": ["x"]},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
        {"type": "object", "properties": {"$ref": {"type": "string"}, "pattern": {"type": "string"}}},
        {"type": "object", "properties": {"x": {"default": {"$ref": "#/nowhere"}, "enum": [{"pattern": "("}]}}},
    ],
)
def test_schemas_that_compile(parameters: Any) -> None:
    assert Tool("f", parameters).defect is None


@pytest.mark.parametrize(
    "reference", ["https://example.com/schema.json", "http://127.0.0.1:9/x#/a", "other.json#/a", "file:///etc/passwd"]
)
def test_nothing_is_ever_fetched(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("a schema must never be fetched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    remote = tool({"x": {"$ref": reference}, "n": {"type": "integer"}})
    assert remote.defect is not None
    assert "local" in remote.defect
    assert remote.errors({"x": 1, "n": HALF}) == []


def test_no_parameters_allow_everything() -> None:
    assert Tool("f", None).errors({"x": 1}) == []
    assert not Tool("f", None).node.declared


def test_of_equal_names_the_first_counts() -> None:
    tools = Toolset([("f", {"type": "object", "required": ["x"]}), ("f", None)])
    found = tools.get("f")
    assert found is not None
    assert len(found.errors({})) == 1


def test_unknown_tools_declare_nothing() -> None:
    tools = Toolset([("f", {"type": "object"})])
    assert "f" in tools
    assert "F" not in tools
    assert tools.get("g") is None
    assert not tools.node("g").declared


@pytest.mark.parametrize(
    ("parameters", "arguments"),
    [
        ({"type": "object", "required": [["x"]]}, {"x": 1}),
        ({"type": "object", "patternProperties": {"(": {}}}, {"x": 1}),
        ({"type": "object", "properties": {"x": {"type": "string", "pattern": "a{99999999999999999999}"}}}, {"x": "a"}),
        ({"type": "object", "properties": {"default": {"$ref": "#/nowhere"}}}, {"default": 1}),
        ({"type": "object", "$dynamicRef": "#nowhere"}, {"x": 1}),
        ({"type": "object", "properties": {"x": {"$ref": "#/properties/n/enum/0"}, "n": {"enum": [5]}}}, {"x": 1}),
        ({"type": "object", "patternProperties": {"a{99999999999999999999}": {}}}, {"x": 1}),
        ({"type": "object", "properties": {"x": {"type": "string"}}}, {"x": 10**5000}),
        ({"type": "object", "properties": {"x": {"enum": [10**5000]}}}, {"x": 1}),
        ({"type": "object", "$id": "http://[", "properties": {"x": {"$ref": "#/properties/y"}, "y": {}}}, {"x": 1}),
        ({"type": "object", "properties": {"x": {"multipleOf": Decimal("1E-30")}}}, {"x": 10**40}),
        ({"type": "object", "$ref": "#"}, {"x": 1}),
        ({"type": "object", "properties": {"x": {"$ref": "#/properties/x"}}}, {"x": 1}),
    ],
)
def test_odd_schemas_never_crash(parameters: Any, arguments: Any) -> None:
    odd = Tool("f", parameters)
    assert isinstance(odd.errors(arguments), list)
    assert odd.node.child("x").number_rule is None
