"""A longer past: another conversation of the suite stands before the case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.stress.draft import Draft
from harness.stress.talking import put_before, talk_before
from harness.suite import ExpectTurn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from harness.suite import Case

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.:/@-]*[A-Za-z0-9])?", re.ASCII)
_TIME = re.compile(r"\d{1,4}[-:.]\d\d\b|\d{1,4}(?:ms|[smhdw%])?$")
_DOTTED = re.compile(r"[A-Za-z]{2}[.]|[.][A-Za-z]{2}")
_MOST_TURNS, _MOST_TRIED, _TALKS = 24, 100, 6


def deeper_history(draft: Draft, chance: Random) -> None:
    """A conversation about other things, with the same system text and tools, comes first; its decisions count too.

    Where the suite has none, it is small talk of several turns.
    """
    own, system = set(_entities(draft)), draft.case.get("system")
    others = [case for case in draft.others if case.system == system and case.id != draft.case["id"]]
    for other in chance.sample(others, min(len(others), _MOST_TRIED)):
        begun = _begun(other)
        if begun is None:
            continue
        earlier = Draft.of(begun, [])
        if other.tools is None:
            earlier.case["tools"] = list(draft.all_keys)
        alike = earlier.language == draft.language and [*earlier.offers] == [draft.case["tools"]]
        if alike and own.isdisjoint(_entities(earlier)):
            put_before(draft, earlier.turns)
            return
    talk_before(draft, chance, _TALKS)


def _begun(case: Case) -> Case | None:
    """A case up to an answer, so that another may follow: as much of it as is not too long."""
    answered = [index for index, turn in enumerate(case.turns) if isinstance(turn, ExpectTurn) and turn.answer]
    end = max((index for index in answered if index < _MOST_TURNS), default=None)
    return None if end is None else case.model_copy(update={"turns": case.turns[: end + 1]})


def _entities(draft: Draft) -> Iterator[str]:
    """What could be one thing in both conversations: names with digits or signs, but no times and small numbers."""
    for text in (*draft.said[draft.case.get("system") is not None :], *draft.arguments()):
        for word in _NAME.findall(text):
            if _TIME.match(word):
                continue
            if any(letter.isdigit() for letter in word) or "@" in word or _DOTTED.search(word):
                yield word.lower()
