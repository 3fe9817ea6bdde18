"""Runs: planned, carried out, resumed, judged again."""

from harness.runner.conversation import JudgedTurn
from harness.runner.gap import self_imitation_gap
from harness.runner.opening import differing
from harness.runner.passes import Progress, Target
from harness.runner.plan import Job, in_prefix_order, jobs_of
from harness.runner.preflight import served_models
from harness.runner.replay import Replay
from harness.runner.rescore import Rescored, numbers_of, rescore
from harness.runner.results import digests_of, load_results, results_of
from harness.runner.rollout import MAX_STEPS
from harness.runner.session import RunOptions, RunResult, run
from harness.runner.spending import spent_in

__all__ = [
    "MAX_STEPS",
    "Job",
    "JudgedTurn",
    "Progress",
    "Replay",
    "Rescored",
    "RunOptions",
    "RunResult",
    "Target",
    "differing",
    "digests_of",
    "in_prefix_order",
    "jobs_of",
    "load_results",
    "numbers_of",
    "rescore",
    "results_of",
    "run",
    "self_imitation_gap",
    "served_models",
    "spent_in",
]
