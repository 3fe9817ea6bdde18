"""Response quality: format trouble that a user would see, whatever the answer says."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from harness.dialects.markup import LEAKED, THINK_CLOSE, THINK_OPEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.dialects import Scan
    from harness.records import PromptThink

_SINGLE = (
    "\u3005\u3007\u3021-\u3029\u3038-\u303b\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9d\U0001b000-\U0001b16f"  # kana
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7a3\ud7b0-\ud7fb\uffa1-\uffdc"  # Hangul
)
_WORD = re.compile(rf"[{_SINGLE}]|[^\s{_SINGLE}]+")
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_LIST_ROW = re.compile(r"\s*(?:[-*+•·]|\d+[.)、）]|[(（]\d+[)）])\s*\S")
_FENCE = re.compile(r"\s*(?:```|~~~)")

MAX_UNIT = 200
"""Longest repeated unit, in characters, that is looked for inside lines."""
MIN_UNIT_TEXT = 4
"""Characters that are no white space which a repeated unit must hold."""
PUNCTUATION_RUN = 100
"""Equal punctuation characters in a row that count as a repeated ending."""
ROW_COPIES = 10
"""Equal rows of a list, table or fence that count as a repeated ending."""


def count_words(text: str) -> int:
    """Words of a text: runs of non-white space with a letter or digit; Han, kana, Hangul characters one each."""
    return sum(1 for match in _WORD.finditer(text) if _LETTER_OR_DIGIT.search(match[0]))


def leaked_markup(text: str, quoted: str) -> bool:
    """Whether `text` holds template or special tokens that the user did not write first."""
    return any(True for _ in leaks(text, quoted))


def leaks(text: str, quoted: str) -> Iterator[tuple[int, int]]:
    """Where `text` holds such tokens."""
    known: dict[str, bool] = {}
    for match in LEAKED.finditer(text):
        token = match[0]
        if token not in known:
            known[token] = token in quoted
        if not known[token]:
            yield match.span()


def think_mismatch(scan: Scan, prompt_think: PromptThink, quoted: str) -> bool:
    """Whether the think tags of raw text fail to pair, given what the chat template already opened or closed.

    A tag that a user message holds may be counted or ignored; a mismatch is one under every reading.
    """
    if not scan.tags:
        return prompt_think == "open"
    optional = {True: THINK_OPEN in quoted, False: THINK_CLOSE in quoted}
    if prompt_think == "closed":
        return any(not optional[opens] for _, opens in scan.tags)
    inside = {prompt_think == "open"}
    for _, opens in scan.tags:
        after = {opens} if (not opens) in inside else set()
        inside = after | (inside if optional[opens] else set())
    return False not in inside


def repeated_ending(text: str) -> bool:
    """Whether the text ends in a unit repeated four or more times (a cut last copy allowed)."""
    text = text.rstrip()
    if len(text) < 4:
        return False
    last = text[-1]
    run = len(text) - len(text.rstrip(last))
    if _is_punctuation(last) and run >= PUNCTUATION_RUN:
        return True
    return _repeated_unit(text) or _repeated_line(text)


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _repeated_unit(text: str) -> bool:
    """A unit of up to 200 characters: the text's end has a period, three and a half units long at least."""
    tail, end = text[-MIN_UNIT_TEXT:], len(text) - 1
    found = text.rfind(tail, max(0, len(text) - MAX_UNIT - MIN_UNIT_TEXT), end)
    while found >= 0:
        period = len(text) - MIN_UNIT_TEXT - found
        if period > MAX_UNIT:
            return False
        length = _periodic_length(text, period)
        if 2 * length >= 7 * period and _counts(text, period, length):
            return True
        found = text.rfind(tail, max(0, len(text) - MAX_UNIT - MIN_UNIT_TEXT), found + MIN_UNIT_TEXT - 1)
    return False


def _periodic_length(text: str, period: int) -> int:
    """How many characters at the end of `text` repeat with this period."""
    unit = text[-period:]
    copies = 1
    while text.endswith(unit, 0, len(text) - copies * period):
        copies += 1
    length = copies * period
    rest = text[max(0, len(text) - length - period) : len(text) - length]
    extra = 0
    while extra < len(rest) and rest[-1 - extra] == unit[-1 - extra]:
        extra += 1
    return length + extra


def _counts(text: str, period: int, length: int) -> bool:
    unit = text[-period:]
    if sum(not character.isspace() for character in unit) < MIN_UNIT_TEXT:
        return False
    if len(set(unit)) == 1 and _is_punctuation(unit[0]):
        return False  # a run of one punctuation character has a threshold of its own
    if "\n" in unit and _are_rows(text, len(text) - length):
        return 2 * length >= (2 * ROW_COPIES - 1) * period
    return True


def _are_rows(text: str, start: int) -> bool:
    """Whether every whole line from `start` on is a row of a list, a table or an open fence."""
    begin = text.rfind("\n", 0, start) + 1
    lines = text[begin:].split("\n")
    if begin < start and len(lines) > 1:
        lines = lines[1:]
        begin = text.index("\n", start) + 1
    if sum(1 for line in text[:begin].split("\n") if _FENCE.match(line)) % 2:
        return True
    return all(_is_row(line) for line in lines[:-1] if line.strip()) and _may_be_row(lines[-1], lines)


def _is_row(line: str) -> bool:
    return bool(_LIST_ROW.match(line)) or line.lstrip().startswith("|") or line.count("|") >= 2


def _may_be_row(line: str, lines: list[str]) -> bool:
    """The last line, which may be cut: a row, or the beginning of one that stands above."""
    return _is_row(line) or any(other.startswith(line) for other in lines[:-1])


def _repeated_line(text: str) -> bool:
    """A whole line, of any length, four or more times in a row; the last copy may be cut at half or later."""
    head, _, last = text.rpartition("\n")
    if not head:
        return False
    line = head[head.rfind("\n") + 1 :]
    whole = last.rstrip() == line.rstrip()
    if not line.strip() or not (whole or (line.startswith(last) and 2 * len(last) >= len(line))):
        return False
    copies, row = 0, line + "\n"
    begin = len(head) + 1  # of the copies, each with its line feed
    while begin >= len(row) and text.startswith(row, begin - len(row)):
        copies, begin = copies + 1, begin - len(row)
    if begin and text[begin - 1] != "\n":
        copies, begin = copies - 1, begin + len(row)
    rest = text[:begin]
    in_fence = sum(1 for other in rest.split("\n") if _FENCE.match(other)) % 2 == 1
    return copies + 1 >= (ROW_COPIES if in_fence or _is_row(line) else 4)
