"""Null models: pure functions of a decision that know no expectation, and what they score, stored beside a suite."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.nulls import NULL_MODELS, null_scores
from harness.records import Expectation
from harness.suite import NULLS, load_suite
from harness.testing import sample_suite

TRIAGE = Path(__file__).parents[2] / "suites" / "soc_triage"


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    return sample_suite(tmp_path_factory.mktemp("suite"))


@pytest.mark.parametrize("name", NULL_MODELS)
def test_the_same_reply_whatever_is_expected(suite, name):
    for decision in suite.decisions:
        other = replace(decision, expect=Expectation(any_call=True))
        assert NULL_MODELS[name](decision) == NULL_MODELS[name](other) == NULL_MODELS[name](decision)


def test_one_who_never_calls_is_right_just_where_no_call_is(suite):
    scores = null_scores(suite).teacher_forced["never_calls"]
    silent = sum(decision.expect.no_call is True for decision in suite.decisions)
    assert scores["tool_call_accuracy"] == [silent, len(suite.decisions)]
    assert scores["tool_name_accuracy"] == [0, 0]


def test_the_first_tool_is_called_everywhere(suite):
    for decision in suite.decisions:
        message = NULL_MODELS["calls_first_tool"](decision).message
        called = [call["function"]["name"] for call in message.get("tool_calls", ())]
        assert called == [tool.function.name for tool in decision.tools[:1]]


def test_the_latest_calls_are_made_again(suite):
    for decision in suite.decisions:
        made = [message["tool_calls"] for message in decision.messages if message.get("tool_calls")]
        again = NULL_MODELS["repeats_last_call"](decision).message.get("tool_calls", [])
        wanted = [call["function"]["name"] for call in made[-1]] if made else []
        assert [call["function"]["name"] for call in again] == wanted


def test_without_tools_nothing_is_called(suite):
    bare = replace(suite.decisions[0], tools=())
    for name in ("calls_first_tool", "calls_at_random"):
        assert "tool_calls" not in NULL_MODELS[name](bare).message


def test_what_is_stored_is_read_back(suite, tmp_path):
    scores = null_scores(suite)
    folder = tmp_path / "suite"
    shutil.copytree(TRIAGE, folder)
    (folder / NULLS).write_text(scores.text())
    assert load_suite(folder).nulls == scores


def test_a_broken_file_of_scores_is_refused(tmp_path):
    folder = tmp_path / "suite"
    shutil.copytree(TRIAGE, folder)
    (folder / NULLS).write_text(json.dumps({"suite_digest": "x", "scorer_version": "3", "teacher_forced": {}}))
    with pytest.raises(InputError, match=r"nulls\.json.*'rollout' is missing"):
        load_suite(folder)
