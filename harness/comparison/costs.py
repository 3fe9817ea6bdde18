"""What a run took: tokens, latency, throughput, GPU hours and money; of its own decisions, whatever it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.baseline import Entry


class Request(NamedTuple):
    """One request of a run that was answered or given up; times in seconds since its process began."""

    started: float
    latency: float
    """Of its last attempt."""
    attempts: int
    prompt_tokens: int | None
    completion_tokens: int | None
    process: int = 0
    """Which process sent it, from 0: every resumption of a run is another one."""
    scored: bool = True
    """Whether the decision (of rollouts: the case) that it belongs to was scored."""


class Verdicts(NamedTuple):
    """How many decisions of a run were scored, and how many of them tool_call_accuracy counts as right."""

    scored: int
    correct: int


def verdicts(entries: Iterable[Entry]) -> Verdicts:
    """The counts of a run."""
    judged = [entry for entry in entries if not entry.errored]
    return Verdicts(len(judged), sum(entry.right for entry in judged))


class Spent(Record):
    """What a run took. Tokens, latency and throughput are of scored decisions (of rollouts: turns) only.

    A figure is null where it has no denominator or the server did not tell.
    """

    processes: int
    """More than 1: the run was resumed."""
    elapsed: float
    """Seconds that the processes of the run took together, the harness's own work included; of those that were
    stopped up to their last answer. Neither loading the model nor the time between two processes is in it."""
    scored: int
    correct: int
    requests: int
    """That scored decisions took."""
    failed: int
    """Requests of errored decisions."""
    retried: int
    """Requests sent more than once."""
    without_usage: int
    """Requests of scored decisions for which the server told no tokens; with any, no figure is made of tokens."""
    prompt_tokens: int | None
    completion_tokens: int | None
    prompt_per_decision: float | None
    completion_per_decision: float | None
    prompt_per_correct: float | None
    """All tokens, those of wrong decisions too, by correct decisions."""
    completion_per_correct: float | None
    """The same of completion tokens."""
    latency_p50: float | None
    latency_p95: float | None
    in_flight: float | None
    """Requests in flight on average: the sum of all latencies / elapsed (J. D. C. Little, "A proof for the queuing
    formula L = λW", Operations Research 9 (1961) 383-387)."""
    most_in_flight: int
    decisions_per_second: float | None
    completion_per_second: float | None
    cached: float | None
    """Share of prompt tokens that the server had cached, by its own counters (while the last process ran)."""


class Cost(Record):
    """What a run costs on so many GPUs, from its wall time; prices are of one GPU for one hour, in any currency."""

    gpus: float
    price: float | None
    gpu_hours: float
    gpu_hours_per_1000: float | None
    """Of 1,000 correct decisions; null where none is correct."""
    total: float | None
    per_1000: float | None


def spent(
    entries: Iterable[Entry],
    requests: Iterable[Request],
    last_elapsed: float,
    *,
    processes: int = 1,
    cached: float | None = None,
) -> Spent:
    """What a run took.

    Percentiles are numpy's, linear between order statistics (type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles
    in statistical packages", The American Statistician 50 (1996) 361-365).

    Args:
        entries: the verdicts of the run.
        requests: all that it made.
        last_elapsed: seconds that the process which finished it took.
        processes: how many it took.
        cached: share of prompt tokens that the server had cached, where it tells.
    """
    scored, correct = verdicts(entries)
    everything = list(requests)
    counted = [request for request in everything if request.scored]
    elapsed = last_elapsed + _stopped(everything, processes)
    prompt = _sum([request.prompt_tokens for request in counted])
    completion = _sum([request.completion_tokens for request in counted])
    p50, p95 = _percentiles([request.latency for request in counted], (50, 95))
    return Spent(
        processes=processes,
        elapsed=elapsed,
        scored=scored,
        correct=correct,
        requests=len(counted),
        failed=len(everything) - len(counted),
        retried=sum(request.attempts > 1 for request in everything),
        without_usage=sum(None in (request.prompt_tokens, request.completion_tokens) for request in counted),
        prompt_tokens=prompt,
        completion_tokens=completion,
        prompt_per_decision=_over(prompt, scored),
        completion_per_decision=_over(completion, scored),
        prompt_per_correct=_over(prompt, correct),
        completion_per_correct=_over(completion, correct),
        latency_p50=p50,
        latency_p95=p95,
        in_flight=_over(sum(request.latency for request in everything), elapsed),
        most_in_flight=_most_in_flight(everything),
        decisions_per_second=_over(scored, elapsed),
        completion_per_second=_over(completion, elapsed),
        cached=cached,
    )


def cost(run: Spent, gpus: float, price: float | None) -> Cost:
    """What a run costs: GPU hours = GPUs * elapsed / 3600; of 1,000 correct decisions, hours / correct * 1,000.

    Args:
        run: what it took.
        gpus: how many served it.
        price: of one GPU for one hour; without it only hours are told.
    """
    hours = gpus * run.elapsed / 3600
    per_1000 = None if run.correct == 0 else hours / run.correct * 1000
    return Cost(
        gpus=gpus,
        price=price,
        gpu_hours=hours,
        gpu_hours_per_1000=per_1000,
        total=None if price is None else hours * price,
        per_1000=None if price is None or per_1000 is None else per_1000 * price,
    )


def _stopped(requests: Iterable[Request], processes: int) -> float:
    """The seconds of all processes of a run but the last, each up to its last answer."""
    ends = [0.0] * processes
    for request in requests:
        ends[request.process] = max(ends[request.process], request.started + request.latency)
    return sum(ends[:-1])


def _sum(counts: Sequence[int | None]) -> int | None:
    """The sum; None where there is nothing to add, or one is not known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known and len(known) == len(counts) else None


def _over(amount: float | None, by: float) -> float | None:
    return None if amount is None or by == 0 else amount / by


def _percentiles(values: Sequence[float], which: Sequence[int]) -> list[float | None]:
    if not values:
        return [None] * len(which)
    import numpy as np

    return [float(found) for found in np.percentile(np.array(values), which, method="linear")]


def _most_in_flight(requests: Sequence[Request]) -> int:
    """The most requests that were under way at one moment; processes of a run never overlap."""
    moments: list[tuple[int, float, int]] = []
    for request in requests:
        moments.append((request.process, request.started, 1))
        moments.append((request.process, request.started + request.latency, -1))
    most = now = 0
    for _, _, change in sorted(moments):  # where one ends as another begins, it ends first
        now += change
        most = max(most, now)
    return most
