"""Metrics of decisions made up by hand, and the header of a run."""

from __future__ import annotations

from contextlib import chdir

import pytest

from harness.cli import main
from harness.metrics import Judged, Metrics, metrics_of
from harness.records import Score, Violation
from harness.runlog import Footer, Header, Identity, Sampling
from mixed import mixed_run, mixed_suite


def judged(case, outcome, *, confusion=None, violations=(), defects=(), tags=(), agree=True, attribution=None):
    right = outcome in ("correct_call", "correct_no_call")
    errored = outcome == "errored"
    called = outcome in ("correct_call", "wrong_arguments")
    score = Score(
        state="errored" if errored else "called" if called else "answered",
        outcome=outcome,
        call_correct=None if errored else right,
        name_correct=True if called else None,
        args_correct=right if called else None,
        violations=[Violation(code=code, path="", message="so") for code in violations],
        quality_defects=list(defects),
        channels_agree=None if errored else agree,
    )
    return Judged((case, 0), "calls" if called else "no_call", score, (("depth", "1"), *tags), confusion, attribution)


@pytest.fixture
def metrics() -> Metrics:
    return metrics_of(
        [
            judged("a", "correct_call", tags=[("language", "en")]),
            judged("a", "correct_no_call", defects=["too_short"], tags=[("language", "en")]),
            judged(
                "b",
                "wrong_arguments",
                confusion=("get_weather", "get_weather with wrong city"),
                violations=["value_mismatch", "value_mismatch", "missing_argument"],
                tags=[("language", "zh")],
                agree=False,
                attribution="repaired",
            ),
            judged("c", "errored"),
        ]
    )


@pytest.fixture
def header() -> Header:
    return Header(
        identity=Identity(
            suite="sample",
            suite_digest="0123456789abcdef",
            decisions=4,
            model="mock",
            server={"vllm_version": "0.32.0", "tool_call_parser": "hermes"},
            sampling=Sampling(max_tokens=64),
            dialect="hermes",
            harness_version="0",
            scorer_version="1",
        ),
        thresholds={"tool_call_accuracy": 1, "response_quality": 0},
        started="2026-01-01T00:00:00Z",
        command=["harness", "run"],
        base_urls=["http://127.0.0.1:1/v1"],
    )


@pytest.fixture
def footer() -> Footer:
    return Footer(
        rows=4,
        scored=3,
        errored=1,
        finished="2026-01-01T00:00:09Z",
        elapsed=9.04,
        server_metrics={"prefix_cache_queries": 200, "prefix_cache_hits": 150},
        sha256="",
    )


@pytest.fixture(scope="session")
def mixed_place(tmp_path_factory):
    """A folder with runs of a model that is wrong in every way: stages, trials, rollouts, variants, a baseline."""
    place = tmp_path_factory.mktemp("mixed")
    with chdir(place):
        suite = mixed_suite(place / "suite", "thresholds: {tool_call_accuracy: 0.9, fabrication_rate: 0.01}\n")
        suite = suite.relative_to(place)
        assert main(["nulls", str(suite)]) == 0
        mixed_run(suite, "base", 1, "--trials", "2", right=60)
        mixed_run(suite, "sft", 2, "--trials", "2", right=10)
        mixed_run(suite, "dpo", 3, right=95, errors=False)
        mixed_run(suite, "both", 1, "--mode", "both", right=60)
        mixed_run(suite, "worse", 5, "--mode", "rollout", right=10)
        assert main(["stress", str(suite), "--with", "rename_tools,polite_users", "--out", "variants"]) == 0
        mixed_run("variants", "varied", 1, right=60, errors=False)
        assert main(["baseline", "save", "base", "--name", "first", "--max-error-rate", "1"]) == 0
    return place
