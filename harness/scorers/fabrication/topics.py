"""What a clause is about, and whether any observation is of that: tools never asked, matters brought in, empty fields."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from harness.scorers.fabrication import asking
from harness.scorers.fabrication import lexicon as lex
from harness.scorers.fabrication.acts import ANY_ACT, CONSEQUENCE, acts_of, acts_of_tool, claims_of
from harness.scorers.fabrication.claims import is_told
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.values import keys_of, values_of
from harness.scorers.fabrication.words import GENERIC, supported, token_set

if TYPE_CHECKING:
    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.trajectory import Observation, Trajectory


class Topics:
    """Finds what the clauses of an answer are about against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    @cached_property
    def good(self) -> list[Observation]:
        """The observations that succeeded."""
        return [seen for seen in self.trajectory.observations if not seen.body.failed]

    @cached_property
    def unread_words(self) -> frozenset[str]:
        """The words that only tools which returned nothing use of themselves."""
        answered = {seen.tool for seen in self.good}
        cards = self.trajectory.tools
        used = frozenset().union(*(card.words for card in cards if card.name in answered))
        used |= self.trajectory.observed_words | GENERIC
        return frozenset().union(*(card.words for card in cards if card.name not in answered)) - used

    @cached_property
    def topic_words(self) -> frozenset[str]:
        """The words of the latest user message that no observation and no system text holds."""
        known = self.trajectory.observed_words | self.trajectory.system_words
        asked = token_set(normal(self.trajectory.last_user)) - GENERIC
        return frozenset(word for word in asked if not supported(word, known))

    @cached_property
    def asked_unread(self) -> bool:
        """Whether the tool whose own words the latest user message has most of returned nothing so far."""
        answered = {seen.tool for seen in self.good}
        words = token_set(normal(self.trajectory.last_user)) - GENERIC
        best = {True: 0, False: 0}
        for card in self.trajectory.tools:
            count = sum(supported(word, card.words) for word in words)
            best[card.name in answered] = max(best[card.name in answered], count)
        return best[False] > best[True]

    @cached_property
    def elliptic(self) -> bool:
        """Whether the latest user message does hardly more than name another entity: `And B?`, `3月的呢`."""
        asked = self.trajectory.last_user
        if (
            not self.good
            or len(asked) > (30 if asked.isascii() else 12)
            or lex.REWORK.search(asked)
            or lex.ASKED_BACK.search(asked)
        ):
            return False
        new = bool(self.trajectory.new_keys) or bool(self.topic_words)
        return new and len(token_set(normal(asked)) - GENERIC) <= 4

    @cached_property
    def next_one(self) -> bool:
        """Whether the latest user message asks the last question of another one, which the same tool was not asked for."""
        asked, seen = self.trajectory.last_user, self.trajectory.observations
        if not seen or len(asked) > 80 or not _NEXT.search(asked):
            return False
        words, keys = token_set(normal(asked)) - GENERIC, keys_of(asked)
        same = [one for one in seen if one.tool == seen[-1].tool]
        wanted = len(words) + len(keys)
        held = (sum(supported(word, one.words) for word in words) + len(keys & one.keys) for one in same)
        return bool(wanted) and all(count * 2 < wanted for count in held)

    @cached_property
    def request(self) -> dict[str, float]:
        """What the latest user message asks for."""
        asked = self.trajectory.last_user
        dry = not self.trajectory.fresh
        return {
            "ask.state": float(dry and bool(asking.STATE_ASKED.search(asked))),
            "ask.compute": float(bool(asking.COMPUTE_ASKED.search(asked))),
            "ask.general": float(bool(asking.ASKED_GENERAL.search(asked))),
            "ask.unread": float(dry and self.asked_unread),
            "ask.elliptic": float(dry and self.elliptic),
            "ask.next": float(dry and self.next_one),
        }

    def of(self, clause: Clause) -> dict[str, float]:
        """Whether what the clause is about was observed, and whether its acts were made."""
        words = token_set(normal(clause.text)) - GENERIC
        share = self._share(clause, words)
        signs = {"share.known": share}
        if "earlier" not in clause.moods or not self.good:
            signs |= self._matter(clause, words, share)
            signs |= self._act(clause)
            signs |= self._likeness(clause)
        return signs

    def _matter(self, clause: Clause, words: frozenset[str], share: float) -> dict[str, float]:
        """Whether only a tool that returned nothing, or only the request, speaks of what the clause tells."""
        signs: dict[str, float] = {}
        unread = words & self.unread_words
        if unread:
            signs["unread.word"] = math.log1p(len(unread)) * (1.2 - share)
        if words & self.topic_words and share <= 0.5:
            signs["topic.word"] = 1.0
        told = sum(one.kind == "number" for one in values_of(clause.text))
        if not told and self._told_empty(clause, words):
            signs["empty.told"] = 1.0
        return signs

    def _likeness(self, clause: Clause) -> dict[str, float]:
        """What holds of one thing told of another."""
        if self.trajectory.fresh or not (self.topic_words or self.trajectory.new_keys):
            return {}
        if asking.ALIKE.search(clause.text):
            return {"alike": 1.0}
        return {"too": 1.0} if _TOO.search(clause.text) else {}

    def _share(self, clause: Clause, words: frozenset[str]) -> float:
        """The share of a clause's words and values that calls, observations or the system text hold."""
        trajectory = self.trajectory
        values = values_of(clause.text)
        held = sum(supported(word, self._known_words) for word in words)
        held += sum(not trajectory.observed_keys.isdisjoint(one.keys) for one in values)
        return held / max(1, len(words) + len(values))

    @cached_property
    def _known_words(self) -> frozenset[str]:
        return self.trajectory.observed_words | self.trajectory.system_words

    def _act(self, clause: Clause) -> dict[str, float]:
        """Acts of a class that an offered tool does, and consequences of acts, that no observation tells."""
        trajectory = self.trajectory
        if not any(card.writes for card in trajectory.tools):
            return {}
        signs: dict[str, float] = {}
        after = CONSEQUENCE.search(clause.text)
        if after is not None:
            told = token_set(normal(after[0]))
            held = any(supported(word, seen.body.words) for seen in trajectory.fresh for word in told)
            if not held and not is_told(after[0], trajectory):
                signs["consequence.unbacked"] = 1.0
        if _UNDONE.search(clause.text) and not re.search("已|了$", clause.text):
            return signs
        for claim in claims_of(clause.text):
            if _BY.match(clause.text, claim.end):
                continue
            if not self._made(claim.acts, claim.verb, clause):
                signs["act.class.unbacked" if claim.acts else "act.some.unbacked"] = 1.0
        return signs

    def _made(self, acts: frozenset[str], verb: str, clause: Clause) -> bool:
        """Whether a successful call did an act of these classes, or an observation tells it as a state."""
        trajectory = self.trajectory
        cards = [card for card in trajectory.tools if card.writes]
        names = {card.name for card in cards if acts_of_tool(card.name, card.about) & acts}
        writers = {card.name for card in cards}
        wrote = [seen for seen in self.good if seen.tool in writers]
        now = any(seen.turn == trajectory.turn for seen in wrote)
        if not acts or ANY_ACT.fullmatch(verb):
            if now:
                return True
        elif not names:
            return True  # no offered tool does this: it is no claim of a tool's act
        else:
            keys = keys_of(clause.text)
            made = [seen for seen in wrote if seen.tool in names]
            if any(seen.turn == trajectory.turn or not keys or keys & seen.keys for seen in made):
                return True
        told = (seen for seen in trajectory.fresh if not seen.body.failed)
        if acts and any(acts & acts_of(seen.body.text[:600]) for seen in told):
            return True
        words = token_set(normal(verb))
        return bool(words) and all(supported(word, trajectory.observed_words) for word in words)

    def _told_empty(self, clause: Clause, words: frozenset[str]) -> bool:
        """Whether a record that the clause names has no, null or false for what the clause tells of it."""
        if lex.NEGATION.search(clause.text) or clause.kind != "prose" or not words:
            return False
        plain = normal(clause.text)
        for seen in reversed(self.good[-8:]):
            for entry in seen.body.entries[:40]:
                empty = [name for name, value in entry.fields if value.strip("'\" ").lower() in _NOTHING]
                empty = [field for field in empty if self._names(field, words) and not self._held(field, plain)]
                if not empty:
                    continue
                named = [normal(value) for _, value in entry.fields if len(value) > 1 and not _NUMBER.fullmatch(value)]
                if any(value in plain for value in named if value not in _NOTHING):
                    return True
                if seen is self.trajectory.observations[-1] and entry is seen.body.entries[0] and self._fresh(seen):
                    return True
        return False

    def _held(self, field: str, plain: str) -> bool:
        """Whether some record holds in that field what a text tells."""
        told = (
            value
            for seen in self.good[-8:]
            for entry in seen.body.entries[:40]
            for name, value in entry.fields
            if name == field
        )
        return any(len(value) > 1 and normal(value) in plain for value in told if value.lower() not in _NOTHING)

    def _fresh(self, seen: Observation) -> bool:
        return seen.turn == self.trajectory.turn

    def _names(self, field: str, words: frozenset[str]) -> bool:
        parts = token_set(normal(re.sub(r"(?<=[a-z])(?=[A-Z])|[_.\-]", " ", field)))
        return bool(parts) and all(
            supported(part, words) or any(len(part) > 3 and word.startswith(part) for word in words) for part in parts
        )


_NEXT = re.compile(
    r"^\W*(?:and|what about|how about)\b|\b(?:too|as well|also)\W*$|呢\W*$|^\W*也",
    re.IGNORECASE,
)
_UNDONE = re.compile(r"\b(?:not|never|no|cannot)\b|n['’]t\b|没|未|无法|失败", re.IGNORECASE)
_BY = re.compile(r"\s+by\b", re.IGNORECASE)
_TOO = re.compile(r"\b(?:too|as well|also|both|again)\b|也|均|都", re.IGNORECASE)
_NOTHING = frozenset(["null", "none", "false", "0", "", "[]", "{}", "-", "no", "无", "否", "没有", "空"])
_NUMBER = re.compile(r"[\d\W]+")
