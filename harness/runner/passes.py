"""What every pass over a suite has in common: progress, requests in flight, a server that is gone, evidence."""

from __future__ import annotations

import asyncio
import hashlib
import time
from abc import ABC, abstractmethod
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from harness import runlog, wire
from harness.client import TAIL, Answer, Client, Detokenizer, Policy
from harness.errors import ServerError
from harness.judging import Judge
from harness.metrics import Tally
from harness.records import Response
from harness.runlog import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.records import Dialect, Score
    from harness.runlog import RunWriter, WithoutRaw

Job = TypeVar("Job")
Unread = TypeVar("Unread")

_TICK = 0.25
_READERS = 8
"""Requests in flight for raw text that is read again."""


class Progress(NamedTuple):
    """Where a run stands."""

    done: int
    total: int
    errors: int
    accuracy: float | None
    in_flight: int
    elapsed: float
    rate: float
    """Decisions (turns) a second over the last seconds."""
    unit: str = "decisions"

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


class Pass(ABC, Generic[Job, Unread]):
    """One pass over the jobs of a run; what a job is and how it is done, a subclass says.

    `Unread` is what an earlier process left whose raw text it failed to get.
    """

    unit = asked = "decisions"
    gone_after = 32
    """Requests in a row that meet nothing but connection errors, after which the server counts as gone."""

    def __init__(self, target: Target, jobs: Sequence[Job], writer: RunWriter, places: Sequence[int]) -> None:
        """`places` are the indices by which rows name the target's addresses."""
        self.target = target
        self.jobs = jobs
        self.tally = Tally()
        self.without_raw: Counter[WithoutRaw] = Counter()
        """Responses judged without raw text, by the reason."""
        self.rows = 0
        self._writer = writer
        self._places = places
        self._judge = Judge()
        self._requests = wire.RequestWriter(target.model, target.sampling, target.template_arguments)
        self._start = time.perf_counter()
        self._in_flight = 0
        self._gone = 0
        self._before = self._total = 0
        self._recent: list[tuple[float, int]] = []
        self._unread: list[Unread] = []

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
        self._before = self._done
        self._total = self._before + self._waiting
        # A pass that ends early leaves nobody who would wait for a text.
        with closing(Detokenizer(client, self.target.model)) as detokenizer:
            async with asyncio.TaskGroup() as group:
                ticker = group.create_task(self._tick(on_progress, alive))
                jobs, many = iter(self.jobs), min(self.target.concurrency, len(self.jobs))
                workers = [group.create_task(self._work(jobs, client, detokenizer, group)) for _ in range(many)]
                await asyncio.sleep(0)  # every worker has begun to connect; no answer can be there yet
                at_start()
                readers = [self._read_again(client) for _ in range(min(_READERS, len(self._unread)))]
                await asyncio.gather(*workers, *readers)
                await self._finished()
                ticker.cancel()
        on_progress(self.progress())
        return time.perf_counter() - self._start

    @property
    def _done(self) -> int:
        """Decisions (turns) that are finished."""
        return self.tally.done

    @property
    @abstractmethod
    def _waiting(self) -> int:
        """Decisions (turns) still to be done when the pass begins."""

    @abstractmethod
    async def _work(
        self, jobs: Iterator[Job], client: Client, detokenizer: Detokenizer, group: asyncio.TaskGroup
    ) -> None:
        """Does jobs, one after another, until none is left; others do so at the same time."""

    @abstractmethod
    async def _read_again(self, client: Client) -> None:
        """Asks for raw text that an earlier process failed to get; what fails again stays as it was judged."""

    async def _finished(self) -> None:
        """Waits for what goes on beside the workers."""

    async def _tick(self, on_progress: Callable[[Progress], None], alive: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(_TICK)
            alive()
            on_progress(self.progress())

    def progress(self) -> Progress:
        """Where the run stands now."""
        now = time.perf_counter()
        done = self._done
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
            self.unit,
        )

    async def _complete(self, client: Client, replica: int, body: bytes, case_id: str) -> Answer:
        """One request; notices a server that is gone for good, before everything has run through its retries."""
        self._in_flight += 1
        answer = await client.complete(replica, body, case_id)
        self._in_flight -= 1
        if answer.fault is None or answer.fault.kind != "connection":
            self._gone = 0
            return answer
        self._gone += 1
        if self._gone >= self.gone_after:
            raise ServerError(
                f"the server is gone: {self._gone} {self.asked} in a row met only connection errors "
                f"({answer.fault.message}). What was done is kept; run again with --resume once it is back."
            )
        return answer

    async def _raw(self, answer: Answer, detokenizer: Detokenizer) -> tuple[str | Fault | None, str | Fault]:
        """The raw text of an answer and the text of its prompt's end; nothing where no token ids came."""
        completion = answer.completion
        if completion is None or completion.token_ids is None:
            return None, ""
        prompt = completion.prompt_token_ids or []
        tail = detokenizer.tail(answer.replica, prompt) if prompt else None
        raw = await detokenizer.text(answer.replica, completion.token_ids, prompt)
        return raw, await tail if tail is not None else ""

    def _response(self, answer: Answer, raw: str | Fault | None, tail: str | Fault) -> tuple[Response, Fault | None]:
        """What came back, and what its raw text was lost to.

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
        return response, lost

    async def _reread(self, client: Client, row: runlog.DecisionRow | runlog.Step) -> Response | None:
        """The response of an earlier process with the raw text that failed then; None where it fails again."""
        raw = await client.detokenize(0, self.target.model, row.token_ids or [])
        tail = await client.detokenize(0, self.target.model, row.prompt_tail) if row.prompt_tail else ""
        if not isinstance(raw, str) or not isinstance(tail, str):
            return None
        return row.response.model_copy(update={"raw": raw, "prompt_think": wire.prompt_think_of(tail)})

    def _count_raw(self, response: Response, token_ids: list[int] | None, raw_fault: Fault | None) -> None:
        """Counts a response that was judged without raw text."""
        if response.error is None and (reason := runlog.why_without_raw(token_ids, raw_fault)):
            self.without_raw[reason] += 1

    def _evidence(
        self, body: bytes, started: float, answer: Answer, response: Response, verdict: Score, lost: Fault | None
    ) -> dict[str, Any]:
        """What a row says of one request, key by key as `runlog.DecisionRow` declares it."""
        completion = answer.completion
        prompt = completion.prompt_token_ids if completion else None
        return {
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
