"""What the latest request seeks: the question of an earlier call put for another entity, which no call looked up.

A call fixes what its observation is of. The request that led to it and the latest one have a frame in common; what the latest
one puts in the frame in place of the call's argument is the entity sought: a value of the argument's form, another option of
its list, a name cut like it, or whatever word is left of a bare request. Nothing that was observed of another entity holds of
it, whatever fits: only a record of the same tool that names it does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from harness.scorers.fabrication import asking
from harness.scorers.fabrication import lexicon as lex
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.slots import Slot, alike, cut_alike, form_of, is_name, leaves, pairs
from harness.scorers.fabrication.support import general_words
from harness.scorers.fabrication.values import keys_of, keys_of_leaf, values_of
from harness.scorers.fabrication.words import GENERIC, STOP, stem, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.trajectory import Observation, Trajectory


class Entity(NamedTuple):
    """An entity of the request that no call was made for: its words in normal form, its keys, how it was known for one."""

    name: str
    keys: frozenset[str]
    how: str


class Sought:
    """Finds what the latest request seeks, against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    @cached_property
    def entities(self) -> tuple[Entity, ...]:
        """The entities that the latest request names in place of those that calls were made for."""
        trajectory = self.trajectory
        asked = _DOTTED.sub(" ", trajectory.last_user)
        if trajectory.fresh or not trajectory.observations or len(asked) > _LONG or not self.slots:
            return ()
        if lex.REWORK.search(asked) or asking.COMPUTE_ASKED.search(asked) or lex.ASKED_BACK.search(asked):
            return ()
        if asking.ASKED_GENERAL.search(asked) or lex.ASKED_EXAMPLE.search(asked):
            return ()
        found = {one.name: one for slot in self.slots for one in self._in_slot(slot)}
        return tuple(found.values())

    def of(self, clause: Clause, values: Sequence[Placed]) -> dict[str, float]:
        """Whether a clause tells of what is sought: of whatever it speaks, unless it names what was looked up instead."""
        if not self.entities or clause.kind == "code" or clause.moods & _ELSEWHERE:
            return {}
        plain = normal(clause.text)
        named = [
            one for one in self.entities if one.name in plain or any(one.keys & set(each.value.keys) for each in values)
        ]
        if named and all(one.how == "weak" for one in named):
            return {"sought.weak": 1.0}
        if all(one.how == "weak" for one in self.entities) or (not named and self._names_looked(plain, values)):
            return {}
        signs = {"sought.told": 1.0}
        if all(one.how == "name" for one in self.entities):
            signs["sought.name"] = 1.0
        if self._rest <= _LITTLE:
            signs["sought.only"] = 1.0
        return signs

    @cached_property
    def _rest(self) -> int:
        """How many characters of the request neither name what is sought nor link it to what went before."""
        asked = normal(self.trajectory.last_user)
        for entity in self.entities:
            asked = asked.replace(entity.name, " ")
        for value in reversed(values_of(asked)):
            asked = asked[: value.start] + " " + asked[value.end :]
        return len(re.sub(r"[\W_]", "", _FILLER.sub(" ", _DAY.sub(" ", asked))))

    def _names_looked(self, plain: str, values: Sequence[Placed]) -> bool:
        """Whether a clause names a value that a call was made with."""
        keys = {key for one in values if one.value.kind != "number" for key in one.value.keys}
        return bool(keys & self._looked_keys) or any(name in plain for name in self._looked_names)

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(normal(value) for slot in self.slots for value in slot.values)

    @cached_property
    def _looked_keys(self) -> frozenset[str]:
        return frozenset().union(*[keys_of_leaf(value) for slot in self.slots for value in slot.values])

    @cached_property
    def _looked_names(self) -> frozenset[str]:
        asked = normal(self.trajectory.last_user)
        return frozenset(name for name in self._used if len(name) > 1 and not name.isdigit() and name not in asked)

    @cached_property
    def slots(self) -> list[Slot]:
        """The parameters that calls filled with a plain value, the latest tool's first."""
        found: dict[tuple[str, str], list[str]] = {}
        for seen in reversed(self.trajectory.observations):
            for name, value in leaves(seen.arguments):
                if value.strip() and len(value) <= _NAME_LENGTH:
                    found.setdefault((seen.tool, name), []).append(value)
        return [Slot(tool, name, tuple(dict.fromkeys(values))) for (tool, name), values in found.items()]

    def _in_slot(self, slot: Slot) -> Iterator[Entity]:
        """What the request names of the kind of a slot's values, but for those it was called with and lists that hold it."""
        for name, keys, how in self._named(slot):
            used = name in self._used or (keys and keys & self._looked_keys)
            if (not used or self._meant(slot, name)) and not self._listed(slot, name, keys):
                yield Entity(name, keys, how)

    def _meant(self, slot: Slot, name: str) -> bool:
        """Whether a name that only other tools were called with is put to this one, whose own words the request has."""
        if name in {normal(value) for value in slot.values}:
            return False
        others = {one.tool for one in self.slots if name in {normal(value) for value in one.values}}
        words = token_set(normal(self.trajectory.last_user)) - GENERIC
        cards = self.trajectory.tools
        own = frozenset().union(*(card.words for card in cards if card.name == slot.tool))
        theirs = frozenset().union(*(card.words for card in cards if card.name in others))
        return bool(others) and any(supported(word, own) and not supported(word, theirs) for word in words)

    def _named(self, slot: Slot) -> Iterator[tuple[str, frozenset[str], str]]:
        """The names that the request has for a slot, each with its keys and how it was found."""
        forms = alike(slot.values).values()
        seen = [value for group in forms for value in (group[:1] if is_name(group[0]) else group)]
        kinds = {one.kind for value in seen for one in values_of(value) if one.text == value.strip()}
        if kinds & _DATED or any(_DAY.fullmatch(value.strip()) for value in seen):
            for name, keys, how in self._dates(slot):
                yield name, keys, how if self.bare else "weak"
            return
        asked = normal(self.trajectory.last_user)
        fitting = (value for value, *_ in forms if self.bare or not value.isdigit() or len(value) > _SURELY)
        for pattern in dict.fromkeys(map(form_of, fitting)):
            if pattern is not None:
                yield from ((name, keys_of(name), "form") for name in pattern.findall(asked))
        if not self.bare:
            return
        tails = {len(tail) for tail in _TAIL.findall("\n".join(slot.values))}
        for one in values_of(asked):
            if (
                one.text.isdigit()
                and (len(one.text) in tails or (tails and max(tails) <= 2 >= len(one.text)))
                and one.kind not in _DATED
            ):
                yield self._whole(slot, one.text), frozenset(), "tail"
        if not kinds:
            yield from ((name, frozenset(), how) for name, how in self._names(slot))

    def _whole(self, slot: Slot, tail: str) -> str:
        """The name that a slot's value takes with another number at its end."""
        return normal(_TAIL.sub(tail, slot.values[0]))

    def _dates(self, slot: Slot) -> Iterator[tuple[str, frozenset[str], str]]:
        """The dates, months and days that the request names and the slot was not called with."""
        asked = self.trajectory.last_user
        clocked = any(one.kind == "time" for value in slot.values for one in values_of(value))
        for one in values_of(asked):
            if one.kind in ("date", "month") or (clocked and one.kind == "time"):
                yield normal(one.text), frozenset(one.keys), "date"
        used = "\n".join(slot.values).lower()
        days = {int(numbers[-1]) for value in slot.values if (numbers := re.findall(r"\d+", value))}
        for match in _DAY.finditer(asked):
            day = match[1] or match[2]
            keys = [key for key in self._dates_seen(slot.tool) if day and int(key.rpartition("-")[2]) == int(day)]
            if (day and int(day) not in days and not keys) or (not day and match[0].lower() not in used):
                yield match[0].lower(), frozenset(), "day"

    def _dates_seen(self, tool: str) -> frozenset[str]:
        """The dates that observations of a tool hold."""
        bodies = (seen.body.keys for seen in self.trajectory.observations if seen.tool == tool)
        return frozenset(key for keys in bodies for key in keys if _DATE_KEY.fullmatch(key))

    def _names(self, slot: Slot) -> Iterator[tuple[str, str]]:
        """Names of the request: another option, one cut like a value of the slot, or what is left of a bare request."""
        options = self._options.get((slot.tool, normal(slot.name).replace("_", " ")), frozenset())
        for word in self._words:
            if options:
                if word in options:
                    yield word, "option"
            elif any(cut_alike(word, normal(value)) for value in slot.values):
                yield word, "cut"
            elif self._names_only and word in self._left:
                yield word, "name"

    @cached_property
    def _words(self) -> list[str]:
        """The words of the request that may name something: runs of Han characters of its own, words and dotted words."""
        asked = normal(_FILLER.sub(" ", self.trajectory.last_user))
        return [one for one in dict.fromkeys(_NAME.findall(asked)) if one not in STOP and not _DAY.fullmatch(one)]

    @cached_property
    def _unframed(self) -> list[str]:
        """The words that no earlier request, no tool and no field has."""
        trajectory = self.trajectory
        frame = normal("\n".join([*trajectory.users[:-1], *(card.text for card in trajectory.tools)]))
        strange = [word for word in self._words if stem(word) not in frame]
        if not strange:
            return strange
        entries = (entry for seen in trajectory.observations for entry in seen.body.entries[:20])
        fields = normal("\n".join({name for entry in entries for name, _ in entry.fields}))
        return [word for word in strange if stem(word) not in fields]

    @cached_property
    def _left(self) -> list[str]:
        """The words that no frame and no general vocabulary has."""
        common = general_words()
        return [
            word
            for word in self._unframed
            if (
                stem(word) not in common
                if word.isascii()
                else not _HAN_VERB.search(word) and not any(pair in common for pair in pairs(word))
            )
        ]

    @cached_property
    def _names_only(self) -> bool:
        """Whether the request holds nothing but a name, the frame of the earlier ones and words that link it to them."""
        return len(self._left) == len(self._unframed) <= _FEW and not _SENTENCE.search(self.trajectory.last_user)

    @cached_property
    def bare(self) -> bool:
        """Whether the request says hardly more than what it seeks."""
        asked = self.trajectory.last_user
        if len(asked) > (40 if asked.isascii() else 16) or _ELSE.search(asked):
            return False
        numbers = [one for one in values_of(asked) if any(char.isdigit() for char in one.text)]
        return len(self._unframed) + len(numbers) <= _FEW

    @cached_property
    def _options(self) -> dict[tuple[str, str], frozenset[str]]:
        """The lists of options of the offered tools' parameters."""
        found = {}
        for card in self.trajectory.tools:
            for name, options in _ENUM.findall(card.text):
                found[card.name, name.replace("_", " ")] = frozenset(
                    normal(one) for one in re.findall(r'"([^"]+)"', options)
                )
        return found

    def _listed(self, slot: Slot, name: str, keys: frozenset[str]) -> bool:
        """Whether an observation of the slot's tool tells of the entity: a list is an observation of its rows."""
        return any(_holds(seen, name, keys) for seen in self.trajectory.observations if seen.tool == slot.tool)


def without_others(signs: dict[str, float]) -> dict[str, float]:
    """The signs but for what holds of others: it says nothing for an entity that no call looked up."""
    return {name: value for name, value in signs.items() if not name.startswith(_OF_OTHERS)}


def _holds(seen: Observation, name: str, keys: frozenset[str]) -> bool:
    return bool(keys & seen.body.keys) if keys else name in seen.body.text


_OF_OTHERS = (
    "share.known",
    "share.observed",
    "share.told",
    "values.known",
    "whole.values",
    "whole.derived",
    "whole.known",
    "surely",
)
_ELSEWHERE = frozenset(("earlier", "general"))
_DATED = frozenset(("date", "month", "time"))
_LONG, _FEW, _NAME_LENGTH, _LITTLE, _SURELY = 120, 2, 60, 4, 4
_ENUM = re.compile(r'"([^"]+)":\s?\{[^{}]*"enum":\s?\[([^\]]*)\]')
_ELSE = re.compile(
    r"\b(?:right|(?:can|could|may|should) (?:i|we)|(?:i|we) (?:can|could|may|should)|why|how come|which|who|thanks?|draft|write)\b|为什么|为啥|谢谢|哪个|谁",
    re.IGNORECASE,
)
"""A request for a reason or a choice seeks no record."""
_FILLER = re.compile(
    r"\b(?:and|or|what|how|about|the|same|for|of|on|in|at|now|also|too|as|well|then|please|pls|next|one|other|another|again|it|is|are|ok|okay|thanks|do|does|got|me|show|check|get|give|look|up)\b|"
    r"那么|那|呢|的|也|和|还有|跟|再|看看|看|查一?下?|同样|另外|一个|下一个|是|有|在|吗|么|吧|帮我|给我|给|我|呀|啊|怎么样|如何|怎样|情况|一样|这|现在|一下",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?!(?:st|nd|rd|th)\b)[a-z][a-z0-9]*(?:[._\-][a-z0-9]+)*|[\u4e00-\u9fff]{2,6}|^\W*[\u4e00-\u9fff]\W*$"
)
_DATE_KEY = re.compile(r"(?:\d{4}-)?\d\d?-\d\d?")
_TAIL = re.compile(r"(?<!\d)[1-9]\d*$", re.MULTILINE)
_DAY = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)\b|(?<![\d月])(\d{1,2})[号日](?![\u4e00-\u9fff]{0,2}[楼厅地机线店桌房院泵])|"
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|yesterday|today|(?:next|last|this) (?:week|month|year|quarter|season)|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)\b|"
    r"周[一二三四五六日天]|星期[一二三四五六日天]|[上下本]个?(?:周|月|季度|季|年)|明天|昨天|今天|后天|前天|明年|去年|今年|十?[一二三四五六七八九十]月",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:it|its|they|them|their|he|she|him|her|his|this|that|these|those|we|you|your|make|put|does|do|did|can|could|will|should|why|who\w*|when|where|all)\b|多少|什么|几|谁|哪",
    re.IGNORECASE,
)
"""What makes a sentence of a request about what was found already, or a question of one of its fields."""
_DOTTED = re.compile(r"[\w\-]+(?:\.[\w\-]+)+")
_HAN_VERB = re.compile(
    r"[不了要去到能会该怎么啥咋谁哪什多几都个得着过把被让请停买催发送改取退开关约订办问说做行可好没够还就点]"
)
"""What no name of a bare request holds: words of asking, wanting and doing."""
