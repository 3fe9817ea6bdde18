"""Whether an answer tells of a peer of what was observed: another value of a call's parameter, another row, another key.

A call fixes what its observation is of. When the request names another value of the same kind (`T20` after `T19`, the 5th
after the 4th, `prod` after `staging`) and no call has it, whatever is told of it is told without an observation. An observed
record changes hands when its fields stand beside another key, and is altered when all but one of its cells are its own.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication.asking import COMPUTE_ASKED
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.lexicon import REWORK
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.slots import alike, is_name, leaves, shape_of
from harness.scorers.fabrication.values import keys_of_leaf, values_of
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.forms import Value
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.reading import Entry
    from harness.scorers.fabrication.trajectory import Trajectory

_LATEST, _LINES, _LEAST, _SHORT, _SHORT_HAN = 6, 40, 3, 28, 10
_DAY = re.compile(
    r"\b(?:the )?(\d{1,2})(?:st|nd|rd|th)\b|(?<![\d月])(\d{1,2})[号日]|"
    r"\b((?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|yesterday|today|(?:next|last|this) (?:week|month|year|quarter|season))\b|"
    r"(周[一二三四五六日天]|星期[一二三四五六日天]|[上下本][个]?(?:周|月|季度|季|年)|明天|昨天|今天|后天|前天|明年|去年|今年)",
    re.IGNORECASE,
)
_ENUM = re.compile(r'"enum":\s?\[([^\]]*)\]')
_FILLER = re.compile(
    r"\b(?:and|or|what|how|about|the|same|for|of|on|in|now|also|too|as|well|then|please|pls|next|third|second|one|other|another|again|it|is|ok|thanks)\b|"
    r"那|呢|的|也|和|还有|再|看看|查一?下|同样|另外|一个|下一个|[\s\W_]",
    re.IGNORECASE,
)
_DATE_KEY = re.compile(r"(?:\d{4}-)?\d\d?-\d\d?")
_NO_NAME = re.compile(
    r"[多几哪谁啥吗么没不要能会可该怎先给把跟派约补留订改换了过一吧你我他她它是有在到]|现在|为什么|"
    r"\b(?:i|we|you|he|she|they|do|does|did|can|will|would|should|when|why|who|which|where|are|was|were|has|have|my|your|our|his|her|their|send|give|make|put|tell)\b|[a-z]+ed\b|n['’]t\b",
    re.IGNORECASE,
)
"""What a bare name does not hold: questions, requests, persons, doings."""


class Peers:
    """Finds what is told of peers of what was observed, against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self._keyed: dict[str, bool] = {}

    @cached_property
    def asked(self) -> dict[str, float]:
        """Whether the latest request names another value of what an earlier call was for, and how bare it is."""
        trajectory = self.trajectory
        if trajectory.fresh or not trajectory.observations:
            return {}
        if not any(self._names_peer(leaf) for leaf in self._kinds):
            return {}
        signs = {"peer.asked": 1.0}
        rest = _FILLER.sub("", _bare(trajectory.last_user))
        if len(rest) <= (2 if re.search(r"[\u4e00-\u9fff]", rest) else 4):
            signs["peer.only"] = 1.0
        return signs

    def of(self, clause: Clause, values: Sequence[Placed], text: str, state: str) -> dict[str, float]:
        """The signs of one clause of a text."""
        signs: dict[str, float] = {}
        if state == "dry" and self.asked:
            signs |= self.asked
            told = any(one.status not in ("free", "told") for one in values)
            signs["peer.asked.valued" if told else "peer.asked.worded"] = 1.0
        if clause.kind == "row" and not self.trajectory.fresh and self._heads(text):
            signs["echo.header"] = 1.0
        if any(one.status not in ("observed", "told", "free") and self._one_digit_off(one) for one in values):
            signs["digit.altered"] = 1.0
        signs |= self._row(clause, values)
        if clause.kind == "prose" and self._strange_day(clause):
            signs["day.novel"] = 1.0
        if state not in ("beside", "after") and self._tells_peer(clause, values):
            signs["peer.told"] = 1.0
        if text not in self._keyed:
            self._keyed[text] = self._rekeyed(text)
        if self._keyed[text]:
            signs["record.rekeyed"] = 1.0
        return signs

    @cached_property
    def _arguments(self) -> list[str]:
        """The plain values that calls were made with."""
        return list(dict.fromkeys(leaf for seen in self.trajectory.observations for _, leaf in leaves(seen.arguments)))

    @cached_property
    def _kinds(self) -> list[str]:
        """The same, of those that are names but for their digits one only: they have the same peers."""
        groups = alike(self._arguments).values()
        return [leaf for group in groups for leaf in (group[:1] if is_name(group[0]) else group)]

    def _names_peer(self, leaf: str) -> bool:
        """Whether the latest request names another value of the kind of this one."""
        trajectory = self.trajectory
        asked = trajectory.last_user
        own = values_of(leaf)
        new = self._new
        if len(own) == 1 and own[0].text == leaf.strip():
            kind = own[0].kind
            if kind in ("date", "month", "time"):
                return any(one.kind in ("date", "month", "time") for one in new) or _DAY.search(asked) is not None
            return any(_mask(one.text) == _mask(leaf) for one in new)
        if _DAY.fullmatch(leaf.strip()):
            return any(found[0].lower() != leaf.strip().lower() for found in _DAY.finditer(asked))
        return self._names_option(leaf, asked) or self._names_name(leaf, asked)

    @cached_property
    def _new(self) -> list[Value]:
        """The values of the latest request that no observation and no call holds."""
        trajectory = self.trajectory
        return [one for one in values_of(trajectory.last_user) if trajectory.observed_keys.isdisjoint(one.keys)]

    def _names_option(self, leaf: str, asked: str) -> bool:
        """Whether the request names another option of a tool's list that holds this one."""
        said = set(re.findall(r"[a-z][a-z_\-]{2,}|[\u4e00-\u9fff]{2,4}", normal(asked)))
        for options in self._options:
            if normal(leaf) in options:
                used = {normal(one) for one in self._arguments}
                return any(
                    option.startswith(word) or word.startswith(option)
                    for option in options - used
                    for word in said
                    if len(option) > 1
                )
        return False

    @cached_property
    def _options(self) -> list[set[str]]:
        lists = (options for card in self.trajectory.tools for options in _ENUM.findall(card.text))
        return [set(re.findall(r'"([^"]+)"', options)) for options in lists]

    def _names_name(self, leaf: str, asked: str) -> bool:
        """Whether a bare request holds a name as this one is, which nothing observed holds."""
        han = re.search(r"[\u4e00-\u9fff]", asked) is not None
        if _NO_NAME.search(asked) or REWORK.search(asked) or COMPUTE_ASKED.search(asked):
            return False
        if any(char.isdigit() for char in leaf) or len(asked) > (_SHORT_HAN if han else _SHORT):
            return False
        name = _FILLER.sub(" ", asked).strip()
        plain = normal(name)
        trajectory = self.trajectory
        if not plain or plain in trajectory.observed_text or len(plain.split()) > _LEAST:
            return False
        return plain not in "\n".join(card.text for card in trajectory.tools) and (han or not name.islower())

    def _strange_day(self, clause: Clause) -> bool:
        """Whether a clause names a day of the month that no date of the context falls on."""
        days = {found[1] or found[2] for found in _DAY.finditer(clause.text)} - {None}
        return bool(days) and bool(self._days) and not {int(day) for day in days if day} <= self._days

    @cached_property
    def _days(self) -> frozenset[int]:
        """The days of the month that dates, and bare ordinals of the users, name."""
        trajectory = self.trajectory
        found = {int(key.rpartition("-")[2]) for key in trajectory.keys if _DATE_KEY.fullmatch(key)}
        said = (match[1] or match[2] for text in trajectory.users for match in _DAY.finditer(text))
        return frozenset(found | {int(day) for day in said if day}) if found else frozenset()

    def _tells_peer(self, clause: Clause, values: Sequence[Placed]) -> bool:
        """Whether a clause tells of a key like those that calls were made with, but with which none was made.

        What the records that name it hold of it may be told: a list is an observation of its rows.
        """
        peers = [
            one
            for one in values
            if _mask(one.value.text) in self._masks and not self._called & set(one.value.keys) and one.status != "free"
        ]
        if not peers:
            return False
        names = {key for one in peers for key in one.value.keys}
        plain = all(one.value.kind == "identifier" and one.value.text.isascii() for one in peers)
        near = [entry for entry in self._entries if not plain or _may_hold(entry, names)]
        own = [entry for entry in near if names & entry.keys]
        held = frozenset().union(*(entry.keys for entry in own))
        rest = [one for one in values if one not in peers and one.status not in ("free", "derived", "worked")]
        if rest:
            return any(held.isdisjoint(one.value.keys) for one in rest)
        words = token_set(normal(clause.text)) - GENERIC
        told = frozenset().union(*(token_set(normal(entry.text)) for entry in own))
        return bool(words) and not any(supported(word, told) for word in words)

    @cached_property
    def _called(self) -> frozenset[str]:
        return frozenset().union(*map(keys_of_leaf, self._arguments))

    @cached_property
    def _masks(self) -> frozenset[str]:
        """The forms of the keys that calls were made with: those with a letter or four digits."""
        return frozenset(
            _mask(leaf)
            for leaf in self._kinds
            if " " not in leaf and _DIGIT.search(leaf) and (_LETTER.search(leaf) or len(leaf) > _LEAST)
            if values_of(leaf) and values_of(leaf)[0].kind in ("identifier", "number", "code")
        )

    def _heads(self, text: str) -> bool:
        """Whether the text opens with a header line that an observation has, word for word."""
        line = text.strip().splitlines()[0].strip() if text.strip() else ""
        if len(line) < _LEAST * 2 or not re.search(r"[,|\t;]", line) or re.search(r"\d", line):
            return False
        return any(line in seen.body.raw for seen in self.trajectory.observations[-_LATEST:])

    @cached_property
    def _entries(self) -> list[Entry]:
        latest = self.trajectory.observations[-_LATEST:]
        return [entry for seen in latest for entry in seen.body.entries[:_LINES]]

    def _row(self, clause: Clause, values: Sequence[Placed]) -> dict[str, float]:
        """Whether a row is an observed one but for one cell that nothing holds."""
        row = [one for one in values if one.status != "free"]
        if clause.kind != "row" or len(row) < _LEAST:
            return {}
        for entry in self._entries:
            odd = [one for one in row if entry.keys.isdisjoint(one.value.keys)]
            if len(odd) == 1 and odd[0].status in ("novel", "counted", "worked", "slip"):
                return {"row.odd": 1.0}
        return {}

    def _rekeyed(self, text: str) -> bool:
        """Whether the text tells the fields of one record beside a key of the request that no observation has."""
        trajectory = self.trajectory
        if trajectory.fresh or not trajectory.new_keys:
            return False
        values = values_of(text)
        new = [one for one in values if trajectory.new_keys & set(one.keys)]
        rest = [one for one in values if one not in new]
        if not new or len(rest) < 2 or any(trajectory.observed_keys.isdisjoint(one.keys) for one in rest):
            return False
        masks = {_mask(one.text) for one in new}
        return any(
            all(entry.keys & set(one.keys) for one in rest)
            and any(_mask(own.text) in masks for own in values_of(entry.text))
            for entry in self._entries
        )

    def _one_digit_off(self, one: Placed) -> bool:
        """Whether a value has the length and all but one of the digits of an observed one."""
        if one.value.kind not in ("number", "identifier") or re.fullmatch(r"(?:19|20)\d\d", one.value.text):
            return False
        digits = re.sub(r"\D", "", one.value.text)
        return len(digits) >= _LEAST + 1 and any(
            sum(a != b for a, b in zip(digits, other, strict=True)) == 1 for other in self._digits.get(len(digits), ())
        )

    @cached_property
    def _digits(self) -> dict[int, set[str]]:
        found: dict[int, set[str]] = {}
        for entry in self._entries:
            for run in re.findall(r"\d[\d.,]*\d", entry.text):
                digits = re.sub(r"\D", "", run)
                found.setdefault(len(digits), set()).add(digits)
        return found


def _may_hold(entry: Entry, names: set[str]) -> bool:
    """Whether a record can have one of these identifiers: what is not in its text needs no reading of its values."""
    if not entry.text.isascii():
        return True
    text = entry.text.lower()
    return any(name in text for name in names)


def _bare(asked: str) -> str:
    """A request without its values and days."""
    for one in reversed(values_of(asked)):
        asked = asked[: one.start] + " " + asked[one.end :]
    return _DAY.sub(" ", asked)


@lru_cache(maxsize=16384)
def _mask(text: str) -> str:
    """The form of an identifier: letters as A, runs of digits as long as they are."""
    return _LETTERS.sub("a", shape_of(text))


_LETTERS, _LETTER, _DIGIT = re.compile("aa+"), re.compile("[A-Za-z]"), re.compile(r"\d")
