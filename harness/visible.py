"""Text that others wrote, fit to be shown: on a screen, in a log, on a page.

What models, servers and files say is hostile input. Control characters and escape sequences would move the cursor, set
titles and clipboards or hide lines; overrides of direction and characters without width would show one text and hold
another. All of them are made visible.
"""

from __future__ import annotations

import re

_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, C1 ones too; tab and line feed stay
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, overrides and isolates of direction
    "\u00ad\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # no width; what joins emoji and letters (200c, 200d) stays
    "\u2028\u2029\ud800-\udfff\U000e0000-\U000e007f]"  # line ends to some readers only, halves of characters, tags
)


def visible(text: str) -> str:
    r"""Text in which hostile characters are shown as `\uXXXX`; tabs and line feeds stay."""
    return _HOSTILE.sub(_shown, text)


def visible_json(text: str) -> str:
    """JSON in which hostile characters are escaped: to a program the same, and fit for a screen."""
    return _HOSTILE.sub(_escaped, text)


def one_line(text: str) -> str:
    """The same on one line, blanks folded: for what must not look like a line of its own."""
    return visible(" ".join(text.split()))


def unbroken(text: str) -> str:
    """The same on one line, blanks as they are: for commands to type."""
    return visible(" ".join(text.splitlines()))


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escaped(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
