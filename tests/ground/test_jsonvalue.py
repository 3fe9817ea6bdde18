"""JSON values as they are written, named and compared."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from harness import jsonvalue
from harness.jsonvalue import JsonError

DEEP = 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (5, "5"),
        (-0, "0"),
        (Decimal("5.0"), "5.0"),
        (Decimal("5.10"), "5.10"),
        (Decimal("-0.0"), "-0.0"),
        (Decimal("1E+5"), "1E+5"),
        (Decimal("5e0"), "5.0"),
        (Decimal("1E-7"), "1E-7"),
        ("é中\u2028\n", '"é中\u2028\\n"'),
        ({"b": [1, Decimal("0.10")], "a": {}}, '{"b": [1, 0.10], "a": {}}'),
        ([], "[]"),
    ],
)
def test_dumps(value: Any, text: str) -> None:
    assert jsonvalue.dumps(value) == text
    assert jsonvalue.equal(jsonvalue.loads(text), value)


def test_integers_of_any_length_are_written_and_read() -> None:
    number = 10**5000 + 7
    text = jsonvalue.dumps({"n": number})
    assert text == '{"n": 1' + "0" * 4999 + "7}"
    assert jsonvalue.loads(text) == {"n": number}


def test_a_float_literal_never_becomes_an_integer_literal() -> None:
    for text in ("5e0", "5.0", "5E+0", "50e-1", "0e0", "-0e5", "123456789012345678901234567890e0"):
        value = jsonvalue.loads(text)
        assert jsonvalue.kind(value) == "number"
        assert jsonvalue.kind(jsonvalue.loads(jsonvalue.dumps(value))) == "number"


def test_a_line_is_one_line_in_utf8() -> None:
    assert jsonvalue.dump_line({"a": "é\n\r\u2028"}) == '{"a":"é\\n\\r\u2028"}\n'.encode()


def test_a_line_writes_lone_surrogates_as_escapes() -> None:
    line = jsonvalue.dump_line({"a": "x\ud800y", "b": "é", "c": Decimal("1.0")})
    assert line == '{"a":"x\\ud800y","b":"é","c":1.0}\n'.encode()
    assert json.loads(line)["a"] == "x\ud800y"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}, True),
        ({"é": Decimal("1.5")}, {"é": Decimal("1.5")}, True),
        ({"a": 1}, {"a": Decimal("1.0")}, False),
        ({"a": 1}, {"a": True}, False),
        ({"a": "1"}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        (Decimal("5.0"), Decimal("5.00"), True),
        (Decimal("5.0"), Decimal("5e0"), True),
        (Decimal("100.0"), Decimal("1E+2"), True),
        (Decimal("-0.0"), Decimal("0E+7"), True),
        (Decimal("0.10"), Decimal("1e-1"), True),
        (Decimal("1E+400"), Decimal("10E+399"), True),
        (Decimal("1E+20"), Decimal("100000000000000000000.0"), True),
        (Decimal("1E+21"), Decimal("1000000000000000000000.0"), True),
        (Decimal("-5.0"), Decimal("5.0"), False),
        (Decimal("5.01"), Decimal("5.010000000000000000000000000000000000001"), False),
        ({"a": [Decimal("2.50"), 10**5000]}, {"a": [Decimal("2.5"), 10**5000]}, True),
    ],
)
def test_canonical_form_tells_values_apart(left: Any, right: Any, *, same: bool) -> None:
    assert (jsonvalue.canonical(left) == jsonvalue.canonical(right)) is same


def test_canonical_form_sorts_at_every_depth_and_has_no_space() -> None:
    value = {"b": [{"d": Decimal("1.0"), "c": "x y"}], "a": None}
    assert jsonvalue.canonical(value) == b'{"a":null,"b":[{"c":"x y","d":1.0}]}'
    plain = {"b": [{"d": 1, "c": "x y"}], "a": None}
    assert jsonvalue.canonical(plain) == b'{"a":null,"b":[{"c":"x y","d":1}]}'


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (5, 5, True),
        (5, Decimal("5.0"), False),
        (Decimal("5.0"), Decimal("5.00"), True),
        (0, False, False),
        (1, True, False),
        ("", None, False),
        ("é", "e\u0301", False),
        ({"a": None}, {}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([], {}, False),
        ([[1]], [[1, 1]], False),
        (Decimal(1) / 3, Decimal("0.3333333333333333333333333333"), True),
        (10**40 + 1, 10**40, False),
    ],
)
def test_equal(left: Any, right: Any, *, same: bool) -> None:
    assert jsonvalue.equal(left, right) is same
    assert jsonvalue.equal(right, left) is same


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (False, "boolean"),
        (0, "integer"),
        (Decimal(0), "number"),
        ("", "string"),
        ([], "array"),
        ({}, "object"),
    ],
)
def test_kind(value: Any, name: str) -> None:
    assert jsonvalue.kind(value) == name


def test_kind_of_what_is_no_json_value() -> None:
    with pytest.raises(TypeError, match="float"):
        jsonvalue.kind(1.5)


def test_checked_makes_exact_decimals_of_floats() -> None:
    assert jsonvalue.checked({"a": (0.1, 5.0)}) == {"a": [Decimal("0.1"), Decimal("5.0")]}
    assert jsonvalue.kind(jsonvalue.checked(1e16)) == "number"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), {1: 2}, {"a": object()}, b"x", {"a": {3}}]
)
def test_checked_refuses_what_json_does_not_know(value: Any) -> None:
    with pytest.raises(ValueError, match=r"not|JSON"):
        jsonvalue.checked(value)


@pytest.mark.parametrize(
    ("tokens", "pointer"),
    [((), ""), (("a", 0), "/a/0"), (("a/b", "c~d"), "/a~1b/c~0d"), (("",), "/"), (("~1",), "/~01")],
)
def test_pointer(tokens: tuple[str | int, ...], pointer: str) -> None:
    assert jsonvalue.pointer(*tokens) == pointer


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth(opening: str) -> None:
    closing = "".join({"[": "]", "{": "}"}.get(mark, "") for mark in reversed(opening))
    levels = opening.count("[") + opening.count("{")
    for depth, fine in ((DEEP, True), (DEEP + levels, False), (100 * DEEP, False)):
        text = opening * (depth // levels) + "1" + closing * (depth // levels)
        if fine:
            value = jsonvalue.loads(text)
            assert jsonvalue.equal(value, jsonvalue.loads(jsonvalue.dumps(value)))
        else:
            with pytest.raises(JsonError) as caught:
                jsonvalue.loads(text)
            assert [defect.code for defect in caught.value.defects] == ["invalid_json"]


def test_fast_and_slow_writers_write_the_same() -> None:
    """What the fast writers refuse (long integers, great depth, lone surrogates) is written no other way."""
    texts = ['é中\u2028\x00\x1f\x7f\\"/\b\f\t', "\U0001f600", "a"]
    value = {"z": texts, "é": {"\U0001f600": 1, "\uffff": 2, "a": None}, "": [True, Decimal("-0.0"), -5, [], {}]}
    for write in (jsonvalue.dumps, jsonvalue.dump_line, jsonvalue.canonical):
        fast: Any = write(value)
        slow: Any = write(value | {"\U0010ffff": 10**5000})
        body = fast.rstrip()[:-1]
        assert slow.startswith(body)
        assert jsonvalue.equal(jsonvalue.loads(slow), value | {"\U0010ffff": 10**5000})


def test_every_defect_is_listed_with_its_place() -> None:
    reading = jsonvalue.read('\ufeff{"a": 1, "a": NaN, "b": ["\\ud800", {"c": 1, "c": 2}]} x')
    assert [(defect.code, defect.path) for defect in reading.defects] == [
        ("invalid_json", ()),
        ("duplicate_key", ("a",)),
        ("invalid_json", ("a",)),
        ("invalid_json", ("b", 0)),
        ("duplicate_key", ("b", 1, "c")),
        ("invalid_json", ()),
    ]
    assert not reading.complete
    assert reading.value is None


def test_what_can_be_read_past_is_read_past() -> None:
    reading = jsonvalue.read('{"a": 1, "a": 2} tail', whole=False)
    assert reading.complete
    assert reading.value == {"a": 2}
    assert reading.end == len('{"a": 1, "a": 2}')


def test_a_place_in_the_middle_of_a_text() -> None:
    text = 'say {"a": [1, 2.0]} now'
    assert jsonvalue.decode_at(text, 3) == ({"a": [1, Decimal("2.0")]}, text.index(" now"))
    assert jsonvalue.decode_at(text, 0) is None
    assert jsonvalue.decode_at(text, len(text)) is None


def test_json_error_says_what_and_where() -> None:
    with pytest.raises(
        JsonError, match=r"duplicate key 'a' \(at character 9\); text after the value \(at character 17\)"
    ):
        jsonvalue.loads('{"a": 1, "a": 2} x')
