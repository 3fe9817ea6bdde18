"""A parameter schema made ready once: what is wrong with it, its number rules, its validator."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.jsonvalue import JsonValue, canonical, pointer
from harness.toolschema.nodes import SchemaNode, resolve, walk
from harness.toolschema.plain import surely_compiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.protocols import Validator

_DECIMAL = re.compile(r"Decimal\('([^']*)'\)")


class SchemaError(NamedTuple):
    """One way in which a value breaks its schema; `path` is a JSON pointer into the value."""

    path: str
    message: str


class Compiled:
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


_COMPILED: dict[bytes, Compiled] = {}
_MOST_COMPILED = 4096


def compiled(schema: JsonValue) -> Compiled:
    """Remembered by content: the records of one log repeat their tools, and compiling a schema takes 1 ms."""
    key = canonical(schema)
    known = _COMPILED.get(key)
    if known is None:
        if len(_COMPILED) >= _MOST_COMPILED:
            _COMPILED.clear()
        known = _COMPILED[key] = Compiled(schema)
    return known


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
    """Why a schema does not compile: not a schema, a pattern that is none, a reference to nothing or to itself."""
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
    return _reference_or_pattern_defect(schema) or _endless(schema)


def _reference_or_pattern_defect(schema: dict[str, Any]) -> str | None:
    for place, member in walk(schema, ()):
        for keyword in ("$ref", "$dynamicRef"):
            reference = member.get(keyword)
            if isinstance(reference, str) and not isinstance(resolve(schema, reference), dict | bool):
                return f"{pointer(*place, keyword)}: {reference!r} leads nowhere (only local references are followed)"
        if (wrong := _pattern_defect(member)) is not None:
            return f"{pointer(*place)}: {wrong}"
    return None


def _endless(schema: dict[str, Any]) -> str | None:
    """A schema that holds itself for the same value: it could be followed for ever."""
    finished: set[int] = set()
    for place, member in walk(schema, ()):
        under_way: dict[int, Iterator[JsonValue]] = {id(member): _in_place(schema, member)}
        while under_way:
            last, parts = next(reversed(under_way.items()))
            part = next(parts, None)
            if part is None:
                finished.add(last)
                del under_way[last]
            elif id(part) in under_way:
                return f"{pointer(*place) or '/'}: the schema holds itself for the same value, without end"
            elif id(part) not in finished:
                under_way[id(part)] = _in_place(schema, part)
    return None


def _in_place(root: dict[str, Any], schema: JsonValue) -> Iterator[JsonValue]:
    """The schemas that a schema applies to the very value it is applied to."""
    if not isinstance(schema, dict):
        return
    for keyword in ("$ref", "$dynamicRef"):
        if isinstance(reference := schema.get(keyword), str):
            yield resolve(root, reference)
    for keyword in ("allOf", "anyOf", "oneOf"):
        yield from (part for part in schema.get(keyword, ()) if isinstance(part, dict))
    yield from (schema[keyword] for keyword in ("not", "if", "then", "else") if isinstance(schema.get(keyword), dict))
    yield from (part for part in schema.get("dependentSchemas", {}).values() if isinstance(part, dict))


def _pattern_defect(schema: dict[str, Any]) -> str | None:
    named = schema.get("patternProperties")
    for pattern in (schema.get("pattern"), *(named if isinstance(named, dict) else ())):
        if isinstance(pattern, str):
            try:
                re.compile(pattern)
            except (re.error, OverflowError) as error:
                return f"{pattern!r} is no regular expression: {error}"
    return None


def _with_floats(value: JsonValue) -> JsonValue:
    """The metaschema's own validator knows floats only; exactness plays no part in it."""
    if isinstance(value, dict):
        return {key: _with_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_floats(item) for item in value]
    return float(value) if isinstance(value, Decimal) else value
