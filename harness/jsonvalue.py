"""Strict JSON: what is read, what is refused, and what equal means.

A value is `None`, `bool`, `int` (a literal without fraction or exponent), `Decimal` (any other
number literal, kept exactly), `str`, `list` or `dict`. Floats never appear: a number that a model
wrote must be compared as written.

Refused, each with the violation code that a verdict quotes: duplicate keys (`duplicate_key`), `NaN`,
`Infinity`, lone surrogates, a byte order mark, nesting deeper than 1,000 and bad syntax
(`invalid_json`), and text that is a proper prefix of some JSON (`truncated`).
"""

from __future__ import annotations

import json
import re
import sys
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from json.scanner import make_scanner
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, cast

import jiter
import orjson

from harness.jsonreader import MAX_DEPTH, Defect, Reading, read

if TYPE_CHECKING:
    from collections.abc import Callable

JsonValue: TypeAlias = Any  # None | bool | int | Decimal | str | list[JsonValue] | dict[str, JsonValue]

__all__ = [
    "MAX_DEPTH",
    "Defect",
    "JsonError",
    "JsonValue",
    "Reading",
    "canonical",
    "checked",
    "decode_at",
    "dump_line",
    "dumps",
    "equal",
    "has_lone_surrogate",
    "in_utf8",
    "kind",
    "loads",
    "loads_plain",
    "pointer",
    "read",
]

# A value may nest 1,000 deep, and every function that walks one takes a few frames a level.
if sys.getrecursionlimit() < 8 * MAX_DEPTH:
    sys.setrecursionlimit(8 * MAX_DEPTH)


class JsonError(ValueError):
    """Text that is not strict JSON; `defects` lists everything found, in order of the text."""

    def __init__(self, defects: tuple[Defect, ...]) -> None:
        self.defects = defects
        super().__init__("; ".join(f"{defect.message} (at character {defect.position})" for defect in defects))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("duplicate key")
    return value


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=Decimal, parse_constant=_refuse_constant, strict=True
)
_scan: Callable[[str, int], tuple[JsonValue, int]] = cast("Any", make_scanner)(_DECODER)
_WHITE = " \t\n\r"
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRITTEN_OUT = 20
"""Zeros that are written out before the point; beyond that an exponent stands."""


def _suspicious(text: str) -> bool:
    """Text that the C scanner might accept although it is refused here."""
    if "\\ud" in text or "\\uD" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        return True
    return has_lone_surrogate(text)


def has_lone_surrogate(text: str) -> bool:
    """Whether a text holds half a surrogate pair, which no UTF-8 can say."""
    return not text.isascii() and _SURROGATE.search(text) is not None


def in_utf8(text: str) -> str:
    """A text as UTF-8 can say it, place for place: a lone surrogate becomes U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def loads(text: str | bytes) -> JsonValue:
    """The value of one JSON text.

    Raises:
        JsonError: with every defect of the text.
    """
    found = loads_plain(text)
    if found is not None:
        return found[0]
    reading = read(text if isinstance(text, str) else text.decode("utf-8", "surrogateescape"))
    if reading.defects:
        raise JsonError(reading.defects)
    return reading.value


def loads_plain(text: str | bytes) -> tuple[JsonValue] | None:
    """The value of one JSON text, alone in a tuple; None where it is wrong, or nested too deep for the fast reader."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        return (jiter.from_json(data, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal"),)
    except ValueError:
        return None


def is_container(text: str) -> bool:
    """Whether a text is a JSON object or array, and nothing else."""
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        loads(text)
    except JsonError:
        return False
    return True


def decode_at(text: str, start: int) -> tuple[JsonValue, int] | None:
    """The JSON value that begins at `start` (white space skipped) and the index after it; None if none does."""
    length = len(text)
    while start < length and text[start] in _WHITE:
        start += 1
    try:
        value, end = _scan(text, start)
    except (ValueError, StopIteration, InvalidOperation, RecursionError):
        reading = read(text, start, whole=False)
        return None if reading.defects else (reading.value, reading.end)
    if _suspicious(text[start:end]):
        reading = read(text, start, whole=False)
        return None if reading.defects else (reading.value, reading.end)
    return value, end


def kind(value: JsonValue) -> str:
    """The JSON type of a value, as JSON Schema names it; `integer` and `number` follow the literal."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    for python_type, name in _KINDS:
        if isinstance(value, python_type):
            return name
    raise TypeError(f"not a JSON value: {type(value).__name__}")


_KINDS = ((str, "string"), (int, "integer"), (Decimal, "number"), (list, "array"), (dict, "object"))


def equal(left: JsonValue, right: JsonValue) -> bool:
    """Whether two values are the same: types by literal (`5` is not `5.0`), numbers as exact decimals.

    Strings are compared code point by code point, arrays in order, objects whatever the key order.
    """
    # Values that are the same are equal in Python too; what is left to ask is whether the types are.
    return bool(left == right) and _same_types(left, right)


def _same_types(left: JsonValue, right: JsonValue) -> bool:
    """Whether two values that Python holds equal are of the same types throughout (`True == 1 == 1.0`)."""
    if left.__class__ is not right.__class__:
        return False
    if left.__class__ is dict:
        for key, value in left.items():
            if value.__class__ is not str and not _same_types(value, right[key]):
                return False
    elif left.__class__ is list:
        for ours, theirs in zip(left, right, strict=True):
            if ours.__class__ is not str and not _same_types(ours, theirs):
                return False
    return True


def checked(value: object) -> JsonValue:
    """`value` as a JSON value: floats become exact decimals, tuples lists.

    Raises:
        ValueError: for NaN, infinities, keys that are no strings, and types that JSON does not know.
    """
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise ValueError(f"object key {key!r} is not a string")  # noqa: TRY004 - pydantic reports ValueError
        return {key: checked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [checked(item) for item in value]
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is not a JSON number")
        return value
    raise ValueError(f"{type(value).__name__} is not a JSON type")


def _number(value: Decimal) -> str:
    if not value.is_finite():
        return f'"{value}"'  # only in what a server sent; JSON has no such number, a string keeps the evidence
    text = str(value)
    # Decimal("5e0") prints as 5, which would turn a float literal into an integer one.
    return text if "." in text or "E" in text else text + ".0"


def _plain_number(value: Decimal) -> str:
    """`_number` of the shortest literal that stands for the same decimal."""
    if not value:
        return "0.0"
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return _number(value)
    text = "".join(map(str, digits))
    kept = text.rstrip("0")
    exponent += len(text) - len(kept)
    if 0 < exponent <= _WRITTEN_OUT:
        kept, exponent = kept + "0" * exponent, 0
    return _number(Decimal((sign, tuple(map(int, kept)), exponent)))


def _no_decimal(value: object) -> NoReturn:
    raise TypeError(type(value).__name__)


def _fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(_number(value))
    raise TypeError(type(value).__name__)


def _plain_fragment(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(_plain_number(value))
    raise TypeError(type(value).__name__)


_SPACED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_no_decimal, check_circular=False)
_TIGHT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)
_SORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False)


def _write(value: JsonValue, style: json.JSONEncoder) -> str:
    """What the fast writers would write, decimals, integers and depths that they refuse included."""
    if isinstance(value, dict):
        items = sorted(value.items()) if style.sort_keys else value.items()
        members = (f"{style.encode(key)}{style.key_separator}{_write(item, style)}" for key, item in items)
        return "{" + style.item_separator.join(members) + "}"
    if isinstance(value, list | tuple):
        return "[" + style.item_separator.join(_write(item, style) for item in value) + "]"
    if isinstance(value, Decimal):
        return _plain_number(value) if style.sort_keys else _number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return format(Decimal(value), "f")  # int's own printing stops at 4,300 digits
    return style.encode(value)


def dumps(value: JsonValue) -> str:
    """JSON for people and models to read: a blank after `:` and `,`, non-ASCII characters as they are."""
    if value.__class__ is str:
        return encode_basestring(value)
    if value.__class__ is Decimal:
        return _number(value)
    try:
        return _SPACED.encode(value)
    except (TypeError, ValueError, RecursionError):
        return _write(value, _SPACED)


def dump_line(value: JsonValue) -> bytes:
    """One line of JSON Lines in UTF-8, tight, line feed included; lone surrogates are written as escapes."""
    try:
        return orjson.dumps(value, default=_fragment, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:
        return _escaped(_write(value, _TIGHT)) + b"\n"


def _escaped(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def canonical(value: JsonValue) -> bytes:
    """JSON in UTF-8 with sorted keys and no white space: equal values give equal bytes, for digests.

    Numbers with fraction or exponent are written in one way (`5.0` for `5.00` and `5e0`), integers as they are.
    """
    try:
        return orjson.dumps(value, default=_plain_fragment, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return _escaped(_write(value, _SORTED))


def pointer(*tokens: str | int) -> str:
    """An RFC 6901 JSON pointer from its reference tokens; a lone surrogate in a key becomes U+FFFD."""
    return in_utf8("".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens))
