"""Two runs of the same cases held against each other: differences, tests, what a suite can tell, repeats.

Pure functions of counts. numpy and scipy are imported where they are used: what only judges a run
waits for neither.
"""

from harness.paired.bootstrap import SEED, Counts, Difference, difference
from harness.paired.power import design_effect, detectable_drop
from harness.paired.significance import holm, mcnemar
from harness.paired.trials import flip_rate, pass_hat_k

__all__ = [
    "SEED",
    "Counts",
    "Difference",
    "design_effect",
    "detectable_drop",
    "difference",
    "flip_rate",
    "holm",
    "mcnemar",
    "pass_hat_k",
]
