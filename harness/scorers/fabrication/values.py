"""Values in text: numbers, dates, times, identifiers, found where one can start."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import (
    MONTH_WORD,
    MONTHS,
    READERS,
    VALUE,
    WORD_NUMBERS,
    Value,
    dated,
    key_of,
    number_value,
)
from harness.scorers.fabrication.words import after_initial

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

_LONG = 300
_RUN = re.compile(rf"[A-Za-z0-9_.+\-]{{{_LONG},}}")


def bounded(text: str) -> str:
    """The text with runs too long to be a word or a value blanked, place for place: they would cost their square."""
    return text if len(text) < _LONG else _RUN.sub(lambda run: " " * len(run[0]), text)


@lru_cache(maxsize=16384)
def values_of(text: str) -> tuple[Value, ...]:
    """Every value of a text, in order; spans do not overlap."""
    if len(text) < _LONG and _PLAIN_IDENTIFIER.fullmatch(text):
        return (Value("identifier", 0, len(text), text, (text.lower(),)),)
    return tuple(_values(text))


def values_in(texts: Iterable[str]) -> tuple[Value, ...]:
    """Every value of some texts, in order, read as one text and not kept: their places are of no use."""
    return tuple(_values(_BETWEEN.join(texts)))


_BETWEEN = "\n\x00\n"
"""What is no part of any value."""


@lru_cache(maxsize=16384)
def keys_of(text: str) -> frozenset[str]:
    """The keys of every value in a text; the plain ones of JSON are read without looking for any other form."""
    found: set[str] = set()
    if '": ' in text or '":' in text:
        numbers = _JSON_NUMBER.findall(text)
        if numbers:
            found.update(map(_plain_key, numbers))
            text = _JSON_NUMBER.sub("null", text)
    quoted = _QUOTED.findall(text) if '"' in text else ()
    if quoted:
        found.update(map(str.lower, quoted))
        text = _QUOTED.sub('""', text)
    dates = _ISO.findall(text) if "-" in text else ()
    if dates:
        found.update(key for date in dates for key in _iso_keys(*date))
        text = _ISO.sub(" ", text)
    for one in _found(bounded(text)):
        if isinstance(one, Value):
            found.update(one.keys)
        else:
            found.add(one[0].lower() if one.lastgroup == "identifier" else _plain_key(one[0]))
    return frozenset(found)


@lru_cache(maxsize=16384)
def keys_of_leaf(text: str) -> Collection[str]:
    """The keys of every value in the text of one field: mostly it is one value, in the form of its key."""
    if _IN_KEY_FORM.fullmatch(text):
        return (text,)
    if _PLAIN_IDENTIFIER.fullmatch(text):
        return (text.lower(),)
    return keys_of(text)


_ISO = re.compile(
    r"((?:19|20)(?<![\w\-/.:]..)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):(\d\d)(?::(\d\d))?Z?)?"
    r"(?=[\"',;|}\]\n]|$)"
)


@lru_cache(maxsize=65536)
def _iso_keys(*parts: str) -> tuple[str, ...]:
    """The keys of a date, and of the time after it, both in ISO form."""
    year, month, day, hour, minute, second = parts
    keys = [f"{int(year)}-{int(month)}-{int(day)}", f"{int(month)}-{int(day)}"]
    if hour:
        keys += [f"{int(hour)}:{minute}"] + ([f"{int(hour)}:{minute}:{second}"] if second else [])
    return tuple(keys)


_LETTERED_FIRST = rf"(?=[a-z\-_]*+\d)(?!{MONTH_WORD})[a-z][a-z0-9]*(?:[\-_][a-z0-9]+)*"
_QUOTED = re.compile(rf'"(?=[^"]{{2,99}}")({_LETTERED_FIRST})"', re.ASCII | re.IGNORECASE)
"""An identifier between quotation marks: nothing beside it can be a part of it, nor it of another value."""
_JSON_NUMBER = re.compile(r"(?<=\":)\s?-?\d{1,15}(?:\.\d{1,9})?(?=\s*[,}\]\n])")


def _plain_key(literal: str) -> str:
    literal = literal.strip().replace("−", "-")
    return literal if _IN_KEY_FORM.fullmatch(literal) else key_of(Decimal(literal))


_IN_KEY_FORM = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,16}[1-9])?")
"""A number written as its key is."""


_WORDY = sorted(frozenset(MONTHS) | frozenset(WORD_NUMBERS), key=lambda word: (-len(word), word))
# No possessive group: Python before 3.11.5 leaves off in the middle of one. What follows cannot start where one would end early.
_AMOUNT = r"[0-9]*+(?:\.[0-9]++)?"
_ENDED = r"(?=[,;}\])\"'|]|[ \n][0-9]|\Z)(?!,(?u:\d){3})"
"""A mark, another number or the end of the text, after a number: no other form, no scale and no unit."""
_BEFORE_WORD = (
    r"(?iu:(?=[ ](?!to|and|until|through|of|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|[ap]\.?m)[A-Za-z]))"
)
"""A word after a number that makes no date, time or range of it."""
# A branch opens with a set of characters or a bound: the engine then passes by what cannot start it without trying it.
_START = re.compile(
    r"[-+−0-9](?:(?<=[0-9])(?<![A-Za-z0-9_.\u017f\u212a].)|(?<=[-+−])(?<!(?u:[\w.)]).)(?=[0-9]))"
    rf"{_AMOUNT}(?:{_ENDED}(?P<number>)|{_BEFORE_WORD}(?P<counted>))|"
    r"\d|[-+−]\d|\b[A-Za-z_](?:"
    r"(?=[A-Za-z_.+\-/#]*+(?:[0-9@]|:(?://|(?:[A-Za-z_.+\-/#]++|:(?!//))*(?:[0-9@]|://))))(?:"
    rf"(?=[A-Za-z_\-]*+[0-9])(?<=(?<![\u017f\u212a])(?!(?i:{MONTH_WORD}))[A-Za-z])[A-Za-z0-9]*+(?:[\-_][A-Za-z0-9]++)*"
    r"(?![\w.+\-/:#@])(?=[\0-\x7f]|\Z)(?P<identifier>)|[\w.+\-/:#@]*)|"
    rf"(?i:{after_initial(_WORDY)})(?![A-Za-z0-9_]))|[一二三四五六七八九十百千万亿两零〇]",
    re.ASCII,
)
"""Where a value can start; a group says of which form it is where that leaves no doubt, and the match is then all of it."""


_PLAIN_IDENTIFIER = re.compile(rf"(?<![\u017f\u212a]){_LETTERED_FIRST}", re.ASCII | re.IGNORECASE)


def _values(text: str) -> Iterator[Value]:
    """Every value of a text, in order."""
    return (one if isinstance(one, Value) else _plain(one) for one in _found(bounded(text)))


def _plain(found: re.Match[str]) -> Value:
    """The value that a match is, whose form leaves no doubt."""
    literal, start, end = found[0], found.start(), found.end()
    if found.lastgroup == "identifier":
        return Value("identifier", start, end, literal, (literal.lower(),))
    amount = Decimal(literal.replace("−", "-"))
    return Value("number", start, end, literal, (_plain_key(literal),), amount, len(literal.partition(".")[2]))


def _found(text: str) -> Iterator[Value | re.Match[str]]:
    """Every value of a text, one whose form leaves no doubt as its match.

    The whole pattern is tried only where a value can start: a scan of every position is many times slower.
    """
    position = 0
    for start in _START.finditer(text):
        end, form = start.end(), start.lastgroup
        if end <= position:
            continue
        place = max(position, start.start())
        if form is not None and place == start.start():
            position = end
            if form == "counted":
                value = number_value(place, end, start[0], text)
                position = value.end
                yield value
            else:
                yield start
            continue
        if form in ("number", "counted"):
            continue  # what is left of a number that another value took the first digits of
        match = VALUE.match(text, place)
        while match is None and place < end - 1:
            match = VALUE.search(text, place + 1, end)
            if match is None:
                break
            match = VALUE.match(text, match.start())
            place += 1
        while match is not None:
            position = match.end()
            name = match.lastgroup or ""
            for value in READERS[name](match, text) if name in READERS else dated(match):
                position = max(position, value.end)  # a scale in words belongs to its number: `4.1 million`
                yield value
            match = VALUE.search(text, position, end) if position < end else None
