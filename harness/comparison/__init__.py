"""Comparisons of what runs came to; pure, with no file read or written."""

from harness.comparison.cases import State, Verdict, verdicts
from harness.comparison.costs import Cost, Request, Spent, cost, spent
from harness.comparison.diff import Diff, Flips, diff
from harness.comparison.gate import Broken, Check, GateResult, alone, gate, refused
from harness.comparison.identity import Differing
from harness.comparison.measures import ALPHA, Change, changes, counted, metrics_in
from harness.comparison.models import Comparison, Contender, Slice, Together, compare
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.comparison.stages import Against, Stage, Stages, Step, Trials, stages
from harness.comparison.variants import ByChange, Variants, has_variants, variants

__all__ = [
    "ALPHA",
    "Against",
    "Broken",
    "ByChange",
    "Change",
    "Check",
    "Comparison",
    "Contender",
    "Cost",
    "Diff",
    "Differing",
    "Flips",
    "GateResult",
    "Pair",
    "Pairing",
    "Request",
    "Slice",
    "Spent",
    "Stage",
    "Stages",
    "State",
    "Step",
    "Together",
    "Trials",
    "Variants",
    "Verdict",
    "alone",
    "changes",
    "compare",
    "cost",
    "counted",
    "diff",
    "gate",
    "has_variants",
    "metrics_in",
    "pairing",
    "refused",
    "spent",
    "stages",
    "variants",
    "verdicts",
]
