"""The records of an observation as a clause can be about them: fields under labels, the values and the names of each.

What a clause mostly does not ask of a record is worked out when first asked for: an observation of many records is read for
each decision, and a clause is about few of them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.slots import keys_of_call
from harness.scorers.fabrication.words import token_set

if TYPE_CHECKING:
    from harness.scorers.fabrication.reading import Body, Entry

NOTHING = frozenset(("null", "none", "", "[]", "{}", "-", "--", "n/a", "无", "空", "没有", "未知", "unknown", "nil"))
NO = frozenset(("false", "no", "否", "off", "n", "never"))
YES = frozenset(("true", "yes", "是", "on", "y"))
_ROWS, _FIELDS, _LONGEST = 30, 24, 200
_UNITS = token_set(
    "pct percent id no nr ms kg km cm mm m2 min sec usd eur gbp cny kwh kw gb mb at on of in per is has code name type "
    "date time day value text note"
)
_TEXT_LEAF = re.compile(r":\s?\"([^\"]{2,30})\"")
_LETTERED = re.compile(r"[a-z]{2}|[\u4e00-\u9fff]{2}")


class Field(NamedTuple):
    """One field of a record: its label and value in normal form, the words of the label."""

    label: str
    words: frozenset[str]
    value: str

    @property
    def told(self) -> frozenset[str]:
        """The words of the value."""
        return token_set(self.value.replace("_", " "))


class Record:
    """A record: its fields, the tool and the text it came with."""

    def __init__(self, entry: Entry, fields: tuple[Field, ...], tool: str, arguments: str, text: str) -> None:
        self.fields = fields
        self.tool = tool
        self.text = text
        self._entry = entry
        self._arguments = arguments

    @cached_property
    def keys(self) -> frozenset[str]:
        """The values by which a clause can be about it: its own and those of the call."""
        return self._entry.keys | keys_of_call(self._arguments)

    @cached_property
    def names(self) -> frozenset[str]:
        """What a clause can call it by, where `is_name`: the values of its fields and of the call."""
        return _leaves(self._arguments).union([field.value for field in self.fields])


@lru_cache(maxsize=2048)
def records_of(tool: str, arguments: str, body: Body) -> tuple[Record, ...]:
    """The records of an observation, read once however many decisions share it."""
    found = []
    for entry in body.entries[:_ROWS]:
        told = entry.fields[:_FIELDS]
        fields = tuple([_field(name, value) for name, value in told if name and len(value) <= _LONGEST])
        if fields:
            found.append(Record(entry, fields, tool, arguments, body.text))
    return tuple(found)


@lru_cache(maxsize=2048)
def _leaves(arguments: str) -> frozenset[str]:
    """The texts that a call was made with."""
    return frozenset(map(normal, _TEXT_LEAF.findall(arguments)))


def _field(name: str, value: str) -> Field:
    return Field(*_label(name), normal(value).strip("\"' "))


@lru_cache(maxsize=2048)
def _label(name: str) -> tuple[str, frozenset[str]]:
    label = re.sub(r"[(（].*", "", normal(name)).replace("_", " ").replace("-", " ").strip("\"' ")
    words = token_set(label)
    return label, words - _UNITS or words


def is_name(value: str) -> bool:
    """Whether a value can stand for its record: letters, and no flag."""
    return 2 <= len(value) <= 30 and _LETTERED.search(value) is not None and value not in _FLAGS


_FLAGS = YES | NO | NOTHING
