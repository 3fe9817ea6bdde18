"""The JSON Schemas of tools: which number rule a value follows, and whether a value is valid.

JSON Schema 2020-12 by `jsonschema`, with two differences that strict judging needs: numbers are exact
decimals, and a literal with fraction or exponent is no integer (`5.0` is not valid under `integer`).
`format` is ignored, nothing is ever fetched, and a schema that does not compile constrains nothing.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias
from urllib.parse import unquote

from harness.jsonvalue import JsonValue, canonical, pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema.protocols import Validator

NumberRule: TypeAlias = Literal["number", "integer"]

_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")
_UNIONS = ("anyOf", "oneOf", "allOf")
_ANCHORS = ("$anchor", "$dynamicAnchor")


class SchemaError(NamedTuple):
    """One way in which a value breaks its schema; `path` is a JSON pointer into the value."""

    path: str
    message: str


class SchemaNode:
    """The schemas that speak about one value: a schema with its references and unions laid open."""

    __slots__ = ("_children", "_items", "_root", "schemas")

    def __init__(self, root: JsonValue, schemas: Iterable[JsonValue]) -> None:
        self._root = root
        self.schemas: tuple[dict[str, Any], ...] = tuple(_laid_open(root, schemas))
        self._children: dict[str, SchemaNode] = {}
        self._items: dict[int, SchemaNode] = {}

    def child(self, key: str) -> SchemaNode:
        """The node of an object's member."""
        node = self._children.get(key)
        if node is None:
            node = self._children[key] = SchemaNode(self._root, self._of_member(key))
        return node

    def _of_member(self, key: str) -> Iterator[JsonValue]:
        for schema in self.schemas:
            properties = schema.get("properties")
            if isinstance(properties, dict) and key in properties:
                yield properties[key]
            elif isinstance(extra := schema.get("additionalProperties"), dict):
                yield extra

    def defaults(self) -> Iterator[tuple[str, JsonValue]]:
        """Members that declare a default, behind references too, each with it; a nearer one comes first."""
        for schema in self.schemas:
            properties = schema.get("properties")
            for key, member in properties.items() if isinstance(properties, dict) else ():
                for place in _laid_open(self._root, [member], ("allOf",)):
                    if "default" in place:
                        yield key, place["default"]
                        break

    def item(self, index: int) -> SchemaNode:
        """The node of an array's element."""
        node = self._items.get(index)
        if node is None:
            node = self._items[index] = SchemaNode(self._root, self._of_item(index))
        return node

    def _of_item(self, index: int) -> Iterator[JsonValue]:
        for schema in self.schemas:
            prefix = schema.get("prefixItems")
            if isinstance(prefix, list) and index < len(prefix):
                yield prefix[index]
            elif isinstance(items := schema.get("items"), dict):
                yield items

    @property
    def types(self) -> frozenset[str]:
        """Every type that some schema of this node declares; empty where none does."""
        found: set[str] = set()
        for schema in self.schemas:
            declared = schema.get("type")
            found.update([declared] if isinstance(declared, str) else declared if isinstance(declared, list) else ())
        return frozenset(found)

    @property
    def number_rule(self) -> NumberRule | None:
        """How numbers are compared here: a union with `number` follows it, else one with `integer` that one."""
        types = self.types
        return "number" if "number" in types else "integer" if "integer" in types else None

    @property
    def declared(self) -> bool:
        """Whether any schema speaks about this value."""
        return bool(self.schemas)


def _laid_open(
    root: JsonValue, schemas: Iterable[JsonValue], unions: tuple[str, ...] = _UNIONS
) -> Iterator[dict[str, Any]]:
    pending, seen = list(schemas), set()
    while pending:
        schema = pending.pop(0)
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield schema
        reference = schema.get("$ref")
        if isinstance(reference, str):
            pending.append(_resolve(root, reference))
        for union in unions:
            if isinstance(members := schema.get(union), list):
                pending.extend(members)


def _resolve(root: JsonValue, reference: str) -> JsonValue:
    """The target of a local reference (`#`, `#/$defs/x%20y`, `#anchor`); None where there is none."""
    if not reference.startswith("#"):
        return None
    fragment = unquote(reference[1:])
    if fragment and not fragment.startswith("/"):
        return next((schema for _, schema in _walk(root, ()) if fragment in map(schema.get, _ANCHORS)), None)
    value = root
    for token in fragment.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


class _Compiled:
    """A parameter schema made ready: what is wrong with it, its number rules, its validator."""

    __slots__ = ("_validator", "defect", "node", "schema")

    def __init__(self, schema: JsonValue) -> None:
        self.schema = schema
        self.defect = _compile_defect(schema)
        self.node = SchemaNode(schema, [schema] if self.defect is None else [])
        self._validator: Validator | None = None

    def errors(self, arguments: JsonValue) -> list[SchemaError]:
        """Every way in which `arguments` break the schema; none where it does not compile."""
        if self.defect is not None:
            return []
        if self._validator is None:
            self._validator = _validator(self.schema)
        return _errors(self._validator, arguments)


_COMPILED: dict[bytes, _Compiled] = {}
_MOST_COMPILED = 4096


def _compiled(schema: JsonValue) -> _Compiled:
    """Remembered by content: the records of one log repeat their tools, and compiling a schema takes 1 ms."""
    key = canonical(schema)
    known = _COMPILED.get(key)
    if known is None:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()
        known = _COMPILED[key] = _Compiled(schema)
    return known


class Tool:
    """One offered tool, its parameter schema compiled at first need."""

    __slots__ = ("_schema", "name", "parameters")

    def __init__(self, name: str, parameters: JsonValue) -> None:
        self.name = name
        self.parameters = parameters
        self._schema: _Compiled | None = None

    @property
    def _compiled(self) -> _Compiled:
        if self._schema is None:
            self._schema = _compiled(self.parameters)
        return self._schema

    @property
    def defect(self) -> str | None:
        """Why the schema does not compile; None if it does."""
        return None if self.parameters is None else self._compiled.defect

    @property
    def node(self) -> SchemaNode:
        """The schema of the arguments object."""
        return _NOTHING if self.parameters is None else self._compiled.node

    def errors(self, arguments: JsonValue) -> list[SchemaError]:
        """Every way in which `arguments` break the schema; none where it does not compile."""
        if self.parameters is None or surely_valid(self.parameters, arguments):
            return []
        return self._compiled.errors(arguments)


class Toolset:
    """The tools offered at one decision, by name."""

    __slots__ = ("tools",)

    def __init__(self, tools: Sequence[tuple[str, JsonValue]]) -> None:
        """`tools` are (name, parameter schema or None); of equal names the first counts."""
        self.tools: dict[str, Tool] = {}
        for name, parameters in tools:
            if name not in self.tools:
                self.tools[name] = Tool(name, parameters)

    def __contains__(self, name: str) -> bool:
        return name in self.tools

    def get(self, name: str) -> Tool | None:
        """The tool of that name."""
        return self.tools.get(name)

    def node(self, name: str) -> SchemaNode:
        """The schema of a tool's arguments; a node that declares nothing for an unknown tool."""
        tool = self.tools.get(name)
        return _NOTHING if tool is None else tool.node


_NOTHING = SchemaNode(None, [])
_SIMPLE_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
_NOTES = frozenset({"title", "description", "default", "examples", "format", "deprecated"})


def surely_valid(schema: JsonValue, value: JsonValue) -> bool:
    """A quick yes for the plain schemas that most tools have; False means only that it cannot tell."""
    if not isinstance(schema, dict):
        return False
    declared = schema.get("type")
    if declared == "integer":
        if type(value) is not int:
            return False
    elif declared == "number":
        if type(value) is not int and type(value) is not Decimal:
            return False
    elif not isinstance(declared, str) or not isinstance(value, _SIMPLE_TYPES.get(declared, ())):
        return False
    for keyword, rule in schema.items():
        if keyword == "type" or keyword in _NOTES:
            continue
        check = _QUICK.get(keyword)
        if check is None or not check(schema, rule, value):
            return False
    return True


def _quick_properties(schema: dict[str, Any], rule: Any, value: Any) -> bool:
    if not isinstance(rule, dict) or not isinstance(value, dict):
        return False
    closed = schema.get("additionalProperties", True)
    if closed is not True and closed is not False:
        return False
    for key, item in value.items():
        member = rule.get(key)
        if member is None:
            if not closed:
                return False
        elif not surely_valid(member, item):
            return False
    return True


def _quick_required(_: dict[str, Any], rule: Any, value: Any) -> bool:
    return isinstance(rule, list) and isinstance(value, dict) and all(type(key) is str and key in value for key in rule)


def _quick_additional(schema: dict[str, Any], rule: Any, value: Any) -> bool:
    return rule is True or (rule is False and ("properties" in schema or not value))


def _quick_enum(_: dict[str, Any], rule: Any, value: Any) -> bool:
    return isinstance(value, str) and isinstance(rule, list) and value in rule


def _quick_items(_: dict[str, Any], rule: Any, value: Any) -> bool:
    return isinstance(value, list) and all(surely_valid(rule, item) for item in value)


def _quick_minimum(_: dict[str, Any], rule: Any, value: Any) -> bool:
    return type(rule) is int and type(value) is int and value >= rule


def _quick_maximum(_: dict[str, Any], rule: Any, value: Any) -> bool:
    return type(rule) is int and type(value) is int and value <= rule


_QUICK = {
    "properties": _quick_properties,
    "required": _quick_required,
    "additionalProperties": _quick_additional,
    "enum": _quick_enum,
    "items": _quick_items,
    "minimum": _quick_minimum,
    "maximum": _quick_maximum,
}


def surely_compiles(schema: Any) -> bool:
    """A quick yes for the plain schemas that most tools have: the full check takes a millisecond a tool."""
    return isinstance(schema, dict) and all(
        keyword in _PLAIN_KEYWORDS and _PLAIN_KEYWORDS[keyword](rule) for keyword, rule in schema.items()
    )


def _is_text(rule: Any) -> bool:
    return isinstance(rule, str)


def _is_whole(rule: Any) -> bool:
    return type(rule) is int


def _is_count(rule: Any) -> bool:
    return type(rule) is int and rule >= 0


def _is_type(rule: Any) -> bool:
    return isinstance(rule, str) and rule in _TYPES


def _are_names(rule: Any) -> bool:
    return isinstance(rule, list) and all(map(_is_text, rule)) and len(set(rule)) == len(rule)


def _are_members(rule: Any) -> bool:
    return isinstance(rule, dict) and all(map(surely_compiles, rule.values()))


def _is_pattern(rule: Any) -> bool:
    try:
        re.compile(rule)
    except (re.error, OverflowError, TypeError):
        return False
    return True


_TYPES = frozenset({"string", "boolean", "object", "array", "null", "integer", "number"})
_PLAIN_KEYWORDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("title", "description", "format"), _is_text),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_whole),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    "type": _is_type,
    "properties": _are_members,
    "required": _are_names,
    "items": surely_compiles,
    "additionalProperties": lambda rule: isinstance(rule, bool),
    "enum": lambda rule: isinstance(rule, list),
    "default": lambda _: True,
    "pattern": _is_pattern,
}


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _validator(schema: JsonValue) -> Validator:
    import jsonschema
    from referencing import Registry

    checker = jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number})
    extend: Any = jsonschema.validators.extend
    validator: Validator = extend(jsonschema.Draft202012Validator, type_checker=checker)(schema, registry=Registry())
    return validator


def _errors(validator: Validator, value: JsonValue) -> list[SchemaError]:
    from referencing.exceptions import Unresolvable

    found = []
    try:
        for error in validator.iter_errors(value):
            found.append(SchemaError(pointer(*error.absolute_path), _DECIMAL.sub(r"\1", error.message)))  # noqa: PERF401 - kept where it raises
    except ValueError:  # Python prints no integer of more than 4,300 digits, and every message quotes its value
        found.append(SchemaError("", "a number too long to be printed breaks the schema"))
    except (ArithmeticError, LookupError, RecursionError, TypeError, Unresolvable, re.error):
        return []  # a schema that the validator cannot walk constrains nothing
    return found


def _compile_defect(schema: JsonValue) -> str | None:
    """Why a schema does not compile: not a schema, a pattern that is none, a reference to nothing."""
    if isinstance(schema, bool) or surely_compiles(schema):
        return None
    if not isinstance(schema, dict):
        return "a schema must be an object"
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(_with_floats(schema))
    except jsonschema.SchemaError as error:
        return f"{pointer(*error.absolute_path) or '/'}: {error.message}"
    except (ValueError, OverflowError, RecursionError) as error:
        return f"/: {error}"
    return _reference_or_pattern_defect(schema)


def _reference_or_pattern_defect(schema: dict[str, Any]) -> str | None:
    for place, member in _walk(schema, ()):
        for keyword in ("$ref", "$dynamicRef"):
            reference = member.get(keyword)
            if isinstance(reference, str) and not isinstance(_resolve(schema, reference), dict | bool):
                return f"{pointer(*place, keyword)}: {reference!r} leads nowhere (only local references are followed)"
        if (wrong := _pattern_defect(member)) is not None:
            return f"{pointer(*place)}: {wrong}"
    return None


def _pattern_defect(schema: dict[str, Any]) -> str | None:
    named = schema.get("patternProperties")
    for pattern in (schema.get("pattern"), *(named if isinstance(named, dict) else ())):
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as error:
                return f"{pattern!r} is no regular expression: {error}"
    return None


_DATA_KEYWORDS = frozenset({"enum", "const", "default", "examples"})
_NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})


def _walk(schema: JsonValue, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Every schema inside a schema, with the path to it; property names and data are no schemas."""
    if isinstance(schema, dict):
        yield place, schema
        for key, member in schema.items():
            if key in _NAMED_SCHEMAS and isinstance(member, dict):
                for name, inner in member.items():
                    yield from _walk(inner, (*place, key, name))
            elif key not in _DATA_KEYWORDS:
                yield from _walk(member, (*place, key))
    elif isinstance(schema, list):
        for index, member in enumerate(schema):
            yield from _walk(member, (*place, index))


def _with_floats(value: JsonValue) -> JsonValue:
    """The metaschema's own validator knows floats only; exactness plays no part in it."""
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
