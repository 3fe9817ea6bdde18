"""A run from beginning to end: preflight, header, execution, footer; resumed where an earlier one stopped."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import harness
from harness import runlog
from harness.client import Client
from harness.errors import HarnessError
from harness.runlog import Footer, Header, Identity, RunWriter, Sampling
from harness.runner.execute import Execution
from harness.runner.opening import check_same, now, open_log, write_cases
from harness.runner.plan import in_prefix_order, jobs_of, rollout_jobs_of
from harness.runner.player import errors_in_json
from harness.runner.preflight import counted, counters, describe
from harness.runner.rescore import numbers_of
from harness.runner.rollout import MAX_STEPS, Rollouts
from harness.scorers.verdict import SCORER_VERSION
from harness.suite import scripts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from harness.metrics import Metrics
    from harness.rollouts import RolloutMetrics
    from harness.runlog import Mode, Unfinished
    from harness.runner.passes import Progress, Target
    from harness.suite import Suite


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run and where to write it."""

    suite: Suite
    target: Target
    folder: Path
    command: Sequence[str]
    trials: int = 1
    mode: Mode = "teacher_forced"
    max_steps: int = MAX_STEPS
    """In rollouts: assistant messages in one user turn at most, unless its script needs more."""
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
    """Of decisions; in rollouts of user turns."""
    rollout: RolloutMetrics | None = None
    """What only rollouts have."""


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
        writer, header, found, places = open_log(options, identity)
        try:
            work = _rollouts if options.mode == "rollout" else _decisions
            execution = work(options, writer, places, found)
            cases = options.suite.cases if found is None else ()
            elapsed = await execution.run(
                client, options.on_progress, options.alive, at_start=lambda: write_cases(writer, cases)
            )
            metrics = execution.tally.metrics()
            footer = Footer(
                rows=(found.rows if found is not None else 0) + execution.rows,
                scored=metrics.scored,
                errored=metrics.errored,
                finished=now(),
                elapsed=round(elapsed, 3),
                server_metrics=counted(before, await counters(client)),
                without_raw=dict(execution.without_raw),
                sha256="",
            )
            rollout = execution.count.metrics() if isinstance(execution, Rollouts) else None
            return RunResult(options.folder, header, writer.finish(footer), metrics, rollout)
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
        mode=options.mode,
        max_steps=options.max_steps if options.mode == "rollout" else None,
        trials=options.trials,
        harness_version=harness.__version__,
        scorer_version=SCORER_VERSION,
    )


def _nothing_left(options: RunOptions) -> RunResult | None:
    """The result of a run that is finished and has nothing to ask again; no server is asked, nothing written."""
    found = RunWriter.begun(options.folder)
    if found is None or not (found.finished and found.complete):
        return None
    earlier = found.header.identity
    check_same(earlier, _identity(options, earlier.server))
    log = runlog.read_log(options.folder)
    options.on_notice("nothing to resume: the run is finished, and no decision met an error")
    return RunResult(options.folder, log.header, log.footer, *numbers_of(log))


def _decisions(options: RunOptions, writer: RunWriter, places: Sequence[int], found: Unfinished | None) -> Execution:
    """A teacher-forced pass, with the rows that a resumed run keeps, so that its numbers cover all of it."""
    ordered, replicas = in_prefix_order(options.suite.decisions), len(options.target.base_urls)
    done = found.done if found is not None else {}
    jobs = jobs_of(ordered, trials=options.trials, replicas=replicas, done=done)
    execution = Execution(options.target, jobs, writer, places)
    if found is not None:
        by_key = {decision.key: decision for decision in options.suite.decisions}
        for row in runlog.decision_rows(runlog.log_path(options.folder)):
            if row.fault is None:
                execution.keep(by_key[row.case, row.index], row)
        _say_resuming(options, found, "decisions")
    return execution


def _rollouts(options: RunOptions, writer: RunWriter, places: Sequence[int], found: Unfinished | None) -> Rollouts:
    """A pass of rollouts, with the cases that a resumed run keeps."""
    scripts = scripts_of(options.suite)
    ordered = dict.fromkeys(decision.case_id for decision in in_prefix_order(options.suite.decisions))
    done, replicas = found.done if found is not None else {}, len(options.target.base_urls)
    jobs = rollout_jobs_of([scripts[name] for name in ordered], trials=options.trials, replicas=replicas, done=done)
    in_json = errors_in_json(text for script in scripts.values() for text in script.observations)
    rollouts = Rollouts(options.target, jobs, writer, places, max_steps=options.max_steps, in_json=in_json)
    if found is not None:
        for row in runlog.rollout_rows(runlog.log_path(options.folder)):
            if row.fault is None:
                rollouts.keep(scripts[row.case], row)
        _say_resuming(options, found, "cases")
    return rollouts


def _say_resuming(options: RunOptions, found: Unfinished, what: str) -> None:
    unread = f"; the raw text of {found.unread} is asked for again" if found.unread else ""
    options.on_notice(f"resuming: {len(found.done)} {what} are done, {found.errored} errored are asked again{unread}")
