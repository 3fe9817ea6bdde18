"""What a finished run took, from the usage and timing in its log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.comparison import Request, Spent, spent
from harness.runlog import DecisionRow, ResumedRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.baseline import Results
    from harness.runlog import RunLog, Step


def spent_in(results: Results) -> Spent | None:
    """What a run took; None of a baseline, which holds verdicts alone."""
    log = results.log
    if log is None:
        return None
    counters = log.footer.server_metrics
    queries, hits = (int(counters.get(f"prefix_cache_{name}", 0)) for name in ("queries", "hits"))
    return spent(
        results.entries,
        _requests(log),
        log.footer.elapsed,
        processes=len(log.resumed) + 1,
        cached=hits / queries if queries else None,
    )


def _requests(log: RunLog) -> Iterator[Request]:
    process = 0
    for entry in log.entries():
        if isinstance(entry, ResumedRow):
            process += 1
        elif isinstance(entry, DecisionRow):
            yield _request(entry, process, scored=entry.fault is None)
        else:
            for step in entry.steps:
                yield _request(step, process, scored=entry.fault is None)


def _request(asked: DecisionRow | Step, process: int, *, scored: bool) -> Request:
    usage, timing = asked.usage, asked.timing
    return Request(
        timing.started,
        timing.latency,
        timing.attempts,
        usage.prompt_tokens,
        usage.completion_tokens,
        process,
        scored,
    )
