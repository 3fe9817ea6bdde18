"""Tags: those by which numbers are sliced are there, and say what is so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.lint.findings import Remark
from harness.scorers.quality import count_words
from harness.suite import STRESS, UserTurn, language_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.lint.views import CaseView
    from harness.suite import Case

CONTEXTS = {"short": (0, 300), "medium": (300, 1000), "long": (1000, 10**9)}
"""Words of the longest history of a case: from, and to less than."""
_LEEWAY = 0.2
_FENCES = {
    "xml": re.compile(r"\s*<[A-Za-z?!]"),
    "markdown": re.compile(r"^\s*(?:\||#|[-*] |\d+\. )|\*\*|`", re.MULTILINE),
    "csv": re.compile(r"^[^\n]*[,;\t][^\n]*$", re.MULTILINE),
}


def tags(case: CaseView) -> Iterator[Remark]:
    """`language` and `kind` are there; language, format of observations and size of context are what the tags say."""
    given = case.case.tags
    for name in ("language", "kind"):
        if name not in given:
            yield Remark(case.case.id, "/tags", f"the tag {name!r} is missing; write it: numbers are sliced by it")
    found = {"language": _language(case.case)}
    if STRESS not in given:  # a variant keeps the tags of its case, to be counted beside it
        found |= {
            "observation_format": _format(case, given.get("observation_format", "")),
            "context": _context(case, given.get("context", "")),
        }
    for name, should in found.items():
        if name in given and should is not None and given[name] != should:
            yield Remark(
                case.case.id, f"/tags/{name}", f"says {given[name]!r}, but {_REASONS[name]} {should!r}; mend the tag"
            )


_REASONS = {
    "language": "the user's words are in",
    "observation_format": "the observations are",
    "context": "the longest history of a decision is",
}


def _language(case: Case) -> str | None:
    """`en` or `zh`, where the tag says one of the two and the user's words are clearly in one of the two."""
    if case.tags.get("language") not in ("en", "zh"):
        return None
    return language_of("\n".join(turn.user for turn in case.turns if isinstance(turn, UserTurn)))


def _format(case: CaseView, said: str) -> str | None:
    """What the observations are, where the tag is surely wrong: JSON or none at all can be told, most others cannot."""
    seen = [text for point in case.points for text in point.turn.observations or ()]
    if not seen:
        return "none"
    in_json = sum(map(jsonvalue.is_container, seen))
    if said == "none":
        return "json" if in_json == len(seen) else "mixed"
    if said == "json":
        return None if in_json else "mixed"
    if in_json == len(seen) and said not in ("mixed", "json"):
        return "json"
    fence = _FENCES.get(said)
    return "mixed" if fence is not None and not any(map(fence.match if said == "xml" else fence.search, seen)) else None


def _context(case: CaseView, said: str) -> str | None:
    """The size of the longest history, where it is clearly another than the tag says."""
    if said not in CONTEXTS:
        return None
    words = sum(map(_words_of, case.points[-1].decision.messages)) if case.points else 0
    least, most = CONTEXTS[said]
    if least * (1 - _LEEWAY) <= words < most * (1 + _LEEWAY):
        return None
    return next(name for name, (low, high) in CONTEXTS.items() if low <= words < high)


def _words_of(message: dict[str, Any]) -> int:
    """Words of a message, its calls and their arguments among them."""
    calls = [call["function"] for call in message.get("tool_calls") or ()]
    made = [f"{call['name']} {call['arguments']}" for call in calls]
    return count_words("\n".join([message.get("content") or "", *made]))
