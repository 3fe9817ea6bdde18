"""Fabricated observations: what an answer presents as returned or done although no tool returned or did it."""

from __future__ import annotations

from harness.scorers.fabrication.detector import Evidence, Part, Verdict, find
from harness.scorers.fabrication.trajectory import Trajectory

__all__ = ["Evidence", "Part", "Trajectory", "Verdict", "find"]
