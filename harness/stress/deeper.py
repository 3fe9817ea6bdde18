"""A longer past: another conversation of the suite stands before the case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.stress.draft import Draft, strings_in
from harness.stress.talking import put_before, talk_before
from harness.suite import ExpectTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

    from harness.suite import Case

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.:/@-]*[A-Za-z0-9])?", re.ASCII)
_TIME = re.compile(r"\d{1,4}[-:.]\d\d\b|\d{1,4}(?:ms|[smhdw%])?$")
_DOTTED = re.compile(r"[A-Za-z]{2}[.]|[.][A-Za-z]{2}")
_MOST_TURNS, _MOST_TRIED, _TALKS = 24, 100, 6


def deeper_history(draft: Draft, chance: Random) -> None:
    """A conversation about other things, with the same system text and tools, comes first; its decisions count too.

    Where the suite has none, or the case could take up something of it, it is small talk of several turns.
    """
    own, system = set(_entities(draft)), draft.case.get("system")
    others = [case for case in draft.others if case.system == system and case.id != draft.case["id"]]
    # What is not told must still be asked for: nothing earlier may seem to be meant.
    if draft.case.get("tags", {}).get("kind") == "missing_parameter" or not _begins_with_calls(draft):
        others = []
    general = {call["name"] for call in draft.calls if not any(map(_is_entity, _words(strings_in(call["arguments"]))))}
    for other in chance.sample(others, min(len(others), _MOST_TRIED)):
        begun = _begun(other)
        if begun is None:
            continue
        earlier = Draft.of(begun, [])
        if other.tools is None:
            earlier.case["tools"] = list(draft.all_keys)
        alike = earlier.language == draft.language and [*earlier.offers] == [draft.case["tools"]]
        answered = any(call["name"] in general for call in earlier.calls)
        if alike and not answered and own.isdisjoint(_entities(earlier)):
            put_before(draft, earlier.turns)
            return
    talk_before(draft, chance, _TALKS)


def _begun(case: Case) -> Case | None:
    """A case up to an answer, so that another may follow: as much of it as is not too long."""
    answered = [index for index, turn in enumerate(case.turns) if isinstance(turn, ExpectTurn) and turn.answer]
    end = max((index for index in answered if index < _MOST_TURNS), default=None)
    return None if end is None else case.model_copy(update={"turns": case.turns[: end + 1]})


def _begins_with_calls(draft: Draft) -> bool:
    """Whether what is wanted first is told in full."""
    return "calls" in next(turn["expect"] for turn in draft.turns if "expect" in turn)


def _entities(draft: Draft) -> Iterator[str]:
    """What could be one thing in both conversations."""
    texts = (*draft.said[draft.case.get("system") is not None :], *draft.arguments())
    return (word.lower() for word in _words(texts) if _is_entity(word))


def _words(texts: Iterable[str]) -> Iterator[str]:
    return (word for text in texts for word in _NAME.findall(text))


def _is_entity(word: str) -> bool:
    """Names with digits or signs, but no times and small numbers."""
    if _TIME.match(word):
        return False
    return any(letter.isdigit() for letter in word) or "@" in word or _DOTTED.search(word) is not None
