"""`harness export table`: a row a decision or a metric, whose means are the metrics; what it refuses."""

from __future__ import annotations

import json
import sys

import pandas as pd
import pytest

from harness.cli import export_table
from harness.cli.arguments import parsed
from harness.report import frames
from harness.testing import Faults, MockServer, status, write_suite
from harness.testing.sample import HEADER

MEANS = {
    "right": "tool_call_accuracy",
    "tools_right": "tool_name_accuracy",
    "arguments_right": "tool_args_accuracy",
    "well_formed": "response_quality",
    "fabricated": "fabrication_rate",
}


@pytest.fixture
def table(harness, place):
    """Exports a table and reads it."""

    def made(*words, out="table.parquet"):
        said = harness("export", "table", *words, "--out", out)
        assert said.code == 0, said.err
        read = pd.read_parquet(place / out) if out.endswith("parquet") else pd.read_csv(place / out)
        assert said.out.startswith(f"{out}: {len(read)} ")
        assert f", {len(read.columns)} columns" in said.out
        return read

    return made


@pytest.fixture(params=["teacher_forced", "rollout"])
def ran(request, suite, run, place):
    """A run with an error and wrong decisions, two trials each, in both modes."""
    faults = Faults(cases={"chat-3": status(403)})
    with MockServer(suite, "invents_after_call", faults=faults, rollouts=request.param == "rollout") as server:
        run(server, "--mode", request.param, "--trials", "2")
    return place / "out"


@pytest.mark.parametrize("out", ["table.csv", "table.parquet"])
def test_the_means_of_decisions_are_the_metrics_of_the_summary(ran, table, out):
    decisions = table(ran, out=out)
    told = json.loads((ran / "summary.json").read_text())
    assert len(decisions) == told["decisions"]
    assert decisions["right"].isna().sum() == told["errored"] > 0
    for column, metric in MEANS.items():
        found = told["metrics"][metric]
        known = decisions[column].dropna().astype(bool)
        assert (known.sum(), len(known)) == (found["numerator"], found["denominator"]), column
    for language, group in decisions.groupby("tag_language"):
        (slice_,) = [one for one in told["slices"] if (one["dimension"], one["value"]) == ("language", language)]
        assert group["right"].dropna().astype(bool).sum() == slice_["metrics"]["tool_call_accuracy"]["numerator"]
    assert decisions["outcome"].value_counts().to_dict() == told["outcomes"]
    assert (decisions["agree"] == False).sum() == told["channels_disagree"]  # noqa: E712 - nothing is not False
    assert decisions["disagreement"].value_counts().to_dict() == told["attribution"]


def test_tokens_and_seconds_are_those_of_the_log(ran, table):
    decisions = table(ran)
    lines = [json.loads(line) for line in (ran / "run.jsonl").read_text().splitlines()]
    asked = [step for line in lines for step in line.get("steps", [line] if line["type"] == "decision" else [])]
    kept = {line["case"] for line in lines if line["type"] in ("decision", "rollout")} - {"chat-3"}
    asked = [one for one in asked if one["fault"] is None]
    assert set(decisions[decisions["seconds"].notna()]["case"]) == kept
    assert decisions["prompt_tokens"].sum() == sum(one["usage"]["prompt_tokens"] for one in asked)
    assert decisions["completion_tokens"].sum() == sum(one["usage"]["completion_tokens"] for one in asked)
    assert decisions["seconds"].sum() == pytest.approx(sum(one["timing"]["latency"] for one in asked))
    assert decisions["steps"].sum() == len(asked)


def test_metrics_are_those_of_the_summary_in_full(ran, table):
    told = json.loads((ran / "summary.json").read_text())
    metrics = table(ran, "--of", "metrics")
    rollout = told["header"]["identity"]["mode"] == "rollout"
    names = {"tool_call_accuracy": "turn_accuracy"} if rollout else {}
    for row in metrics.itertuples():
        held = told["metrics"]
        if row.dimension != "all":
            (one,) = [s for s in told["slices"] if (s["dimension"], s["value"]) == (row.dimension, row.value)]
            held = one["metrics"]
        found = {names.get(name, name): rate for name, rate in held.items()}[row.metric]
        assert (row.numerator, row.denominator) == (found["numerator"], found["denominator"])
        for column, name in (("rate", "value"), ("low", "low"), ("high", "high")):
            value = getattr(row, column)
            assert found[name] is None if pd.isna(value) else value == found[name]
    assert len(metrics[metrics["dimension"] == "all"]) == (4 if rollout else 6)
    assert set(metrics["dimension"]) == {"all", *(one["dimension"] for one in told["slices"])}


def test_several_runs_and_baselines_in_one_table(finished, harness, table):
    assert harness("baseline", "save", finished, "--name", "first").code == 0
    both = table("now=out", "first")
    assert both["run"].unique().tolist() == ["now", "first"]
    now, first = (both[both["run"] == name].reset_index(drop=True) for name in ("now", "first"))
    logged = ["run", "signals", "agree", "disagreement", "steps", "prompt_tokens", "completion_tokens"]
    logged += ["seconds", "requests"]
    assert first[logged[3:]].isna().all(axis=None), "a baseline knows verdicts alone"
    pd.testing.assert_frame_equal(now.drop(columns=logged), first.drop(columns=logged))


def test_types_are_kept_where_nothing_is_known(finished, harness, place):
    assert harness("export", "table", finished, "--out", "t.parquet").code == 0
    kinds = pd.read_parquet(place / "t.parquet").dtypes.astype(str).to_dict()
    assert (kinds["right"], kinds["disagreement"], kinds["seconds"]) == ("boolean", "string", "Float64")
    assert kinds["prompt_tokens"] == "Int64"


CASE = """\
id: "=SUM(A1)\\e]52;c;eA==\\a\\u202E"
tags: {language: en, kind: "+cmd|x"}
turns:
  - user: Good morning!
  - expect: {no_call: true}
"""


@pytest.mark.parametrize(("out", "guard"), [("t.csv", "'"), ("t.parquet", "")])
def test_text_is_shown_and_is_no_formula(run, place, table, out, guard):
    write_suite(place / "suite", CASE, header=HEADER)
    from harness.suite import load_suite

    with MockServer(load_suite(place / "suite")) as server:
        assert run(server).code == 0
    (row,) = table("out", out=out).to_dict("records")
    assert row["case"] == f"{guard}=SUM(A1)\\u001b]52;c;eA==\\u0007\\u202e"
    assert row["tag_kind"] == f"{guard}+cmd|x"


def test_what_is_there_stays_unless_it_may_go(finished, harness, place):
    (place / "t.csv").write_text("mine")
    refused = harness("export", "table", finished, "--out", "t.csv")
    assert (refused.code, (place / "t.csv").read_text()) == (2, "mine")
    assert "t.csv is there already; --replace takes its place" in refused.err
    assert harness("export", "table", finished, "--out", "t.csv", "--replace").code == 0
    assert (place / "t.csv").read_text().startswith("run,model,")
    assert not list(place.glob(".t.csv*"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["out", "--out", "t.xlsx"], "a table ends in .csv or .parquet"),
        (["out", "--out", "no/t.csv"], "no is no folder"),
        (["out", "out", "--out", "t.csv"], "several runs are called out"),
        (["a=", "--out", "t.csv"], "'a=' is no run"),
        (["nothing", "--out", "t.csv"], "neither a run nor a baseline"),
    ],
)
@pytest.mark.usefixtures("finished")
def test_wrong_use_is_told(harness, place, words, told):
    said = harness("export", "table", *words)
    assert said.code == 2
    assert told in said.err
    assert not (place / "t.csv").exists()


@pytest.mark.parametrize(("package", "out"), [("pandas", "t.csv"), ("pyarrow", "t.parquet")])
def test_without_what_it_takes_the_command_that_installs_it_is_told(
    finished, harness, place, monkeypatch, package, out
):
    monkeypatch.setitem(sys.modules, package, None)
    if package == "pyarrow":
        monkeypatch.setattr(pd.DataFrame, "to_parquet", _no_pyarrow)
    said = harness("export", "table", finished, "--out", out)
    assert said.code == 2
    assert f"harness: {package} is not installed" in said.err
    assert f'{sys.executable} -m pip install "toolcall-harness[table]"' in said.err
    assert not [path for path in place.iterdir() if out in path.name]


def _no_pyarrow(*_, **__):
    raise ImportError("Unable to find a usable engine")


def test_nothing_else_imports_pandas():
    arguments = parsed(["export", "table", "r", "--out", "t.csv"])
    assert (arguments.module, arguments.of) == (export_table.__name__.rpartition(".")[2], "decisions")
    assert "pandas" not in vars(frames)
