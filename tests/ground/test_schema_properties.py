"""The quick yes of a plain schema is never given to a value that the full validation refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import jsonschema
from hypothesis import given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.toolschema import Tool, surely_valid
from strategies import small_values

_TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")


def _with_type(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.sampled_from(_TYPES)},
        optional={
            "properties": st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
            "required": st.lists(st.sampled_from("ab"), max_size=2, unique=True),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "enum": st.lists(small_values, min_size=1, max_size=3, unique_by=jsonvalue.canonical),
            "minimum": st.integers(-1, 2),
            "maximum": st.integers(-1, 2) | st.just(Decimal("0.5")),
            "minLength": st.integers(0, 2),
            "const": small_values,
            "title": st.just("t"),
            "default": small_values,
        },
    )


schemas = st.recursive(
    st.fixed_dictionaries({"type": st.sampled_from(_TYPES)}) | st.booleans() | st.just({}), _with_type, max_leaves=4
)


def _strictly_valid(schema: Any, value: Any) -> bool:
    """JSON Schema with exact literals, built apart from the code under test."""
    types = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {
            "integer": lambda _, item: type(item) is int,
            "number": lambda _, item: type(item) in (int, Decimal),
        }
    )
    validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, type_checker=types)(schema)
    return bool(validator.is_valid(value))


def _instances(schema: Any) -> st.SearchStrategy[Any]:
    """Values that often fit a schema, so that the quick yes is really given."""
    if not isinstance(schema, dict):
        return small_values
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.sampled_from(["", "a", "1"]),
        "integer": st.integers(-1, 3),
        "number": st.integers(-1, 3) | st.sampled_from([Decimal("0.5"), Decimal("1.0")]),
        "boolean": st.booleans(),
        "null": st.none(),
        "array": st.deferred(lambda: st.lists(_instances(schema.get("items")), max_size=3)),
        "object": st.fixed_dictionaries(
            {}, optional={key: _instances(schema.get("properties", {}).get(key)) for key in "ab"}
        ),
    }
    return kinds.get(schema.get("type", ""), small_values)


@settings(max_examples=4 * settings.default.max_examples)
@given(_with_type(schemas), st.data())
def test_what_is_surely_valid_is_valid(schema: Any, data: st.DataObject) -> None:
    value = data.draw(_instances(schema) | small_values)
    if surely_valid(schema, value):
        assert _strictly_valid(schema, value)


@given(st.fixed_dictionaries({"x": schemas}), st.data())
def test_errors_are_found_exactly_when_there_are_some(properties: Any, data: st.DataObject) -> None:
    parameters = {"type": "object", "properties": properties}
    arguments = {"x": data.draw(_instances(properties["x"]) | small_values)}
    found = Tool("f", parameters).errors(arguments)
    assert (not found) == _strictly_valid(parameters, arguments)
