"""What a run took: figures checked by hand, and against the log of a run that a mock server answered."""

from __future__ import annotations

import itertools

import pytest

from harness.baseline import Entry
from harness.comparison import Contender, Request, compare, cost, spent
from harness.runlog import read_log
from harness.runner import results_of, spent_in
from harness.testing import Faults, MockServer, sample_suite, status


def entries(*outcomes):
    return [
        Entry(
            case=f"case-{number}",
            index=0,
            trial=0,
            digest=str(number),
            depth=1,
            tools=1,
            expect="calls",
            outcome=outcome,
        )
        for number, outcome in enumerate(outcomes)
    ]


# Latencies 1, 2, 3, 4 s; where two requests meet at a moment the first has ended as the other begins.
REQUESTS = [
    Request(0.0, 1.0, 1, 100, 10),
    Request(0.0, 2.0, 1, 200, 20),
    Request(1.0, 3.0, 1, 300, 30),
    Request(2.0, 4.0, 2, 400, 40),
]


def test_figures_by_hand():
    run = spent(entries("correct_call", "correct_no_call", "missed_call", "wrong_tool"), REQUESTS, 10.0)
    assert (run.scored, run.correct, run.requests, run.failed, run.retried, run.processes) == (4, 2, 4, 0, 1, 1)
    assert (run.prompt_tokens, run.completion_tokens) == (1000, 100)
    assert (run.prompt_per_decision, run.completion_per_decision) == (250.0, 25.0)
    assert (run.prompt_per_correct, run.completion_per_correct) == (500.0, 50.0)
    # Type 7: p50 lies halfway between 2 and 3; p95 at 0.95 * (4 - 1) = 2.85, so 0.85 of the way from 3 to 4.
    assert run.latency_p50 == pytest.approx(2.5)
    assert run.latency_p95 == pytest.approx(3.85)
    assert (run.decisions_per_second, run.completion_per_second) == (0.4, 10.0)
    assert (run.in_flight, run.most_in_flight) == (1.0, 2)


def test_cost_by_hand():
    run = spent(entries("correct_call", "correct_no_call", "missed_call", "wrong_tool"), REQUESTS, 90.0)
    found = cost(run, 8, 2.5)
    # 8 GPUs for 90 s are 0.2 hours; for 2 correct decisions, so 100 hours for 1,000; at 2.5 an hour 250.
    assert found.gpu_hours == pytest.approx(0.2)
    assert found.total == pytest.approx(0.5)
    assert found.gpu_hours_per_1000 == pytest.approx(100.0)
    assert found.per_1000 == pytest.approx(250.0)
    unpriced = cost(run, 8, None)
    assert (unpriced.total, unpriced.per_1000) == (None, None)
    assert unpriced.gpu_hours_per_1000 == pytest.approx(100.0)


def test_without_a_correct_decision_nothing_is_had_for_it():
    run = spent(entries("missed_call"), REQUESTS[:1], 10.0)
    assert (run.prompt_per_correct, run.completion_per_correct) == (None, None)
    assert (cost(run, 1, 1.0).gpu_hours_per_1000, cost(run, 1, 1.0).per_1000) == (None, None)
    assert cost(run, 1, 3600.0).total == pytest.approx(10.0)


def test_errored_decisions_count_in_wall_time_alone():
    failed = Request(0.0, 60.0, 5, None, None, scored=False)
    run = spent(entries("correct_call", "errored"), [REQUESTS[0], failed], 100.0)
    assert (run.scored, run.requests, run.failed, run.retried, run.without_usage) == (1, 1, 1, 1, 0)
    assert (run.latency_p95, run.completion_tokens) == (1.0, 10)
    assert run.decisions_per_second == 0.01
    assert run.in_flight == pytest.approx(0.61)


def test_tokens_of_which_some_are_not_known_make_no_figure():
    untold = REQUESTS[1]._replace(completion_tokens=None)
    run = spent(entries("correct_call", "correct_call"), [REQUESTS[0], untold], 10.0)
    assert run.without_usage == 1
    assert (run.completion_tokens, run.completion_per_decision, run.completion_per_second) == (None, None, None)
    assert run.prompt_per_decision == 150.0


def test_a_resumed_run_took_the_time_of_all_its_processes():
    requests = [*REQUESTS, Request(0.5, 1.0, 1, 1, 1, process=1)]
    run = spent(entries("correct_call"), requests, 3.0, processes=3)
    assert run.elapsed == pytest.approx(6.0 + 1.5 + 3.0), "up to the last answers at 6 and 1.5; 3 by the clock"
    assert run.most_in_flight == 2, "processes follow one another"


def test_a_run_of_nothing_has_no_figures():
    run = spent([], [], 0.0)
    assert {run.latency_p50, run.in_flight, run.decisions_per_second, run.prompt_tokens} == {None}
    assert run.most_in_flight == 0


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
def test_what_a_log_tells(tmp_path, go, mode):
    suite = sample_suite(tmp_path / "suite")
    faults = Faults(delay=0.02, cases={"chat-3": status(403)})
    with MockServer(suite, "one_argument_off", faults=faults, rollouts=mode == "rollout") as server:
        done = go(suite, server, mode=mode, concurrency=2)
    log = read_log(done.folder)
    results = results_of(log, "run")
    run = spent_in(results)
    cases = [row for row in done.rollouts.values() if row.fault is None] if mode == "rollout" else []
    asked = [step for row in cases for step in row.steps] or [row for row in done.rows if row.fault is None]
    assert (run.requests, run.failed) == (len(asked), 1)
    assert run.prompt_tokens == sum(one.usage.prompt_tokens for one in asked) > 0
    assert run.completion_tokens == sum(one.usage.completion_tokens for one in asked) > 0
    metric = results.metrics().metrics["tool_call_accuracy"]
    assert (run.correct, run.scored) == (metric.numerator, metric.denominator)
    assert run.completion_per_correct == run.completion_tokens / metric.numerator
    latencies = sorted(one.timing.latency for one in asked)
    assert 0.02 <= latencies[0] <= run.latency_p50 <= run.latency_p95 <= latencies[-1]
    assert run.elapsed == log.footer.elapsed
    assert run.most_in_flight == 2
    assert 0 < run.in_flight <= 2
    counters = log.footer.server_metrics
    assert run.cached == counters["prefix_cache_hits"] / counters["prefix_cache_queries"]


def test_a_case_that_an_error_ended_counts_with_none_of_its_steps(tmp_path, go):
    class FailsOnce(MockServer):
        def _trouble(self, case):
            asked = [request.decision.case_id for request in self.chats].count("weather-1")
            return status(403) if case == "weather-1" and asked == 2 else None

    suite = sample_suite(tmp_path / "suite")
    with FailsOnce(suite, rollouts=True) as server:
        done = go(suite, server, mode="rollout", concurrency=1)
    (ended,) = [row for row in done.rollouts.values() if row.fault is not None]
    assert len(ended.steps) == 2, "one was answered"
    run = spent_in(results_of(read_log(done.folder), "run"))
    assert run.failed == 2
    assert run.requests == sum(len(row.steps) for row in done.rollouts.values()) - 2


def test_the_log_of_a_resumed_run(tmp_path, go):
    suite = sample_suite(tmp_path / "suite")
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        go(suite, server)
        first = spent_in(results_of(read_log(tmp_path / "run"), "run"))
        server.faults = Faults(delay=0.05)
        done = go(suite, server, resume=True)
    results = results_of(read_log(done.folder), "run")
    run = spent_in(results)
    assert (first.processes, run.processes) == (1, 2)
    assert (run.requests, run.failed) == (8, 0)
    before = [row for row in done.rows if row.case != "chat-3"]
    ends = max(row.timing.started + row.timing.latency for row in before)
    assert run.elapsed == pytest.approx(ends + results.log.footer.elapsed)
    assert results.log.footer.elapsed < run.elapsed < first.elapsed + results.log.footer.elapsed + 0.01


def test_a_baseline_tells_nothing_of_it(tmp_path, go):
    suite = sample_suite(tmp_path / "suite")
    with MockServer(suite) as server:
        done = go(suite, server)
    results = results_of(read_log(done.folder), "run")
    assert spent_in(results) is not None
    assert spent_in(results._replace(log=None)) is None


def test_who_is_ahead_where(tmp_path, go):
    suite = sample_suite(tmp_path / "suite", copies=8)
    with MockServer(suite) as server:
        run = results_of(read_log(go(suite, server).folder), "run")
    kinds = {case: tags["kind"] for case, tags in run.tags.items()}

    def missing(*kinds_wrong):
        return run._replace(
            entries=[
                one._replace(outcome="missed_call") if kinds[one.case] in kinds_wrong else one for one in run.entries
            ]
        )

    found = compare(Contender(missing("chain")), Contender(missing("single", "chat")))
    counted = {kind: sum(kinds[one.case] == kind for one in run.entries) for kind in set(kinds.values())}
    assert found.together == (counted["any"], counted["single"] + counted["chat"], counted["chain"], 0)
    ahead = {(one.name, one.value): (one.change.fixed, one.change.broken) for one in found.first_ahead}
    assert ahead[("kind", "single")] == (0, counted["single"])
    assert ("kind", "chain") not in ahead
    assert ("kind", "any") not in ahead, "nothing differs there"
    behind = {(one.name, one.value): one.change.value for one in found.second_ahead}
    assert behind[("kind", "chain")] == 1.0
    assert not set(ahead) & set(behind)
    for slices in (found.first_ahead, found.second_ahead):
        assert all(one.change.p <= other.change.p for one, other in itertools.pairwise(slices)), "surest first"
