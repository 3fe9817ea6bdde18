"""Carries a teacher-forced run out: requests in flight, raw text recovered, verdicts written as they come."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from harness import runlog
from harness.runner.judging import judged
from harness.runner.passes import Pass

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from harness.client import Answer, Client, Detokenizer
    from harness.records import Response, Score
    from harness.runlog import DecisionRow, Fault, RunWriter
    from harness.runner.passes import Target
    from harness.runner.plan import Job
    from harness.suite import Decision


class Execution(Pass):
    """One pass over a list of jobs."""

    def __init__(self, target: Target, jobs: Sequence[Job], writer: RunWriter, places: Sequence[int]) -> None:
        """`places` are the indices by which rows name the target's addresses."""
        super().__init__(target, writer, places)
        self.jobs = jobs
        self._unread: list[tuple[Decision, DecisionRow]] = []
        self._finishing: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(4 * target.concurrency)

    def keep(self, decision: Decision, row: DecisionRow) -> None:
        """Counts a row that an earlier process left; one whose raw text failed is read again by `run`."""
        if row.unread:
            self._unread.append((decision, row))
        else:
            self._count(decision, row.trial, row.response, row.score, row.token_ids, row.raw_fault)

    def _count(
        self,
        decision: Decision,
        trial: int,
        response: Response,
        verdict: Score,
        token_ids: list[int] | None,
        raw_fault: Fault | None,
    ) -> None:
        self.tally.add(judged(decision, trial, response, verdict))
        self._count_raw(response, token_ids, raw_fault)

    @property
    def _waiting(self) -> int:
        return len(self.jobs) + len(self._unread)

    def _workers(
        self, client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> list[Coroutine[Any, Any, None]]:
        jobs = iter(self.jobs)
        many = min(self.target.concurrency, len(self.jobs))
        return [self._work(jobs, client, detokenizer, group) for _ in range(many)]

    def _readers(self, client: Client) -> list[Coroutine[Any, Any, None]]:
        return [self._read_again(client) for _ in range(min(8, len(self._unread)))]

    async def _finished(self) -> None:
        while self._finishing:
            await asyncio.gather(*self._finishing)

    async def _work(
        self, jobs: Iterator[Job], client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> None:
        for job in jobs:
            decision = job.decision
            body = self._requests.body(decision.messages, decision.tools, job.trial)
            started = time.perf_counter() - self._start
            answer = await self._complete(client, job.replica, body, decision.case_id)
            completion = answer.completion
            if completion is None or completion.token_ids is None:
                self._finish(job, body, started, answer, None, "")
                continue
            # Raw text is recovered beside the next requests, not before them; but what waits for it is bounded.
            await self._room.acquire()
            task = group.create_task(self._recover(job, body, started, answer, detokenizer))
            self._finishing.add(task)
            task.add_done_callback(self._recovered)

    def _recovered(self, task: asyncio.Task[None]) -> None:
        self._finishing.discard(task)
        self._room.release()

    async def _recover(self, job: Job, body: bytes, started: float, answer: Answer, detokenizer: Detokenizer) -> None:
        self._finish(job, body, started, answer, *await self._raw(answer, detokenizer))

    async def _read_again(self, client: Client) -> None:
        """Asks for raw text that an earlier process failed to get; what fails again stays as it was judged."""
        while self._unread:
            decision, row = self._unread.pop()
            response = await self._reread(client, row)
            if response is not None:
                verdict = self._judge.verdict(decision, response)
                known = {"response": response, "score": verdict, "raw_fault": None, "prompt_tail": None}
                row = row.model_copy(update=known)
                self._writer.write(runlog.encode(row))
                self.rows += 1
            self._count(decision, row.trial, row.response, row.score, row.token_ids, row.raw_fault)

    def _finish(
        self, job: Job, body: bytes, started: float, answer: Answer, raw: str | Fault | None, tail: str | Fault
    ) -> None:
        """Judges a response, writes its row and counts it."""
        response, lost = self._response(answer, raw, tail)
        verdict = self._judge.verdict(job.decision, response)
        row = {
            "case": job.decision.case_id,
            "index": job.decision.index,
            "trial": job.trial,
            "digest": job.decision.digest,
            **self._evidence(body, started, answer, response, verdict, lost),
        }
        self._writer.write(runlog.decision_line(row))
        self.rows += 1
        token_ids = answer.completion.token_ids if answer.completion else None
        self._count(job.decision, job.trial, response, verdict, token_ids, lost)
