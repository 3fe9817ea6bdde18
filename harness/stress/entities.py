"""Other identifiers for the same things, the same everywhere in a case."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from harness.stress.draft import mentions

if TYPE_CHECKING:
    from random import Random

    from harness.stress.draft import Draft

IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_\-./:@])([A-Za-z]{1,8})([-_#])(\d{3,9})(?![\w]|[-./:@]\w)")
"""Letters, a sign, at least three digits, and nothing more on either side."""
_STANDARDS = frozenset(
    ("sha", "aes", "rsa", "iso", "rfc", "utf", "http", "tcp", "udp", "cve", "kb", "din", "en", "iec")
)
_BY_DIGITS = ("ending", "ends in", "last digits", "last digit", "last two", "last three", "last four", "first digits")
_BY_DIGITS_ZH = ("结尾", "尾号", "末尾", "后两位", "后三位", "后四位", "末位", "最后几位", "开头的编号")


def rename_entities(draft: Draft, chance: Random) -> str | None:
    """Identifiers that an argument holds, and all of their kind, get other numbers of as many digits.

    Their order stays as it was. A kind whose numbers also stand alone, or are part of something longer, is left as it is.
    """
    texts = [*draft.said, *draft.arguments()]
    if mentions(draft.said, (*_BY_DIGITS, *_BY_DIGITS_ZH)):
        return "the conversation speaks of an identifier's digits"
    if any("regex" in rule for call in draft.calls for rule in call.get("match", {}).values()):
        return "a pattern is declared for an argument"
    wanted = {(match[1], match[2]) for text in draft.arguments() for match in IDENTIFIER.finditer(text)}
    kinds: defaultdict[tuple[str, str, int], set[str]] = defaultdict(set)
    for text in texts:
        for match in IDENTIFIER.finditer(text):
            if (match[1], match[2]) in wanted and match[1].lower() not in _STANDARDS:
                kinds[match[1], match[2], len(match[3])].add(match[3])
    whole = "\n".join(texts)
    names: dict[str, str] = {}
    for (letters, sign, digits), numbers in kinds.items():
        if not any(_stands_otherwise(letters + sign, number, whole) for number in numbers):
            new = sorted(chance.sample(range(10 ** (digits - 1), 10**digits), len(numbers)))
            pairs = zip(sorted(numbers), new, strict=True)
            names |= {f"{letters}{sign}{number}": f"{letters}{sign}{other}" for number, other in pairs}
    if not names:
        return "no argument holds an identifier that can be changed for sure"
    known = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, names))})(?![0-9])")

    def change(text: str) -> str:
        return known.sub(lambda match: names[match[0]], text)

    draft.rewrite(change)
    draft.rewrite_arguments(change)
    return None


def _stands_otherwise(prefix: str, number: str, whole: str) -> bool:
    """Whether a number also stands without its letters, or its identifier inside a longer word."""
    alone = re.search(rf"(?<![0-9]){number}(?![0-9])", whole.replace(prefix + number, ""))
    longer = re.search(rf"[A-Za-z0-9]{re.escape(prefix)}{number}|{re.escape(prefix)}{number}[0-9A-Za-z_]", whole)
    return bool(alone or longer)
