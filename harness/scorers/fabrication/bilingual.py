"""Patterns of English and Chinese wording, of which a text without Chinese is searched for the English part only.

An engine that tries some dozens of alternatives at every character of a text takes several times as long as one that
tries a few, and most texts are all English.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.scorers.fabrication.once import cached_property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HAN = re.compile("[\u4e00-\u9fff]")
_NOTHING = "(?!)"


class Bilingual:
    """Alternatives, each all English or all Chinese: one that has a Chinese character matches no text without any."""

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns

    # Both are made when first asked for: a run's first request waits for no pattern of the detector.
    @cached_property
    def _whole(self) -> re.Pattern[str]:
        # An English word ends at a Chinese character too: `写的mock`.
        scoped = (pattern if _HAN.search(pattern) else f"(?a:{pattern})" for pattern in self._patterns)
        return re.compile("|".join(scoped), re.IGNORECASE)

    @cached_property
    def _english(self) -> re.Pattern[str]:
        english = [pattern for pattern in self._patterns if not _HAN.search(pattern)]
        return re.compile("|".join(english) or _NOTHING, re.IGNORECASE | re.ASCII)  # only ASCII texts meet it

    def _for(self, text: str) -> re.Pattern[str]:
        return self._english if text.isascii() else self._whole

    def search(self, text: str) -> re.Match[str] | None:
        """The first match, or None."""
        return self._for(text).search(text)

    def match(self, text: str) -> re.Match[str] | None:
        """The match at the start, or None."""
        return self._for(text).match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """The match of the whole text, or None."""
        return self._for(text).fullmatch(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Every match, in order."""
        return self._for(text).finditer(text)

    def sub(self, new: str | Callable[[re.Match[str]], str], text: str) -> str:
        """The text with every match replaced."""
        return self._for(text).sub(new, text)
