"""What a run came to, decision by decision, without its transcripts: all that a comparison needs."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic reads the fields' types
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, TypeAlias

from pydantic import Field

from harness.metrics import Judged, metrics_of
from harness.records import Outcome, QualityDefect, Record, Score, State, ViolationCode
from harness.suite import NO_SLICE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.metrics import Metrics
    from harness.runlog import Identity, RunLog
    from harness.suite import Policy

DIGEST, PROMPT = 16, 8
"""Hex digits kept of a decision's content digest (two of one suite never share them by chance) and of its prompt's."""

RIGHT: frozenset[Outcome] = frozenset(("correct_call", "correct_no_call"))
Expected: TypeAlias = Literal["calls", "no_call", "any_call"]

_STATES: dict[Outcome, State] = {
    "errored": "errored",
    "malformed_call": "malformed",
    "empty_response": "empty",
    "missed_call": "answered",
    "correct_no_call": "answered",
    "fabricated_observation": "answered",
}


def _is_none(value: Any) -> bool:
    return value is None


def _is_empty(value: Any) -> bool:
    return not value


class Entry(Record):
    """The verdict on one decision (of rollouts: on one user turn)."""

    case: str
    index: int
    """Number of the decision in its case; of a turn its depth."""
    trial: Annotated[int, Field(exclude_if=_is_empty)] = 0
    digest: str
    """The first hex digits of the content digest: of tools, history and expectation."""
    depth: int
    """User messages so far."""
    tools: int
    """How many tools are offered."""
    expect: Expected
    outcome: Outcome
    name: Annotated[bool | None, Field(exclude_if=_is_none)] = None
    """Whether the tools called are right; absent where no call was attempted."""
    args: Annotated[bool | None, Field(exclude_if=_is_none)] = None
    """Whether their arguments are right as well."""
    codes: Annotated[list[ViolationCode], Field(exclude_if=_is_empty)] = []
    fabricated: Annotated[bool, Field(exclude_if=_is_empty)] = False
    defects: Annotated[list[QualityDefect], Field(exclude_if=_is_empty)] = []
    prompt: Annotated[str | None, Field(exclude_if=_is_none)] = None
    """The first hex digits of the digest of the rendered prompt's token ids."""

    @property
    def key(self) -> tuple[str, int, int]:
        """Case, index, trial: unique in a run."""
        return self.case, self.index, self.trial

    @property
    def errored(self) -> bool:
        """Whether there was no response to judge."""
        return self.outcome == "errored"

    @property
    def right(self) -> bool:
        """What tool_call_accuracy counts."""
        return self.outcome in RIGHT

    def judged(self, tags: Mapping[str, str]) -> Judged:
        """The entry as the tallies count it; `tags` are its case's."""
        score = Score.trusted(
            state=_STATES.get(self.outcome, "called"),
            outcome=self.outcome,
            call_correct=None if self.errored else self.right,
            name_correct=self.name,
            args_correct=self.args,
            violations=[],
            fabricated=self.fabricated,
            fabrication=[],
            ungrounded_claims=[],
            in_reasoning=[],
            quality_defects=self.defects,
            channels_agree=None,
            skipped=[],
        )
        own = (("depth", str(self.depth)), ("tools", str(self.tools)), ("expect", self.expect))
        others = tuple((name, value) for name, value in tags.items() if name not in NO_SLICE)
        return Judged((self.case, self.trial), self.expect, score, own + others)


def entry_of(judged: Judged, index: int, digest: str, prompt: str | None) -> Entry:
    """The entry of a verdict as the tallies counted it; digests are cut."""
    score, own = judged.score, dict(judged.slices)
    assert score.outcome is not None, "a decision of a suite has an expectation"
    return Entry(
        case=judged.case[0],
        index=index,
        trial=judged.case[1],
        digest=digest[:DIGEST],
        depth=int(own["depth"]),
        tools=int(own["tools"]),
        expect=judged.kind,
        outcome=score.outcome,
        name=score.name_correct,
        args=score.args_correct,
        codes=sorted({violation.code for violation in score.violations}),
        fabricated=score.fabricated,
        defects=list(score.quality_defects),
        prompt=prompt[:PROMPT] if prompt else None,
    )


class Results(NamedTuple):
    """What a run came to: read from its log or from a baseline, and compared alike."""

    name: str
    """As the user named it: a baseline's name or a run's folder."""
    path: Path
    identity: Identity
    thresholds: Mapping[str, float]
    """The floors that its suite set."""
    tags: Mapping[str, Mapping[str, str]]
    """Of every case, by its id."""
    entries: Sequence[Entry]
    """Sorted by case, index, trial."""
    log: RunLog | None = None
    """Transcripts, usage and timing, where it is a run that is at hand."""
    gate: Policy | None = None
    """What its suite asks of it at a gate."""

    @property
    def unit(self) -> str:
        """What an entry is about."""
        return "turns" if self.identity.mode == "rollout" else "decisions"

    def judged(self, entry: Entry) -> Judged:
        """An entry as the tallies count it."""
        return entry.judged(self.tags[entry.case])

    def metrics(self) -> Metrics:
        """The run's metrics, the same as in its own summary but for what only transcripts tell (confusions, attribution)."""
        return metrics_of(map(self.judged, self.entries))
