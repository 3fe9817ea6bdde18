"""What an evaluation suite holds must not be trained on: equal cases, near-duplicates, shared entities."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.suite import UserTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.jsonvalue import JsonValue
    from harness.suite import Case, Suite

Rule: TypeAlias = Literal["same_decision", "near_duplicate", "shared_entity"]

NEAR, WITHIN = 0.6, 0.8
"""Near-duplicate: so much of what two cases' users say together is said in both; or so much of the shorter one's."""
_SHINGLE, _LEAST_WITHIN, _MOST_LOOKED_AT = 6, 60, 20
"""Letters in a row that are compared; how many such pieces the shorter case needs to count as held by the other; and
how many cases, those with most in common first, are looked at."""
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.:/@#-]*[A-Za-z0-9])?", re.ASCII)
_TIME = re.compile(r"\d{1,4}[-:.]\d\d\b|\d{1,2}[-:./]\d{1,2}[-:./]")
_UNIT = re.compile(r"v?\d+(?:\.\d+){0,2}[A-Za-z%]{0,3}|[A-Za-z]\d{0,2}")
_DOTTED = re.compile(r"[A-Za-z]{2}\.|\.[A-Za-z]{2}")
_DIGITS = re.compile(r"\d{5,}")


class Found(NamedTuple):
    """A case that must not be exported, and what it shares with a case of an evaluation suite."""

    case: str
    rule: Rule
    suite: str
    against: str
    """The evaluation suite's case."""
    detail: str


class Guard:
    """Knows what evaluation suites hold."""

    def __init__(self, suites: Iterable[Suite]) -> None:
        self._digests: dict[str, tuple[str, str]] = {}
        self._entities: dict[str, tuple[str, str]] = {}
        self._cases: list[tuple[str, str, frozenset[str]]] = []
        for suite in suites:
            for decision in suite.decisions:
                self._digests.setdefault(decision.digest, (suite.name, decision.case_id))
            for case in suite.cases:
                for entity in entities(case):
                    self._entities.setdefault(entity, (suite.name, case.id))
                self._cases.append((suite.name, case.id, shingles(case)))
        self._count = Counter(piece for *_, pieces in self._cases for piece in pieces)
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        self._rarest: defaultdict[str, list[int]] = defaultdict(list)
        for place, (*_, pieces) in enumerate(self._cases):
            for piece in pieces:
                self._holding[piece].append(place)
            for piece in self._first(pieces, WITHIN):
                self._rarest[piece].append(place)

    def found(self, suite: Suite) -> dict[str, Found]:
        """The cases of a suite that must not be exported, each with the first rule that says so."""
        digests: defaultdict[str, list[str]] = defaultdict(list)
        for decision in suite.decisions:
            digests[decision.case_id].append(decision.digest)
        checked = ((case, self._check(case, digests[case.id])) for case in suite.cases)
        return {case.id: found for case, found in checked if found is not None}

    def _check(self, case: Case, digests: Iterable[str]) -> Found | None:
        for digest in digests:
            if digest in self._digests:
                return Found(case.id, "same_decision", *self._digests[digest], f"digest {digest[:16]}")
        if (near := self._near(case)) is not None:
            return near
        shared = sorted(entity for entity in entities(case) if entity in self._entities)
        if shared:
            return Found(case.id, "shared_entity", *self._entities[shared[0]], ", ".join(shared[:5]))
        return None

    def _near(self, case: Case) -> Found | None:
        pieces = shingles(case)
        places = {place for piece in self._first(pieces, NEAR) for place in self._holding.get(piece, ())}
        places |= {place for piece in pieces for place in self._rarest.get(piece, ())}
        shared = {place: len(pieces & self._cases[place][2]) for place in places}
        for place in sorted(shared, key=lambda place: (-shared[place], place))[:_MOST_LOOKED_AT]:
            suite, other, held = self._cases[place]
            alike, smaller = shared[place] / len(pieces | held), min(len(pieces), len(held))
            if alike >= NEAR:
                return Found(case.id, "near_duplicate", suite, other, f"{alike:.0%} of the users' words in common")
            if smaller >= _LEAST_WITHIN and shared[place] >= WITHIN * smaller:
                detail = f"one holds {shared[place] / smaller:.0%} of the other"
                return Found(case.id, "near_duplicate", suite, other, detail)
        return None

    def _first(self, pieces: frozenset[str], share: float) -> list[str]:
        """So many of the rarest pieces that whatever holds this share of all pieces holds one of them.

        Only where these occur anything needs a look (prefix filtering: S. Chaudhuri, V. Ganti and R. Kaushik, "A
        primitive operator for similarity joins in data cleaning", ICDE 2006).
        """
        ordered = sorted(pieces, key=lambda piece: (self._count[piece], piece))
        return ordered[: len(ordered) - math.ceil(share * len(ordered) - 1e-9) + 1]


def shingles(case: Case) -> frozenset[str]:
    """What the users of a case say in pieces of a few letters; numbers count alike, case and spacing do not count."""
    found: set[str] = set()
    for turn in case.turns:
        if isinstance(turn, UserTurn):
            text = re.sub(r"[\W_]+", " ", re.sub(r"\d+", "0", turn.user.casefold())).strip()
            found |= {text[start : start + _SHINGLE] for start in range(max(1, len(text) - _SHINGLE + 1))}
    return frozenset(found)


def entities(case: Case) -> set[str]:
    """Names in the expected arguments of a case that mean one thing: ids, hosts, accounts, addresses; no times, amounts."""
    found: set[str] = set()
    for turn in case.turns:
        if not isinstance(turn, UserTurn):
            for call in turn.expect.calls or ():
                found |= {name for text in _texts(call.arguments) for name in names_in(text)}
    return found


def names_in(text: str) -> Iterator[str]:
    """The names in a text, in lower case."""
    for word in _NAME.findall(text):
        if _TIME.match(word) or (_UNIT.fullmatch(word) and not _DIGITS.search(word)):
            continue
        if any(letter.isdigit() for letter in word) or "@" in word or _DOTTED.search(word):
            yield word.lower()


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**5:
        yield str(value)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
