"""Which of English and Chinese a text is in, where that is clear."""

from __future__ import annotations

import re
from typing import Literal

_HAN = re.compile(r"[\u4e00-\u9fff]")
_LATIN_WORD = re.compile(r"(?<![\w.@/-])[A-Za-z][a-z']+(?![\w@/-]|\.\w)")
"""A word as it is spoken: no identifier, no address."""
_SURE = 0.8


def language_of(text: str) -> Literal["en", "zh"] | None:
    """`en` or `zh`; None where a text holds neither, or much of both."""
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    if not han + latin:
        return None
    return "zh" if han >= _SURE * (han + latin) else "en" if latin >= _SURE * (han + latin) else None
