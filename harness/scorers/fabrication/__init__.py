"""Fabricated observations: what an answer presents as returned or done although no tool returned or did it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.scorers.fabrication.findings import Evidence, Part, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.trajectory import Trajectory

__all__ = ["Evidence", "Part", "Trajectory", "Verdict", "find"]


def find(trajectory: Trajectory, parts: Sequence[Part], *, called: bool) -> Verdict:
    """Judges the texts of one response; the detector is read at the first of them, for it takes a quarter of a second.

    Args:
        trajectory: everything that came before, read once and used for any number of responses.
        parts: the response's texts; calls are not in them.
        called: whether the generation holds at least one attempt to call.
    """
    from harness.scorers.fabrication.detector import judge

    return judge(trajectory, parts, called=called)


def __getattr__(name: str) -> Any:
    """`Trajectory`, read when it is first asked for: a run's first request waits for no reader of observations."""
    if name == "Trajectory":
        from harness.scorers.fabrication.trajectory import Trajectory

        return Trajectory
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
