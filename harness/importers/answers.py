"""Lists of acceptable values, as BFCL writes its ground truth, as expected arguments and what may differ in them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.importers.drafts import Note
from harness.toolschema import Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.jsonvalue import JsonValue

_MANY = 256
"""Alternatives of one value, written out, at most."""
OMITTED = ""
"""What stands in a list of alternatives for: may be left out."""


class AnswerError(ValueError):
    """A ground truth that cannot be put into expected arguments."""


class Answer(NamedTuple):
    """One call's arguments, with the leniency of its ground truth."""

    arguments: dict[str, JsonValue]
    match: dict[str, JsonValue]
    notes: list[Note]
    defects: list[Note]


def answer_of(truth: dict[str, JsonValue], schema: JsonValue) -> Answer:
    """The expected arguments for a ground truth of `{parameter: [acceptable values]}`.

    The first acceptable value is the expected one; the others stand under `one_of`, and what may be left out is
    `optional`. A member of an object has a list of its own.

    Raises:
        AnswerError: it is not of that form, or allows too many combinations.
    """
    made = Answer({}, {}, [], [])
    _fill(made.arguments, truth, schema if isinstance(schema, dict) else {}, (), made)
    return made


def _fill(
    target: dict[str, JsonValue], truth: JsonValue, schema: dict[str, JsonValue], path: tuple[str, ...], made: Answer
) -> None:
    """Puts the members of an object in place, each with its rule."""
    if not isinstance(truth, dict):
        raise AnswerError(f"{jsonvalue.pointer(*path) or 'the ground truth'} is no object")
    required = schema.get("required", ())
    for name, alternatives in truth.items():
        member = schema.get("properties", {}).get(name, {})
        place = (*path, name)
        if not isinstance(alternatives, list):
            raise AnswerError(f"{jsonvalue.pointer(*place)} has no list of acceptable values")
        omitted = OMITTED in alternatives and name not in required
        if not path and name not in schema.get("properties", {name}):  # an object inside may be open
            (made.notes if omitted else made.defects).append(Note("undeclared_argument", jsonvalue.pointer(*place)))
            continue
        stated = [value for value in alternatives if value != OMITTED]
        if len(stated) == 1 and _is_nested(stated[0]) and OMITTED not in alternatives:
            target[name] = {}
            _fill(target[name], stated[0], member, place, made)
            continue
        values = _acceptable(alternatives, stated, member, place, made, omitted=omitted)
        _put(target, name, values, made, place, omitted=omitted)


def _put(
    target: dict[str, JsonValue],
    name: str,
    values: list[JsonValue],
    made: Answer,
    place: tuple[str, ...],
    *,
    omitted: bool,
) -> None:
    """One argument with its rule: expected where a value is stated for it, else only allowed."""
    has_stated = any(value != OMITTED for value in values)
    if not values:
        return  # it must be left out
    rule: dict[str, JsonValue] = {"optional": True} if omitted else {}
    if len(values) > 1 or (omitted and not has_stated):
        rule["one_of"] = values
    if has_stated or not omitted:
        target[name] = values[0]
    if rule:
        made.match[jsonvalue.pointer(*place)] = rule


def _acceptable(
    alternatives: list[JsonValue],
    stated: list[JsonValue],
    schema: dict[str, JsonValue],
    place: tuple[str, ...],
    made: Answer,
    *,
    omitted: bool,
) -> list[JsonValue]:
    """Every value that may stand there and that the schema allows, in the source's order."""
    where = jsonvalue.pointer(*place)
    values = [value for item in stated for value in _written_out(item, schema)]
    values = _distinct(values, as_numbers=schema.get("type") == "number")
    if len(values) > _MANY:
        raise AnswerError(f"{where} allows more than {_MANY} values")
    checker = Tool("value", schema)
    if checker.defect is not None:
        return values  # the check of the tools says so
    valid = [value for value in values if not checker.errors(value)]
    if len(valid) < len(values) and (valid or omitted):
        lost = ", ".join(jsonvalue.dumps(value) for value in values if checker.errors(value))
        made.notes.append(Note("alternative_breaks_schema", f"{where}: {lost}"))
    elif values and not valid:
        shown = jsonvalue.dumps(values[0])
        made.defects.append(Note("gold_breaks_schema", f"{where}: {shown}: {checker.errors(values[0])[0].message}"))
        return values
    if OMITTED in alternatives and schema.get("type") in ("string", None) and not checker.errors(OMITTED):
        valid.append(OMITTED)  # an empty text is a value there, too
    return valid


def _distinct(values: list[JsonValue], *, as_numbers: bool) -> list[JsonValue]:
    kept: list[JsonValue] = []
    for value in values:
        same = any(jsonvalue.equal(value, other) or (as_numbers and _same_number(value, other)) for other in kept)
        if not same:
            kept.append(value)
    return kept


def _same_number(left: JsonValue, right: JsonValue) -> bool:
    return not isinstance(left, bool | str) and not isinstance(right, bool | str) and bool(left == right)


def _is_nested(value: JsonValue) -> bool:
    """Whether a value is an object whose members have lists of acceptable values."""
    return isinstance(value, dict) and all(isinstance(item, list) for item in value.values())


def _written_out(value: JsonValue, schema: JsonValue) -> Iterator[JsonValue]:
    """Every value that an alternative with alternatives inside stands for."""
    schema = schema if isinstance(schema, dict) else {}
    if _is_nested(value):
        yield from _objects(value, schema)
    elif isinstance(value, list) and value and all(map(_is_nested, value)):
        item_schema = schema.get("items", {})
        for count, items in enumerate(product(*(list(_written_out(item, item_schema)) for item in value))):
            if count > _MANY:
                raise AnswerError(f"a list allows more than {_MANY} values")
            yield list(items)
    else:
        yield value


def _objects(value: dict[str, list[JsonValue]], schema: dict[str, JsonValue]) -> Iterator[JsonValue]:
    members: list[list[tuple[str, JsonValue] | None]] = []
    for name, alternatives in value.items():
        member = schema.get("properties", {}).get(name, {})
        stated = [item for item in alternatives if item != OMITTED]
        choices: list[tuple[str, JsonValue] | None] = [(name, v) for item in stated for v in _written_out(item, member)]
        if OMITTED in alternatives:
            if member.get("type") in ("string", None):
                choices.append((name, OMITTED))
            if name not in schema.get("required", ()):
                choices.append(None)
        members.append(choices)
    for count, chosen in enumerate(product(*members)):
        if count > _MANY:
            raise AnswerError(f"an object allows more than {_MANY} values")
        yield dict(pair for pair in chosen if pair is not None)
