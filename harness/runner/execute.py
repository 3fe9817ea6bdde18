"""Carries a run out: requests in flight, raw text recovered, verdicts written as they come."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import runlog, wire
from harness.client import TAIL, Answer, Client, Detokenizer, Policy
from harness.errors import ServerError
from harness.metrics import Tally
from harness.records import Response
from harness.runlog import Fault
from harness.runner.judging import Judge, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.records import Dialect, Score
    from harness.runlog import DecisionRow, RunWriter, WithoutRaw
    from harness.runner.plan import Job
    from harness.suite import Decision

_TICK = 0.25
_GONE_AFTER = 32
"""Decisions in a row that meet nothing but connection errors, after which the server counts as gone."""


class Progress(NamedTuple):
    """Where a run stands."""

    done: int
    total: int
    errors: int
    accuracy: float | None
    in_flight: int
    elapsed: float
    rate: float
    """Decisions a second over the last seconds."""

    @property
    def eta(self) -> float | None:
        """Seconds to go at this rate; None while nothing is known."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go and how they are made."""

    base_urls: Sequence[str]
    model: str
    sampling: dict[str, Any]
    thinking: bool | None = None
    template_arguments: dict[str, bool] = field(default_factory=dict)
    """What the chat template is told, so that the model thinks or does not."""
    dialect: Dialect | None = None
    api_key: str | None = None
    concurrency: int = 256
    policy: Policy = field(default_factory=Policy)


class Execution:
    """One pass over a list of jobs."""

    def __init__(self, target: Target, jobs: Sequence[Job], writer: RunWriter, places: Sequence[int]) -> None:
        """`places` are the indices by which rows name the target's addresses."""
        self.target = target
        self.jobs = jobs
        self.tally = Tally()
        self.without_raw: Counter[WithoutRaw] = Counter()
        """Decisions judged without raw text, by the reason."""
        self.rows = 0
        self._unread: list[tuple[Decision, DecisionRow]] = []
        self._writer = writer
        self._places = places
        self._judge = Judge()
        self._requests = wire.RequestWriter(target.model, target.sampling, target.template_arguments)
        self._start = time.perf_counter()
        self._in_flight = 0
        self._gone = 0
        self._before = self._total = 0
        self._finishing: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(4 * target.concurrency)
        self._recent: list[tuple[float, int]] = []

    def keep(self, decision: Decision, row: DecisionRow) -> None:
        """Counts a row that an earlier process left; one whose raw text failed is read again by `run`."""
        if runlog.why_without_raw(row.token_ids, row.raw_fault) == "detokenize_failed":
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
        if response.error is None and (reason := runlog.why_without_raw(token_ids, raw_fault)):
            self.without_raw[reason] += 1

    async def run(
        self,
        client: Client,
        on_progress: Callable[[Progress], None],
        alive: Callable[[], None] = lambda: None,
        at_start: Callable[[], None] = lambda: None,
    ) -> float:
        """Makes every request and writes every row; returns the seconds it took.

        Args:
            client: open connections to the target.
            on_progress: called a few times a second, and once at the end.
            alive: raises when the server is known to have died.
            at_start: called once the first requests are on their way, before any row is written.

        Raises:
            ServerError: the server is gone.
            UsageError: the server cannot do what every request asks, or the log cannot be written.
        """
        self._start = time.perf_counter()
        self._before = self.tally.done
        self._total = self._before + len(self.jobs) + len(self._unread)
        detokenizer = Detokenizer(client, self.target.model)
        jobs = iter(self.jobs)
        async with asyncio.TaskGroup() as group:
            ticker = group.create_task(self._tick(on_progress, alive))
            workers = [
                group.create_task(self._work(jobs, client, detokenizer, group))
                for _ in range(min(self.target.concurrency, len(self.jobs)))
            ]
            await asyncio.sleep(0)  # every worker has begun to connect; no answer can be there yet
            at_start()
            await asyncio.gather(*workers, *(self._read_again(client) for _ in range(min(8, len(self._unread)))))
            while self._finishing:
                await asyncio.gather(*self._finishing)
            ticker.cancel()
        on_progress(self.progress())
        return time.perf_counter() - self._start

    async def _tick(self, on_progress: Callable[[Progress], None], alive: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(_TICK)
            alive()
            on_progress(self.progress())

    def progress(self) -> Progress:
        """Where the run stands now."""
        now = time.perf_counter()
        done = self.tally.done
        self._recent = [entry for entry in self._recent if now - entry[0] < 10.0][-40:]
        since, then = self._recent[0] if self._recent else (self._start, self._before)
        self._recent.append((now, done))
        rate = (done - then) / (now - since) if now > since else 0.0
        return Progress(
            done,
            self._total,
            self.tally.errored,
            self.tally.accuracy,
            self._in_flight,
            now - self._start,
            rate,
        )

    async def _work(
        self, jobs: Iterator[Job], client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> None:
        for job in jobs:
            decision = job.decision
            body = self._requests.body(decision.messages, decision.tools, job.trial)
            started = time.perf_counter() - self._start
            self._in_flight += 1
            answer = await client.complete(job.replica, body, decision.case_id)
            self._in_flight -= 1
            self._watch(answer)
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

    def _watch(self, answer: Answer) -> None:
        """Notices a server that is gone for good, before every decision has run through its retries."""
        if answer.fault is None or answer.fault.kind != "connection":
            self._gone = 0
            return
        self._gone += 1
        if self._gone >= _GONE_AFTER:
            raise ServerError(
                f"the server is gone: {self._gone} decisions in a row met only connection errors "
                f"({answer.fault.message}). What was done is kept; run again with --resume once it is back."
            )

    async def _recover(self, job: Job, body: bytes, started: float, answer: Answer, detokenizer: Detokenizer) -> None:
        completion = answer.completion
        assert completion is not None
        assert completion.token_ids is not None
        prompt = completion.prompt_token_ids or []
        tail = detokenizer.tail(answer.replica, prompt) if prompt else None
        raw = await detokenizer.text(answer.replica, completion.token_ids, prompt)
        self._finish(job, body, started, answer, raw, await tail if tail is not None else "")

    async def _read_again(self, client: Client) -> None:
        """Asks for raw text that an earlier process failed to get; what fails again stays as it was judged."""
        while self._unread:
            decision, row = self._unread.pop()
            raw = await client.detokenize(0, self.target.model, row.token_ids or [])
            tail = await client.detokenize(0, self.target.model, row.prompt_tail) if row.prompt_tail else ""
            if isinstance(raw, str) and isinstance(tail, str):
                response = row.response.model_copy(update={"raw": raw, "prompt_think": wire.prompt_think_of(tail)})
                verdict = self._judge.verdict(decision, response)
                known = {"response": response, "score": verdict, "raw_fault": None, "prompt_tail": None}
                row = row.model_copy(update=known)
                self._writer.write(runlog.encode(row))
                self.rows += 1
            self._count(decision, row.trial, row.response, row.score, row.token_ids, row.raw_fault)

    def _finish(
        self, job: Job, body: bytes, started: float, answer: Answer, raw: str | Fault | None, tail: str | Fault
    ) -> None:
        """Judges a response, writes its row and counts it.

        Raw text without its prompt's end cannot be read: whether a think block was open is not known then.
        """
        completion, fault = answer.completion, answer.fault
        lost = raw if isinstance(raw, Fault) else tail if isinstance(tail, Fault) else None
        response = Response.trusted(
            message=completion.message if completion else None,
            raw=raw if isinstance(raw, str) and lost is None else None,
            finish_reason=completion.finish_reason if completion else None,
            prompt_think=wire.prompt_think_of(tail) if isinstance(tail, str) and lost is None else "none",
            dialect=self.target.dialect,
            error=fault.message if fault else None,
        )
        verdict = self._judge.verdict(job.decision, response)
        self._writer.write(runlog.decision_line(self._row(job, body, started, answer, response, verdict, lost)))
        self.rows += 1
        token_ids = completion.token_ids if completion else None
        self._count(job.decision, job.trial, response, verdict, token_ids, lost)

    def _row(
        self,
        job: Job,
        body: bytes,
        started: float,
        answer: Answer,
        response: Response,
        verdict: Score,
        lost: Fault | None,
    ) -> dict[str, Any]:
        """The row of a decision, key by key what `runlog.DecisionRow` declares."""
        completion = answer.completion
        prompt = completion.prompt_token_ids if completion else None
        return {
            "case": job.decision.case_id,
            "index": job.decision.index,
            "trial": job.trial,
            "digest": job.decision.digest,
            "request_digest": hashlib.sha256(body).hexdigest(),
            "prompt_digest": wire.ids_digest(prompt) if prompt else None,
            "response": response.__dict__,
            "token_ids": completion.token_ids if completion else None,
            "raw_fault": lost.model_dump() if lost else None,
            "prompt_tail": prompt[-TAIL:] if lost and prompt else None,
            "fault": answer.fault.model_dump() if answer.fault else None,
            "score": verdict.to_json(),
            "usage": {
                "prompt_tokens": completion.prompt_tokens if completion else None,
                "completion_tokens": completion.completion_tokens if completion else None,
            },
            "timing": {
                "started": round(started, 6),
                "latency": round(answer.latency, 6),
                "attempts": answer.attempts,
            },
            "url": self._places[answer.replica],
        }
