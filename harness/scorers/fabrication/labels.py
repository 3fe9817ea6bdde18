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
    from harness.scorers.fabrication.trajectory import Trajectory

_LATEST, _ROWS, _FIELDS = 8, 30, 24
_TOLD = re.compile(r"\s?(?:is|was|are|were|at|of|[:：=是为])\s?(-?\d{1,12}(?:\.\d{1,6})?)(?![\d.,:/\-]?\d)")
_NUMBER = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
_LETTERED = re.compile(r"[a-z]{3}|[\u4e00-\u9fff]{2}")
_LETTER = re.compile(r"[a-z\u4e00-\u9fff]$")


class Labels:
    """Holds numbers told beside a label against what the latest records hold under it."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    def of(self, clause: Clause) -> dict[str, float]:
        """The sign of a clause."""
        if clause.kind != "prose" or lex.DERIVING.search(clause.text):
            return {}
        plain = normal(clause.text)
        for match in _TOLD.finditer(plain):
            held = self._held.get(self._label_before(plain[: match.start()]), ())
            places = len(match[1].partition(".")[2])
            if held and not any(round(one, places) == Decimal(match[1]) for one in held):
                return {"label.other": 1.0}
        return {}

    def _label_before(self, text: str) -> str:
        """The longest label that a text ends with, as a word of its own."""
        ends = (label for label in self._held if text.endswith(label))
        return max((label for label in ends if not _LETTER.search(text.removesuffix(label))), key=len, default="")

    @cached_property
    def _held(self) -> dict[str, list[Decimal]]:
        """The numbers under each label that holds nothing else, over the latest records."""
        told: dict[str, list[str]] = {}
        for seen in self.trajectory.observations[-_LATEST:]:
            for entry in seen.body.entries[:_ROWS]:
                for name, value in entry.fields[:_FIELDS]:
                    told.setdefault(_label(name), []).append(normal(value).strip("\"' "))
        return {
            label: [Decimal(value) for value in values]
            for label, values in told.items()
            if _LETTERED.search(label) and all(map(_NUMBER.fullmatch, values))
        }


def _label(name: str) -> str:
    return re.sub(r"[(（].*", "", normal(name)).replace("_", " ").replace("-", " ").strip("\"' ")
