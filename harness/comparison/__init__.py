"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.comparison.stages import Against, Stage, Stages, Step, Trials, stages

__all__ = [
    "ALPHA",
    "Against",
    "Change",
    "Diff",
    "Differing",
    "Flips",
    "Pair",
    "Pairing",
    "Stage",
    "Stages",
    "Step",
    "Trials",
    "changes",
    "diff",
    "metrics_in",
    "pairing",
    "stages",
]
