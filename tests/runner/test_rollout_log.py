"""The log of rollouts: faults, judging again, going on with a run that stopped."""

from __future__ import annotations

import pytest
from aiohttp import web

from harness.errors import NotComparableError, ServerError
from harness.runlog import LOG_NAME, encode, read_log, read_unfinished
from harness.runner import numbers_of, rescore
from harness.scorers.arguments import RIGHT
from harness.testing import CONTEXT_TOO_LONG, DROP, Faults, MockServer, sample_suite, status

# Faults.


def test_a_fault_ends_the_case_which_is_counted_apart_and_never_judged(suite, roll):
    with MockServer(suite, faults=Faults(cases={"weather-1": status(403)}), rollouts=True) as server:
        done = roll(suite, server)
    row = done.rollouts["weather-1"]
    assert (row.fault.kind, row.fault.status, row.turns) == ("http", 403, [])
    metrics, rollout = done.result.metrics, done.result.rollout
    assert (rollout.cases, rollout.errored) == (3, 1)
    assert (metrics.scored, metrics.errored) == (3, 2), "both turns of the case are errored"
    assert "weather-1" not in {summary.case for summary in rollout.rollouts}
    assert metrics.metrics["case_pass_rate"].denominator == 2


def test_a_fault_in_the_middle_keeps_the_steps_before_it(suite, roll):
    """The context runs over at the fourth step: what was said until then is there, and not judged."""

    class Limited(MockServer):
        def _trouble(self, case):
            asked = [request for request in self.chats if request.headers["X-Session-ID"] == case]
            return CONTEXT_TOO_LONG if case == "weather-1" and len(asked) == 4 else None

    with Limited(suite, rollouts=True) as server:
        done = roll(suite, server)
    row = done.rollouts["weather-1"]
    assert [step.score.state for step in row.steps] == ["called", "answered", "called", "errored"]
    assert (row.fault.kind, row.turns) == ("context_length", [])
    assert done.result.rollout.errored == 1


def test_retries_mend_what_they_can(suite, roll):
    with MockServer(suite, faults=Faults(first=(DROP, status(503))), rollouts=True) as server:
        done = roll(suite, server, concurrency=1)
    assert done.result.rollout.errored == 0
    assert done.rollouts[server.chats[0].decision.case_id].steps[0].timing.attempts == 3


def test_a_server_that_is_gone_ends_the_run(tmp_path, roll):
    many = sample_suite(tmp_path / "many", copies=20)
    with (
        MockServer(many, faults=Faults(die_after=5), rollouts=True) as server,
        pytest.raises(ServerError, match="gone"),
    ):
        roll(many, server, concurrency=4)


# The log.


@pytest.mark.parametrize("name", ["gold", "one_argument_off", "double_encodes", "parser_drops_a_call"])
def test_judging_again_changes_nothing_and_the_log_holds_every_number(name, suite, roll):
    with MockServer(suite, name, faults=Faults(cases={"chat-3": status(403)}), rollouts=True) as server:
        done = roll(suite, server, trials=2)
    before = (done.folder / LOG_NAME).read_bytes()
    log = read_log(done.folder)
    assert numbers_of(log) == (done.result.metrics, done.result.rollout)
    result = rescore(log)
    assert (result.metrics, result.rollout, result.changed) == (done.result.metrics, done.result.rollout, [])
    assert (done.folder / LOG_NAME).read_bytes() == before


def test_rows_written_without_a_record_are_the_same(suite, roll):
    with MockServer(suite, "double_encodes", rollouts=True) as server:
        done = roll(suite, server)
    written = [
        line for line in (done.folder / LOG_NAME).read_bytes().splitlines(keepends=True) if b'"rollout","case"' in line
    ]
    assert [encode(row) for row in read_log(done.folder).rollouts()] == written


def test_the_log_tells_the_whole_conversation(suite, roll, histories):
    """The history of the last request is the script's own messages and what the steps before it added."""
    with MockServer(suite, "adds_a_call", rollouts=True) as server:
        done = roll(suite, server)
    row = done.rollouts["weather-1"]
    history = [{"role": "system", "content": "You plan trips."}]
    for turn, text in enumerate(["How is the weather in Oslo for two days?", "And in Bergen and Kiel?"], start=1):
        history.append({"role": "user", "content": text})
        for step in (step for step in row.steps if step.turn == turn):
            if step is row.steps[-1]:
                assert histories(server)["weather-1"][-1] == history
            history += step.messages
    sources = [call.source for step in row.steps for call in step.played]
    assert sources == ["script", "earlier", "script", "script", "earlier"]


def test_new_scorers_change_the_verdicts_and_not_what_was_returned(suite, roll, monkeypatch):
    with MockServer(suite, "one_argument_off", rollouts=True) as server:
        done = roll(suite, server)
    kept = {case: [step.messages for step in row.steps] for case, row in done.rollouts.items()}
    monkeypatch.setattr("harness.scorers.calls.compare_arguments", lambda *_, **__: RIGHT)
    result = rescore(read_log(done.folder))
    # The first call is right now, and the seven like it are too many.
    assert ("weather-1", 1, "wrong_arguments", "spurious_call") in result.changed
    assert {case: [step.messages for step in row.steps] for case, row in done.rollouts.items()} == kept


# Resuming.


def test_a_resumed_run_plays_whole_cases_again_and_comes_out_the_same(tmp_path, roll):
    many = sample_suite(tmp_path / "many", copies=3)
    with MockServer(many, "one_argument_off", rollouts=True) as server:
        whole = roll(many, server, folder="whole")
        done = roll(many, server)
        log = done.folder / LOG_NAME
        lines = log.read_bytes().splitlines(keepends=True)
        begin = next(number for number, line in enumerate(lines) if line.startswith(b'{"type":"rollout"'))
        log.write_bytes(b"".join(lines[: begin + 5]) + lines[begin + 5][:-40])
        kept = {key[0] for key in read_unfinished(log).done}
        server.received.clear()
        notices = []
        resumed = roll(many, server, resume=True, on_notice=notices.append)
        played = {request.decision.case_id for request in server.chats}
    assert len(kept) == 5
    assert played == {case.id for case in many.cases} - kept
    assert notices == ["resuming: 5 cases are done, 0 errored are asked again"]
    assert resumed.result.metrics == whole.result.metrics
    assert resumed.result.rollout == whole.result.rollout
    assert read_log(done.folder).footer.rows == len(many.cases)


def test_a_case_that_erred_is_played_again_from_its_beginning(suite, roll):
    with MockServer(suite, faults=Faults(cases={"weather-1": status(403)}), rollouts=True) as server:
        roll(suite, server)
        server.faults = Faults()
        server.received.clear()
        done = roll(suite, server, resume=True)
    assert [request.decision.key for request in server.chats] == [("weather-1", index) for index in range(4)]
    assert (done.result.rollout.errored, done.result.metrics.errored) == (0, 0)
    assert len(list(read_log(done.folder).rollouts())) == len(suite.cases)
    assert read_log(done.folder).footer.rows == len(suite.cases) + 1


def test_a_finished_run_is_left_as_it_is(suite, roll):
    notices = []
    with MockServer(suite, "one_argument_off", rollouts=True) as server:
        first = roll(suite, server)
        before = (first.folder / LOG_NAME).read_bytes()
        server.received.clear()
        again = roll(suite, server, resume=True, on_notice=notices.append)
    assert server.received == []
    assert again.result == first.result
    assert (first.folder / LOG_NAME).read_bytes() == before
    assert notices == ["nothing to resume: the run is finished, and no decision met an error"]


def test_a_run_in_another_mode_is_not_resumed(suite, roll, go):
    with MockServer(suite, rollouts=True) as server:
        roll(suite, server)
        with pytest.raises(NotComparableError, match="mode: was 'rollout', is 'teacher_forced'"):
            go(suite, server, resume=True)
        with pytest.raises(NotComparableError, match="max_steps: was 8, is 9"):
            roll(suite, server, resume=True, max_steps=9)


def test_raw_text_that_failed_is_asked_for_again_and_no_case_played_again(suite, roll):
    class Failing(MockServer):
        async def _detokenize(self, request):
            await request.read()
            return web.Response(status=500)

    with (
        MockServer(suite, "parser_drops_a_call", rollouts=True) as server,
        Failing(suite, "parser_drops_a_call", rollouts=True) as failing,
    ):
        whole = roll(suite, server, folder="whole")
        first = roll(suite, failing)
        assert first.result.metrics.outcomes["empty_response"] > 0, "a call that was lost leaves nothing but raw text"
        assert read_unfinished(first.folder / LOG_NAME).unread == len(suite.cases)
        assert set(first.result.footer.without_raw) == {"detokenize_failed"}
        server.received.clear()
        done = roll(suite, server, resume=True)
    assert server.chats == []
    assert done.result.metrics == whole.result.metrics
    assert done.result.footer.without_raw == {}
