"""Runs: planned, carried out, resumed, judged again."""

from harness.runner.execute import Progress, Target
from harness.runner.opening import differing
from harness.runner.plan import Job, in_prefix_order, jobs_of
from harness.runner.preflight import served_models
from harness.runner.rescore import Rescored, decisions_with_rows, rescore, suite_of, tally_of
from harness.runner.session import RunOptions, RunResult, run

__all__ = [
    "Job",
    "Progress",
    "Rescored",
    "RunOptions",
    "RunResult",
    "Target",
    "decisions_with_rows",
    "differing",
    "in_prefix_order",
    "jobs_of",
    "rescore",
    "run",
    "served_models",
    "suite_of",
    "tally_of",
]
