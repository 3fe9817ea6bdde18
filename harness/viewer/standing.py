"""Where an unfinished run stands, from the log that it writes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import Rate, rate
from harness.runlog import Footer, Header, ResumedRow, RolloutRow, RowVerdict, Tail

if TYPE_CHECKING:
    from pathlib import Path

    from harness.metrics import MetricName
    from harness.runlog.tail import Added

_RECENT = 30.0
"""Seconds over which the rate is taken."""


class Standing(NamedTuple):
    """What the rows of an unfinished run come to."""

    done: int
    total: int
    errored: int
    rates: dict[MetricName, Rate]
    """The metrics that rows tell without the cases that they are about: of turns in rollouts."""
    speed: float | None
    """Decisions (in rollouts: cases) a second; None before anything was seen to be done."""

    @property
    def left(self) -> float | None:
        """Seconds to go at this speed."""
        return (self.total - self.done) / self.speed if self.speed else None


class _Verdict(NamedTuple):
    """What one row counts for: a decision, or the turns of a case."""

    errored: bool
    judged: int = 0
    right: int = 0
    invented: int = 0


class Following:
    """A log that grows, and what its rows come to so far."""

    def __init__(self, path: Path) -> None:
        self.header: Header | None = None
        self.finished = False
        self._tail = Tail(path)
        self._verdicts: dict[tuple[str, int, int], _Verdict] = {}
        self._counts = [0, 0, 0, 0]
        self._seen: list[tuple[float, int]] = []

    def look(self) -> None:
        """Takes in what was added since the last look.

        Raises:
            InputError: a line is not what a log holds.
            OSError: the file cannot be read.
        """
        for found in self._tail.added():
            self._take(found)
        now = time.monotonic()
        self._seen = [entry for entry in self._seen if now - entry[0] <= _RECENT]
        self._seen.append((now, len(self._verdicts)))

    def _take(self, found: Added) -> None:
        if isinstance(found, RowVerdict):
            score = found.score
            verdict = (
                _Verdict(errored=True)
                if score.state == "errored"
                else _Verdict(errored=False, judged=1, right=score.call_correct is True, invented=score.fabricated)
            )
            self._set((found.case, found.index, found.trial), verdict)
        elif isinstance(found, RolloutRow):
            turns = found.turns
            right, invented = sum(turn.correct for turn in turns), sum(turn.fabricated for turn in turns)
            self._set(found.key, _Verdict(found.fault is not None, len(turns), right, invented))
        elif isinstance(found, Header):
            self.header, self.finished = found, False
            self._verdicts, self._counts, self._seen = {}, [0, 0, 0, 0], []
        elif isinstance(found, ResumedRow):  # what met an error is asked again
            for key in [key for key, verdict in self._verdicts.items() if verdict.errored]:
                self._set(key, None)
            self._seen = []
        elif isinstance(found, Footer):
            self.finished = True

    def _set(self, key: tuple[str, int, int], verdict: _Verdict | None) -> None:
        """A later row takes the place of an earlier one."""
        before = self._verdicts.pop(key, None)
        if verdict is not None:
            self._verdicts[key] = verdict
        for sign, one in ((-1, before), (1, verdict)):
            if one is not None:
                self._counts = [total + sign * count for total, count in zip(self._counts, one, strict=True)]

    def standing(self) -> Standing:
        """Where the run stands as of the last look, which has found its header."""
        assert self.header is not None, "asked once there is a header"
        identity = self.header.identity
        asked = self._tail.cases if identity.mode == "rollout" else identity.decisions
        errored, judged, right, invented = self._counts
        rates: dict[MetricName, Rate] = {
            "tool_call_accuracy": rate(right, judged),
            "fabrication_rate": rate(invented, judged),
        }
        return Standing(len(self._verdicts), asked * identity.trials, errored, rates, self._speed())

    def _speed(self) -> float | None:
        (since, before), (now, done) = self._seen[0], self._seen[-1]
        return (done - before) / (now - since) if done > before and now > since else None
