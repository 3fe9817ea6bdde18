"""The forms in which English and Chinese write values, and how each is read.

A value has keys: normal forms under which it can be found again. `12,000`, `12000`, `1.2万` and
`twelve thousand` share one; `2024-03-05`, `March 5` and `3月5日` share one.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
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
MONTHS = {name[:length]: number for number, name in enumerate(_MONTHS, 1) for length in (3, 4, len(name))}
MONTH_WORD = (
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
WORD_NUMBERS: dict[str, int] = {word: number for number, word in enumerate(UNITS)}
WORD_NUMBERS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}
WORD_NUMBERS |= {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "once": 1, "twice": 2}
_HAN_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "亿": 10**8}
_SCALES = {"万": 10_000, "亿": 10**8, "千": 1000, "百": 100, "k": 1000, "m": 10**6, "bn": 10**9}
_SCALES |= {"thousand": 1000, "million": 10**6, "billion": 10**9}
_NUMBER_WORD = "|".join(sorted((word for word in WORD_NUMBERS), key=len, reverse=True))
_NOT_BEFORE = r"(?<![A-Za-z0-9_.,:/\-])"
_HAN = "\u4e00-\u9fff"

VALUE = re.compile(
    rf"""
      (?P<email>[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+)
    | (?P<url>https?://[^\s<>"'，。；）)】]+)
    | (?P<ip>(?<![\w.])(?:\d{{1,3}}\.){{3}}\d{{1,3}}(?:/\d+|:\d+)?(?![\w]))
    | (?P<ymd>(?<![\w\-/])(?P<y1>(?:19|20)\d\d)\s?(?:[-/.年])\s?(?P<m1>\d\d?)\s?(?:[-/.月])\s?(?P<d1>\d\d?)(?:日|号)?
        (?:(?:T|\s)(?P<t1>\d\d?:\d\d(?::\d\d(?:\.\d+)?)?)(?:Z|[+\-]\d\d:?\d\d)?)?(?!\d))
    | (?P<dots>(?<![\w.\-/])(?P<d5>0?[1-9]|[12]\d|3[01])(?P<sep>[./])(?P<m9>0?[1-9]|1[0-2])(?P=sep)(?P<y7>20\d\d)(?![\w/]|\.\d))
    | (?P<range>(?<![\w.])(?P<r1>\d\d?)\s?(?:to|-|–|and|until|through)\s?(?=\d\d?(?:st|nd|rd|th)?\s(?P<rm>{MONTH_WORD})(?![a-z])(?:,?\s(?P<ry>(?:19|20)\d\d))?))
    | (?P<mdy>(?<![A-Za-z])(?P<m2>{MONTH_WORD})\.?\s(?P<d2>\d\d?)(?:st|nd|rd|th)?(?:,?\s(?P<y2>(?:19|20)\d\d))?(?![\d:.]))
    | (?P<dmy>(?<![\w.])(?P<d3>\d\d?)(?:st|nd|rd|th)?[\s\-](?:of\s)?(?P<m3>{MONTH_WORD})(?![a-z])\.?(?:,?[\s\-](?P<y3>(?:19|20)\d\d))?)
    | (?P<hmd>(?:(?P<y4>(?:19|20)?\d\d)年)?(?P<m4>\d\d?)月(?P<d4>\d\d?)[日号]?)
    | (?P<ym>(?<![\w\-/])(?P<y5>(?:19|20)\d\d)(?:-|/|年)(?P<m5>0?[1-9]|1[0-2])月?(?![\w\-]))
    | (?P<md>(?<![\w\-/.])(?P<m8>0[1-9]|1[0-2])-(?P<d4b>[0-2]\d|3[01])(?![\w\-]))
    | (?P<my>(?<![A-Za-z])(?P<m6>{MONTH_WORD})(?![a-z])(?:\s(?P<y6>(?:19|20)\d\d))?)
    | (?P<hm>(?P<m7>\d\d?)月份?)
    | (?P<time>(?<![\w:.])\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?:Z(?!\w)|(?!\w|:\d))(?:\s?[ap]\.?m\b\.?)?)
    | (?P<clock>(?<![\w.])\d\d?\s?[ap]\.?m\b\.?)
    | (?P<hanclock>(?<![\d.])(?:1?\d|2[0-4])点(?:\d\d?分|半|整)?)
    | (?P<ident>(?<![A-Za-z0-9])(?![A-Za-z]{{1,3}}/\d+(?![\w]))(?:(?=[A-Za-z0-9\-_./:#]*[A-Za-z])(?=[A-Za-z0-9\-_./:#]*\d)|(?=\d+(?:-\d+){{2}}))
        [A-Za-z0-9]+(?:[\-_./:#][A-Za-z0-9]+)*(?![A-Za-z0-9]))
    | (?P<version>{_NOT_BEFORE}v?\d+(?:\.\d+){{2,}}(?![\w]))
    | (?P<number>(?<![A-Za-z0-9_.])(?:(?<![\d\w\)])[-+−])?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?)
    | (?P<word>(?<![A-Za-z\-])(?:(?:{_NUMBER_WORD})(?:(?:[\s\-]|(?:(?<=hundred)|(?<=thousand)|(?<=million))\sand\s)(?:{_NUMBER_WORD}))*)(?![A-Za-z\-]))
    | (?P<hannum>[一二三四五六七八九十百千万亿两零〇]+(?=[个条台人天小时分钟笔份项次件名家倍号月年周元]))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT_AFTER = re.compile(
    r"\s?(?P<scale>(?:thousand|million|billion)\b|万|亿|千(?!克|米|瓦|字|兆|帕|赫|伏)|百(?!分)|[kK](?![A-Za-z])|M(?![A-Za-z])|[bB]n\b)?\s?"
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
_LETTERED = re.compile(r"\d{3,}[A-UX-Z]")
_COMPOUND = re.compile(
    r"(\d{1,4}(?:\.\d+)?)-(?:year|month|week|day|night|hour|minute|second|min|point|step|page|seat|person|bed|room|metre|meter|mile|"
    r"km|kg|litre|liter|ton|tonne|watt|inch|foot|percent|digit|line|row|item|piece|man|term|game|match|euro|dollar|pound)s?()"
    r"(?:-(?:old|long|wide|high|deep|ahead))?",
    re.IGNORECASE,
)
"""A number and its unit as one word (`30-day terms`)."""
_NUMBER_AND_UNIT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?:([A-Za-z]{1,4})(?:/[A-Za-z]{1,3})?|/[A-Za-z]+)\Z")


def normal(text: str) -> str:
    """The form in which words are compared: NFKC, lower case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def _plain(kind: Kind, match: re.Match[str]) -> Value:
    return Value(kind, match.start(), match.end(), match[0], (normal(match[0]),))


def _identifier(match: re.Match[str], text: str) -> Iterator[Value]:
    token = match[0]
    counted = _COUNTED_IN.match(token)
    if counted:
        yield number_value(match.start(), match.start() + len(counted[1]), counted[1], text)
        return
    measured = _NUMBER_AND_UNIT.match(token) or _COMPOUND.fullmatch(token)
    if measured and (not measured[2] or _MEASURE.fullmatch(measured[2])) and not _LETTERED.fullmatch(token):
        yield number_value(match.start(), match.start() + len(measured[1]), measured[1], text)
        return
    yield Value("identifier", match.start(), match.end(), token, (normal(token),))


def _number(match: re.Match[str], text: str) -> Iterator[Value]:
    yield number_value(match.start(), match.end(), match[0], text)


def number_value(start: int, end: int, literal: str, text: str) -> Value:
    """The value of a number written in digits, with the scale and the unit that follow it in the text."""
    digits = literal.replace(",", "").replace("−", "-").lstrip("+")
    after = _UNIT_AFTER.match(text, end)
    scale = _SCALES.get((after["scale"] or "").lower(), 1) if after else 1
    unit = (after["unit"] or "") if after else ""
    number = Decimal(digits) * scale
    decimals = len(digits.partition(".")[2])
    if after and after["scale"]:
        end = after.end("scale")
    return Value("number", start, end, text[start:end], (key_of(number),), number, decimals, scale, normal(unit))


def key_of(number: Decimal) -> str:
    """The key of a number: without exponent or trailing zeros."""
    number = number.normalize()
    return format(number or Decimal(0), "f")


def _word(match: re.Match[str], _: str) -> Iterator[Value]:
    total, part = 0, 0
    for word in re.split(r"[\s\-]+", match[0].lower()):
        one = WORD_NUMBERS.get(word, 0)
        if one in (100, 1000, 10**6):
            part = max(part, 1) * one
            if one > 100:
                total, part = total + part, 0
        else:
            part += one
    number = Decimal(total + part)
    yield Value("number", match.start(), match.end(), match[0], (key_of(number),), number)


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
    yield Value("number", match.start(), match.end(), match[0], (key_of(number),), number, unit=unit)


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
        yield number_value(match.start(), match.start() + len(found[1]), found[1], text)
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


def dated(match: re.Match[str]) -> Iterator[Value]:
    """The date that a match holds, in whatever form."""
    groups = match.groupdict()
    year = next((groups[name] for name in ("y1", "y2", "y3", "y4", "y5", "y6", "y7") if groups.get(name)), None)
    month = next(
        (groups[name] for name in ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9") if groups.get(name)), None
    )
    day = next((groups[name] for name in ("d1", "d2", "d3", "d4", "d4b", "d5") if groups.get(name)), None)
    number = MONTHS.get(month[:4].lower(), MONTHS.get((month or "")[:3].lower())) if month and month.isalpha() else None
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
    month = MONTHS.get(match["rm"][:4].lower(), MONTHS.get(match["rm"][:3].lower()))
    keys = [f"{month}-{int(match['r1'])}"]
    if match["ry"]:
        keys.insert(0, f"{match['ry']}-{month}-{int(match['r1'])}")
    yield Value("date", match.start("r1"), match.end("r1"), match["r1"], tuple(keys))


READERS = {
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
