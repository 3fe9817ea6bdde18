"""A case played through: the history as it grows, live or from a log, and the verdict on each user turn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from harness.runlog import TurnRow
from harness.runner.history import carried, observed
from harness.runner.judging import judged
from harness.runner.player import Player, errors_in_json
from harness.scorers.channels import message_calls

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.judging import Judge
    from harness.metrics import Judged
    from harness.records import Outcome, Response, Score
    from harness.runlog import PlayedCall, RolloutRow
    from harness.suite import Decision, Script, ScriptTurn

_RIGHT = ("correct_call", "correct_no_call")


class Said(Protocol):
    """A step of a rollout as it happened."""

    @property
    def turn(self) -> int:
        """Depth of its user turn."""

    @property
    def response(self) -> Response:
        """What came back."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        """What it added to the history."""


_Step = TypeVar("_Step", bound=Said)


class JudgedStep(NamedTuple):
    """A step with the decision that it is held against: the model's own history, what the script waited for."""

    decision: Decision
    response: Response
    score: Score


class JudgedTurn(NamedTuple):
    """A user turn with its steps and its verdict."""

    row: TurnRow
    script: ScriptTurn
    steps: list[JudgedStep]

    def counted(self, trial: int) -> Judged:
        """The turn as the tallies count it: by its deciding step, the first wrong one or else the last."""
        wrong = (step for step in self.steps if step.score.outcome == self.row.outcome)
        step = self.steps[-1] if self.row.correct else next(wrong, self.steps[-1])
        tried = [one.score for one in self.steps if one.score.state in ("called", "malformed")]
        score = step.score.model_copy(
            update={
                "outcome": self.row.outcome,
                "call_correct": self.row.correct,
                "name_correct": self._all([score.name_correct for score in tried]),
                "args_correct": self._all([score.args_correct for score in tried]),
                "fabricated": self.row.fabricated,
                "quality_defects": sorted({defect for one in self.steps for defect in one.score.quality_defects}),
                "channels_agree": False if any(one.score.channels_agree is False for one in self.steps) else None,
            }
        )
        found = judged(step.decision, trial, step.response, score)
        first = self.script.decisions[0].expect.kind
        slices = tuple((name, first if name == "expect" else value) for name, value in found.slices)
        return found._replace(kind=first, score=score, slices=slices)

    def _all(self, parts: Sequence[bool | None]) -> bool | None:
        """Whether all attempts of the turn are right; None where there was none."""
        return (self.row.correct or all(parts)) if parts else None


class Conversation:
    """The history of one case and its tools."""

    def __init__(self, script: Script, judge: Judge, *, in_json: bool) -> None:
        """`in_json`: how errors are told, where the case's own tools return nothing that would show it."""
        own = list(script.observations)
        self.history: list[dict[str, Any]] = []
        self._player = Player(judge.toolset, errors_in_json=errors_in_json(own) if own else in_json)
        self._ended = False
        self._calls = 0
        if script.system is not None:
            self.history.append({"role": "system", "content": script.system})

    def begin(self, turn: ScriptTurn) -> None:
        """The user speaks."""
        self._player.begin(turn)
        self.history += [{"role": "user", "content": text} for text in turn.users]

    @property
    def decision(self) -> Decision:
        """What the model has to decide now: its own history, and what the script waits for."""
        player = self._player
        return replace(player.decision, messages=tuple(self.history), expect=player.expect)

    def take(self, message: dict[str, Any]) -> tuple[list[dict[str, Any]], list[PlayedCall]]:
        """A message of the model: what it adds to the history, and how its calls were answered."""
        said, calls = carried(message, self._calls + 1)
        self._calls += len(calls)
        answers = self._player.play(calls)
        self._ended = self._player.over or any(answer.observation is None for answer in answers)
        added = [said, *observed(said.get("tool_calls", ()), [answer.observation for answer in answers])]
        self.history += added
        return added, [answer.played for answer in answers]

    def replay(self, turn: ScriptTurn, steps: Sequence[_Step]) -> Iterator[tuple[Decision, _Step]]:
        """A turn as it happened: each of its steps with what the model had to decide there.

        What was returned then stands, whatever this version would return.
        """
        self.begin(turn)
        for step in steps:
            if step.turn != turn.depth:
                continue
            begun = len(self.history)
            yield self.decision, step
            if step.response.message is not None:
                self.take(step.response.message)
            self.history[begun:] = step.messages

    @property
    def ended(self) -> bool:
        """Whether the script ends with the last message."""
        return self._ended

    def verdict(self, turn: ScriptTurn, steps: Sequence[JudgedStep]) -> TurnRow:
        """The verdict on the turn that these steps made up."""
        wrong = [step.score.outcome for step in steps if step.score.outcome not in _RIGHT]
        last = steps[-1].score
        answered = last.outcome == "correct_no_call" or not turn.decisions[-1].expect.no_call
        # Calls in the script's order are right even where a message held more or less of them than its step.
        right = self._player.as_expected and answered and "malformed_call" not in wrong
        good: Outcome = "correct_call" if turn.expects_calls else "correct_no_call"
        outcome = good if right or not wrong else wrong[0]
        called = bool(message_calls(steps[-1].response.message or {}))
        return TurnRow(
            turn=turn.depth,
            outcome=outcome or good,
            correct=outcome == good,
            steps=len(steps),
            ended="script" if self._ended else "limit" if called else "answer",
            fabricated=any(step.score.fabricated for step in steps),
        )


def judged_turns(script: Script, said: Sequence[Said], judge: Judge, *, in_json: bool) -> list[JudgedTurn]:
    """Judges a rollout from what was said and returned; of one that an error ended the last turn is not whole."""
    found = []
    conversation = Conversation(script, judge, in_json=in_json)
    for turn in script.turns:
        steps = [
            JudgedStep(decision, step.response, judge.verdict(decision, step.response))
            for decision, step in conversation.replay(turn, said)
        ]
        if steps:
            found.append(JudgedTurn(conversation.verdict(turn, steps), turn, steps))
    return found


def logged_turns(script: Script, row: RolloutRow, judge: Judge, *, in_json: bool) -> list[JudgedTurn]:
    """The turns of a rollout with the verdicts that its log holds; none where an error ended it."""
    conversation = Conversation(script, judge, in_json=in_json)
    verdicts = {verdict.turn: verdict for verdict in row.turns}
    return [
        JudgedTurn(
            verdicts[turn.depth],
            turn,
            [
                JudgedStep(decision, step.response, step.score)
                for decision, step in conversation.replay(turn, row.steps)
            ],
        )
        for turn in script.turns
        if turn.depth in verdicts
    ]
