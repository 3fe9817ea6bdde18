"""A number told right after a field's own label: `returned is 57`, `件数是63`.

Nothing binds a value closer to a field than its label before it. A number told so which no record holds under that label,
not even rounded, is another one, whatever else it could be worked out from.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from harness.scorers.fabrication import lexicon as lex
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property

if TYPE_CHECKING:
    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.fields import Fields

_TOLD = r"\s?(?:is|was|are|were|at|of|[:：=是为])\s?(-?\d{1,12}(?:\.\d{1,6})?)(?![\d.,:/\-]?\d)"
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_LETTERED = re.compile(r"[a-z]{3}|[\u4e00-\u9fff]{2}")


class Labels:
    """Holds numbers told beside a label against what the records hold under it."""

    def __init__(self, fields: Fields) -> None:
        self._fields = fields

    def of(self, clause: Clause) -> dict[str, float]:
        """The sign of a clause."""
        if clause.kind != "prose" or not self._held or lex.DERIVING.search(clause.text):
            return {}
        plain = normal(clause.text)
        if not any(map(plain.__contains__, self._held)):
            return {}
        for match in self._pattern.finditer(plain):
            told, held = Decimal(match[2]), self._held[match[1]]
            places = len(match[2].partition(".")[2])
            if not any(round(one, places) == told for one in held):
                return {"label.other": 1.0}
        return {}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        labels = "|".join(re.escape(label) for label in sorted(self._held, key=len, reverse=True))
        return re.compile(rf"(?<![a-z\u4e00-\u9fff])({labels}){_TOLD}")

    @cached_property
    def _held(self) -> dict[str, list[Decimal]]:
        """The numbers under each label that holds nothing else, over all records."""
        return {
            label: [Decimal(field.value) for field in fields]
            for label, fields in self._fields.labelled.items()
            if _LETTERED.search(label) and all(_NUMBER.fullmatch(field.value) for field in fields)
        }
