"""What null models score on a suite, stored as `nulls.json` beside its `suite.yaml`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import Field

from harness import jsonvalue
from harness.records import Record

NULLS = "nulls.json"
"""The file's name."""

Counts: TypeAlias = dict[str, dict[str, Annotated[list[int], Field(min_length=2, max_length=2)]]]
"""By null model and metric the numerator and the denominator."""


class NullScores(Record):
    """What nothing scores: of every null model the counts behind each metric, in both modes."""

    suite_digest: str
    """The suite that they were scored on; of another they say nothing."""
    scorer_version: str
    teacher_forced: Counts
    rollout: Counts

    def fits(self, suite_digest: str, scorer_version: str) -> bool:
        """Whether they are scores on just this suite, by these rules."""
        return (self.suite_digest, self.scorer_version) == (suite_digest, scorer_version)

    def text(self) -> str:
        """The content of the file: a line for each model in each mode, so that a change can be reviewed."""
        head = [f' "{name}": {jsonvalue.dumps(getattr(self, name))}' for name in ("suite_digest", "scorer_version")]
        modes = [f' "{mode}": {{\n{_lines(getattr(self, mode))}\n }}' for mode in ("teacher_forced", "rollout")]
        return "{\n" + ",\n".join([*head, *modes]) + "\n}\n"


def _lines(counts: Counts) -> str:
    return ",\n".join(f"  {jsonvalue.dumps(model)}: {jsonvalue.dumps(found)}" for model, found in counts.items())
