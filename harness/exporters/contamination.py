"""What an evaluation suite holds must not be trained on: equal cases, near-duplicates, shared entities."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.alike import Index, wording
from harness.suite import UserTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.jsonvalue import JsonValue
    from harness.suite import Case, Suite

Rule: TypeAlias = Literal["same_decision", "near_duplicate", "shared_entity"]

NEAR, WITHIN = 0.5, 0.6
"""Near-duplicate: so much of what two cases' users say is said in both; or so much of what those of one say in the other."""
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
    """Knows what an evaluation suite holds."""

    def __init__(self, suite: Suite) -> None:
        self._suite = suite.name
        self._digests = {decision.digest: decision.case_id for decision in reversed(suite.decisions)}
        self._entities = {entity: case.id for case in reversed(suite.cases) for entity in entities(case)}
        said = {case.id: wording(case) for case in suite.cases}
        self._said = Index(Counter(piece for pieces in said.values() for piece in pieces), NEAR, WITHIN)
        for name, pieces in said.items():
            self._said.add(name, pieces)

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
                return Found(case.id, "same_decision", self._suite, self._digests[digest], f"digest {digest[:16]}")
        near = self._said.nearest(wording(case))
        if near is not None:
            told = f"{near.share:.0%} of the users' words in common"
            if near.share < NEAR:
                told = f"one holds {near.held:.0%} of the other"
            return Found(case.id, "near_duplicate", self._suite, near.name, told)
        shared = sorted(entity for entity in entities(case) if entity in self._entities)
        if shared:
            against = self._entities[shared[0]]
            return Found(case.id, "shared_entity", self._suite, against, ", ".join(shared[:5]))
        return None


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
