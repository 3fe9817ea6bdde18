"""Whatever a server does, it is a fault in a row, never a model's; what every request would meet ends the run."""

from __future__ import annotations

import asyncio
import socket

import pytest

from harness.client import Client, Policy
from harness.errors import NotComparableError, ServerError, UsageError
from harness.runlog import decision_rows
from harness.testing import (
    CONTEXT_TOO_LONG,
    DROP,
    HALF_BODY,
    HANG,
    NO_TOOL_PARSER,
    NOT_JSON,
    Faults,
    MockServer,
    Trouble,
    sample_suite,
    status,
    wrong_model,
)
from selection import slow

QUICK = Policy(timeout=30.0, retries=2, backoff=0.001)


def answer(body):
    return Trouble("answer", 200, body)


ABORTED = answer(b'{"choices": [{"message": {}, "finish_reason": "abort"}]}')


@pytest.mark.parametrize(
    ("trouble", "kind", "code", "attempts", "message"),
    [
        (DROP, "connection", None, 3, "Server disconnected"),
        (HALF_BODY, "connection", None, 3, "payload is not completed"),
        *slow([(HANG, "timeout", None, 1, "no answer within 1 s")]),
        (status(500), "http", 500, 3, "answered 500 by plan"),
        (status(429), "http", 429, 3, "answered 429 by plan"),
        (status(403), "http", 403, 1, "answered 403 by plan"),
        (CONTEXT_TOO_LONG, "context_length", 400, 1, "maximum context length is 8192"),
        (NOT_JSON, "protocol", 200, 1, "the answer is not JSON"),
        (answer(b""), "protocol", 200, 1, "an empty body"),
        (answer(b'{"choices": []}'), "protocol", 200, 1, "no chat completion"),
        (ABORTED, "protocol", 200, 1, "broke the generation off"),
    ],
    ids=lambda value: value.kind if isinstance(value, Trouble) else None,
)
def test_each_trouble_is_a_fault_of_its_kind(suite, go, trouble, kind, code, attempts, message):
    """One case meets it in every request, the others nothing."""
    with MockServer(suite, faults=Faults(cases={"chat-3": trouble})) as server:
        done = go(suite, server, policy=QUICK._replace(timeout=1.0) if trouble is HANG else QUICK)
    row = done.by_key["chat-3", 0]
    assert (row.fault.kind, row.fault.status, row.timing.attempts) == (kind, code, attempts)
    assert message in row.fault.message
    assert (row.score.state, row.score.outcome, row.score.call_correct) == ("errored", "errored", None)
    assert row.response.message is row.response.raw is None
    metrics = done.result.metrics
    assert (metrics.errored, metrics.scored) == (1, len(suite.decisions) - 1)
    assert metrics.metrics["tool_call_accuracy"].value == 1.0, "an error is in no denominator"


def test_passing_trouble_leaves_no_trace_but_the_attempts(suite, go):
    first = (DROP, status(500), status(429, retry_after=0), HALF_BODY, status(503))
    with MockServer(suite, faults=Faults(first=first)) as server:
        done = go(suite, server, concurrency=1, policy=Policy(timeout=5, retries=5, backoff=0.001))
    assert done.result.metrics.errored == 0
    assert [row.timing.attempts for row in done.rows] == [6] + [1] * (len(suite.decisions) - 1)


def test_retry_after_is_waited_for(suite, monkeypatch):
    pauses = []

    async def sleep(seconds):
        pauses.append(seconds)

    async def ask(server):
        async with Client([server.base_url], policy=Policy(backoff=0.001)) as client:
            monkeypatch.setattr("harness.client.http.asyncio.sleep", sleep)
            return await client.complete(0, server_body, "chat-3")

    trouble = (status(429, retry_after=7), status(503, retry_after=3600), status(500))
    with MockServer(suite, faults=Faults(first=trouble)) as server:
        server_body = b'{"model": "mock", "messages": [{"role": "user", "content": "Good morning!"}]}'
        answered = asyncio.run(ask(server))
        monkeypatch.undo()
    assert answered.fault is None
    assert pauses[:2] == [7.0, 60.0]
    assert pauses[2] < 0.1


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (NO_TOOL_PARSER, "--enable-auto-tool-choice --tool-call-parser"),
        (wrong_model("mock", "demo"), "does not serve this model"),
    ],
)
def test_what_every_request_would_meet_ends_the_run(suite, go, trouble, words):
    with MockServer(suite, faults=Faults(always=trouble)) as server, pytest.raises(UsageError, match=words):
        go(suite, server)


def test_a_server_that_is_gone_ends_the_run_and_keeps_what_was_done(tmp_path, go):
    suite = sample_suite(tmp_path / "many", copies=8)
    gone = pytest.raises(ServerError, match=r"the server is gone.*--resume")
    with MockServer(suite, faults=Faults(die_after=10)) as server, gone:
        go(suite, server, concurrency=2, policy=QUICK)
    kept = {(row.case, row.index) for row in decision_rows(tmp_path / "run" / "run.jsonl") if row.fault is None}
    assert 0 < len(kept) <= 10
    with MockServer(suite) as back:
        done = go(suite, back, resume=True)
    assert done.result.metrics.scored == len(suite.decisions)
    assert sorted(back.asked) == sorted({decision.key for decision in suite.decisions} - kept)


def test_nobody_listens(suite, go):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServerError, match=r"no server at .*Is it running"):
        go(suite, base_urls=[url])


def test_replicas_must_be_the_same(suite, go):
    differ = pytest.raises(UsageError, match=r"the replicas differ.*0\.32\.0.*0\.31\.0")
    with MockServer(suite) as one, MockServer(suite, version="0.31.0") as two, differ:
        go(suite, one, two)


class Elsewhere(MockServer):
    """Keeps the model's files in another folder."""

    async def _models(self, request):
        response = await super()._models(request)
        response.body = response.body.replace(b"/models/mock", b"/other/place")
        return response


def test_replicas_may_keep_the_model_in_different_folders(suite, go):
    """Such a run is resumed with either of them, or in another order; not with a folder that is new."""
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as one, Elsewhere(suite) as two:
        done = go(suite, one, two)
        assert done.result.header.identity.server["root"] == ["/models/mock", "/other/place"]
        assert go(suite, one, resume=True).result.metrics.errored == 1
        assert go(suite, two, one, resume=True).result.metrics.errored == 0
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as one:
        go(suite, one, folder="single")
    with Elsewhere(suite) as two, pytest.raises(NotComparableError, match=r"server\.root: was '/models/mock'"):
        go(suite, two, folder="single", resume=True)


def test_a_model_that_one_replica_lacks(suite, go):
    lacking = pytest.raises(UsageError, match=r"/v1 does not serve 'mock'; it serves: other")
    with MockServer(suite) as one, MockServer(suite, model="other") as two, lacking:
        go(suite, one, two)


def test_the_served_process_that_died_is_noticed(suite, go):
    def alive():
        raise ServerError("vLLM ended with code 1")

    with MockServer(suite, faults=Faults(always=HANG)) as server, pytest.raises(ServerError, match="ended with code 1"):
        go(suite, server, alive=alive)


def test_odd_answers_are_written_and_read_back(suite, go):
    """What a server sends is evidence: the log holds it, and can be read, shown and judged again."""
    bodies = {
        "chat-3": rb'{"choices": [{"message": {"content": "half \ud800 a pair"}, "token_ids": [-1, 99999999999]}]}',
        "route-4": b'{"choices": [{"message": {"content": {"a": 1}, "tool_calls": {"a": []}}, "finish_reason": 7}], "usage": []}',
        "weather-1": b'{"choices": [{"message": {"content": "good enough", "x": 1e400, "x": 1.50}}]}',
    }
    with MockServer(suite, faults=Faults(cases={case: answer(body) for case, body in bodies.items()})) as server:
        rows = go(suite, server).by_key
    assert rows["chat-3", 0].response.message == {"content": "half \ud800 a pair"}
    assert rows["chat-3", 0].token_ids is None
    assert rows["route-4", 0].score.outcome == "malformed_call"
    assert str(rows["weather-1", 0].response.message["x"]) == "1.50"
