"""What is wrong with the shape of a value, in plain words: pydantic's errors for people who write cases.

It says what was found, suggests keys and knows the turns of a case; `harness.records.explain` is for other files.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, get_args

from harness import jsonvalue
from harness.records import Record, steps_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import ValidationError

    from harness.jsonvalue import JsonValue

_KIND_WORDS = {
    "null": "empty (null)",
    "boolean": "a boolean",
    "integer": "a number",
    "number": "a number with a fraction or exponent",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
}
_MAPPING = "must be a mapping of keys to values, but is {given}"
_WORDS = {
    "int_type": "must be a whole number, but is {given}",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false, but is {given}",
    "list_type": "must be a list, but is {given}",
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "union_tag_not_found": "a turn needs the key 'user' (a message) or 'expect' (a decision)",
    "value_error": "{error}",
}


def shape_problems(error: ValidationError, model: type[Record], value: JsonValue) -> Iterator[tuple[str, str]]:
    """Each problem of a validation error as (JSON pointer into `value`, plain words)."""
    for detail in error.errors(include_url=False):
        location = detail["loc"]
        where = jsonvalue.pointer(*steps_within(value, location))
        if detail["type"] == "missing":
            yield where, f"the key {location[-1]!r} is missing"
        elif detail["type"] == "extra_forbidden":
            yield where, _unknown_key(str(location[-1]), _known_keys(model, location[:-1]), location)
        else:
            yield where, _in_words(detail["type"], detail["msg"], detail["input"], detail.get("ctx", {}))


def near(name: str, known: Iterable[str]) -> str:
    """A suggestion to put behind the complaint that `name` is unknown."""
    names = sorted(known)
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.7)
    if found:
        return f"did you mean {found[0]!r}?"
    return f"known are: {', '.join(names[:20])}{', ...' if len(names) > 20 else ''}" if names else "none is known"


def _in_words(kind: str, message: str, value: Any, context: dict[str, Any]) -> str:
    if kind == "string_type":
        quotes = "; put it in quotes" if isinstance(value, bool | int) or jsonvalue.kind(value) == "number" else ""
        return f"must be text, but is {_given(value)}{quotes}"
    if kind == "literal_error":
        return f"must be {context['expected']}"
    if kind in _WORDS:
        return _WORDS[kind].format(given=_given(value), **context)
    return message


def _given(value: Any) -> str:
    try:
        return _KIND_WORDS[jsonvalue.kind(value)]
    except TypeError:
        return f"a {type(value).__name__}"


def _unknown_key(key: str, known: set[str], location: tuple[str | int, ...]) -> str:
    if key == "user" and location[-2:-1] == ("expect turn",):
        return "a turn is either 'user' or 'expect', not both; make two turns of it"
    return f"unknown key {key!r}; {near(key, known)}"


def _known_keys(model: type[Record], location: tuple[str | int, ...]) -> set[str]:
    """The keys that the record at a location may have."""
    records = {model}
    for step in location:
        if step in _BRANCH_KEYS:
            records = {record for record in records if _BRANCH_KEYS[step] in record.model_fields}
            continue
        inner = {item for record in records if step in record.model_fields for item in _records_in(record, str(step))}
        records = inner or records
    return {key for record in records for key in record.model_fields}


_BRANCH_KEYS: dict[str | int, str] = {"user turn": "user", "expect turn": "expect"}


def _records_in(record: type[Record], name: str) -> set[type[Record]]:
    """The records that a field's annotation mentions."""
    found, pending = set(), [record.model_fields[name].annotation]
    while pending:
        annotation: Any = pending.pop()
        if isinstance(annotation, type) and issubclass(annotation, Record):
            found.add(annotation)
        pending.extend(get_args(annotation))
    return found
