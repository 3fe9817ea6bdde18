"""An imported suite runs like any other: gold played as a model is right in both modes, and the log holds its tools."""

from __future__ import annotations

import json

import pytest

from harness.cli import main
from harness.runlog import read_log, suite_of
from harness.suite import load_suite
from harness.testing import MockServer
from importers.sources import write_lines


def item(number, argument, gold):
    schema = {"type": "dict", "properties": {argument: {"type": "string"}}, "required": [argument]}
    tool = {"name": "weather.get", "description": "Read the weather.", "parameters": schema}
    question = [[{"role": "user", "content": f"Weather in Oslo, number {number}?"}]]
    question = {"id": f"simple_python_{number}", "question": question, "function": [tool]}
    return question, {"id": f"simple_python_{number}", "ground_truth": [{"weather.get": {argument: gold}}]}


@pytest.fixture
def suite(made, tmp_path):
    """Two versions of one tool."""
    questions, truths = zip(item(0, "city", ["Oslo", "Oslo, NO"]), item(1, "town", ["Oslo", ""]), strict=True)
    write_lines(tmp_path / "data" / "BFCL_v4_simple_python.json", *questions)
    write_lines(tmp_path / "data" / "possible_answer" / "BFCL_v4_simple_python.json", *truths)
    made("bfcl", tmp_path / "data")
    return tmp_path / "suites" / "bfcl_simple_python"


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
def test_gold_is_right_in_both_modes(suite, tmp_path, mode):
    loaded = load_suite(suite)
    words = ["--model", "mock", "--dialect", "hermes", "--retries", "0", "--mode", mode, "--out", str(tmp_path / "run")]
    with MockServer(loaded, rollouts=mode == "rollout") as server:
        assert main(["run", str(suite), "--base-url", server.base_url, *words]) == 0
        offered = [json.loads(request.body)["tools"][0] for request in server.received if b'"tools"' in request.body]
    assert {"id" in tool for tool in offered} == {False}
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["metrics"]["case_pass_rate"]["value"] == 1
    log = read_log(tmp_path / "run")
    assert [tool.key for tool in suite_of(log).tools] == ["weather_get", "weather_get@2"]
    assert suite_of(log).digest == loaded.digest
