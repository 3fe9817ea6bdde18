"""An observation read in whatever format it came: its records, its values, and whether it reports a failure."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.scorers.fabrication.bilingual import Bilingual
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.values import bounded, keys_of, keys_of_leaf, values_of
from harness.scorers.fabrication.words import token_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Entry:
    """One record of an observation (an object, a row, a line): its fields as text, and its own text.

    The fields of a JSON object are `apart`: what stands in one is no part of a value in the next.
    """

    def __init__(self, fields: tuple[tuple[str, str], ...], text: str | None, *, apart: bool = False) -> None:
        self.fields = fields
        self._text = text
        self._apart = apart

    @cached_property
    def text(self) -> str:
        """The text of the record; of one whose fields are apart, their names and values in a row."""
        return " ".join([f"{name} {text}" for name, text in self.fields]) if self._text is None else self._text

    @cached_property
    def keys(self) -> frozenset[str]:
        """The values of the record."""
        if not self._apart:
            return keys_of(self.text)
        names, texts = zip(*self.fields, strict=True)
        return frozenset().union(*map(keys_of, names), *map(keys_of_leaf, texts))

    @cached_property
    def columns(self) -> tuple[tuple[str, Decimal], ...]:
        """The fields that hold one number, by name; the numbers of a line of prose, by place."""
        found = []
        for name, text in self.fields:
            number = _ONE_NUMBER.fullmatch(text)
            if number is not None:
                found.append((name, Decimal(number[1].replace(",", ""))))
        if not found and not self.fields and len(self.numbers) <= _PLACES:
            found = [(f"#{place}", number) for place, number in enumerate(self.numbers)]
        return tuple(found)

    @cached_property
    def numbers(self) -> tuple[Decimal, ...]:
        """The numbers of the record."""
        if not self.text.isascii() and _SCALED.search(self.text):
            return tuple(value.number for value in values_of(self.text) if value.number is not None)
        return tuple(Decimal(number.replace(",", "")) for number in _NUMBERS.findall(self.text))


class Body:
    """An observation read; what is costly is worked out when first asked for."""

    def __init__(self, raw: str) -> None:
        self.raw = bounded(raw)
        self.text = normal(self.raw)

    @cached_property
    def _read(self) -> tuple[tuple[Entry, ...], tuple[str, ...] | None]:
        """Its records, and of JSON the names that records stand under."""
        value = _json_of(self.raw)
        if value is None:
            return tuple(_entries(self.raw)), None
        entries: list[Entry] = []
        headings: list[str] = []
        _read_json(value, entries, headings)
        return tuple(entries), tuple(headings)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """Its records."""
        return self._read[0]

    @cached_property
    def keys(self) -> frozenset[str]:
        """Its values."""
        entries, headings = self._read
        if headings is None:
            return keys_of(self.raw)
        if len(entries) == 1 and not headings:
            return entries[0].keys
        return frozenset().union(*[entry.keys for entry in entries], *map(keys_of, headings))

    @cached_property
    def words(self) -> frozenset[str]:
        """Its content words."""
        return token_set(self.text)

    @cached_property
    def _fields(self) -> list[tuple[str, str]]:
        return [(normal(name), normal(value)) for entry in self.entries for name, value in entry.fields]

    @cached_property
    def failed(self) -> bool:
        """Whether it reports a failure."""
        if _FAILURE.match(self.raw.strip()):
            return True
        if not any(map(self.text.__contains__, _HINTS if self.text.isascii() else _ALL_HINTS)):
            return False
        return any(_FAILURE_FIELD.fullmatch(f"{name}={value}") for name, value in self._fields[:40])

    @cached_property
    def partial(self) -> bool:
        """Whether it says that there is more than it holds."""
        if _PAGES.search(self.raw):
            return True
        return any(_PARTIAL_FIELD.fullmatch(f"{name}={value}") for name, value in self._fields)

    @cached_property
    def unset(self) -> bool:
        """Whether one of its fields has no value at all."""
        return any(value.strip("'\" ") in _UNSET for _, value in self._fields)

    @cached_property
    def empty(self) -> frozenset[str]:
        """The fields that are null, false, zero or blank; "" where some of it says that there is nothing."""
        found = {name for name, value in self._fields if value.strip("'") in _EMPTY_VALUE}
        if _NOTHING.search(self.text) or not self.raw.strip():
            found.add("")
        return frozenset(found)

    @cached_property
    def stated(self) -> str:
        """Its text without the troubles it says there are none of: `rejected: []`, `error=null`, `failed: 0`."""
        text = self.text.replace("_", " ")
        return _NO_TROUBLE.sub(" ", text) if any(map(text.__contains__, (*_TROUBLES, *_HAN_TROUBLES))) else text

    @cached_property
    def filled(self) -> frozenset[str]:
        """The names of its fields that hold something."""
        return frozenset(name.replace("_", " ") for name, value in self._fields if value.strip("'") not in _EMPTY_VALUE)


_PLACES = 6
_ONE_NUMBER = re.compile(
    r"[^\d\w]{0,3}(-?\d{1,3}(?:,\d{3})+(?:\.\d{1,9})?|-?\d{1,15}(?:\.\d{1,9})?)(?:\s?[^\d\s:/.\-]{1,8})?"
)
_UNSET = frozenset(["null", "none", "", "[]", "{}", "-", "n/a", "无", "没有", "空"])
_NUMBERS = re.compile(
    # What can open one comes first: the engine then passes by all the rest of a text.
    r"[-\d](?<![\w.:/\-].)(?:(?<=\d)(?:\d{0,2}(?:,\d{3})+|\d{0,14})|(?<=-)(?:\d{1,3}(?:,\d{3})+|\d{1,15}))"
    r"(?:\.\d{1,9})?(?![\d:/\-.])"
)
_SCALED = re.compile(r"\d\s?[万亿千]")
_FAILURE = Bilingual(
    r"\W{0,3}(?:(?:http\s?)?[45]\d\d\b|error\b|err\b|fatal|failed|failure|exception|traceback|timeout|timed out|\w*error[:：\s(>]|unauthori[sz]ed|"
    r"forbidden|permission denied|access denied|denied|invalid|bad request|not permitted|rejected|unavailable|connection (?:refused|reset))",
    r"\W{0,3}(?:错误|失败|异常|超时|拒绝|无权限|权限不足|服务不可用|调用失败|请求失败|系统繁忙|操作失败|报错|参数错误)",
)
_HINTS = (
    "false",
    "fail",
    "err",
    "reject",
    "denied",
    "declin",
    "timeout",
    "timed",
    "unavail",
    "invalid",
    "excep",
)
_ALL_HINTS = (*_HINTS, "失败", "错误", "拒绝", "超时", "异常", "驳回")
_FAILURE_FIELD = re.compile(
    r"(?:ok|success|succeeded|successful|accepted|applied|executed|completed|done|saved|created|written|updated)=(?:false|no|0)|"
    r"\w*(?:status|result|state|outcome|结果|状态)=(?:error|fail|failed|failure|rejected|denied|declined|timeout|timed_out|unavailable|invalid|失败|错误|拒绝|超时|异常|驳回).*|"
    r"(?:error|error_code|errors|err|errmsg|exception|错误|错误码|失败原因)=(?!null|none|0$|\[\]$|\"\"$|$).+|"
    r"(?:code|http_status|status_code|http)=[45]\d\d"
)
_PARTIAL_FIELD = re.compile(
    r"(?:has_?more|more|truncated|is_?partial|partial)=true|(?:next_?(?:page|cursor|token)|cursor)=(?!none|null|$).+"
)
_PAGES = re.compile(
    r"\b(?:page)\W{0,4}(\d+)\W{1,4}(?:of\W{0,2}|/|\W*(?:total_?)?pages\W+)(?!\1\b)\d+|第\s?(\d+)\s?(?:页|/)\D{0,6}(?!\2)\d+\s?页?|页\W{0,3}(\d+)\s?/\s?(?!\3\b)\d+|"
    r"\btruncated\b|\bmore (?:rows|results|lines|entries|follow)|\b\d+ more\b|(?:showing|shown|rows|first|top) \d+ of \d+|仅(?:显示|返回)前|前\s?\d+\s?条.{0,6}共|已截断|更多|page\W{0,4}(\d+)\s?[/／]\s?(?!\4\b)\d+",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"\[\]|\{\}|\bno(?:ne|thing)?\b|\bnot\b|\b0 (?:rows?|results?|records?|matches|hits)\b|\bempty\b|没有|未(?:找到|命中|查到|发现)|无(?:结果|记录|数据|异常)|查无|不存在|为空",
    re.IGNORECASE,
)
_TROUBLES = re.findall(
    r"\w+",
    "reject refus deni deny declin fail error conflict pending queue wait missing expir block skip exceed unavailable partial hold",
)
_HAN_TROUBLES = ["失败", "拒绝", "异常", "错误", "冲突", "缺失", "超时", "待处理", "排队"]
_NO_TROUBLE = re.compile(
    rf"[\"']?[a-z ]{{0,20}}(?:{'|'.join(_TROUBLES)})[a-z ]{{0,12}}[\"']?"
    r"\s*[:=]\s*(?:\[\s?\]|\{\s?\}|[\"']{2}|[\"']?(?:null|none|false|no|0|-|n/a)[\"']?(?![\w.:/\-]))"
    r"|[\"']?[\u4e00-\u9fff]{0,4}(?:"
    + "|".join(_HAN_TROUBLES)
    + r")[\u4e00-\u9fff]{0,4}[\"']?\s*[:=：]\s*[\"']?(?:\[\s?\]|无|没有|否|0|-|null|none|false)[\"']?(?![\w.:/\-])"
)
"""A field for trouble, and a value that says there is none."""
_EMPTY_VALUE = frozenset(
    [
        "null",
        "none",
        "false",
        "0",
        "0.0",
        "0.00",
        "",
        "[]",
        "{}",
        "-",
        "n/a",
        "no",
        "off",
        "无",
        "否",
        "没有",
        "空",
        '""',
        "''",
    ]
)


@lru_cache(maxsize=4096)
def read(text: str) -> Body:
    """An observation, read once however many decisions share it."""
    return Body(text)


def _entries(text: str) -> Iterator[Entry]:
    lines = [line for line in text.splitlines() if line.strip()]
    table = _table(lines)
    if table:
        yield from table
        return
    whole: list[tuple[str, str]] = []
    for line in lines:
        pairs = _PAIR.findall(line) if line.count("=") > 1 and "<" not in line else []
        named = pairs if len(pairs) > 1 else _FIELD.findall(line)
        fields = [(name.strip(), value.strip(" ;,|，；\"'")) for name, value in named]
        fields += [(name, value.strip()) for name, value in _TAG.findall(line)]
        fields += [(name, "") for name in _VOID_TAG.findall(line)]
        fields += [(name, value.strip()) for name, value in _ATTRIBUTE.findall(line)]
        whole += fields
        if len(fields) > 1 or not fields:
            yield _entry(fields, line)
    if whole and not (len(lines) == 1 and len(whole) > 1):
        yield _entry(whole, text)


_FIELD = re.compile(
    r"(?:^|[;,|，；]\s?|\s-\s|^\s*[-*]\s)\s*([\w][\w .\-/()]{0,30}?)\s?[:=：]\s?([^;|；\n]*?)(?=$|[;|；]|,\s\w+\s?[:=])"
)
_PAIR = re.compile(
    r"(?:^|(?<=[\s;,|，；(\[{]))([\w.\-/]{1,40})\s?=\s?(\"[^\"]*\"|'[^']*'|[^=]*?)(?=$|[\s;,|，；]+[\w.\-/]{1,40}\s?=|[)\]}])"
)
"""One of several `name=value` in a line, with spaces, commas or marks between them."""
_TAG = re.compile(r"<([\w:.\-]+)(?:\s[^>]*)?>([^<]*)</\1>")
_VOID_TAG = re.compile(r"<([\w:.\-]+)\s?/>")
_ATTRIBUTE = re.compile(r"(?<![\w:.\-])([\w:.\-]{1,60})=[\"']([^\"']*)[\"']")


def _json_of(text: str) -> Any:
    stripped = text.strip()
    if not stripped.startswith(("{", "[")):
        return None
    try:
        return jsonvalue.loads(stripped)
    except jsonvalue.JsonError:
        return None


def _read_json(value: Any, entries: list[Entry], headings: list[str]) -> None:
    """Every object's plain fields as one record; lists of plain values belong to the object that holds them.

    The names that records stand under, which are no record's own fields, are `headings`.
    """
    if isinstance(value, dict):
        fields: list[tuple[str, str]] = []
        below = []
        for name, item in value.items():
            if item.__class__ is str:
                fields.append((name, item))
            elif isinstance(item, _NESTED) and _holds_records(item):
                headings.append(name)
                below.append(item)
            else:
                fields.append((name, _leaf(item)))
        if fields:
            entries.append(Entry(tuple(fields), None, apart=True))
        for item in below:
            _read_json(item, entries, headings)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, _NESTED):
                _read_json(item, entries, headings)
            else:
                entries.append(Entry((("", _leaf(item)),), _leaf(item), apart=True))


def _holds_records(value: dict[str, Any] | list[Any]) -> bool:
    return isinstance(value, dict) or any(isinstance(one, _NESTED) for one in value)


_NESTED = (dict, list)


def _leaf(value: Any) -> str:
    if value.__class__ is int:
        return str(value)
    return value if value.__class__ is str else jsonvalue.dumps(value)


def _table(lines: list[str]) -> list[Entry]:
    """The rows of a Markdown table or of delimited lines under a header; nothing where it is neither."""
    if len(lines) < 2:
        return []
    if sum(line.lstrip().startswith("|") for line in lines) >= max(2, len(lines) - 2):
        rows = [_cells(line) for line in lines if line.lstrip().startswith("|")]
        rows = [row for row in rows if not all(re.fullmatch(r":?-*:?", cell) for cell in row)]
    else:
        delimiter = next((mark for mark in "\t,;|" if _delimits(mark, lines)), None)
        if delimiter is None or (":" in lines[0] and delimiter == ","):
            return []
        reader = csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter)
        rows = [[cell.strip() for cell in row] for row in reader]
    if len(rows) < 2:
        return []
    header = rows[0]
    return [_entry(list(zip(header, row, strict=False)), " ".join(row)) for row in rows[1:]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _delimits(mark: str, lines: list[str]) -> bool:
    count = lines[0].count(mark)
    return count >= 1 and all(line.count(mark) >= count for line in lines[1:])


def _entry(fields: Iterable[tuple[str, str]], text: str) -> Entry:
    return Entry(tuple(fields), text)
