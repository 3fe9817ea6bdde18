"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, metrics_in
from harness.comparison.pairing import Pair, Pairing, pairing

__all__ = [
    "ALPHA",
    "Change",
    "Diff",
    "Differing",
    "Flips",
    "Pair",
    "Pairing",
    "changes",
    "diff",
    "metrics_in",
    "pairing",
]
