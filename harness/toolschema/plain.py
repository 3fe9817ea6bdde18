"""Quick answers for the plain schemas that most tools have: what can be said without a full validator."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.jsonvalue import JsonValue

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
    if not isinstance(rule, list) or not isinstance(value, dict):
        return False
    for key in rule:  # noqa: SIM110 - a loop takes half the time of a generator, and every call comes by
        if type(key) is not str or key not in value:
            return False
    return True


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
