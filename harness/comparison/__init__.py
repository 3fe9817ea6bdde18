"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.gate import Broken, Check, GateResult, gate, refused
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.comparison.stages import Against, Stage, Stages, Step, Trials, stages

__all__ = [
    "ALPHA",
    "Against",
    "Broken",
    "Change",
    "Check",
    "Diff",
    "Differing",
    "Flips",
    "GateResult",
    "Pair",
    "Pairing",
    "Stage",
    "Stages",
    "Step",
    "Trials",
    "changes",
    "diff",
    "gate",
    "metrics_in",
    "pairing",
    "refused",
    "stages",
]
