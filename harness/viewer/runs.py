"""What the folder of one run tells: of a finished one by its summary, of another by the log that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from pydantic import ConfigDict, ValidationError

from harness.errors import HarnessError
from harness.metrics import Metrics, Rate
from harness.records import MetricName, Record
from harness.rollouts import RolloutMetrics  # noqa: TC001 - pydantic reads it
from harness.runlog import LOG_NAME, Footer, Header, Identity, being_written, footer_of, read_log
from harness.viewer.standing import Following, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SUMMARY, PAGE, REPORT, SERVER_LOG = "summary.json", "summary.md", "report.html", "server.log"
FILES = (REPORT, PAGE, SUMMARY, LOG_NAME, SERVER_LOG)
"""What is served of a run's folder, in the order in which it is offered."""
GAP_FILES = ("gap.md", "gap.json")
"""What is served of the folder above runs in both modes."""

State: TypeAlias = Literal["finished", "running", "stopped", "damaged"]
Stamp: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""Name, size, time of change and number of each file: where it is the same, so is the run."""


class Run(NamedTuple):
    """A run as the index shows it."""

    key: str
    """Its folder below the one that is served, with / between its parts."""
    folder: Path
    state: State
    files: Mapping[str, int]
    """The bytes of each of its files that are served."""
    changed: float
    """When its log was last written to, in seconds since 1970."""
    started: str = ""
    identity: Identity | None = None
    rates: Mapping[MetricName, Rate] = {}
    """Its metrics, as far as they are known: of an unfinished run those that rows alone tell."""
    errored: int = 0
    standing: Standing | None = None
    """Of an unfinished run."""
    command: tuple[str, ...] = ()
    """What an unfinished one was started with."""
    problem: str = ""
    """What is wrong with a damaged one."""

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(self.files.values())


class _Short(Record):
    """As much of summary.json as the index needs."""

    model_config = ConfigDict(extra="ignore")

    class ShortHeader(Record):
        """As much of a header."""

        model_config = ConfigDict(extra="ignore")
        identity: Identity
        started: str

    header: ShortHeader
    footer: Footer
    errored: int
    metrics: dict[MetricName, Rate]


class Summary(Metrics):
    """summary.json."""

    model_config = ConfigDict(extra="ignore")

    header: Header
    footer: Footer
    rollout: RolloutMetrics | None = None


class Runs:
    """Reads runs, and keeps of each what does not change as long as its files do not."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Stamp, Run]] = {}
        self._followed: dict[str, Following] = {}

    def run(self, key: str, folder: Path, stamp: Stamp) -> Run:
        """The run in a folder whose files are as `stamp` says."""
        known = self._known.get(key)
        if known is not None and known[0] == stamp:
            return known[1]
        files = {name: size for name, size, _, _ in stamp}
        changed = next(time / 1e9 for name, _, time, _ in stamp if name == LOG_NAME)
        run = Run(key, folder, "stopped", files, changed)
        try:
            run = self._finished(run) or self._unfinished(run)
        except HarnessError as error:
            run = run._replace(state="damaged", problem=str(error), **self._told(key))
        except OSError as error:
            return run._replace(state="damaged", problem=f"{folder}: {error.strerror}")
        if run.state in ("finished", "damaged"):
            self._known[key] = stamp, run
            self._followed.pop(key, None)
        return run

    def _told(self, key: str) -> dict[str, Any]:
        """What a log told of itself before something was found to be wrong with it."""
        following = self._followed.get(key)
        if following is None or following.header is None:
            return {}
        return {"started": following.header.started, "identity": following.header.identity}

    def forget_all_but(self, keys: set[str]) -> None:
        """Lets go of runs that are no longer there."""
        self._known = {key: known for key, known in self._known.items() if key in keys}
        self._followed = {key: followed for key, followed in self._followed.items() if key in keys}

    def damaged(self, run: Run, problem: str) -> None:
        """Remembers what reading a finished log whole has found to be wrong with it."""
        stamp, known = self._known.get(run.key, ((), None))
        if known is run:
            self._known[run.key] = stamp, run._replace(state="damaged", problem=problem)

    def _finished(self, run: Run) -> Run | None:
        footer = footer_of(run.folder / LOG_NAME)
        if footer is None:
            return None
        if (short := _short(run)) is not None and short.footer == footer:
            return run._replace(
                state="finished",
                started=short.header.started,
                identity=short.header.identity,
                rates=short.metrics,
                errored=short.errored,
            )
        from harness.runner import results_of  # only where there is no summary

        log = read_log(run.folder)
        return run._replace(
            state="finished",
            started=log.header.started,
            identity=log.header.identity,
            rates=results_of(log, run.key).rates(),
            errored=footer.errored,
        )

    def _unfinished(self, run: Run) -> Run:
        log = run.folder / LOG_NAME
        run = run._replace(state="running" if being_written(log) else "stopped")
        following = self._followed.setdefault(run.key, Following(log))
        following.look()
        if following.header is None:
            return run
        standing = following.standing()
        return run._replace(
            started=following.header.started,
            identity=following.header.identity,
            rates=standing.rates,
            errored=standing.errored,
            standing=standing,
            command=tuple(following.header.command),
        )


def _short(run: Run) -> _Short | None:
    """The summary beside a log; None where there is none that can be read."""
    if SUMMARY not in run.files:
        return None
    try:
        return _Short.model_validate_json((run.folder / SUMMARY).read_bytes())
    except (ValidationError, OSError):
        return None


def summary_of(run: Run) -> Summary | None:
    """All numbers of a finished run, its log read whole and found sound; None of one that is unfinished.

    Raises:
        HarnessError: the log is damaged.
    """
    if run.state != "finished":
        return None
    log = read_log(run.folder)
    try:
        found = Summary.model_validate_json((run.folder / SUMMARY).read_bytes())
    except (ValidationError, OSError):
        found = None
    if found is not None and found.footer == log.footer:
        return found
    from harness.runner.rescore import numbers_of  # only where there is no summary

    metrics, rollout = numbers_of(log)
    return Summary(**dict(metrics), header=log.header, footer=log.footer, rollout=rollout)
