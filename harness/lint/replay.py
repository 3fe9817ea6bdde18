"""Gold and mutated gold, replayed as a model and judged: the first must be right everywhere, the second nowhere."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

from harness.judging import Judge
from harness.lint.findings import Remark
from harness.lint.mutants import KINDS
from harness.lint.views import reason_at
from harness.replies import answering, calling, gold_calls, plain_answer
from harness.runner.conversation import Conversation, JudgedStep
from harness.suite import script_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.lint.views import CaseView, Point
    from harness.records import Score
    from harness.replies import Reply
    from harness.runlog import TurnRow
    from harness.suite import Script, ScriptTurn, Suite

MOST_MUTATED = 1000
"""Decisions that are mutated, of more those drawn by their digests."""


class GoldScore(NamedTuple):
    """How gold fared: decisions that are right with the scripted history, and user turns that are when played through."""

    decisions: int = 0
    right: int = 0
    turns: int = 0
    turns_right: int = 0

    @property
    def perfect(self) -> bool:
        """Whether it was right everywhere."""
        return (self.right, self.turns_right) == (self.decisions, self.turns)


class KindScore(NamedTuple):
    """How the mutants of one kind fared."""

    kind: str
    mutants: int
    caught: int
    """Judged wrong."""
    named: int
    """Judged wrong and called by their name: an invented result `fabricated_observation`, and so on."""


class GoldReplay:
    """Gold is right everywhere, decision by decision and played through.

    Where an author has silenced what the detector finds in a reference answer, plain words stand in its place.
    """

    def __init__(self, _: Suite) -> None:
        self._judge = Judge()
        self.score = GoldScore()

    def case(self, view: CaseView) -> Iterator[Remark]:
        """Replays one case."""
        silenced = [reason_at(view.case, "honest_answer", point.path) is not None for point in view.points]
        replies = [_gold(point, plain=plain) for point, plain in zip(view.points, silenced, strict=True)]
        scores = [_verdict(point, reply) for point, reply in zip(view.points, replies, strict=True)]
        for point, score in zip(view.points, scores, strict=True):
            if not score.call_correct or score.violations:
                told = "; ".join(one.message for one in score.violations) or "see what is said of its answer"
                message = f"gold itself would be judged {score.outcome} ({told}); mend the case"
                yield Remark(view.case.id, f"{point.path}/expect", message, point.decision.index)
        script = script_of(view.case, [point.decision for point in view.points])
        turns_right = 0
        for turn, row in self._played(script, replies, scores):
            turns_right += row.correct
            # A decision that is wrong even with the scripted history has been told.
            if not row.correct and all(scores[decision.index].call_correct for decision in turn.decisions):
                message = f"played through with gold, user turn {row.turn} would be judged {row.outcome}; mend the case"
                yield Remark(view.case.id, "", message, turn.decisions[0].index)
        right = sum(score.call_correct is True for score in scores)
        added = (len(scores), right, len(script.turns), turns_right)
        self.score = GoldScore(*map(sum, zip(self.score, added, strict=True)))

    def _played(
        self, script: Script, replies: list[Reply], scores: list[Score]
    ) -> Iterator[tuple[ScriptTurn, TurnRow]]:
        """The verdict on each user turn where gold is said: its history is the script's, and so are its scores."""
        conversation = Conversation(script, self._judge, in_json=False)
        for turn in script.turns:
            conversation.begin(turn)
            steps = []
            for _ in turn.decisions:
                decision = conversation.decision
                reply = replies[decision.index]
                steps.append(JudgedStep(decision, reply.response, scores[decision.index]))
                _, played = conversation.take(reply.message)
                if conversation.ended or not played:
                    break
            yield turn, conversation.verdict(turn, steps)

    def end(self) -> Iterable[Remark]:
        """Nothing more."""
        return ()


class Mutants:
    """No mutant of gold passes as right."""

    def __init__(self, suite: Suite) -> None:
        self._chosen = _drawn(suite)
        self._counts = {kind.name: [0, 0, 0] for kind in KINDS}
        self.decisions = len(suite.decisions) if self._chosen is None else len(self._chosen)

    @property
    def scores(self) -> list[KindScore]:
        """How the mutants fared, by kind."""
        return [KindScore(name, *counts) for name, counts in self._counts.items()]

    def case(self, view: CaseView) -> Iterator[Remark]:
        """Judges the mutants of one case."""
        for point in view.points:
            if self._chosen is None or point.decision.key in self._chosen:
                yield from self._judged(view.case.id, point)

    def _judged(self, case: str, point: Point) -> Iterator[Remark]:
        for kind in KINDS:
            counts = self._counts[kind.name]
            for mutant in kind.mutate(point):
                score = point.verdict(mutant.reply.response)
                caught, named = score.call_correct is False, score.outcome in kind.outcomes
                counts[0] += 1
                counts[1] += caught
                counts[2] += caught and named
                where = f"{point.path}/expect{mutant.path}"
                if not caught:
                    message = (
                        f"a mutant ({kind.name}) would pass as right; look for leniency that allows more than it says"
                    )
                    yield Remark(case, where, message, point.decision.index)
                elif not named:
                    message = f"a mutant ({kind.name}) is judged wrong, but only as {score.outcome}"
                    yield Remark(case, where, message, point.decision.index, "hint")

    def end(self) -> Iterable[Remark]:
        """Nothing more."""
        return ()


def _gold(point: Point, *, plain: bool) -> Reply:
    """What is right at a decision: the expected calls, or the reference answer."""
    calls = gold_calls(point.decision)
    if calls:
        return calling(calls)
    answer = None if plain else point.turn.answer
    return answering(plain_answer(point.turn.expect.min_words) if answer is None else answer)


def _verdict(point: Point, reply: Reply) -> Score:
    if point.answered is not None and reply.message["content"] == point.turn.answer:
        return point.answered
    return point.verdict(reply.response)


def _drawn(suite: Suite) -> frozenset[tuple[str, int]] | None:
    """The decisions to mutate; None: all of them."""
    if len(suite.decisions) <= MOST_MUTATED:
        return None
    by_chance = sorted((zlib.crc32(decision.digest.encode()), decision.key) for decision in suite.decisions)
    return frozenset(key for _, key in by_chance[:MOST_MUTATED])
