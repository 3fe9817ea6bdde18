"""The closed lists of markup: what opens a call in any known dialect, what must never reach a user.

The lists are data (`markup.json`); `harness markup` prints them.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple


class Markup(NamedTuple):
    """The lists of `markup.json`, each a tuple of literal strings."""

    openings: tuple[str, ...]
    """Delimiters that open a call in some dialect."""
    closings: tuple[str, ...]
    inner: tuple[str, ...]
    results: tuple[str, ...]
    """Delimiters around tool results."""
    template: tuple[str, ...]
    """Role and sequence tokens of chat templates; `<|name|>` is recognised by its shape."""


@cache
def markup() -> Markup:
    """The lists, read once."""
    text = files("harness.dialects").joinpath("markup.json").read_text(encoding="utf-8")
    return Markup(**{key: tuple(values) for key, values in json.loads(text).items()})


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


THINK_OPEN = "<think>"
THINK_CLOSE = "</think>"
SHAPED = r"<\|[A-Za-z0-9_.\-]+\|>"

_OPENER = {">": "<", "]": "["}
_OPENINGS = frozenset(markup().openings)

OPENING = re.compile(_any_of(markup().openings))
"""Any delimiter that opens a call."""

STOP = re.compile(f"{re.escape(THINK_OPEN)}|{re.escape(THINK_CLOSE)}|{_any_of(markup().openings)}")
"""Where a reader of raw text must look: think tags and openings."""

LEAKED = re.compile(f"{SHAPED}|{_any_of(tuple(word for words in markup() for word in words))}")
"""Chat-template and special tokens that are a defect in text for a user."""

UNSAID = re.compile(f"{re.escape(THINK_OPEN)}|{re.escape(THINK_CLOSE)}|{LEAKED.pattern}")
"""Markup that says nothing to a user where it stands alone."""

SPECIAL = re.compile(f"{SHAPED}|{_any_of(markup().template)}")
"""Special tokens of templates: no text."""


@lru_cache(maxsize=256)
def _ends_generation(token: str) -> bool:
    return SPECIAL.fullmatch(token) is not None and token not in _OPENINGS


def without_final_tokens(text: str) -> int:
    """The index at which the special tokens that end a generation begin; the length where there are none.

    A token that opens a call ends nothing: a call was begun and broken off.
    """
    end = len(text)
    kept = _before_space(text, end)
    while kept and (opener := _OPENER.get(text[kept - 1])):
        start = text.rfind(opener, 0, kept)
        if start < 0 or not _ends_generation(text[start:kept]):
            break
        end = start
        kept = _before_space(text, end)
    return end


def _before_space(text: str, end: int) -> int:
    while end and text[end - 1].isspace():
        end -= 1
    return end
