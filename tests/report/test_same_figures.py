"""What commands print and write of the same runs: every figure is the same wherever it stands.

Terminal, Markdown, CSV, LaTeX, JUnit, the page for a CI summary, JSON and the exported tables, read back and held against
each other. The full figures are those of `harness export table --of metrics`.
"""

from __future__ import annotations

import json
import re
from contextlib import chdir
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from harness.api import load
from harness.cli import main
from harness.metrics import Rate
from harness.paired import Difference
from harness.report.diffs import p_value
from harness.report.rollouts import points
from harness.report.view import interval, percent, with_n
from harness.suite import load_suite
from harness.testing import MockServer
from mixed import mixed
from printed import folded, from_latex, from_markdown, from_terminal, in_csv
from selection import slow

RUNS = ("base", "both/rollout", *slow(["sft", "dpo", "both/teacher_forced", "varied"]))
POLICY = "floors: {tool_call_accuracy: 0.9}\nmax_drop: {all: 1}\nmax_fabrication_rate: 0.01\nmax_error_rate: 0.5\n"


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture
def harness(mixed_place, capsys, monkeypatch):
    """Runs a command where the runs are."""
    monkeypatch.setenv("COLUMNS", "100")

    def command(*words):
        capsys.readouterr()
        with chdir(mixed_place):
            code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return command


@pytest.fixture
def metrics(harness, tmp_path):
    """The figures of a run in full: dimension, value and metric with the rate."""

    def of(run):
        assert (
            harness("export", "table", run, "--of", "metrics", "--out", tmp_path / "m.parquet", "--replace").code == 0
        )
        rows = pd.read_parquet(tmp_path / "m.parquet").itertuples()
        return {(row.dimension, row.value, row.metric): _rate(row) for row in rows}

    return of


def _rate(row):
    value, low, high = (None if pd.isna(one) else float(one) for one in (row.rate, row.low, row.high))
    return Rate(numerator=int(row.numerator), denominator=int(row.denominator), value=value, low=low, high=high)


def whole(found):
    return {metric: rate for (dimension, _, metric), rate in found.items() if dimension == "all"}


def metric_row(name, rate):
    return folded(name, percent(rate.value), interval(rate), f"{rate.numerator}/{rate.denominator}")


@pytest.mark.parametrize("run", RUNS)
def test_a_run_is_told_alike_by_every_command(harness, metrics, mixed_place, run):
    found = metrics(run)
    page = from_markdown((mixed_place / run / "summary.md").read_text())
    rescored = from_terminal(harness("rescore", run).out)
    assert from_markdown((mixed_place / run / "summary.md").read_text()) == page
    harness("baseline", "save", run, "--name", "again", "--replace", "--max-error-rate", "1")
    stored = from_terminal(harness("baseline", "show", "again").out)
    for name, rate in whole(found).items():
        for printed in (page, rescored, stored):
            assert metric_row(name, rate) in printed
    for dimension, value in dict.fromkeys((dimension, value) for dimension, value, _ in found if dimension != "all"):
        rates = [with_n(rate) for (one, other, _), rate in found.items() if (one, other) == (dimension, value)]
        for printed in (page, stored):
            assert folded(value, *rates) in printed
    right = next(iter(whole(found).values()))
    listed = from_terminal(harness("baseline", "list").out)
    assert re.search(rf"\bagain mock \S+ \S+ {re.escape(with_n(right))}", listed)
    with chdir(mixed_place):
        assert load(run).rate("tool_call_accuracy") == right.value


@pytest.mark.parametrize("run", RUNS)
def test_the_table_of_decisions_comes_to_the_summary(harness, metrics, mixed_place, run, tmp_path):
    """Counted anew from its rows: right, wrong, invented, by tag; what nothing is known of is in no denominator."""
    assert harness("export", "table", run, "--out", tmp_path / "d.csv").code == 0
    rows = pd.read_csv(tmp_path / "d.csv", dtype=str)
    columns = {"turn_accuracy": "right", "tool_call_accuracy": "right", "tool_name_accuracy": "tools_right"}
    columns |= {"tool_args_accuracy": "arguments_right", "response_quality": "well_formed"}
    columns |= {"fabrication_rate": "fabricated"}
    depth = {"depth": "turn", "tools": "tools", "expect": "expected"}
    for (dimension, value, metric), rate in metrics(run).items():
        if metric == "case_pass_rate":
            continue
        within = rows if dimension == "all" else rows[rows[depth.get(dimension, f"tag_{dimension}")] == value]
        known = within[columns[metric]].dropna()
        assert ((known == "True").sum(), len(known)) == (rate.numerator, rate.denominator), (dimension, value, metric)
    strict = rows[(rows["expected"] != "any_call") | (rows["outcome"] == "errored")]
    cases = [group for _, group in strict.groupby(["case", "trial"]) if not (group["outcome"] == "errored").any()]
    passed = metrics(run)["all", "all", "case_pass_rate"]
    assert (sum((case["right"] == "True").all() for case in cases), len(cases)) == (
        passed.numerator,
        passed.denominator,
    )
    told = json.loads((mixed_place / run / "summary.json").read_text())
    assert rows["outcome"].value_counts().to_dict() == told["outcomes"]
    codes = rows["violations"].dropna().str.split().explode().value_counts().to_dict()
    assert codes == told["violations"]
    assert rows["defects"].dropna().str.split().explode().value_counts().to_dict() == told["quality_defects"]


def test_a_finished_run_ends_with_the_figures_of_its_page(harness, metrics, mixed_place, tmp_path):
    """What stands on the live line, the terminal and in the notes, at the end of `harness run`."""
    words = ["--model", "mock", "--dialect", "hermes", "--out", tmp_path / "run"]
    with MockServer(load_suite(mixed_place / "suite"), mixed(7, 50)) as server:
        said = harness("run", "suite", "--base-url", server.base_url, *words)
    found = whole(metrics(tmp_path / "run"))
    right, invented = found["tool_call_accuracy"], found["fabrication_rate"]
    assert f"accuracy {percent(right.value)} ·" in [line for line in said.err.splitlines() if " in flight" in line][-1]
    page, shown = from_markdown((tmp_path / "run" / "summary.md").read_text()), from_terminal(said.out)
    for name, rate in found.items():
        assert metric_row(name, rate) in shown
    for name, rate, bound in (("tool_call_accuracy", right, "90.0 %"), ("fabrication_rate", invented, "1.0 %")):
        assert f"threshold missed: {name} is {percent(rate.value)} ({rate.numerator}/{rate.denominator})" in said.err
        assert f"{name} {percent(rate.value)} misses the suite's threshold of {bound}." in page
        assert f"{name} {percent(rate.value)} misses the suite's threshold of {bound}." in shown


def change_row(one, names):
    """A change as JSON has it, as the tables print it."""
    first, second = (Rate(**one[side]) for side in ("first", "second"))
    apart = Difference(first=first, second=second, value=one["value"], low=one["low"], high=one["high"])
    star = "*" if one["p_adjusted"] < 0.05 else ""
    seen = "n/a" if one["detectable"] is None else f"{100 * one['detectable']:.1f}"
    parts = (with_n(first), with_n(second), points(one["value"]) + star, interval(apart, "+.1f"))
    moved = f"{one['fixed']}/{one['broken']}"
    return folded(names.get(one["metric"], one["metric"]), *parts, moved, p_value(one["p_adjusted"]), seen)


IN_TURNS = {"tool_call_accuracy": "turn_accuracy"}


@pytest.mark.parametrize(("first", "second"), [("first", "sft"), ("both/rollout", "worse"), *slow([("base", "sft")])])
def test_diff_compare_and_gate_tell_the_same_changes(harness, metrics, first, second, tmp_path):
    names = IN_TURNS if "rollout" in first else {}
    files = ("--markdown", tmp_path / "page.md", "--json", tmp_path / "page.json")
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    told = {}
    for command, words in {
        "diff": (first, second),
        "compare": (first, second),
        "gate": (second, "--baseline", first, "--policy", policy),
    }.items():
        said = harness(command, *words, *files)
        value = json.loads((tmp_path / "page.json").read_text())
        found = value.get("metrics") or [check["change"] for check in value["checks"] if check["change"]]
        told[command] = {one["metric"]: one for one in found}
        page = from_markdown((tmp_path / "page.md").read_text())
        for one in found:
            assert change_row(one, names) in page, command
            assert command == "gate" or change_row(one, names) in from_terminal(said.out)
    assert told["diff"] == told["compare"] == told["gate"]
    for run, side in ((first, "first"), (second, "second")):
        rates = whole(metrics(run))
        assert {names.get(name, name): Rate(**one[side]) for name, one in told["diff"].items()} == rates


@pytest.mark.parametrize(("first", "second"), [("first", "sft"), ("both/rollout", "worse"), *slow([("base", "sft")])])
def test_the_gate_says_the_same_on_screen_for_ci_and_in_junit(harness, first, second, tmp_path):
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    files = {name: tmp_path / f"gate.{name}" for name in ("md", "json", "xml")}
    options = zip(("--markdown", "--json", "--junit"), files.values(), strict=True)
    said = harness(
        "gate", second, "--baseline", first, "--policy", policy, *(word for pair in options for word in pair)
    )
    assert said.code == 1
    value = json.loads(files["json"].read_text())
    screen, page = from_terminal(said.out), from_markdown(files["md"].read_text())
    cases = {case.get("name"): case for case in ET.parse(files["xml"]).getroot().iter("testcase")}
    checks = [case for case in cases.values() if not case.get("classname").endswith("decisions")]
    assert len(checks) == len(value["checks"])
    for check, case in zip(value["checks"], checks, strict=True):
        failure = case.find("failure")
        words = case.find("system-out").text if failure is None else failure.get("message")
        assert words == check["words"]
        assert (failure is not None) == (check["state"] == "failed")
        row = _gate_row(words)
        assert row in page, (row, page)
        if check["state"] != "passed" and check["group"] in ("drop", "floor"):
            assert row.rpartition(" ")[0] in screen or row in screen, row
    title = said.out.splitlines()[0]
    assert page.startswith(folded(title))
    failed = [check for check in value["checks"] if check["state"] == "failed"]
    assert title.startswith(f"GATE FAILED: {len(failed)} of {len(value['checks'])} checks")
    broken = [
        f"{one['case']}#{one['index']}" + (f" trial {one['trial']}" if one["trial"] else "") for one in value["broken"]
    ]
    assert [name for name, case in cases.items() if case.find("failure") is not None][len(failed) :] == broken
    assert all(place in page for place in broken[:100])


def _gate_row(words):
    """The row of a table that a check is, from its words: measured, bound, p, interval, what would be seen."""
    found = re.match(r"(?:\w+: )?([^:;]+): (?:\S+ % → )?([^;.]+(?:\.\d[^;.]*)*)", words)
    parts = [found[1], found[2]]
    for form in (
        r"; bound ([^;]+)",
        r"; p (\S+) \(McNemar, Holm\)",
        r"; 95 % interval ([^;]+)",
        r"from ([\d.]+) points",
    ):
        parts += [match[1]] if (match := re.search(form, words)) else []
    return folded(*parts)


@pytest.mark.parametrize("names", [("base", "sft", "dpo"), ("both/rollout", "worse")])
def test_the_stage_table_is_one_in_every_form_and_holds_the_rates_of_the_runs(harness, metrics, names, tmp_path):
    words = [f"{name.partition('/')[0]}={name}" for name in names]
    shown = {form: harness("table", *words, "--format", form).out for form in ("terminal", "markdown", "csv", "latex")}
    plain = [from_terminal(shown["terminal"]), from_markdown(shown["markdown"]), from_latex(shown["latex"])]
    assert harness("table", *words, "--json", tmp_path / "stages.json").out == shown["terminal"]
    value = json.loads((tmp_path / "stages.json").read_text())
    in_turns = IN_TURNS if value["mode"] == "rollout" else {}
    rows = {" ".join(row) for table in in_csv(shown["csv"]) for row in table}
    for stage, run in zip(value["stages"], names, strict=True):
        held = {in_turns.get(name, name): Rate(**rate) for name, rate in stage["metrics"].items()}
        rates = whole(metrics(run))
        assert {name: held[name] for name in rates} == rates
        for text in plain:
            assert all(with_n(rate) in text for rate in rates.values())
    for other in value["against_first"]:
        for one in other["metrics"]:
            apart = (points(one["value"]), f"{one['fixed']}/{one['broken']}", p_value(one["p_adjusted"]))
            low_high = interval(
                Difference(**{key: one[key] for key in ("first", "second", "value", "low", "high")}), "+.1f"
            )
            label = folded(other["name"], in_turns.get(one["metric"], one["metric"]))
            star = "*" if one["p_adjusted"] < 0.05 else ""
            row = folded(label, apart[0] + star, low_high, str(one["pairs"]), *apart[1:])
            assert all(row in text for text in plain), row
            assert " ".join(re.findall(r"(?<![\w.])[+-]?\d[\d,.]*", row)) in rows
    for step in value["steps"]:
        counts = [str(step[name]) for name in ("right", "broken", "fixed", "wrong")]
        assert all(folded(f"{step['first']} → {step['second']}", *counts) in text for text in plain)


def test_tokens_and_times_of_a_comparison_are_those_of_the_exported_decisions(harness, tmp_path):
    said = from_terminal(harness("compare", "base", "sft").out)
    both = []
    for run in ("base", "sft"):
        assert harness("export", "table", run, "--out", tmp_path / f"{run}.parquet").code == 0
        rows = pd.read_parquet(tmp_path / f"{run}.parquet")
        both.append(rows[rows["outcome"] != "errored"])
    assert folded("scored decisions", *(f"{len(rows)}" for rows in both)) in said
    assert folded("correct decisions", *(f"{rows['right'].sum()}" for rows in both)) in said
    for kind in ("prompt", "completion"):
        means = [rows[f"{kind}_tokens"].sum() / len(rows) for rows in both]
        assert folded(f"{kind} tokens a decision", *map(_worth, means)) in said
    assert folded("latency of a request, p50 (s)", *(_worth(rows["seconds"].quantile(0.5)) for rows in both)) in said


def _worth(value):
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}" if value >= 1 else f"{value:#.3g}"
