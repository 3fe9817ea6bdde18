"""Judging again needs the log alone, changes verdicts only, and changes none twice."""

from __future__ import annotations

import sys

import pytest

from harness.errors import UsageError
from harness.runlog import LOG_NAME, read_log, suite_of
from harness.runner import numbers_of, rescore
from harness.scorers.arguments import RIGHT
from harness.testing import MINIATURES, Faults, MockServer, status


@pytest.mark.parametrize("name", ["gold", "cut_off", "double_encodes", "thinks_without_end"])
def test_nothing_changes_where_the_scorers_are_the_same(suite, go, name):
    with MockServer(suite, name, faults=Faults(cases={"chat-3": status(403)})) as server:
        done = go(suite, server)
    before, rows = (done.folder / LOG_NAME).read_bytes(), done.rows
    result = rescore(read_log(done.folder))
    assert result.changed == []
    assert result.metrics == done.result.metrics == numbers_of(read_log(done.folder))[0]
    assert done.rows == rows
    assert (done.folder / LOG_NAME).read_bytes() == before
    assert sorted(path.name for path in done.folder.iterdir()) == [LOG_NAME]


def test_where_a_run_was_resumed_is_kept(suite, go):
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        go(suite, server)
    with MockServer(suite) as elsewhere:
        done = go(suite, elsewhere, resume=True)
    before = read_log(done.folder)
    kinds = [type(entry).__name__ for entry in before.entries()]
    assert kinds == ["DecisionRow"] * 7 + ["ResumedRow", "DecisionRow"]
    rescore(before)
    after = read_log(done.folder)
    assert list(after.entries()) == list(before.entries())
    assert after.base_urls == before.base_urls
    assert after.base_urls[done.by_key["chat-3", 0].url] == elsewhere.base_url
    once = (done.folder / LOG_NAME).read_bytes()
    rescore(after)
    assert (done.folder / LOG_NAME).read_bytes() == once


def test_suite_comes_back_out_of_the_log(suite, go):
    with MockServer(suite) as server:
        log = read_log(go(suite, server).folder)
    again = suite_of(log)
    assert (again.tools, again.cases, again.digest) == (suite.tools, suite.cases, suite.digest)


def test_new_scorers_change_the_verdicts_and_not_the_evidence(suite, go, monkeypatch):
    with MockServer(suite, MINIATURES["one_argument_off"]) as server:
        done = go(suite, server)
    evidence = [row.model_dump(exclude={"score"}) for row in done.rows]
    monkeypatch.setattr(sys.modules["harness.runner.rescore"], "SCORER_VERSION", "99")
    monkeypatch.setattr("harness.scorers.calls.compare_arguments", lambda *_, **__: RIGHT)
    result = rescore(read_log(done.folder))
    assert result.header.identity.scorer_version == "99"
    assert {(was, now) for _, _, was, now in result.changed} == {("wrong_arguments", "correct_call")}
    assert [row.model_dump(exclude={"score"}) for row in done.rows] == evidence
    assert read_log(done.folder).header == result.header
    assert rescore(read_log(done.folder)).changed == []


def test_a_folder_that_cannot_be_written_keeps_its_log(suite, go):
    with MockServer(suite) as server:
        done = go(suite, server)
    before = (done.folder / LOG_NAME).read_bytes()
    (done.folder / ".rescore").write_text("in the way")
    with pytest.raises(UsageError, match="cannot write to"):
        rescore(read_log(done.folder))
    assert (done.folder / LOG_NAME).read_bytes() == before


def test_a_rescoring_that_breaks_leaves_the_log(suite, go, monkeypatch):
    with MockServer(suite) as server:
        done = go(suite, server)
    before = (done.folder / LOG_NAME).read_bytes()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("harness.judging.Judge.verdict", interrupt)
    with pytest.raises(KeyboardInterrupt):
        rescore(read_log(done.folder))
    assert (done.folder / LOG_NAME).read_bytes() == before
    assert sorted(path.name for path in done.folder.iterdir()) == [LOG_NAME]
