"""The index of a page: one entry a decision (turn) in columns, with all that it is filtered and listed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.baseline import Entry, Results
    from harness.records import Score
    from harness.report.html.data import Row
    from harness.report.html.runs import Asked

SNIPPET = 90
"""Characters of what the user said last."""


class _Values:
    """Names as numbers, in the order in which they are met."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def numbers(self, names: Iterable[str]) -> list[int]:
        return [self.number(name) for name in names]

    @property
    def names(self) -> list[str]:
        return list(self._numbers)


class Columns:
    """Grows by one entry a row."""

    def __init__(self, results: Sequence[Results]) -> None:
        self._results = results
        self._rows: dict[str, list[Any]] = {name: [] for name in ("case", "index", "turn", "trial", "chunk", "snippet")}
        names = ("outcome", "right", "fabricated", "violations", "defects", "signals", "agree", "before")
        self._stages: list[dict[str, list[Any]]] = [{name: [] for name in names} for _ in results]
        self._values = {name: _Values() for name in ("outcomes", "violations", "defects", "signals", "cases")}
        self._tags: dict[str, _Values] = {}
        self._tagged: dict[str, list[int]] = {}

    @property
    def count(self) -> int:
        """How many rows there are so far."""
        return len(self._rows["case"])

    def add(self, row: Row, asked: Asked | None, scores: Sequence[Sequence[Score]], chunk: int) -> None:
        """Adds a row; `scores` are each stage's, where it has transcripts."""
        case, index, trial = row.key
        number, entry = next((place, entry) for place, entry in enumerate(row.entries) if entry is not None)
        self._tag(self._results[number].tags.get(entry.case, {}))
        values = {
            "case": self._values["cases"].number(case),
            "index": index,
            "turn": entry.depth,
            "trial": trial,
            "chunk": chunk,
            "snippet": _cut(asked.snippet) if asked else "",
        }
        for name, value in values.items():
            self._rows[name].append(value)
        for place, (stage, own) in enumerate(zip(self._stages, row.entries, strict=True)):
            before = row.before if len(row.entries) == 1 else row.entries[0] if place else None
            for name, value in self._verdict(own, before, scores[place]).items():
                stage[name].append(value)

    def _tag(self, tags: Mapping[str, str]) -> None:
        for name in tags:
            if name not in self._tags:
                self._tags[name] = _Values()
                self._tagged[name] = [-1] * self.count
        for name, values in self._tags.items():
            self._tagged[name].append(values.number(tags[name]) if name in tags else -1)

    def _verdict(self, entry: Entry | None, before: Entry | None, scores: Sequence[Score]) -> dict[str, Any]:
        if entry is None:
            return {
                "outcome": -1,
                "right": -1,
                "fabricated": 0,
                "violations": [],
                "defects": [],
                "signals": [],
                "agree": -1,
                "before": -1,
            }
        signals = dict.fromkeys(finding.signal for score in scores for finding in score.fabrication)
        agree = [score.channels_agree for score in scores if score.channels_agree is not None]
        return {
            "outcome": self._values["outcomes"].number(entry.outcome),
            "right": _flag(entry),
            "fabricated": int(entry.fabricated),
            "violations": self._values["violations"].numbers(entry.codes),
            "defects": self._values["defects"].numbers(entry.defects),
            "signals": self._values["signals"].numbers(signals),
            "agree": int(all(agree)) if agree else -1,
            "before": _flag(before),
        }

    def value(self) -> dict[str, Any]:
        """The columns, and the names that their numbers stand for."""
        return {
            **{name: values.names for name, values in self._values.items()},
            "tags": {name: values.names for name, values in self._tags.items()},
            "rows": {**self._rows, "tags": self._tagged, "stages": self._stages},
        }


def _flag(entry: Entry | None) -> int:
    """1 right, 0 wrong, -1 neither: there was no response to judge, or nothing is known."""
    return -1 if entry is None or entry.errored else int(entry.right)


def _cut(text: str) -> str:
    line = " ".join(text[: 4 * SNIPPET].split())
    return line if len(line) <= SNIPPET else f"{line[: SNIPPET - 1]}…"
