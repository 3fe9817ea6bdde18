"""What a text says anywhere in it: looked for once, however many of its clauses ask."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property

if TYPE_CHECKING:
    import re

    from harness.scorers.fabrication.bilingual import Bilingual


class Whole:
    """A text, and which patterns stand in it as far as was asked."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._found: dict[int, bool] = {}

    def holds(self, pattern: re.Pattern[str] | Bilingual) -> bool:
        """Whether a pattern, which must be a module's own, stands in the text."""
        key = id(pattern)  # a pattern's own hash reads all of its code
        if key not in self._found:
            self._found[key] = pattern.search(self.text) is not None
        return self._found[key]

    @cached_property
    def normal(self) -> Whole:
        """The text in normal form."""
        return Whole(normal(self.text))


@lru_cache(maxsize=256)
def whole(text: str) -> Whole:
    """A text to be asked."""
    return Whole(text)
