"""Fields and their values: what a clause tells of a field against what the record it is about holds there.

A record binds a value to a label. A clause that names the label tells its value, tells that it has none, or tells another
one; a number told beside a label belongs to the field of that name; what holds of all holds of every record; a code is
what the tool's own description says it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication import asking
from harness.scorers.fabrication import lexicon as lex
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.record import NO, NOTHING, YES, is_name, records_of
from harness.scorers.fabrication.values import keys_of, keys_of_leaf, values_of
from harness.scorers.fabrication.whole import whole
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.record import Field, Record
    from harness.scorers.fabrication.trajectory import Trajectory


_LATEST, _MOST = 8, 60
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NAY = re.compile(
    r"\b(?:not|no|none|nobody|no one|never|nothing|neither|nor|without|un\w+|empty|blank|missing|lacks?|zero|null|off|false|open|pending|"
    r"still|yet|until|unless|only|inactive|in\w+able|dis\w+ed|closed)\b|n['’]t\b|[不没无未非否空缺待尚除]|以外",
    re.IGNORECASE,
)
_EVERY = re.compile(
    r"\b(?:all|both|every|everything(?! else)|each(?! ha)|everyone|everybody|entire(?:ly)?|whole|fully|complete(?:ly)?|throughout|any of)\b|"
    r"[都均皆]|全部|所有|全都|全数|每[一个条件次]|一律",
    re.IGNORECASE,
)
_BUT = re.compile(
    r"\b(?:but|except|apart from|other than|however|though|only|not|some|most|nearly|almost|half|rest|one of)\b|n['’]t\b|除|但|只|不|没|未|大多|部分|其中|几乎",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w.])([a-z]{0,2}\d{1,3})\s?(?:[=:：\-]\s?|\s)?((?:[a-z][a-z\-]+)(?:\s[a-z][a-z\-]+){0,2}|[\u4e00-\u9fff]{1,6})(?=\s*[,，;；/、|.。()（）\"]|\s[a-z]{0,2}\d|\s*$)"
)


class Fields:
    """Judges what clauses tell of fields against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self._latest: tuple[str, list[Record]] = ("", [])

    def of(self, clause: Clause, values: Sequence[Placed], text: str) -> dict[str, float]:
        """The signs of a clause."""
        if clause.kind != "prose" or not self.records:
            return {}
        plain = normal(clause.text)
        words = token_set(plain)
        about = self.about(plain)
        signs = self._told(plain, words, about)
        signs |= self._swapped(plain, clause, values, about)
        if self._mixed(plain):
            signs["all.mixed"] = 1.0
        said = whole(text)
        signs |= self._coded(plain, about, said.normal.text)
        if clause.sentence == 0 and self._empty_asked and not (said.holds(_NAY) or said.holds(lex.ABSENCE)):
            signs["null.asked"] = 1.0
        return signs

    @cached_property
    def records(self) -> list[Record]:
        """The latest records, the latest first."""
        found: list[Record] = []
        for seen in reversed(self.trajectory.observations[-_LATEST:]):
            found += records_of(seen.tool, seen.arguments, seen.body)
            if len(found) >= _MOST:
                break
        return found[:_MOST]

    @cached_property
    def _fresh(self) -> list[Record]:
        """The records returned after the latest user message: they come first."""
        count = sum(len(records_of(seen.tool, seen.arguments, seen.body)) for seen in self.trajectory.fresh)
        return self.records[:count]

    def about(self, plain: str) -> list[Record]:
        """The records that a clause names best; else those of the latest observation."""
        if not self._latest[1] or self._latest[0] != plain:
            self._latest = (plain, self._named_best(plain))
        return self._latest[1]

    def _named_best(self, plain: str) -> list[Record]:
        keys = keys_of(plain)
        names = {name for name in self._names if name in plain and is_name(name)}
        counts = [len(keys & one.keys) + len(names & one.names) for one in self.records] if keys or names else [0]
        best = max(counts)
        if best:
            return [one for one, count in zip(self.records, counts, strict=True) if count == best]
        return self._fresh or [one for one in self.records if one.tool == self.records[0].tool]

    def is_named(self, plain: str, about: Sequence[Record]) -> bool:
        """Whether a clause names one of some records, by a value or by a name."""
        keys = keys_of(plain)
        return any(
            not keys.isdisjoint(one.keys) or any(name in plain and is_name(name) for name in one.names) for one in about
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        """What a clause can call one of the records by."""
        return frozenset().union(*[one.names for one in self.records])

    def _told(self, plain: str, words: frozenset[str], about: Sequence[Record]) -> dict[str, float]:
        """Whether a label that the clause names has its value there, none where a value is told, or another one."""
        nay = _NAY.search(plain) is not None
        labels = {label for label, fields in self.labelled.items() if _named(fields[0], plain, words)}
        named: dict[str, list[Field]] = {}
        for record in about if labels else ():
            for field in record.fields:
                if field.label in labels:
                    named.setdefault(field.label, []).append(field)
        found = {self._judged(fields, plain, words, nay=nay) for fields in named.values()}
        return {sign: 1.0 for sign in found if sign}

    def _judged(self, fields: Sequence[Field], plain: str, words: frozenset[str], *, nay: bool) -> str:
        """The sign of a label whose fields the clause can be about."""
        held = [_holds(field, plain, words, nay=nay) for field in fields]
        if any(held):
            return "field.met"
        if None in held or not _predicated(fields[0], plain):
            return ""
        if any(_holds(field, plain, words, nay=nay) for field in self.labelled[fields[0].label]):
            return ""  # another record holds it, so which of them is meant is not sure
        if all(field.value in NOTHING or field.value in NO for field in fields):
            return "" if nay else "field.null"
        han = _HAN.search(plain) is not None
        alike = all(_is_state(field) and (_HAN.search(field.value) is not None) == han for field in fields)
        return "field.unmet" if alike and not lex.NEGATION.search(plain) else ""

    @cached_property
    def labelled(self) -> dict[str, list[Field]]:
        """The fields of each label over all records."""
        found: dict[str, list[Field]] = {}
        for record in self.records:
            for field in record.fields:
                found.setdefault(field.label, []).append(field)
        return found

    def _swapped(
        self, plain: str, clause: Clause, values: Sequence[Placed], about: Sequence[Record]
    ) -> dict[str, float]:
        """Whether a number stands right after the label of another field of its record."""
        for one in values:
            if one.status != "observed" or one.value.kind != "number":
                continue
            before = plain[max(0, one.start - clause.start - _BESIDE) : one.start - clause.start]
            before = before[max((match.end() for match in _STOP.finditer(before)), default=0) :]
            keys = set(one.value.keys)
            ending = {label for label, fields in self.labelled.items() if _ends_with(fields[0], before)}
            for record in about if ending else ():
                beside = [field for field in record.fields if field.label in ending]
                own = [field for field in record.fields if keys & keys_of(field.value)] if beside else []
                if own and not any(field in own for field in beside):
                    labels = {field.label for field in beside}
                    held = any(
                        field.label in labels and keys & keys_of(field.value)
                        for other in self.records
                        for field in other.fields
                    )
                    if not held:
                        return {"field.swapped": 1.0}
        return {}

    def _mixed(self, plain: str) -> bool:
        """Whether the clause tells of all what a column says of some only."""
        every = _EVERY.search(plain)
        if every is None or _BUT.search(plain):
            return False
        plain = plain[every.end() :]
        words = token_set(plain)
        for column in self._columns.values():
            held = [_holds(field, plain, words, nay=False) for field in column if _is_state(field)]
            if True in held and False in held and len({field.value for field in column}) <= _STATES:
                return True
        return False

    @cached_property
    def _columns(self) -> dict[tuple[str, str], list[Field]]:
        """The fields of one label over the records of one tool."""
        found: dict[tuple[str, str], list[Field]] = {}
        for record in self.records:
            for field in record.fields:
                found.setdefault((record.tool, field.label), []).append(field)
        return {name: fields for name, fields in found.items() if len(fields) > 1}

    @cached_property
    def _codes(self) -> dict[str, dict[str, str]]:
        """What the codes of each tool mean: two or more, as its description or the system text lists them."""
        found: dict[str, dict[str, str]] = {}
        for card in self.trajectory.tools:
            listed = dict(_CODE.findall(normal(f"{card.about}\n{self.trajectory.system}")))
            if len(listed) > 1:
                found[card.name] = listed
        return found

    def _coded(self, plain: str, about: Sequence[Record], whole: str) -> dict[str, float]:
        """Whether the clause decodes a code of its record, or tells the meaning of another code."""
        for record in about:
            codes = self._codes.get(record.tool)
            own = {codes[field.value] for field in record.fields if field.value in codes} if codes else set()
            if not codes or not own:
                continue
            if any(meaning in whole for meaning in own):
                return {"code.met": 1.0} if any(meaning in plain for meaning in own) else {}
            seen = {codes.get(field.value) for one in self.records if one.tool == record.tool for field in one.fields}
            others = {meaning for meaning in codes.values() if len(meaning) > 1} - seen
            if any(meaning in plain for meaning in others) and not _NAY.search(plain):
                return {"code.other": 1.0}
        return {}

    @cached_property
    def _empty_asked(self) -> bool:
        """Whether the latest user message asks for a field that the record it is about leaves empty."""
        trajectory = self.trajectory
        asked = normal(trajectory.last_user)
        if lex.REWORK.search(asked) or asking.COMPUTE_ASKED.search(asked):
            return False
        words = token_set(asked)
        fields = [field for record in self.about(asked) for field in record.fields if _named(field, asked, words)]
        return bool(fields) and all(field.value in NOTHING for field in fields)


_BESIDE, _STATES = 16, 6
_STOP = re.compile(r"[,，、;；|/()（）]|\d")


def _is_state(field: Field) -> bool:
    """Whether a field holds a word or two, no number and no text."""
    return field.value in YES | NO or (len(field.value) <= 16 and bool(field.told) and not values_of(field.value))


def _named(field: Field, plain: str, words: frozenset[str]) -> bool:
    """Whether a clause names a field by its label."""
    if not field.label.isascii() and _HAN.search(field.label):
        return len(field.label) > 1 and field.label in plain
    return bool(field.words - GENERIC) and all(supported(word, words) for word in field.words)


def _holds(field: Field, plain: str, words: frozenset[str], *, nay: bool) -> bool | None:
    """Whether a clause holds a field's value; None where it cannot be told."""
    value = field.value
    if value in NOTHING or value in NO:
        return nay if _named(field, plain, words) else None
    if value in YES:
        return not nay if _named(field, plain, words) else None
    if value in plain or not keys_of(plain).isdisjoint(keys_of_leaf(value)):
        return True
    if values_of(value) or not field.told:
        return None
    return any(supported(word, words) for word in field.told)


def _predicated(field: Field, plain: str) -> bool:
    """Whether something is said to be what a label names, or the label to be something."""
    if _HAN.search(field.label):
        at = plain.find(field.label)
        rest = plain[at + len(field.label) :]
        return at >= 0 and (bool(_COPULA.match(rest)) or (at == 0 and 0 < len(rest.strip()) <= _BESIDE))
    last = max(field.words, key=plain.rfind)
    at = plain.rfind(last)
    return at >= 0 and (
        _COPULA.match(plain, at + len(last)) is not None or _IS_THE.search(plain[max(0, at - _BESIDE) : at]) is not None
    )


_COPULA = re.compile(
    r"[a-z]{0,4}(?: \w+)?\s?(?:is|are|was|were|reads?|shows?|stands at|says?|['’]s|[:=：])(?![a-z])|"
    r"\s?(?:已|也|都|现在|目前|一直|还|仍)?(?:是|为|显示|处于|到|[:=：])|\s?(?:正常|异常|良好)"
)
_IS_THE = re.compile(r"(?:\bis|\bwas|['’]s) (?:its |the |their |his |her |your )?(?:new |current )?$|[是为]\S{0,4}$")


def _ends_with(field: Field, before: str) -> bool:
    """Whether a text ends in a field's label, a copula or a verb of having aside."""
    rest = _unlinked(before)
    if _HAN.search(field.label):
        return len(field.label) > 1 and rest.endswith(field.label)
    tail = rest.split()[-len(field.label.split()) :]
    return bool(field.words - GENERIC) and token_set(" ".join(tail)) >= field.words


@lru_cache(maxsize=256)
def _unlinked(before: str) -> str:
    return _LINK.sub("", before)


_LINK = re.compile(
    r"(?:\s*(?:is|are|was|were|of|at|has|had|stands at|about|only|just|now|:|=|：|还有|还剩|只有|仅有|共有|共|剩|是|为|有|达|约|只|仅|的))*\W*$"
)
