"""A toy tokenizer: one token a code point, special tokens above the last of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Detokenizing: TypeAlias = Literal["exact", "spacing", "absent"]
"""`exact` joins the tokens' texts. `spacing` puts a space after each special token that is not the last
of the ids, as some tokenizers do, so that joined ids do not decode to joined texts. `absent`: no endpoint."""

FIRST_SPECIAL = 0x110000
SPECIAL = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
)
_PARTS = re.compile("(" + "|".join(re.escape(word) for word in SPECIAL) + ")")


def encode(text: str) -> list[int]:
    """The tokens of a text; special tokens are recognised wherever they stand."""
    ids: list[int] = []
    for number, part in enumerate(_PARTS.split(text)):
        ids += [FIRST_SPECIAL + SPECIAL.index(part)] if number % 2 else map(ord, part)
    return ids


def decode(ids: Sequence[int], how: Detokenizing = "exact") -> str:
    """The text of tokens; unknown ones have none."""
    parts = []
    for number, token in enumerate(ids):
        if token < FIRST_SPECIAL:
            parts.append(chr(token))
        elif token - FIRST_SPECIAL < len(SPECIAL):
            gap = " " if how == "spacing" and number + 1 < len(ids) else ""
            parts.append(SPECIAL[token - FIRST_SPECIAL] + gap)
    return "".join(parts)
