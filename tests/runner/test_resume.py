"""A run that stopped goes on where it stopped, and comes out as if it never had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import harness
from harness.errors import InputError, NotComparableError, UsageError
from harness.runlog import LOG_NAME, RunWriter, Sampling, decision_rows, read_log, read_unfinished
from harness.suite import load_suite
from harness.testing import Faults, MockServer, sample_suite, status, write_suite
from harness.testing.sample import CASES
from selection import slow

ROOT = Path(harness.__file__).parents[1]


def scores(folder):
    return {(row.case, row.index, row.trial): row.score for row in decision_rows(folder / LOG_NAME)}


def written(folder):
    """The decisions with a whole row and no error."""
    return {key[:2] for key in read_unfinished(folder / LOG_NAME).done}


@pytest.fixture
def many(tmp_path):
    return sample_suite(tmp_path / "many", copies=8)


@pytest.fixture
def interrupted(tmp_path):
    """Starts `harness run` of `many` against a slow server, sends it a signal after some rows, returns its exit code."""

    def interrupt(server, number, *, rows=10):
        log = tmp_path / "run" / LOG_NAME
        command = [sys.executable, "-m", "harness", "run", str(tmp_path / "many"), "--base-url", server.base_url]
        command += ["--model", "mock", "--dialect", "hermes", "--max-tokens", "64", "--concurrency", "2", "--out"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(
            [*command, str(log.parent)], env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as process:
            until = time.monotonic() + 20
            while not log.exists() or log.read_bytes().count(b'{"type":"decision"') < rows:
                assert process.poll() is None, process.stderr.read()
                assert time.monotonic() < until
                time.sleep(0.005)
            process.send_signal(number)
            errors = process.communicate(timeout=20)[1]
        return process.returncode, errors

    return interrupt


def test_killed_and_resumed_equals_never_killed(tmp_path, many, go, interrupted):
    with MockServer(many, "one_argument_off", faults=Faults(delay=0.01)) as server:
        code, _ = interrupted(server, signal.SIGKILL)
        assert code == -signal.SIGKILL
        log = tmp_path / "run" / LOG_NAME
        with log.open("r+b") as file:  # the last line is torn
            file.truncate(log.stat().st_size - 7)
        kept = written(log.parent)
        server.received.clear()
        server.faults = Faults()
        resumed = go(many, server, resume=True)
        asked_again = set(server.asked) & kept
        whole = go(many, server, folder="whole")
    assert asked_again == set()
    assert len(kept) >= 9
    assert scores(resumed.folder) == scores(whole.folder)
    assert resumed.result.metrics == whole.result.metrics
    assert read_log(resumed.folder).footer.rows == len(many.decisions)
    assert b'{"type":"resumed"' in log.read_bytes()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), *slow([(signal.SIGTERM, 143)])])
def test_signals_keep_what_was_done(tmp_path, many, go, interrupted, number, code):
    with MockServer(many, faults=Faults(delay=0.01)) as server:
        returned, errors = interrupted(server, number)
        kept = written(tmp_path / "run")
        assert len(kept) >= 10
        server.received.clear()
        done = go(many, server, resume=True)
        assert not set(server.asked) & kept
    assert done.result.metrics.scored == len(many.decisions)
    assert returned == code
    hint = next(line for line in errors.splitlines() if "Go on with: " in line)
    assert f"--out {tmp_path / 'run'} --resume" in hint
    assert "Traceback" not in errors
    assert "Warning" not in errors


def test_errored_decisions_are_asked_again_and_no_others(suite, go):
    notices = []
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        first = go(suite, server)
        assert first.result.metrics.errored == 1
        server.received.clear()
        server.faults = Faults()
        done = go(suite, server, resume=True, on_notice=notices.append)
    assert server.asked == [("chat-3", 0)]
    assert notices == [f"resuming: {len(suite.decisions) - 1} decisions are done, 1 errored are asked again"]
    assert (done.result.metrics.errored, done.result.metrics.scored) == (0, len(suite.decisions))
    log = read_log(done.folder)
    assert log.footer.rows == len(suite.decisions) + 1
    assert len(list(log.rows())) == len(suite.decisions), "of a decision asked again only the last row counts"


def test_a_decision_that_errs_again_and_again_is_counted_once(suite, go):
    notices = []
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        for resume in (False, True, True):
            done = go(suite, server, resume=resume, on_notice=notices.append)
        assert read_unfinished(done.folder / LOG_NAME).errored == 1
        server.faults = Faults()
        done = go(suite, server, resume=True, on_notice=notices.append)
    assert notices == [f"resuming: {len(suite.decisions) - 1} decisions are done, 1 errored are asked again"] * 3
    assert read_unfinished(done.folder / LOG_NAME).errored == 0


def test_rows_name_the_address_that_answered_after_a_resume_elsewhere(suite, go):
    trouble = Faults(cases={"chat-3": status(403), "route-4": status(403)})
    with MockServer(suite, faults=trouble) as first, MockServer(suite, faults=trouble) as second:
        go(suite, first)
        first.faults = Faults(cases={"route-4": status(403)})
        go(suite, second, first, resume=True)
        first_url, second_url = first.base_url, second.base_url
    with MockServer(suite) as third:
        done = go(suite, third, resume=True)
        third_url = third.base_url
    log = read_log(done.folder)
    assert log.header.base_urls == [first_url]
    assert [row.base_urls for row in log.resumed] == [[second_url], [third_url]]
    assert log.base_urls == [first_url, second_url, third_url]
    answered = {(row.case, row.index): log.base_urls[row.url] for row in log.rows()}
    assert answered["route-4", 0] == third_url
    assert answered["weather-1", 0] == first_url
    assert {key for key, url in answered.items() if url == third_url} == set(third.asked)


def test_trials_are_resumed_one_by_one(suite, go):
    with MockServer(suite, faults=Faults(first=(status(403),) * 5)) as server:
        go(suite, server, trials=2, concurrency=1)
        server.received.clear()
        done = go(suite, server, trials=2, resume=True)
    assert len(server.asked) == 5
    assert done.result.metrics.scored == 2 * len(suite.decisions)


def test_a_finished_run_is_left_as_it_is(suite, go):
    """No server is asked, nothing is written: resuming twice, or without need, changes no byte."""
    notices = []
    with MockServer(suite, "one_argument_off") as server:
        first = go(suite, server, trials=2)
        url = server.base_url
    before = (first.folder / LOG_NAME).read_bytes()
    again = go(suite, base_urls=[url], trials=2, resume=True, on_notice=notices.append)
    assert again.result == first.result
    assert (first.folder / LOG_NAME).read_bytes() == before
    assert notices == ["nothing to resume: the run is finished, and no decision met an error"]


def test_a_run_whose_last_row_is_there_but_not_its_footer_is_finished(suite, go):
    with MockServer(suite) as server:
        log = go(suite, server).folder / LOG_NAME
        cut(log, keep=len(suite.decisions))
        server.received.clear()
        go(suite, server, resume=True)
    assert server.asked == []
    assert read_log(log).footer.rows == len(suite.decisions)


def cut(log, *, keep):
    """Leaves so many decision rows of a finished log."""
    lines = log.read_bytes().splitlines(keepends=True)
    begin = next(number for number, line in enumerate(lines) if line.startswith(b'{"type":"decision"'))
    log.write_bytes(b"".join(lines[: begin + keep]))


@pytest.mark.parametrize("tail", [b"", b'{"type":"decision","case":"cha', b'{"type":"decision"', b"{", b"\0\0\0"])
def test_a_torn_last_line_is_cut_off(suite, go, tail):
    with MockServer(suite) as server:
        done = go(suite, server)
        log = done.folder / LOG_NAME
        cut(log, keep=3)
        log.write_bytes(log.read_bytes() + tail)
        server.received.clear()
        done = go(suite, server, resume=True)
    assert len(server.asked) == len(suite.decisions) - 3
    assert len(list(read_log(done.folder).rows())) == len(suite.decisions)


@pytest.mark.parametrize("keep", [0, -1, -2])
def test_a_run_that_stopped_before_its_first_row_begins_anew(suite, go, keep):
    with MockServer(suite) as server:
        done = go(suite, server)
        cut(done.folder / LOG_NAME, keep=keep)
        done = go(suite, server, resume=True)
    assert len(list(read_log(done.folder).rows())) == len(suite.decisions)


CHANGES = {
    "suite": ({"turned": "And in Bergen or Kiel?"}, "suite_digest"),
    "sampling": ({"sampling": Sampling(max_tokens=65).model_dump()}, r"sampling.max_tokens: was 64, is 65"),
    "thinking": ({"thinking": True}, "thinking: was None, is True"),
    "dialect": ({"dialect": None}, "dialect: was 'hermes', is None"),
    "trials": ({"trials": 2}, "trials: was 1, is 2"),
}


@pytest.mark.parametrize(("changes", "words"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("finished", [True, False], ids=["finished", "unfinished"])
def test_another_run_is_not_resumed_and_the_log_stays_as_it_is(tmp_path, suite, go, changes, words, finished):
    with MockServer(suite) as server:
        log = go(suite, server).folder / LOG_NAME
    if not finished:
        cut(log, keep=4)
    before = log.read_bytes()
    changes = dict(changes)
    turned = changes.pop("turned", None)
    if turned:
        text = CASES.replace("And in Bergen and Kiel?", turned)
        suite = load_suite(write_suite(tmp_path / "turned", text))
    with MockServer(suite) as server, pytest.raises(NotComparableError, match=words) as caught:
        go(suite, server, resume=True, **changes)
    assert "not the run that was begun" in str(caught.value)
    assert log.read_bytes() == before
    assert server.asked == []


def test_an_edited_log_is_not_resumed(suite, go):
    with MockServer(suite, "never_calls") as server:
        log = go(suite, server).folder / LOG_NAME
        edited = log.read_bytes().replace(b'"missed_call"', b'"empty_response"', 1)
        log.write_bytes(edited)
        with pytest.raises(NotComparableError, match="was edited after the run"):
            go(suite, server, resume=True)
    assert log.read_bytes() == edited


def test_a_line_that_is_no_row_is_named(suite, go):
    with MockServer(suite) as server:
        log = go(suite, server).folder / LOG_NAME
        cut(log, keep=3)
        log.write_bytes(log.read_bytes() + b'{"type":"decision","case":1}\n')
        with pytest.raises(InputError, match=rf"{LOG_NAME}:\d+: .*must be a string"):
            go(suite, server, resume=True)


def test_a_log_is_written_by_one_process_at_a_time(suite, go):
    with MockServer(suite) as server:
        done = go(suite, server)
        cut(done.folder / LOG_NAME, keep=3)
        found = RunWriter.begun(done.folder)
        assert found is not None
        writer = RunWriter.resume(done.folder, found)
        try:
            with pytest.raises(UsageError, match="being written by another run"):
                go(suite, server, resume=True)
        finally:
            writer.close()
        with (done.folder / LOG_NAME).open("ab") as file:
            file.write(b"x")
        with pytest.raises(UsageError, match="written to by another run meanwhile"):
            RunWriter.resume(done.folder, found)
