"""What is said around the matter in hand: manners, haste, white space, small talk, retrieved fragments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness.stress.draft import mentions
from harness.stress.material import FRAGMENTS, GREETINGS, HURRIES, RETRIEVED, SMALL_TALK

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from harness.stress.draft import Draft

_SENTENCE_END = re.compile(r"(?<=[.!?])[ ](?=[A-Z])|(?<=[。！？])(?=[^\s”’」』）)])")
_QUOTES = "\"'`“”‘’「」『』«»"
_TALKS = 2
_MOST_FRAGMENTS = 3


def polite_users(draft: Draft, chance: Random) -> None:
    """Each message of the user begins with a politeness, on a line of its own."""
    greetings = GREETINGS[draft.language]
    _each_user(draft, lambda text: f"{chance.choice(greetings)}\n\n{text}")


def hurried_users(draft: Draft, chance: Random) -> None:
    """Each message of the user begins with a word of haste, on a line of its own."""
    hurries = HURRIES[draft.language]
    _each_user(draft, lambda text: f"{chance.choice(hurries)}\n\n{text}")


def whitespace_noise(draft: Draft, _: Random) -> None:
    """White space between sentences and around messages of the user; none inside what an argument could quote."""
    kept = [text for text in draft.arguments() if text.strip()]

    def noisy(text: str) -> str:
        if not any(quote in text for quote in _QUOTES) and not any("\n" in value for value in kept):
            changed = _SENTENCE_END.sub("\n   ", text)
            # An argument may be the user's own words: they must still stand there as they were.
            if all(value in changed for value in kept if value in text):
                text = changed
        return f"  {text} \n\n"

    _each_user(draft, noisy)


def _each_user(draft: Draft, change: Callable[[str], str]) -> None:
    for turn in draft.turns:
        if "user" in turn:
            turn["user"] = change(turn["user"])


def small_talk(draft: Draft, chance: Random) -> None:
    """The conversation begins with small talk; answering it is a decision more."""
    talk_before(draft, chance, _TALKS)


def talk_before(draft: Draft, chance: Random, exchanges: int) -> None:
    """Puts so many exchanges of small talk at the beginning of the script."""
    talk = SMALL_TALK[draft.language]
    put_before(draft, [turn for pair in chance.sample(talk, exchanges) for turn in _exchange(*pair)])


def _exchange(said: str, answer: str) -> list[dict[str, Any]]:
    return [{"user": said}, {"expect": {"no_call": True, "min_words": 2}, "answer": answer}]


def put_before(draft: Draft, turns: list[dict[str, Any]]) -> None:
    """Puts turns at the beginning of the script."""
    draft.case["turns"] = [*turns, *draft.turns]


def rag_noise(draft: Draft, chance: Random) -> str | None:
    """Fragments of unrelated documents stand before the user's first message, as a retrieval would put them there."""
    texts = [*draft.said, *draft.arguments(), *(function.get("description", "") for function in draft.functions)]
    free = [told[draft.language] for words, told in FRAGMENTS if not mentions(texts, words)]
    if not free:
        return "it comes near the field of every fragment"
    chosen = chance.sample(free, min(len(free), _MOST_FRAGMENTS))
    fragments = "\n".join(f"[{number}] {text}" for number, text in enumerate(chosen, 1))
    first = next(turn for turn in draft.turns if "user" in turn)
    first["user"] = f"{RETRIEVED[draft.language]}\n{fragments}\n\n{first['user']}"
    return None
