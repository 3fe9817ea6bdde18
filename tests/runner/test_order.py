"""Requests go out in the order that the server's prefix cache likes, and a case stays where its prefixes are."""

from __future__ import annotations

from itertools import groupby

import pytest

from harness.runner import in_prefix_order, jobs_of
from harness.suite import load_suite
from harness.testing import DROP, Faults, MockServer, sample_suite, write_suite


def runs_of(items):
    return [key for key, _ in groupby(items)]


@pytest.fixture
def many(tmp_path):
    return sample_suite(tmp_path / "many", copies=3)


def test_a_cases_decisions_stay_together_in_their_order(many):
    ordered = in_prefix_order(many.decisions)
    cases = runs_of(decision.case_id for decision in ordered)
    assert len(cases) == len(set(cases)) == len(many.cases)
    for _, decisions in groupby(ordered, key=lambda decision: decision.case_id):
        indices = [decision.index for decision in decisions]
        assert indices == sorted(indices)


def test_cases_with_the_same_tools_and_system_text_come_together(many):
    def beginning(decision):
        system = [message["content"] for message in decision.messages if message["role"] == "system"]
        return tuple(tool.function.name for tool in decision.tools), *system

    beginnings = runs_of(beginning(decision) for decision in in_prefix_order(many.decisions))
    assert len(beginnings) == len(set(beginnings)) == 3


def test_order_is_the_same_whatever_order_the_cases_came_in(many):
    assert in_prefix_order(reversed(many.decisions)) == in_prefix_order(many.decisions)


def test_trials_of_a_decision_follow_one_another(many):
    jobs = jobs_of(in_prefix_order(many.decisions), trials=3, replicas=2)
    assert len({job.key for job in jobs}) == len(jobs) == 3 * len(many.decisions)
    decisions = runs_of(job.decision.key for job in jobs)
    assert len(decisions) == len(many.decisions)
    assert [job.trial for job in jobs[:3]] == [0, 1, 2]


def test_replicas_share_the_cases_evenly_and_whole(many):
    jobs = jobs_of(in_prefix_order(many.decisions), trials=2, replicas=3)
    homes = {case.id: {job.replica for job in jobs if job.decision.case_id == case.id} for case in many.cases}
    assert all(len(replicas) == 1 for replicas in homes.values())
    counts = [sum(home == {replica} for home in homes.values()) for replica in range(3)]
    assert max(counts) - min(counts) <= 1


def test_what_is_done_is_left_out_and_moves_no_case_to_another_replica(many):
    ordered = in_prefix_order(many.decisions)
    whole = jobs_of(ordered, trials=2, replicas=2)
    done = {job.key for job in whole[:7]} | {whole[11].key}
    assert jobs_of(ordered, trials=2, replicas=2, done=done) == [job for job in whole if job.key not in done]


def test_one_request_at_a_time_meets_the_server_in_that_order(many, go):
    with MockServer(many) as server:
        done = go(many, server, concurrency=1)
    assert server.asked == [decision.key for decision in in_prefix_order(many.decisions)]
    counters = done.result.footer.server_metrics
    assert counters["prefix_cache_hits"] > 0.7 * counters["prefix_cache_queries"]


def test_each_decision_is_asked_once_in_each_trial(suite, go):
    with MockServer(suite) as server:
        done = go(suite, server, trials=3)
    assert sorted(server.asked) == sorted(3 * [decision.key for decision in suite.decisions])
    assert sorted({row.trial for row in done.rows}) == [0, 1, 2]
    assert done.result.metrics.decisions == 3 * len(suite.decisions)
    assert done.result.metrics.metrics["case_pass_rate"].denominator == 9  # any_call alone makes no case


def test_a_case_stays_on_its_replica_and_says_which_case_it_is(many, go):
    with MockServer(many) as one, MockServer(many) as two:
        done = go(many, one, two)
    places = [{request.decision.case_id for request in server.chats} for server in (one, two)]
    assert all(places)
    assert not places[0] & places[1]
    assert {row.url for row in done.rows if row.case in places[1]} == {1}
    for request in one.chats + two.chats:
        plain = request.decision.case_id
        sent = request.headers["X-Session-ID"]
        assert sent == plain if plain.isascii() else sent.isascii() and "%C3%BC" in sent


def test_another_replica_takes_over_from_one_that_drops_connections(many, go):
    with MockServer(many, faults=Faults(always=DROP)) as broken, MockServer(many) as sound:
        done = go(many, broken, sound)
    assert done.result.metrics.errored == 0
    assert sorted(sound.asked) == sorted(decision.key for decision in many.decisions)
    assert {row.url for row in done.rows} == {1}
    assert {row.timing.attempts for row in done.rows} == {1, 2}


def test_tools_that_change_in_a_case_sort_it_by_what_is_offered(tmp_path):
    cases = """\
id: one
turns:
  - user: Hello there.
    tools: [get_route]
  - expect: {no_call: true}
    answer: Hello to you.
  - user: And now?
    tools: [get_weather]
  - expect: {no_call: true}
---
id: two
tools: [get_route]
turns:
  - user: Hello.
  - expect: {no_call: true}
"""
    suite = load_suite(write_suite(tmp_path / "changing", cases))
    ordered = [decision.key for decision in in_prefix_order(suite.decisions)]
    assert ordered == [("one", 0), ("two", 0), ("one", 1)]
    jobs = jobs_of(in_prefix_order(suite.decisions), trials=1, replicas=2)
    homes = {job.decision.case_id: job.replica for job in jobs}
    assert homes == {"one": 0, "two": 1}
