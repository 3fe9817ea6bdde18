"""Carries rollouts out: cases side by side, the turns of each in order, a row once a case has been played."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import runlog
from harness.records import Response
from harness.rollouts import RolloutFact, RolloutMetrics, TurnFact, rollout_metrics
from harness.runner.conversation import Conversation, judged_turns, logged_turns
from harness.runner.judging import judged
from harness.runner.passes import Pass

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable, Iterator, Sequence

    from harness.client import Answer, Client, Detokenizer
    from harness.judging import Judge
    from harness.metrics import Judged, Tally
    from harness.runlog import Fault, PlayedCall, RolloutRow, RunWriter, Step
    from harness.runner.conversation import JudgedTurn
    from harness.runner.passes import Target
    from harness.runner.plan import RolloutJob
    from harness.suite import Script

MAX_STEPS = 8
"""Assistant messages in one user turn, unless the script itself needs more."""


class _Asked(NamedTuple):
    """A step that was asked; its raw text is on its way."""

    turn: int
    waited_for: int
    """Index of the decision that the script was waiting for."""
    body: bytes
    started: float
    answer: Answer
    messages: list[dict[str, Any]]
    played: list[PlayedCall]
    raw: asyncio.Task[tuple[str | Fault | None, str | Fault]]


class _Said(NamedTuple):
    """A step that is ready to be judged."""

    turn: int
    response: Response
    messages: list[dict[str, Any]]


class RolloutCount:
    """Counts cases that have been played: their turns in a tally, and what only rollouts have."""

    def __init__(self, tally: Tally, judge: Judge) -> None:
        self._tally = tally
        self._judge = judge
        self._facts: list[RolloutFact] = []
        self._errored = 0

    def add(self, script: Script, trial: int, turns: Sequence[JudgedTurn]) -> None:
        """A case that was played to its end."""
        for turn in turns:
            self._tally.add(turn.counted(trial))
        self._facts.append(RolloutFact(script.case_id, trial, facts_of(turns)))

    def add_errored(self, script: Script, trial: int, message: str) -> None:
        """A case that an error ended: each of its turns is errored, those before it too."""
        for turn in errored_turns(script, trial, message, self._judge):
            self._tally.add(turn)
        self._errored += 1

    def metrics(self) -> RolloutMetrics:
        """All numbers so far that only rollouts have."""
        return rollout_metrics(self._facts, self._errored)


def errored_turns(script: Script, trial: int, message: str, judge: Judge) -> Iterator[Judged]:
    """The turns of a case that an error ended, as the tallies count them."""
    response = Response(error=message)
    for turn in script.turns:
        decision = turn.decisions[0]
        yield judged(decision, trial, response, judge.verdict(decision, response))


def facts_of(turns: Iterable[JudgedTurn]) -> list[TurnFact]:
    """What the numbers need to know of judged turns."""
    return [
        TurnFact(turn.row.turn, turn.script.expects_calls, turn.row.correct, turn.row.fabricated, turn.row.steps)
        for turn in turns
    ]


class Rollouts(Pass["RolloutJob", "tuple[Script, RolloutRow]"]):
    """One pass over a list of cases."""

    unit, asked = "turns", "cases"
    gone_after = 8
    """Fewer than of decisions: each of these errors ends a whole case."""

    def __init__(
        self,
        target: Target,
        jobs: Sequence[RolloutJob],
        writer: RunWriter,
        places: Sequence[int],
        *,
        max_steps: int,
        in_json: bool,
    ) -> None:
        """`places` are the indices by which rows name the target's addresses; `in_json`: how the suite tells errors."""
        super().__init__(target, jobs, writer, places)
        self.count = RolloutCount(self.tally, self._judge)
        self._max_steps = max_steps
        self._in_json = in_json
        self._turns = 0

    def keep(self, script: Script, row: RolloutRow) -> None:
        """Counts a case that an earlier process left; one whose raw text failed is read again by `run`."""
        if row.unread:
            self._unread.append((script, row))
        else:
            self._count(script, row)

    def _count(self, script: Script, row: RolloutRow) -> None:
        self._turns += len(script.turns)
        self.count.add(script, row.trial, logged_turns(script, row, self._judge, in_json=self._in_json))
        for step in row.steps:
            self._count_raw(step.response, step.token_ids, step.raw_fault)

    @property
    def _done(self) -> int:
        return self._turns

    @property
    def _waiting(self) -> int:
        scripts = [job.script for job in self.jobs] + [script for script, _ in self._unread]
        return sum(len(script.turns) for script in scripts)

    async def _work(
        self, jobs: Iterator[RolloutJob], client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> None:
        for job in jobs:
            asked = await self._play(job, client, detokenizer, group)
            self._finish(job, asked, [await step.raw for step in asked])

    async def _play(
        self, job: RolloutJob, client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> list[_Asked]:
        """Plays a case to its end, or to the first error."""
        conversation = Conversation(job.script, self._judge, in_json=self._in_json)
        asked: list[_Asked] = []
        for turn in job.script.turns:
            conversation.begin(turn)
            self._turns += 1
            for _ in range(max(self._max_steps, len(turn.decisions))):
                decision = conversation.decision
                body = self._requests.body(decision.messages, decision.tools, job.trial)
                started = time.perf_counter() - self._start
                answer = await self._complete(client, job.replica, body, job.script.case_id)
                raw = group.create_task(self._raw(answer, detokenizer))
                messages, played = conversation.take(answer.completion.message) if answer.completion else ([], [])
                asked.append(_Asked(turn.depth, decision.index, body, started, answer, messages, played, raw))
                if answer.fault is not None:
                    return asked
                if conversation.ended or not played:
                    break
        return asked

    def _finish(
        self, job: RolloutJob, asked: Sequence[_Asked], raws: Sequence[tuple[str | Fault | None, str | Fault]]
    ) -> None:
        """Judges a case, writes its row and counts it."""
        responses = [self._response(step.answer, *raw) for step, raw in zip(asked, raws, strict=True)]
        said = [_Said(step.turn, response, step.messages) for step, (response, _) in zip(asked, responses, strict=True)]
        turns = judged_turns(job.script, said, self._judge, in_json=self._in_json)
        scores = [step.score for turn in turns for step in turn.steps]
        fault = asked[-1].answer.fault
        row = {
            "case": job.script.case_id,
            "trial": job.trial,
            "digest": job.script.digest,
            "steps": [
                {
                    "turn": step.turn,
                    "index": step.waited_for,
                    **self._evidence(step.body, step.started, step.answer, response, score, lost),
                    "messages": step.messages,
                    "played": [call.model_dump() for call in step.played],
                }
                for step, (response, lost), score in zip(asked, responses, scores, strict=True)
            ],
            "turns": [] if fault else [turn.row.model_dump() for turn in turns],
        }
        self._writer.write(runlog.rollout_line(row))
        self.rows += 1
        if fault is not None:
            self._turns += len(job.script.turns) - len(turns)
            self.count.add_errored(job.script, job.trial, fault.message)
            return
        self.count.add(job.script, job.trial, turns)
        for step, (response, lost) in zip(asked, responses, strict=True):
            self._count_raw(response, step.answer.completion.token_ids if step.answer.completion else None, lost)

    async def _read_again(self, client: Client) -> None:
        """Asks for raw text that an earlier process failed to get; what fails again stays as it was judged."""
        while self._unread:
            script, row = self._unread.pop()
            steps = [await self._read_step(client, step) for step in row.steps]
            if steps != row.steps:
                turns = judged_turns(script, steps, self._judge, in_json=self._in_json)
                row = rejudged(row.model_copy(update={"steps": steps}), turns)
                self._writer.write(runlog.encode(row))
                self.rows += 1
            self._count(script, row)

    async def _read_step(self, client: Client, step: Step) -> Step:
        response = await self._reread(client, step) if step.unread else None
        if response is None:
            return step
        return step.model_copy(update={"response": response, "raw_fault": None, "prompt_tail": None})


def rejudged(row: RolloutRow, turns: Sequence[JudgedTurn]) -> RolloutRow:
    """A case's row with other verdicts on the same evidence."""
    scores = [step.score for turn in turns for step in turn.steps]
    steps = [step.model_copy(update={"score": score}) for step, score in zip(row.steps, scores, strict=True)]
    return row.model_copy(update={"steps": steps, "turns": [] if row.fault else [turn.row for turn in turns]})
