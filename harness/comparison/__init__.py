"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.costs import Cost, Request, Spent, cost, spent
from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, metrics_in
from harness.comparison.models import Comparison, Contender, Slice, Together, compare
from harness.comparison.pairing import Pair, Pairing, pairing

__all__ = [
    "ALPHA",
    "Change",
    "Comparison",
    "Contender",
    "Cost",
    "Diff",
    "Differing",
    "Flips",
    "Pair",
    "Pairing",
    "Request",
    "Slice",
    "Spent",
    "Together",
    "changes",
    "compare",
    "cost",
    "diff",
    "metrics_in",
    "pairing",
    "spent",
]
