"""What a run came to, decision by decision, without its transcripts: all that a comparison needs."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from harness.metrics import Judged, metrics_of, rates_of
from harness.records import Outcome, QualityDefect, Score, ViolationCode
from harness.suite import NO_SLICE, Asked, Expected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from harness.metrics import Metrics, Rate
    from harness.records import MetricName, State
    from harness.runlog import Identity, RunLog
    from harness.suite import Policy

DIGEST, PROMPT = 16, 8
"""Hex digits kept of a decision's content digest (two of one suite never share them by chance) and of its prompt's."""

RIGHT: frozenset[Outcome] = frozenset(("correct_call", "correct_no_call"))

_STATES: dict[Outcome, State] = {
    "errored": "errored",
    "malformed_call": "malformed",
    "empty_response": "empty",
    "missed_call": "answered",
    "correct_no_call": "answered",
    "fabricated_observation": "answered",
}


class Entry(NamedTuple):
    """The verdict on one decision (of rollouts: on one user turn).

    A plain tuple: comparisons hold millions. Read from a baseline, its fields are held to these types.
    """

    case: str
    index: int  # type: ignore[assignment]  # a tuple's own `index` is of no use here
    """Number of the decision in its case; of a turn its depth."""
    trial: int
    digest: str
    """The first hex digits of the content digest: of tools, history and expectation."""
    depth: int
    """User messages so far."""
    tools: int
    """How many tools are offered."""
    expect: Expected
    outcome: Outcome
    name: bool | None = None
    """Whether the tools called are right; None where no call was attempted."""
    args: bool | None = None
    """Whether their arguments are right as well."""
    codes: Annotated[tuple[ViolationCode, ...], Field(strict=False)] = ()
    fabricated: bool = False
    defects: Annotated[tuple[QualityDefect, ...], Field(strict=False)] = ()
    prompt: str | None = None
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

    def score(self) -> Score:
        """The verdict as the tallies count it, without its findings."""
        return Score.trusted(
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
            quality_defects=list(self.defects),
            channels_agree=None,
            skipped=[],
        )

    def judged(self, tags: Mapping[str, str]) -> Judged:
        """The entry as the tallies count it; `tags` are its case's."""
        own = (("depth", str(self.depth)), ("tools", str(self.tools)), ("expect", self.expect))
        others = tuple((name, value) for name, value in tags.items() if name not in NO_SLICE)
        return Judged((self.case, self.trial), self.expect, self.score(), own + others)


verdict_of = attrgetter("expect", "outcome", "name", "args", "fabricated", "defects")
"""All of an entry that any metric looks at."""


def entry_of(judged: Judged, index: int, digest: str, prompt: str | None) -> Entry:
    """The entry of a verdict as the tallies counted it; digests are cut."""
    own = dict(judged.slices)
    asked = Asked(int(own["depth"]), int(own["tools"]), judged.kind)
    return entry_from((judged.case[0], index, judged.case[1]), digest, asked, judged.score, prompt)


def entry_from(key: tuple[str, int, int], digest: str, asked: Asked, score: Score, prompt: str | None) -> Entry:
    """The entry of a decision from what its run's log holds; digests are cut."""
    assert score.outcome is not None, "a decision of a suite has an expectation"
    codes = tuple(sorted({violation.code for violation in score.violations})) if score.violations else ()
    return Entry(
        *key,
        digest[:DIGEST],
        *asked,
        score.outcome,
        score.name_correct,
        score.args_correct,
        codes,
        score.fabricated,
        tuple(score.quality_defects),
        prompt[:PROMPT] if prompt else None,
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

    def rates(self) -> dict[MetricName, Rate]:
        """The metrics themselves, without slices: each distinct verdict is put together once."""
        scores: dict[object, Score] = {}

        def judged(entry: Entry) -> Judged:
            verdict = verdict_of(entry)
            score = scores.get(verdict)
            if score is None:
                score = scores[verdict] = entry.score()
            return Judged((entry.case, entry.trial), entry.expect, score)

        return rates_of(map(judged, self.entries))
