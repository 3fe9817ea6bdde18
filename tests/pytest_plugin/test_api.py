"""Runs for assertions of one's own."""

from __future__ import annotations

import pytest

from harness.api import load
from harness.cli import main
from harness.errors import NotComparableError, UsageError
from harness.testing import MockServer, sample_suite


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run of the sample suite, every argument off, and the baseline `first` that it is worse than."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    suite = sample_suite(tmp_path / "suite")
    for name, miniature in (("good", "gold"), ("out", "one_argument_off")):
        with MockServer(suite, miniature) as server:
            assert main(["run", "suite", "--base-url", server.base_url, "--out", name]) == 0
    assert main(["baseline", "save", "good", "--name", "first"]) == 0
    return load("out")


def test_rates_are_those_of_the_summary_and_of_what_is_selected(run):
    assert run.rate("tool_call_accuracy") == 5 / 8
    assert run.where(language="en").rate("tool_call_accuracy") == 4 / 6
    assert run.where(language="en", expect="no_call").rate("tool_call_accuracy") == 1
    assert run.where(depth=2).cases == ["weather-1"]
    assert run.where(case="weather-1").metrics.outcomes == {"wrong_arguments": 2, "correct_no_call": 2}


def test_a_selection_of_nothing_is_refused_and_so_is_a_rate_in_which_nothing_counts(run):
    with pytest.raises(UsageError, match="no decision of language fr"):
        run.where(language="fr")
    with pytest.raises(UsageError, match="no decision of case weather-7"):
        run.where(case="weather-7")
    with pytest.raises(NotComparableError, match="nothing counts in tool_args_accuracy"):
        run.where(expect="no_call").rate("tool_args_accuracy")
    with pytest.raises(UsageError, match="tool_call_accuracy"):
        run.rate("accuracy")


def test_an_outcome_that_nothing_has_is_an_answer(run):
    assert run.where(outcome="malformed_call").decisions == []


def test_a_decision_leads_to_what_was_asked_and_what_came_back(run):
    wrong = run.where(outcome="wrong_arguments", language="de").decisions[0]
    assert run.tags(wrong) == {"language": "de", "kind": "single", "depth": "1", "tools": "2", "expect": "calls"}
    assert run.asked(wrong).expect.calls[0].arguments["place"] == "Fika"
    assert "Fika or so" in run.row(wrong).response.message["tool_calls"][0]["function"]["arguments"]
    assert "Fika or so" in run.transcript(wrong)


@pytest.mark.usefixtures("run")
def test_a_baseline_holds_verdicts_only():
    first = load("first")
    assert first.rate("tool_call_accuracy") == 1
    with pytest.raises(UsageError, match="a baseline, which holds verdicts only"):
        first.row(first.decisions[0])
    with pytest.raises(UsageError, match="no transcripts"):
        first.transcript(first.decisions[0])


def test_a_run_is_held_against_a_baseline_as_a_whole(run, tmp_path):
    result = run.against("first")
    assert (result.verdict, len(result.broken)) == ("failed", 3)
    (tmp_path / "lenient.yaml").write_text("max_drop: 100\n")
    assert run.against("first", "lenient.yaml").verdict == "passed"
    with pytest.raises(UsageError, match="the whole run"):
        run.where(language="en").against("first")
