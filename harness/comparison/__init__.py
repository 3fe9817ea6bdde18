"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.gate import Broken, Check, GateResult, gate, refused
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing

__all__ = [
    "ALPHA",
    "Broken",
    "Change",
    "Check",
    "Diff",
    "Differing",
    "Flips",
    "GateResult",
    "Pair",
    "Pairing",
    "changes",
    "diff",
    "gate",
    "metrics_in",
    "pairing",
    "refused",
]
