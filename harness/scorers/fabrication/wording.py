"""Where the words, names and cells of a clause come from."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.values import keys_of, values_of
from harness.scorers.fabrication.words import STOP, stem, supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.trajectory import Trajectory


class Wording:
    """Finds the sources of a clause's words against one trajectory."""

    def __init__(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory
        self._sources: dict[str, str] = {}

    def of(self, clause: Clause, values: Sequence[Placed], *, header: bool) -> dict[str, float]:
        """How much of the clause's words the observations hold, the request brought in, or nothing holds."""
        trajectory = self.trajectory
        plain = normal(clause.text)
        content = token_set(plain)
        signs = {"words": math.log1p(len(content)), "short": float(len(content) <= 1)}
        counts = dict.fromkeys(("fresh", "observed", "read", "new", "tool", "told", "novel"), 0)
        for token in content:
            counts[self.source(token)] += 1
        total = max(1, len(content))
        for name, count in counts.items():
            if count:
                signs[f"share.{name}"] = count / total
        for name in ("new", "tool", "novel"):
            if counts[name]:
                signs[f"some.{name}"] = math.log1p(counts[name])
        if keys_of(clause.text) & trajectory.new_keys:
            signs["newkey"] = 1.0
        if (
            clause.kind == "row"
            and values
            and not header
            and any(self._strange_cell(cell) for cell in _CELL.split(clause.text))
        ):
            signs["cell.novel"] = 1.0
        names = (
            0 if self._translates else sum(1 for match in _CAPITAL.finditer(clause.text) if self._strange_name(match))
        )
        if names:
            signs["name.novel"] = min(2.0, names)
        return signs

    def source(self, token: str) -> str:
        """Where a content word comes from, the best source first."""
        if token not in self._sources:
            trajectory = self.trajectory
            ranked = (
                ("fresh", supported(token, trajectory.fresh_words)),
                ("observed", supported(token, trajectory.observed_words)),
                ("read", token in trajectory.reading_words),
                ("new", token in trajectory.new_words),
                ("tool", supported(token, trajectory.tool_words)),
                ("told", supported(token, trajectory.system_words) or token in trajectory.user_words),
            )
            self._sources[token] = next((name for name, holds in ranked if holds), "novel")
        return self._sources[token]

    def _strange_cell(self, cell: str) -> bool:
        """Whether a row's cell holds words that no observation has as a field's value and no message tells."""
        plain = normal(cell).strip(" \"'-:_`*")
        if not plain or values_of(plain) or plain in self._cells or plain in _YES_NO or len(plain) > 40:
            return False
        if len(plain) > 2 and (plain in self.trajectory.observed_text or plain in self.trajectory.told_text):
            return False
        words = token_set(plain)
        return not words or any(self.source(word) == "novel" for word in words)

    @cached_property
    def _translates(self) -> bool:
        """Whether what was observed is in Chinese, so that an English name may be a translation."""
        return len(re.findall("[\u4e00-\u9fff]", self.trajectory.observed_text[:4000])) > 20

    @cached_property
    def _cells(self) -> frozenset[str]:
        bodies = [seen.body for seen in self.trajectory.observations]
        return frozenset(
            normal(value) for body in bodies for entry in body.entries for pair in entry.fields for value in pair
        )

    def _strange_name(self, match: re.Match[str]) -> bool:
        words = re.split(r"[\s\-]+", match[0].replace("’", "'").removesuffix("'s"))
        if match.start() == 0 and len(words) == 1:
            return False
        return any(
            len(word) > 2
            and normal(word) not in STOP
            and normal(word) not in _COMMON
            and not values_of(word)
            and self.source(stem(normal(word))) == "novel"
            for word in words
        )


_YES_NO = frozenset(
    [
        "yes",
        "no",
        "y",
        "n",
        "true",
        "false",
        "有",
        "无",
        "是",
        "否",
        "none",
        "null",
        "ok",
        "total",
        "sum",
        "mean",
        "average",
        "合计",
        "总计",
        "共计",
        "平均",
        "小计",
    ]
)
_CELL = re.compile(r"[|,;，；\t/]|\":|</?[\w:.\-]*|>|[{}\[\]]")
_CAPITAL = re.compile(
    r"(?<![A-Za-z])(?:[A-Z][a-zà-ÿ’']+|[A-Z]\.)(?:[ \-](?:[A-Z][a-zà-ÿ’']+|[A-Z]\.|of|de|van|von|and|the|&))*(?:[ \-][A-Z][a-zà-ÿ’']+)|(?<=[a-z,;:(] )[A-Z][a-zà-ÿ’']{2,}"
)
_COMMON = frozenset(
    [
        "english",
        "chinese",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "celsius",
        "fahrenheit",
        "utc",
        "markdown",
        "json",
        "python",
        "windows",
        "linux",
        "thu",
        "fri",
        "sat",
        "sun",
        "mon",
        "tue",
        "wed",
    ]
)
