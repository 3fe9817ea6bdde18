"""What a clause tells against the record it is about: the opposite state, or that there is none of what it holds.

The words of a clause may all stand in the record, or be as plain as `open`, and still be wrong: what counts is whether the
record is in that state. A synonym, a code or a translation of the state that it is in goes against nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.polarity import held_states, state_of_flag, state_of_value, told_states
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.fields import Fields
    from harness.scorers.fabrication.record import Field, Record

_NO = frozenset(("false", "no", "否", "off", "n", "never", "0", "0.0", "0.00"))
_YES = frozenset(("true", "yes", "是", "on", "y"))
_NOTHING = frozenset(("null", "none", "", "[]", "{}", "-", "--", "n/a", "无", "空", "没有", "未知", "unknown", "nil"))
_ABSENT = re.compile(
    r"\b(?:no|without(?: any| an?)?|nothing|not|never|cannot)\b|n['’]t\b|没有|无(?!法|需|论)|没(?!法|有)|不[能可]?(?!仅|但|只|过)"
)
_END = re.compile(r"[,，。.;；、(（]")
_DENIED = re.compile(r"(?:还没有?|尚未|没有?|并?未)被?([\u4e00-\u9fff]{2})")
_NO_VALUE = re.compile(r"[:=]\s?\"?(?:false|no|0|否)\b(?![.\d])")
_FALSE = re.compile(rf"[\w ]{{1,30}}+\"?\s?{_NO_VALUE.pattern}")
"""A field that says that something is not so: its name is no state that holds."""
_LONG = 60
_HEAD = 2


class Against:
    """Judges what clauses tell against the records of one trajectory."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    def of(self, clause: Clause) -> dict[str, float]:
        """The signs of a clause."""
        trajectory, records = self.fields.trajectory, self.fields.records
        if clause.kind != "prose" or not trajectory.observations:
            return {}
        plain = normal(clause.text)
        fresh = [seen.body.text for seen in trajectory.fresh]
        about = self.fields.about(plain) if records else []
        named = self.fields.is_named(plain, about)
        if not named and not fresh and len(records) != 1:
            return {}
        if not named and fresh and not any(record.text in fresh for record in about):
            about = []
        texts = list(dict.fromkeys(record.text for record in about)) or fresh
        return {"opposed": 1.0} if _opposed(plain, about, texts) or _denied(plain, about) else {}


def _opposed(plain: str, about: Sequence[Record], texts: Sequence[str]) -> bool:
    """Whether a clause tells a state that excludes the one the records, or the texts without any, are in."""
    told = told_states(plain)
    if not told:
        return False
    held = frozenset().union(*map(_states, about))
    settled = {kind for kind, _ in told & held}
    kinds = {kind for kind, _ in told} - settled
    if about:
        kinds &= {kind for kind, _ in held}
    if not kinds:
        return False  # the texts, which take longer to read, can only speak for the clause
    named = frozenset().union(*map(_named_states, texts))
    kinds -= {kind for kind, _ in told & named}
    return bool(kinds) if about else not kinds.isdisjoint(kind for kind, _ in named)


def _named_states(text: str) -> frozenset[tuple[str, int]]:
    """The states that a text names, but for the names of fields that say that something is not so."""
    return held_states(_FALSE.sub(" ", text) if _NO_VALUE.search(text) else text)


@lru_cache(maxsize=4096)
def _states(record: Record) -> frozenset[tuple[str, int]]:
    """The states that a record's fields hold."""
    return frozenset().union(*map(_of_field, record.fields))


def _of_field(field: Field) -> frozenset[tuple[str, int]]:
    if field.value in _YES or field.value in _NO:
        return state_of_flag(field.label, so=field.value in _YES)
    value = field.value.replace("_", " ")
    if field.value in _NOTHING or len(value) > _LONG or value.replace(".", "").isdigit():
        return frozenset()
    return state_of_value(value) | held_states(value)


def _denied(plain: str, about: Sequence[Record]) -> bool:
    """Whether a clause denies what the records say is so, or is done."""
    for match in _ABSENT.finditer(plain):
        rest = _END.split(plain[match.end() : match.end() + _BESIDE])[0]
        words = token_set(" ".join(rest.split()[:_HEAD]) if rest.isascii() else rest)
        fields = [field for record in about for field in record.fields if words and _heads(field, words)]
        if fields and all(field.value in _YES for field in fields):
            return True
    return any(
        f"已{match[1]}" in record.text and match[0] not in record.text
        for match in _DENIED.finditer(plain)
        for record in about
    )


def _heads(field: Field, words: frozenset[str]) -> bool:
    return bool(field.words - GENERIC) and all(supported(word, words) for word in field.words)


_BESIDE = 30
