"""A replica that went away is remembered: its work goes to the others, and now and then one request looks for it."""

from __future__ import annotations

from harness.client import Policy
from harness.client.resting import Resting
from harness.testing import Faults, MockServer, sample_suite

QUICK = Policy(timeout=5.0, retries=2, backoff=0.001)


def test_a_dead_replica_is_not_asked_for_every_decision(tmp_path, go):
    suite = sample_suite(tmp_path / "many", copies=12)
    with MockServer(suite, faults=Faults(die_after=3)) as mortal, MockServer(suite) as other:
        done = go(suite, mortal, other, concurrency=4, policy=QUICK)
    assert done.result.metrics.scored == len(suite.decisions)
    wasted = sum(row.timing.attempts for row in done.rows) - len(suite.decisions)
    assert 0 < wasted < 12, "48 decisions were to go to the one that is gone"
    assert [row.response.raw is None for row in done.rows].count(True) == 0, "the other decodes for it"


def test_without_retries_another_replica_still_takes_over(tmp_path, go):
    """Only an answer is the server's last word: whoever cannot be reached has not had the request."""
    suite = sample_suite(tmp_path / "many", copies=6)
    with MockServer(suite, faults=Faults(die_after=3)) as mortal, MockServer(suite) as other:
        done = go(suite, mortal, other, concurrency=1, policy=QUICK._replace(retries=0))
    assert done.result.metrics.errored <= 1, "the request under way when it died, at most"


def test_one_asker_tries_what_rested_and_each_pause_is_twice_as_long():
    now = [0.0]
    resting = Resting(failures=1, clock=lambda: now[0])
    assert resting.may_try("a")
    resting.failed("a")
    resting.failed("a")  # a request that was under way
    pauses = []
    for _ in range(9):
        since = now[0]
        while not resting.may_try("a"):
            now[0] += 0.5
        assert not resting.may_try("a"), "one is enough"
        resting.failed("a")
        pauses.append(now[0] - since)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    resting.worked("a")
    assert resting.may_try("a")
    assert resting.may_try("a")


def test_some_things_rest_only_after_failures_in_a_row():
    resting = Resting(failures=3, clock=lambda: 0.0)
    for _ in range(5):
        resting.failed("a")
        resting.failed("a")
        assert resting.may_try("a")
        resting.worked("a")
    for _ in range(3):
        resting.failed("a")
    assert not resting.may_try("a")
