"""What an evaluation suite holds must not be trained on: equal cases, near-duplicates, shared entities."""

from __future__ import annotations

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
_SHINGLE, _LEAST_WITHIN = 6, 60
"""Letters in a row that are compared; and how many such pieces the shorter case needs to count as held by the other."""
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
        self._holding: defaultdict[int, list[int]] = defaultdict(list)
        self._cases: list[tuple[str, str, int]] = []
        for suite in suites:
            for decision in suite.decisions:
                self._digests.setdefault(decision.digest, (suite.name, decision.case_id))
            for case in suite.cases:
                for entity in entities(case):
                    self._entities.setdefault(entity, (suite.name, case.id))
                pieces = shingles(case)
                for piece in pieces:
                    self._holding[piece].append(len(self._cases))
                self._cases.append((suite.name, case.id, len(pieces)))

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
        shared: Counter[int] = Counter()
        for piece in pieces:
            shared.update(self._holding.get(piece, ()))
        for place, count in shared.most_common(5):
            suite, other, size = self._cases[place]
            alike, smaller = count / (len(pieces) + size - count), min(len(pieces), size)
            if alike >= NEAR:
                return Found(case.id, "near_duplicate", suite, other, f"{alike:.0%} of the users' words in common")
            if smaller >= _LEAST_WITHIN and count / smaller >= WITHIN:
                return Found(case.id, "near_duplicate", suite, other, f"one holds {count / smaller:.0%} of the other")
        return None


def shingles(case: Case) -> set[int]:
    """What the users of a case say in pieces of a few letters; numbers count alike, case and spacing do not count."""
    found: set[int] = set()
    for turn in case.turns:
        if isinstance(turn, UserTurn):
            text = re.sub(r"[\W_]+", " ", re.sub(r"\d+", "0", turn.user.casefold())).strip()
            found |= {hash(text[start : start + _SHINGLE]) for start in range(max(1, len(text) - _SHINGLE + 1))}
    return found


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
