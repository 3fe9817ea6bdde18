"""Values in text: numbers, dates, times, identifiers, in the forms that English and Chinese write them in.

A value has keys: normal forms under which it can be found again. `12,000`, `12000`, `1.2万` and
`twelve thousand` share one; `2024-03-05`, `March 5` and `3月5日` share one.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind: TypeAlias = Literal["number", "date", "month", "time", "identifier", "code"]


class Value(NamedTuple):
    """One value: characters `start` to `end` of the text; `number` is set where it is one.

    `number` is the amount as written (`1.2万` is 12000); `digits` the number of its decimals as written, in
    units of `scale` (1.2万: one decimal of 10,000).
    """

    kind: Kind
    start: int
    end: int
    text: str
    keys: tuple[str, ...]
    number: Decimal | None = None
    digits: int = 0
    scale: int = 1
    unit: str = ""


_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 4, len(name))}
_MONTH_WORD = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORD_NUMBERS: dict[str, int] = {word: number for number, word in enumerate(UNITS)}
_WORD_NUMBERS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
_WORD_NUMBERS |= {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "once": 1, "twice": 2}
_HAN_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 10**8}
_SCALES = {"万": 10_000, "亿": 10**8, "千": 1000, "百": 100, "k": 1000, "m": 10**6, "bn": 10**9}
_NUMBER_WORD = "|".join(sorted((word for word in _WORD_NUMBERS), key=len, reverse=True))
_NOT_BEFORE = r"(?<![A-Za-z0-9_.,:/\-])"
_HAN = "\u4e00-\u9fff"

_VALUE = re.compile(
    rf"""
      (?P<email>[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+)
    | (?P<url>https?://[^\s<>"'，。；）)】]+)
    | (?P<ip>(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?:/\d+|:\d+)?(?![\w]))
    | (?P<ymd>(?<![\w\-/])(?P<y1>(?:19|20)\d\d)\s?(?:[-/.年])\s?(?P<m1>\d\d?)\s?(?:[-/.月])\s?(?P<d1>\d\d?)(?:日|号)?
        (?:(?:T|\s)(?P<t1>\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+\-]\d\d:?\d\d)?)?(?!\d))
    | (?P<dots>(?<![\w.\-/])(?P<d5>0?[1-9]|[12]\d|3[01])(?P<sep>[./])(?P<m9>0?[1-9]|1[0-2])(?P=sep)(?P<y7>20\d\d)(?![\w/]|\.\d))
    | (?P<range>(?<![\w.])(?P<r1>\d\d?)\s?(?:to|-|–|and|until|through)\s?(?=\d\d?(?:st|nd|rd|th)?\s(?P<rm>{_MONTH_WORD})(?![a-z])(?:,?\s(?P<ry>(?:19|20)\d\d))?))
    | (?P<mdy>(?<![A-Za-z])(?P<m2>{_MONTH_WORD})\.?\s(?P<d2>\d\d?)(?:st|nd|rd|th)?(?:,?\s(?P<y2>(?:19|20)\d\d))?(?![\d:.]))
    | (?P<dmy>(?<![\w.])(?P<d3>\d\d?)(?:st|nd|rd|th)?\s(?:of\s)?(?P<m3>{_MONTH_WORD})(?![a-z])\.?(?:,?\s(?P<y3>(?:19|20)\d\d))?)
    | (?P<hmd>(?:(?P<y4>(?:19|20)?\d\d)年)?(?P<m4>\d\d?)月(?P<d4>\d\d?)[日号]?)
    | (?P<ym>(?<![\w\-/])(?P<y5>(?:19|20)\d\d)(?:-|/|年)(?P<m5>0?[1-9]|1[0-2])月?(?![\w\-]))
    | (?P<md>(?<![\w\-/.])(?P<m8>0[1-9]|1[0-2])-(?P<d4b>[0-2]\d|3[01])(?![\w\-]))
    | (?P<my>(?<![A-Za-z])(?P<m6>{_MONTH_WORD})(?![a-z])(?:\s(?P<y6>(?:19|20)\d\d))?)
    | (?P<hm>(?P<m7>\d\d?)月份?)
    | (?P<time>(?<![\w:.])\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?:Z(?!\w)|(?!\w|:\d))(?:\s?[ap]\.?m\b\.?)?)
    | (?P<clock>(?<![\w.])\d\d?\s?[ap]\.?m\b\.?)
    | (?P<hanclock>(?<![\d.])(?:1?\d|2[0-4])点(?:\d\d?分|半|整)?)
    | (?P<ident>(?<![A-Za-z0-9])(?![A-Za-z]{{1,3}}/\d+(?![\w]))(?:(?=[A-Za-z0-9\-_./:#]*[A-Za-z])(?=[A-Za-z0-9\-_./:#]*\d)|(?=\d+(?:-\d+){{2}}))
        [A-Za-z0-9]+(?:[\-_./:#][A-Za-z0-9]+)*(?![A-Za-z0-9]))
    | (?P<version>{_NOT_BEFORE}v?\d+(?:\.\d+){{2,}}(?![\w]))
    | (?P<number>(?<![A-Za-z0-9_.])(?:(?<![\d\w\)])[-+−])?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?)
    | (?P<word>(?<![A-Za-z\-])(?:(?:{_NUMBER_WORD})(?:[\s\-](?:and\s)?(?:{_NUMBER_WORD}))*)(?![A-Za-z\-]))
    | (?P<hannum>[一二三四五六七八九十百千万亿两零〇]+(?=[个条台人天小时分钟笔份项次件名家倍号月年周元]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"\s?(?P<scale>万|亿|千(?!克|米|瓦|字|兆|帕|赫|伏)|百(?!分)|[kK](?![A-Za-z])|M(?![A-Za-z])|[bB]n\b)?\s?"
    r"(?P<unit>%|％|‰|°C|°F|℃|[A-Za-zµμ]{1,12}|[\u4e00-\u9fff]{1,2})?"
)
_MEASURE = re.compile(
    r"(?:ms|s|h|m|g|kg|km|cm|mm|mb|gb|tb|kb|mib|gib|kib|kwh|mwh|kw|mw|w|v|a|bar|kpa|mpa|pa|hpa|db|dbm|rpm|x|px|fps|"
    r"hrs?|mins?|min|secs?|sec|st|nd|rd|th|d|wk|yr|l|ml|oz|lb|lbs|ft|mi|mph|kmh|usd|eur|gbp|cny|rmb|nm|um|mg|"
    r"hz|khz|mhz|ghz|ppm|pct|pp|mbps|gbps|kbps|c|f|k|bn|t)",
    re.IGNORECASE,
)
_COUNTED_IN = re.compile(
    r"(\d+)-(?:second|minute|hour|day|night|week|month|quarter|year|page|point|item|step|seat|bed|room|person|man|piece|part|star|line|degree|fold|way|"
    r"inch|foot|feet|yard|mile|metre|meter|litre|liter|gallon|percent|gram|kilogram|kilometre|kilometer)\Z",
    re.IGNORECASE,
)
"""A number of a unit as an adjective: `30-day`."""
_LETTERED = re.compile(r"\d{3,}[A-Z]")
_COMPOUND = re.compile(
    r"(\d{1,4}(?:\.\d+)?)-(?:year|month|week|day|night|hour|minute|second|min|point|step|page|seat|person|bed|room|metre|meter|mile|"
    r"km|kg|litre|liter|ton|tonne|watt|inch|foot|percent|digit|line|row|item|piece|man|term|game|match|euro|dollar|pound)s?()"
    r"(?:-(?:old|long|wide|high|deep|ahead))?",
    re.IGNORECASE,
)
"""A number and its unit as one word (`30-day terms`)."""
_NUMBER_AND_UNIT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?:([A-Za-z]{1,4})(?:/[A-Za-z]{1,3})?|/[A-Za-z]+)\Z")


_LONG = 300
_RUN = re.compile(rf"[A-Za-z0-9_.+\-]{{{_LONG},}}")


def bounded(text: str) -> str:
    """The text with runs too long to be a word or a value blanked, place for place: they would cost their square."""
    return text if len(text) < _LONG else _RUN.sub(lambda run: " " * len(run[0]), text)


def normal(text: str) -> str:
    """The form in which words are compared: NFKC, lower case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=16384)
def values_of(text: str) -> tuple[Value, ...]:
    """Every value of a text, in order; spans do not overlap."""
    return tuple(_values(bounded(text)))


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
    found.update(*[value.keys for value in values_of(text)])
    return frozenset(found)


_ISO = re.compile(
    r"(?<![\w\-/.:])((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?:[T ]([01]\d|2[0-3]):(\d\d)(?::(\d\d))?Z?)?"
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


_LETTERED_FIRST = rf"(?!{_MONTH_WORD})(?=[a-z\-_]*\d)[a-z][a-z0-9]*(?:[\-_][a-z0-9]+)*"
_QUOTED = re.compile(rf'"(?=[^"]{{2,99}}")({_LETTERED_FIRST})"', re.ASCII | re.IGNORECASE)
"""An identifier between quotation marks: nothing beside it can be a part of it, nor it of another value."""
_JSON_NUMBER = re.compile(r"(?<=\":)\s?-?\d{1,15}(?:\.\d{1,9})?(?=\s*[,}\]\n])")


@lru_cache(maxsize=65536)
def _plain_key(literal: str) -> str:
    literal = literal.strip()
    return literal if _IN_KEY_FORM.fullmatch(literal) else _key(Decimal(literal))


_IN_KEY_FORM = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,16}[1-9])?")
"""A number written as its key is."""


_WORDY = frozenset(_MONTH) | frozenset(_WORD_NUMBERS)
_WORDY_ENDS = "|".join(
    f"(?<={first})(?:{'|'.join(word[1:] for word in sorted(words, key=len, reverse=True))})"
    for first, words in groupby(sorted(_WORDY), key=itemgetter(0))
)
# Every branch opens with a set of characters: the engine then passes by what cannot start it without trying it.
_START = re.compile(
    r"\d|[-+−]\d|[A-Za-z_](?<![A-Za-z0-9_].)"
    r"(?:(?=[A-Za-z_.+\-/:#]*+[0-9@]|(?:[A-Za-z_.+\-/#]++|:(?!//))*+://)[\w.+\-/:#@]*|"
    rf"(?i:{_WORDY_ENDS})(?![A-Za-z0-9_]))|[一二三四五六七八九十百千万亿两零〇]",
    re.ASCII,
)


_PLAIN_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.])(?:(?<![\w)])[-+−])?[0-9]+(?:\.([0-9]+))?(?=[,;}\])\"'|]|\Z)(?!,\d)", re.IGNORECASE
)
"""A number that a mark or the end of the text follows: no other form, no scale and no unit."""
_NUMBER_AND_WORD = re.compile(
    r"(?<![A-Za-z0-9_.])(?:(?<![\w)])[-+−])?[0-9]+(?:\.[0-9]+)?"
    r"(?=[ ](?!to|and|until|through|of|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|[ap]\.?m)[A-Za-z])",
    re.IGNORECASE,
)
"""A number that a word follows which makes no date, time or range of it."""
_PLAIN_IDENTIFIER = re.compile(rf"(?<![\u017f\u212a]){_LETTERED_FIRST}", re.ASCII | re.IGNORECASE)


def _plainly(text: str, place: int, start: re.Match[str]) -> tuple[Value, int] | None:
    """The value at a place where its form leaves no doubt, as the whole pattern would read it, and where that ends."""
    token, end = start[0], start.end()
    if token[0] not in _LETTERS:
        number = _PLAIN_NUMBER.match(text, place)
        if number is not None:
            literal, after = number[0], number.end()
            amount = Decimal(literal.replace("−", "-"))
            key = literal if _IN_KEY_FORM.fullmatch(literal) else _key(amount)
            return Value("number", place, after, literal, (key,), amount, len(number[1] or "")), after
        number = _NUMBER_AND_WORD.match(text, place)
        if number is not None:
            return _number_value(place, number.end(), number[0], text), number.end()
    elif place == start.start() and text[end : end + 1].isascii() and _PLAIN_IDENTIFIER.fullmatch(text, place, end):
        return Value("identifier", place, end, token, (token.lower(),)), end
    return None


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")


def _values(text: str) -> Iterator[Value]:
    """Tries the whole pattern only where a value can start: a scan of every position is many times slower."""
    position = 0
    for start in _START.finditer(text):
        token = start[0]
        end = start.end()
        if end <= position:
            continue
        place = max(position, start.start())
        plain = _plainly(text, place, start)
        if plain is not None:
            value, position = plain
            yield value
            continue
        match = _VALUE.match(text, place)
        while match is None and place < end - 1:
            match = _VALUE.search(text, place + 1, end) if len(token) > 1 else None
            if match is None:
                break
            match = _VALUE.match(text, match.start())
            place += 1
        while match is not None:
            position = match.end()
            name = match.lastgroup or ""
            yield from _READERS[name](match, text) if name in _READERS else _dated(match)
            match = _VALUE.search(text, position, end) if position < end else None


def _plain(kind: Kind, match: re.Match[str]) -> Value:
    return Value(kind, match.start(), match.end(), match[0], (normal(match[0]),))


def _identifier(match: re.Match[str], text: str) -> Iterator[Value]:
    token = match[0]
    counted = _COUNTED_IN.match(token)
    if counted:
        yield _number_value(match.start(), match.start() + len(counted[1]), counted[1], text)
        return
    measured = _NUMBER_AND_UNIT.match(token) or _COMPOUND.fullmatch(token)
    if measured and (not measured[2] or _MEASURE.fullmatch(measured[2])) and not _LETTERED.fullmatch(token):
        yield _number_value(match.start(), match.start() + len(measured[1]), measured[1], text)
        return
    yield Value("identifier", match.start(), match.end(), token, (normal(token),))


def _number(match: re.Match[str], text: str) -> Iterator[Value]:
    yield _number_value(match.start(), match.end(), match[0], text)


def _number_value(start: int, end: int, literal: str, text: str) -> Value:
    digits = literal.replace(",", "").replace("−", "-").lstrip("+")
    after = _UNIT_AFTER.match(text, end)
    scale = _SCALES.get((after["scale"] or "").lower(), 1) if after else 1
    unit = (after["unit"] or "") if after else ""
    number = Decimal(digits) * scale
    decimals = len(digits.partition(".")[2])
    if after and after["scale"]:
        end = after.end("scale")
    return Value("number", start, end, text[start:end], (_key(number),), number, decimals, scale, normal(unit))


def _key(number: Decimal) -> str:
    number = number.normalize()
    return format(number or Decimal(0), "f")


def _word(match: re.Match[str], _: str) -> Iterator[Value]:
    total, part = 0, 0
    for word in re.split(r"[\s\-]+", match[0].lower()):
        one = _WORD_NUMBERS.get(word, 0)
        if one in (100, 1000, 10**6):
            part = max(part, 1) * one
            if one > 100:
                total, part = total + part, 0
        else:
            part += one
    number = Decimal(total + part)
    yield Value("number", match.start(), match.end(), match[0], (_key(number),), number)


def _han(match: re.Match[str], text: str) -> Iterator[Value]:
    total, part, digit = 0, 0, 0
    for char in match[0]:
        if char in _HAN_DIGITS:
            digit = digit * 10 + _HAN_DIGITS[char] if digit else _HAN_DIGITS[char]
        else:
            scale = _HAN_SCALES[char]
            if scale >= 10_000:
                total, part, digit = (total + part + digit) * scale, 0, 0
            else:
                part, digit = part + max(digit, 1) * scale, 0
    number = Decimal(total + part + digit)
    unit = text[match.end() : match.end() + 1]
    yield Value("number", match.start(), match.end(), match[0], (_key(number),), number, unit=unit)


_HOURS = 24
"""`47点` is no time of day but so many points."""


def _clock(match: re.Match[str], _: str) -> Iterator[Value]:
    found = re.match(r"(\d\d?)(?::(\d\d))?(?::(\d\d))?", match[0])
    if found is None:
        return
    hour = int(found[1])
    mark = match[0].lower().replace(".", "")
    if mark.endswith("pm") and hour < 12:
        hour += 12
    if mark.endswith("am") and hour == 12:
        hour = 0
    yield _time_value(match.start(), match.end(), match[0], hour, int(found[2] or 0), found[3])


def _han_clock(match: re.Match[str], text: str) -> Iterator[Value]:
    found = re.match(r"(\d\d?)点(?:(\d\d?)分|(半)|整)?", match[0])
    if found is None:
        return
    hour = int(found[1])
    if hour > _HOURS:
        yield _number_value(match.start(), match.start() + len(found[1]), found[1], text)
        return
    if re.search("(下午|晚上|傍晚|晚)$", text[max(0, match.start() - 2) : match.start()]) and hour < 12:
        hour += 12
    minute = 30 if found[3] else int(found[2] or 0)
    yield _time_value(match.start(), match.end(), match[0], hour, minute, None)


def _time_value(start: int, end: int, text: str, hour: int, minute: int, second: str | None) -> Value:
    keys = [f"{hour}:{minute:02d}"]
    if second is not None:
        keys.insert(0, f"{hour}:{minute:02d}:{int(second):02d}")
    return Value("time", start, end, text, tuple(keys))


def _dated(match: re.Match[str]) -> Iterator[Value]:
    groups = match.groupdict()
    year = next((groups[name] for name in ("y1", "y2", "y3", "y4", "y5", "y6", "y7") if groups.get(name)), None)
    month = next(
        (groups[name] for name in ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9") if groups.get(name)), None
    )
    day = next((groups[name] for name in ("d1", "d2", "d3", "d4", "d4b", "d5") if groups.get(name)), None)
    number = _MONTH.get(month[:4].lower(), _MONTH.get((month or "")[:3].lower())) if month and month.isalpha() else None
    number = number or (int(month) if month and month.isdigit() else 0)
    if not 1 <= number <= 12 or (day and not 1 <= int(day) <= 31):
        return
    if year and len(year) == 2:
        year = "20" + year
    end = match.start("t1") if groups.get("t1") else match.end()
    text = match[0][: end - match.start()].rstrip("T ")
    if day:
        keys = [f"{number}-{int(day)}"]
        if year:
            keys.insert(0, f"{int(year)}-{number}-{int(day)}")
        yield Value("date", match.start(), match.start() + len(text), text, tuple(keys))
    else:
        if match["my"] and match[0].lower() in ("may", "mar", "march") and not match[0][0].isupper():
            return
        keys = [f"m{number}"]
        if year:
            keys.insert(0, f"{int(year)}-m{number}")
        yield Value("month", match.start(), match.end(), match[0], tuple(keys))
    if groups.get("t1"):
        hour, minute, *second = groups["t1"].split(":")
        yield _time_value(
            match.start("t1"), match.end("t1"), groups["t1"], int(hour), int(minute), second[0][:2] if second else None
        )


def _range(match: re.Match[str], _: str) -> Iterator[Value]:
    month = _MONTH.get(match["rm"][:4].lower(), _MONTH.get(match["rm"][:3].lower()))
    keys = [f"{month}-{int(match['r1'])}"]
    if match["ry"]:
        keys.insert(0, f"{match['ry']}-{month}-{int(match['r1'])}")
    yield Value("date", match.start("r1"), match.end("r1"), match["r1"], tuple(keys))


_READERS = {
    "range": _range,
    "email": lambda match, _: iter([_plain("identifier", match)]),
    "url": lambda match, _: iter([_plain("identifier", match)]),
    "ip": lambda match, _: iter([_plain("identifier", match)]),
    "version": lambda match, _: iter([_plain("identifier", match)]),
    "ident": _identifier,
    "number": _number,
    "word": _word,
    "hannum": _han,
    "time": _clock,
    "clock": _clock,
    "hanclock": _han_clock,
}
