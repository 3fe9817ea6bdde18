"""Tool declarations of other sources as OpenAI's API and JSON Schema have them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.importers.drafts import Note

if TYPE_CHECKING:
    from harness.jsonvalue import JsonValue

_TYPES = {
    "string": ("string", "str", "char", "text", "character"),
    "integer": ("integer", "int", "long", "short", "byte", "bigint"),
    "number": ("number", "float", "double"),
    "boolean": ("boolean", "bool"),
    "array": ("array", "list", "tuple", "arraylist", "queue", "stack", "set"),
    "object": ("object", "dict", "hashmap", "hashtable", "map"),
    "null": ("null", "none"),
}
_BY_NAME = {name: kind for kind, names in _TYPES.items() for name in names}
_ANYTHING = ("any", "")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not")
_NAME = re.compile(r"[^A-Za-z0-9_-]")
NAME_LENGTH = 64
"""The longest function name that OpenAI's API takes."""


class SchemaError(ValueError):
    """A declaration that says nothing JSON Schema could."""


def function_name(name: str) -> str:
    """A name that every server takes: what is not a letter, digit, `_` or `-` becomes `_`."""
    return _NAME.sub("_", name)


def json_schema(schema: JsonValue, notes: list[Note], where: str = "parameters") -> JsonValue:
    """A schema in the words of Python, Java or JavaScript (`dict`, `float`, `HashMap`) in those of JSON Schema.

    Any value is allowed where the type is `any` or empty. `notes` gets what was changed beyond the names of types.

    Raises:
        SchemaError: a type is unknown, or stands where none can.
    """
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise SchemaError(f"{where} is no schema")
    made: dict[str, JsonValue] = {}
    for key, value in schema.items():
        if key == "type":
            _put_type(made, value, where)
        elif key == "required" and not _is_names(value):
            notes.append(Note("schema_repaired", f"{where}: required is no list of names and was dropped"))
        elif key != "optional":
            made[key] = _keyword(key, value, notes, f"{where}.{key}")
    _move_enum(made, notes, where)
    if made.get("required") and made.get("type") == "object":
        _keep_declared(made, notes, where)
    return made


def _is_names(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _move_enum(made: dict[str, JsonValue], notes: list[Note], where: str) -> None:
    """An array whose values are listed as if each were the array means them for its items."""
    choices, items = made.get("enum"), made.get("items", {})
    if made.get("type") != "array" or not isinstance(choices, list) or not isinstance(items, dict):
        return
    if "enum" not in items and not any(isinstance(choice, list) for choice in choices):
        made["items"] = {**items, "enum": made.pop("enum")}
        notes.append(Note("schema_repaired", f"{where}: enum of an array moved to its items"))


def _keyword(key: str, value: JsonValue, notes: list[Note], where: str) -> JsonValue:
    """The value of a keyword, schemas in it converted."""
    if key in ("properties", "$defs", "definitions"):
        return _members(value, notes, where)
    if key in _SINGLE:
        return json_schema(value, notes, where)
    if key in _LISTS and isinstance(value, list):
        return [json_schema(item, notes, f"{where}[]") for item in value]
    return value


def _put_type(made: dict[str, JsonValue], value: JsonValue, where: str) -> None:
    if isinstance(value, list):
        made["type"] = [_type(item, where) for item in value]
    elif not (isinstance(value, str) and value.lower() in _ANYTHING):
        made["type"] = _type(value, where)


def _type(value: JsonValue, where: str) -> str:
    found = _BY_NAME.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise SchemaError(f"{where} has the type {value!r}, which is unknown")
    return found


def _members(value: JsonValue, notes: list[Note], where: str) -> JsonValue:
    if not isinstance(value, dict):
        raise SchemaError(f"{where} is no object")
    return {name: json_schema(member, notes, f"{where}.{name}") for name, member in value.items()}


def _keep_declared(made: dict[str, JsonValue], notes: list[Note], where: str) -> None:
    """What is required but not declared asks for a value that nobody describes."""
    declared = made.get("properties", {})
    unknown = [name for name in made["required"] if name not in declared]
    if unknown and declared:
        made["required"] = [name for name in made["required"] if name in declared]
        notes.append(Note("schema_repaired", f"{where}: required names {', '.join(map(str, unknown))}, undeclared"))


def tool(declaration: JsonValue, notes: list[Note]) -> dict[str, JsonValue]:
    """A declaration with `name`, `description` and `parameters`, bare or under `function`, in OpenAI's form.

    Raises:
        SchemaError: it has no name, or no schema.
    """
    inner = declaration.get("function", declaration) if isinstance(declaration, dict) else None
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str) or not inner["name"]:
        raise SchemaError("a tool has no name")
    name = function_name(inner["name"])
    if name != inner["name"]:
        notes.append(Note("tool_renamed", f"{inner['name']} is {name}"))
    if len(name) > NAME_LENGTH:
        raise SchemaError(f"the name {name} is longer than {NAME_LENGTH} characters")
    function: dict[str, JsonValue] = {"name": name}
    if isinstance(inner.get("description"), str):
        function["description"] = inner["description"]
    if inner.get("parameters") is not None:
        function["parameters"] = json_schema(inner["parameters"], notes, name)
    return {"type": "function", "function": function}


def tools(declarations: JsonValue, notes: list[Note]) -> list[dict[str, JsonValue]]:
    """All the tools of one item.

    Raises:
        SchemaError: they are no list, one is wrong, or two have the same name.
    """
    if not isinstance(declarations, list):
        raise SchemaError(f"the tools are no list but of type {jsonvalue.kind(declarations)}")
    made = [tool(declaration, notes) for declaration in declarations]
    names = [item["function"]["name"] for item in made]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SchemaError(f"two tools are named {min(twice)}")
    return made
