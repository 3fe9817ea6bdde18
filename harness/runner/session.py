"""A run from beginning to end: preflight, header, execution, footer; resumed where an earlier one stopped."""

from __future__ import annotations

import asyncio
import platform
import signal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import harness
from harness import runlog
from harness.client import Client
from harness.errors import HarnessError, NotComparableError
from harness.metrics import Metrics, Tally
from harness.runlog import Footer, Header, Identity, RunWriter, Sampling, Unfinished
from harness.runner.execute import Execution, Progress, Target
from harness.runner.judging import judged
from harness.runner.plan import in_prefix_order, jobs_of
from harness.runner.preflight import counted, counters, describe
from harness.runner.rescore import tally_of
from harness.scorers.verdict import SCORER_VERSION
from harness.suite import Suite, tool_json

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from harness.suite import Case, Decision


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run and where to write it."""

    suite: Suite
    target: Target
    folder: Path
    command: Sequence[str]
    trials: int = 1
    resume: bool = False
    model_identity: dict[str, Any] = field(default_factory=dict)
    """What the harness knows of the weights because it served them itself."""
    server_identity: dict[str, Any] = field(default_factory=dict)
    on_progress: Callable[[Progress], None] = lambda _: None
    on_notice: Callable[[str], None] = lambda _: None
    alive: Callable[[], None] = lambda: None


class RunResult(NamedTuple):
    """A finished run."""

    folder: Path
    header: Header
    footer: Footer
    metrics: Metrics


def run(options: RunOptions) -> RunResult:
    """Carries a run out; the log in `options.folder` is complete when this returns.

    Raises:
        KeyboardInterrupt: on Ctrl-C or SIGTERM; what was done is in the log.
        HarnessError: the run could not begin, or not go on; what was done is in the log.
    """
    return _unwrapped(_session(options))


def _unwrapped(work: Coroutine[Any, Any, RunResult]) -> RunResult:
    """Runs a coroutine; of a group of errors the one that a person can act on is raised."""
    caught: list[signal.Signals] = []
    with asyncio.Runner() as loop:
        try:
            return loop.run(_interruptible(work, caught))
        except asyncio.CancelledError:
            if caught:  # now to the handler that stood before: it knows the exit code
                signal.raise_signal(caught[0])
            raise KeyboardInterrupt from None
        except BaseExceptionGroup as group:
            raise _first_cause(group) from None


def _first_cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    ours = group.subgroup(HarnessError)
    found: BaseException = ours if ours is not None else group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found


async def _interruptible(work: Coroutine[Any, Any, RunResult], caught: list[signal.Signals]) -> RunResult:
    """SIGTERM ends a run as Ctrl-C does: with everything written that was done."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        caught.append(number)
        task.cancel()

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        loop.add_signal_handler(number, stop, number)
    try:
        return await work
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


async def _session(options: RunOptions) -> RunResult:
    if options.resume and (finished := _nothing_left(options)) is not None:
        return finished
    target = options.target
    async with Client(target.base_urls, api_key=target.api_key, policy=target.policy) as client:
        described = await describe(client, target.model)
        before = await counters(client)
        server = {**described, **options.server_identity}
        identity = _identity(options, server)
        writer, header, found, places = _open_log(options, identity)
        try:
            tally = Tally()
            ordered = in_prefix_order(options.suite.decisions)
            if found is not None:
                _recount(writer.path, options.suite.decisions, tally, options.on_notice, found)
            done = found.done if found is not None else {}
            jobs = jobs_of(ordered, trials=options.trials, replicas=len(target.base_urls), done=done)
            execution = Execution(target, jobs, writer, tally, places)
            cases = options.suite.cases if found is None else ()
            elapsed = await execution.run(
                client, options.on_progress, options.alive, at_start=lambda: _write_cases(writer, cases)
            )
            metrics = tally.metrics()
            footer = Footer(
                rows=(found.rows if found is not None else 0) + execution.rows,
                scored=metrics.scored,
                errored=metrics.errored,
                finished=_now(),
                elapsed=round(elapsed, 3),
                server_metrics=counted(before, await counters(client)),
                sha256="",
            )
            return RunResult(options.folder, header, writer.finish(footer), metrics)
        finally:
            writer.close()


def _identity(options: RunOptions, server: dict[str, Any]) -> Identity:
    target = options.target
    return Identity(
        suite=options.suite.name,
        suite_digest=options.suite.digest,
        decisions=len(options.suite.decisions),
        model=target.model,
        model_identity=options.model_identity,
        server=server,
        sampling=Sampling(**target.sampling),
        thinking=target.thinking,
        dialect=target.dialect,
        trials=options.trials,
        harness_version=harness.__version__,
        scorer_version=SCORER_VERSION,
    )


def _nothing_left(options: RunOptions) -> RunResult | None:
    """The result of a run that is finished and has nothing to ask again; no server is asked, nothing written."""
    found = RunWriter.begun(options.folder)
    if found is None or not found.finished or len(found.done) < found.decisions:
        return None
    earlier = found.header.identity
    _same_identity(earlier, _identity(options, earlier.server))
    log = runlog.read_log(options.folder)
    options.on_notice("nothing to resume: the run is finished, and no decision met an error")
    return RunResult(options.folder, log.header, log.footer, tally_of(log))


class _Opened(NamedTuple):
    """A log ready for rows."""

    writer: RunWriter
    header: Header
    found: Unfinished | None
    """What an earlier process left; None in a new log."""
    places: list[int]
    """For each address that is asked, the index by which rows name it."""


def _open_log(options: RunOptions, identity: Identity) -> _Opened:
    """A new log with header and tools written, or an earlier one to go on with."""
    suite, urls = options.suite, list(options.target.base_urls)
    if options.resume and (found := RunWriter.begun(options.folder)) is not None:
        _same_identity(found.header.identity, identity)
        added = [url for url in dict.fromkeys(urls) if url not in found.base_urls]
        line = runlog.ResumedRow(
            started=_now(), command=list(options.command), harness_version=harness.__version__, base_urls=added
        )
        writer = RunWriter.resume(options.folder, found)
        try:
            writer.write(runlog.encode(line))
        except BaseException:
            writer.close()
            raise
        known = [*found.base_urls, *added]
        return _Opened(writer, found.header, found, [known.index(url) for url in urls])
    header = Header(
        identity=identity,
        description=suite.description,
        thresholds=dict(suite.thresholds),
        started=_now(),
        command=list(options.command),
        base_urls=urls,
        platform=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
    )
    writer = RunWriter(options.folder, replace=options.resume)
    writer.write(runlog.encode(header))
    writer.write(runlog.encode(runlog.ToolsRow(licence=suite.licence, tools=[tool_json(tool) for tool in suite.tools])))
    return _Opened(writer, header, None, list(range(len(urls))))


def _write_cases(writer: RunWriter, cases: Sequence[Case]) -> None:
    """The cases, a few hundred a write: once the first requests are on their way, before their rows."""
    for begin in range(0, len(cases), 500):
        writer.write(b"".join(runlog.case_line(case.to_json()) for case in cases[begin : begin + 500]))


def _same_identity(earlier: Identity, now: Identity) -> None:
    was, is_now = earlier.model_dump(), now.model_dump()
    if _roots(now) <= _roots(earlier):  # some of the replicas that were asked before: where weights lie is known
        was["server"].pop("root", None)
        is_now["server"].pop("root", None)
    differences = differing(was, is_now)
    if differences:
        raise NotComparableError(
            "cannot resume: this is not the run that was begun.\n" + "\n".join(f"  {line}" for line in differences)
        )


def _roots(identity: Identity) -> set[str]:
    root = identity.server.get("root")
    return {str(path) for path in root} if isinstance(root, list) else {str(root)}


def differing(earlier: Any, now: Any, path: str = "") -> list[str]:
    """The places where two identities differ, in words."""
    if isinstance(earlier, dict) and isinstance(now, dict):
        lines = []
        for key in sorted(earlier.keys() | now.keys()):
            lines += differing(earlier.get(key), now.get(key), f"{path}.{key}" if path else key)
        return lines
    return [] if earlier == now else [f"{path}: was {earlier!r}, is {now!r}"]


def _recount(
    path: Path, decisions: Sequence[Decision], tally: Tally, on_notice: Callable[[str], None], found: Unfinished
) -> None:
    """Counts the rows that a resumed run keeps, so that its numbers cover all of it."""
    by_key = {decision.key: decision for decision in decisions}
    for row in runlog.decision_rows(path):
        if row.fault is None:
            tally.add(judged(by_key[row.case, row.index], row.trial, row.response, row.score))
    on_notice(f"resuming: {len(found.done)} decisions are done, {found.errored} errored are asked again")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
