"""What a run writes about itself, and that it leaves the process as it found it."""

from __future__ import annotations

import platform
import signal
from pathlib import Path

import harness
from harness.runlog import Sampling, read_log
from harness.runner.preflight import counted
from harness.scorers.verdict import SCORER_VERSION
from harness.testing import MockServer


def test_header_says_what_was_compared(suite, go):
    with MockServer(suite) as one, MockServer(suite) as two:
        done = go(suite, one, two, trials=2, thinking=False)
        urls = [one.base_url, two.base_url]
    header = read_log(done.folder).header
    identity = header.identity
    assert header == done.result.header
    assert (identity.suite, identity.suite_digest, identity.decisions) == ("sample", suite.digest, 8)
    assert (identity.model, identity.dialect, identity.thinking, identity.trials) == ("mock", "hermes", False, 2)
    assert identity.sampling == Sampling(max_tokens=64)
    assert identity.server == {"root": "/models/mock", "parent": None, "max_model_len": 8192, "vllm_version": "0.32.0"}
    assert (identity.harness_version, identity.scorer_version) == (harness.__version__, SCORER_VERSION)
    assert (header.command, header.base_urls) == (["test"], urls)
    assert header.started.endswith("Z")
    assert platform.python_version() in header.platform


def test_footer_counts(suite, go):
    with MockServer(suite) as server:
        footer = go(suite, server).result.footer
    assert (footer.rows, footer.scored, footer.errored) == (8, 8, 0)
    assert footer.elapsed > 0
    assert footer.server_metrics["generation_tokens"] > 0
    assert footer.server_metrics.keys() == {
        "prefix_cache_queries",
        "prefix_cache_hits",
        "prompt_tokens",
        "generation_tokens",
    }


def test_counters_are_this_runs_alone(suite, go):
    with MockServer(suite) as server:
        first = go(suite, server).result.footer.server_metrics["prompt_tokens"]
        second = go(suite, server, folder="again").result.footer.server_metrics["prompt_tokens"]
    assert first == second > 0


def test_cases_stand_before_the_rows_with_all_they_need(suite, go):
    with MockServer(suite) as server:
        log = read_log(go(suite, server).folder)
    assert [case["id"] for case in log.cases()] == [case.id for case in suite.cases]
    assert [tool["function"]["name"] for tool in log.suite.tools] == ["get_weather", "get_route", "book_table"]
    assert log.suite.licence == "Apache-2.0"


def test_counters_of_a_replica_that_went_away_are_left_out():
    before = [{"prompt_tokens": 100}, {"prompt_tokens": 1000}, {"prompt_tokens": 500}]
    after = [{"prompt_tokens": 130}, {}, {"prompt_tokens": 7}]
    assert counted(before, after) == {"prompt_tokens": 30}


def test_progress_ends_with_all_done(suite, go):
    seen = []
    with MockServer(suite) as server:
        go(suite, server, on_progress=seen.append)
    last = seen[-1]
    assert (last.done, last.total, last.errors, last.accuracy, last.in_flight) == (8, 8, 0, 1.0, 0)


def test_signal_handlers_are_put_back(suite, go):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with MockServer(suite) as server:
        go(suite, server)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_nothing_but_tests_imports_the_testing_package():
    root = Path(harness.__file__).parent
    others = [path for path in root.rglob("*.py") if path.parent != root / "testing"]
    assert others
    assert not [path for path in others if "harness.testing" in path.read_text()]
