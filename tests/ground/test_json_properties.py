"""Strict JSON: one answer from the fast readers and the careful one, whatever the text."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.jsonvalue import JsonError
from strategies import decimals, json_objects, json_values

if TYPE_CHECKING:
    from collections.abc import Callable

_JSON_PIECES = [
    *'{}[],:"\\/-+.eEu0159 \n\t\r\x00\x0b',
    *(
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        '"',
        '"a"',
        '"b":',
        '{"a":1',
        "\\u",
        "d83d",
        "de00",
        "\\ud83d",
        "\\ude00",
        "\\uD800",
    ),
    *("true", "tru", "false", "null", "nul", "NaN", "Infinity", "-Infinity", "1.5", "1e9", "-0", "01", "1e99999999999"),
    *("\ufeff", "\ud800", "\udc00", "é", "中", "\u0661", "²", "\u2028", "1" * 5000, "[" * 300, "]" * 300),
]
json_like = st.lists(st.sampled_from(_JSON_PIECES), max_size=14).map("".join) | st.text(max_size=20)


def _strict_by_json_module(text: str) -> Any:
    """The standard library told to be strict: the reference for texts that it can read."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("duplicate key")
        return dict(pairs)

    def refuse(name: str) -> None:
        raise ValueError(name)

    def exact(literal: str) -> Decimal:
        number = Decimal(literal)
        if not number.is_finite():
            raise ValueError(literal)
        return number

    value = json.loads(
        text, object_pairs_hook=unique, parse_constant=refuse, parse_float=exact, parse_int=lambda t: int(Decimal(t))
    )
    jsonvalue.dumps(value).encode()  # lone surrogates
    return value


def _or_refused(read: Callable[[str], Any], text: str) -> tuple[bool, Any]:
    try:
        return True, read(text)
    except (ValueError, ArithmeticError):
        return False, None


def _or_defects(text: str | bytes) -> tuple[bool, Any]:
    """Whether a text was read, and its value or its defects."""
    try:
        return True, jsonvalue.loads(text)
    except JsonError as error:
        return False, error.defects


@settings(max_examples=4 * settings.default.max_examples)
@example("-0")
@example("1e99999999999999999999")
@example('{"a":1e-99999999999999999999}')
@example('"\\ud83d\\ude00"')
@example('{"a":1,"\\u0061":2}')
@example("[" * 700 + "]" * 700)
@example("\ufeff{}")
@given(json_like)
def test_fast_and_careful_reading_agree(text: str) -> None:
    careful = jsonvalue.read(text)
    read, value = _or_defects(text)
    assert read == (careful.complete and careful.defects == ())
    assert jsonvalue.equal(value, careful.value) if read else value == careful.defects
    if text.count("[") + text.count("{") < 900:
        by_reference, reference = _or_refused(_strict_by_json_module, text)
        assert by_reference == (not careful.defects)
        assert not by_reference or jsonvalue.equal(reference, careful.value)


@settings(max_examples=3 * settings.default.max_examples)
@example('{"a":"\ud800"}', "", 0)
@example('{"\udc00":1}', "x", 0)
@given(json_like, st.sampled_from(["", " ", "x", "\ufeff", "}", "</tool_call>"]), st.integers(0, 3))
def test_reading_at_a_place_agrees_with_careful_reading(text: str, after: str, start: int) -> None:
    text += after
    decoded = jsonvalue.decode_at(text, start)
    careful = jsonvalue.read(text, start, whole=False)
    if careful.complete and not careful.defects:
        assert decoded is not None
        assert decoded[1] == careful.end
        assert jsonvalue.equal(decoded[0], careful.value)
    else:
        assert decoded is None


@given(st.text(st.characters(exclude_categories=()), max_size=40) | json_like)
def test_no_text_raises_anything_but_a_json_error(text: str) -> None:
    read, value = _or_defects(text)
    assert read or {defect.code for defect in value} <= {"duplicate_key", "invalid_json", "truncated"}


@given(st.binary(max_size=30))
def test_no_bytes_raise_anything_but_a_json_error(data: bytes) -> None:
    read, value = _or_defects(data)
    assert read or value


@given(json_values)
def test_written_values_read_back(value: Any) -> None:
    assert jsonvalue.equal(jsonvalue.loads(jsonvalue.dumps(value)), value)
    assert jsonvalue.equal(jsonvalue.loads(jsonvalue.canonical(value)), value)
    line = jsonvalue.dump_line(value)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert jsonvalue.equal(jsonvalue.loads(line), value)


@given(value=json_values, ascii_only=st.booleans())
def test_what_the_standard_library_writes_reads_back(value: Any, *, ascii_only: bool) -> None:
    plain = json.loads(jsonvalue.dumps(value), parse_float=str)
    assert jsonvalue.equal(jsonvalue.loads(json.dumps(plain, ensure_ascii=ascii_only)), plain)


@given(value=json_objects, ascii_only=st.booleans(), data=st.data())
def test_a_proper_prefix_of_an_object_is_truncated(value: Any, *, ascii_only: bool, data: st.DataObject) -> None:
    text = jsonvalue.dumps(value)
    if ascii_only:
        text = json.dumps(json.loads(text, parse_float=str))
    prefix = text[: data.draw(st.integers(0, len(text) - 1))]
    with pytest.raises(JsonError) as caught:
        jsonvalue.loads(prefix)
    assert [defect.code for defect in caught.value.defects] == ["truncated"]


@given(json_values, json_values)
def test_equal_values_have_one_canonical_form(left: Any, right: Any) -> None:
    assert jsonvalue.equal(left, right) == (jsonvalue.canonical(left) == jsonvalue.canonical(right))


@given(decimals, st.integers(0, 30))
def test_a_decimal_has_one_canonical_form_however_it_is_written(number: Decimal, zeros: int) -> None:
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)
    longer = Decimal((sign, (*digits, *([0] * zeros)), exponent - zeros))
    assert jsonvalue.equal(number, longer)
    assert jsonvalue.canonical([number]) == jsonvalue.canonical([longer])
