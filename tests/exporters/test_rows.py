"""Rows to train on: what is chosen and rejected, what is left out and why, each content once, balance, manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given

from harness.cli import main
from harness.exporters.material import Source, of_run, of_suite
from harness.exporters.rows import Row, balanced, conversation_rows, decision_rows
from harness.judging import Judge
from harness.records import ExpectedCall, MatchRule, Response
from harness.replies import gold_arguments
from harness.suite import load_suite
from harness.testing import MINIATURES, MockServer, sample_suite, write_suite
from suite_strategies import suites

KEYS = {"suite", "source", "model", "case", "decision", "depth", "trial", "digest", "expect", "outcome", "violations"}
KEYS |= {"fabrication", "quality_defects", "tags"}


@pytest.fixture
def export(tmp_path, capsys):
    """Runs `harness export`; its code, the rows, the manifest, and what it said."""

    def command(kind, *words):
        capsys.readouterr()
        out = tmp_path / "rows.jsonl"
        code = main(["export", kind, *map(str, words), "--replace", "--out", str(out)])
        said = capsys.readouterr()
        if code:
            return code, [], {}, said.err
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        manifest = json.loads((tmp_path / "rows.manifest.json").read_text())
        assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
        assert manifest["rows"] == len(rows)
        assert all(set(row["metadata"]) == KEYS for row in rows)
        return code, rows, manifest, said.out

    return command


@pytest.fixture
def ran(tmp_path):
    """A finished run of the sample suite by a miniature."""
    suite = sample_suite(tmp_path / "suite")

    def run(miniature, *words, rollouts=False):
        with MockServer(suite, miniature, rollouts=rollouts) as server:
            given = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--retries", "0"]
            mode = ["--mode", "rollout"] if rollouts else []
            assert main(["run", str(tmp_path / "suite"), *given, *mode, *words, "--out", str(tmp_path / "run")]) == 0
        return tmp_path / "run"

    return run


def calls(message):
    return [(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls") or ()]


# What is right.


@given(suite=suites())
def test_every_row_of_a_suite_is_judged_right_by_the_harness_itself(suite):
    judge, decisions = Judge(), {decision.key: decision for decision in suite.decisions}
    made = decision_rows(of_suite(Source("s", suite)))
    assert len(made.rows) + made.duplicates + made.left_out.total() == len(decisions)
    for row in made.rows:
        decision = decisions[row.value["metadata"]["case"], row.value["metadata"]["decision"]]
        (right,) = row.value["completion"]
        if decision.expect.no_call:
            assert right["content"]
            continue
        score = judge.verdict(decision, Response(message={**right, "content": ""}, finish_reason="tool_calls"))
        assert score.call_correct
        ids = [call["id"] for message in [*row.value["prompt"], right] for call in message.get("tool_calls", ())]
        assert len(set(ids)) == len(ids)


def test_gold_takes_the_first_alternative_only_where_the_expected_value_is_none():
    rules = {"/a": MatchRule(one_of=[2, 3]), "/b/0/c": MatchRule(one_of=["y"]), "/d": MatchRule(one_of=["z"])}
    call = ExpectedCall(name="f", arguments={"a": 3, "b": [{"c": "x"}]}, match={**rules})
    assert gold_arguments(call) == {"a": 3, "b": [{"c": "y"}]}
    assert call.arguments == {"a": 3, "b": [{"c": "x"}]}
    whole = ExpectedCall(name="f", arguments={}, match={"": MatchRule(one_of=[{"q": 1}])})
    assert gold_arguments(whole) == {"q": 1}


def test_conversations_end_with_the_last_right_message_and_hold_one_set_of_tools(export, tmp_path):
    cases = """\
id: grows
tools: [get_weather]
turns:
  - user: Oslo?
  - expect: {calls: [{name: get_weather, arguments: {city: Oslo}}]}
    observations: [clear]
  - expect: {no_call: true}
    answer: It is clear.
  - user: And the way?
    tools: [get_weather, get_route]
  - expect: {calls: [{name: get_route, arguments: {start: a, end: b}}]}
---
id: stays
tools: []
turns:
  - user: Good morning!
  - expect: {no_call: true}
    answer: Good morning to you too.
"""
    write_suite(tmp_path / "suite", cases)
    code, rows, manifest, said = export("sft", tmp_path / "suite", "--unit", "conversation")
    assert code == 0
    (row,) = rows
    assert row["messages"] == [
        {"role": "user", "content": "Good morning!"},
        {"role": "assistant", "content": "Good morning to you too."},
    ]
    assert row["tools"] is None
    assert manifest["left_out"] == {"the tools change on the way": 1}
    assert "the tools change on the way" in said


# What is wrong.

WRONG = {
    "always_calls": ("spurious_call", "calls"),
    "never_calls": ("missed_call", "text"),
    "one_argument_off": ("wrong_arguments", "calls"),
    "wrong_tool": ("wrong_tool", "calls"),
    "drops_a_call": ("wrong_tool", "calls"),
    "adds_a_call": ("wrong_tool", "calls"),
    "double_encodes": ("malformed_call", "markup"),
    "broken_json": ("malformed_call", "markup"),
    "cut_off": ("malformed_call", "markup"),
    "invents_after_call": ("correct_call", "markup"),
    "repeats_itself": ("correct_no_call", "text"),
    "answers_empty": ("empty_response", "text"),
}


@pytest.mark.parametrize("miniature", WRONG)
def test_what_the_model_did_is_rejected_as_it_did_it(ran, export, miniature):
    outcome, form = WRONG[miniature]
    code, rows, _, _ = export("dpo", ran(miniature))
    assert code == 0
    shown = [row for row in rows if row["metadata"]["outcome"] == outcome]
    assert shown
    suite = {decision.key: decision for decision in load_suite(rows[0]["metadata"]["source"] + "/../suite").decisions}
    for row in shown:
        decision = suite[row["metadata"]["case"], row["metadata"]["decision"]]
        wrote = MINIATURES[miniature](decision)
        (chosen,), (rejected,) = row["chosen"], row["rejected"]
        assert chosen != rejected
        assert row["prompt"][-1]["role"] in ("user", "tool")
        if form == "calls":
            assert calls(rejected) == [
                (call["function"]["name"], json.loads(call["function"]["arguments"]))
                for call in wrote.message["tool_calls"]
            ]
        else:
            assert not calls(rejected)
            assert rejected["content"] == wrote.raw.removesuffix("<|im_end|>").strip()
        if decision.expect.no_call:
            assert chosen["content"]
        else:
            assert calls(chosen) == [(call.name, call.arguments) for call in decision.expect.calls]


def test_each_row_tells_its_violations(ran, export):
    _, rows, manifest, _ = export("dpo", ran("invents_after_call"))
    assert {signal for row in rows for signal in row["metadata"]["fabrication"]} >= {"tool_markup"}
    assert manifest["counts"]["fabrication"]["tool_markup"] == len(rows)
    assert manifest["sources"][0]["model"] == "mock"


def test_a_call_that_the_parser_lost_is_not_held_against_the_model(ran, export):
    code, _, _, said = export("dpo", ran("parser_drops_a_call"))
    assert (code, "nothing is left to export" in said) == (2, True)


def test_only_the_first_error_of_a_case_played_through_is_shown(ran, export):
    code, rows, _, _ = export("dpo", ran("one_argument_off", rollouts=True))
    assert code == 0
    assert max(Counter(row["metadata"]["case"] for row in rows).values()) == 1
    for row in rows:
        assert row["metadata"]["outcome"] == "wrong_arguments"
        assert all(isinstance(call[1], dict) for message in row["prompt"] for call in calls(message))
    code, rows, _, _ = export("sft", rows[0]["metadata"]["source"])
    assert {row["metadata"]["outcome"] for row in rows} == {"wrong_arguments", "correct_no_call"}


def test_a_suite_has_done_nothing_wrong(export, tmp_path):
    sample_suite(tmp_path / "suite")
    code, _, _, said = export("dpo", tmp_path / "suite")
    assert (code, "stands in a run" in said) == (2, True)
    assert export("sft", tmp_path / "nowhere")[0] == 2
    assert export("dpo", tmp_path / "nowhere")[0] == 2


# Each once, and as many of each.


def test_equal_rows_of_several_trials_and_sources_are_written_once(ran, export):
    run = ran("one_argument_off", "--trials", "2")
    _, rows, manifest, _ = export("dpo", run, run)
    contents = [json.dumps([row["prompt"], row["chosen"], row["rejected"]], sort_keys=True) for row in rows]
    assert len(set(contents)) == len(rows)
    assert manifest["duplicates"] == 3 * len(rows)


def row(place, **metadata):
    tags = {name: metadata.pop(name) for name in list(metadata) if name not in ("outcome", "expect", "depth")}
    return Row(("s", str(place)), {"prompt": place, "metadata": {"outcome": None, **metadata, "tags": tags}})


def test_balance_keeps_as_many_of_each_group():
    rows = [row(place, outcome="a" if place % 3 else "b", language="en" if place % 2 else "zh") for place in range(30)]
    kept = balanced(rows, ["outcome"], None)
    assert Counter(one.value["metadata"]["outcome"] for one in kept) == {"a": 10, "b": 10}
    assert kept == sorted(kept, key=lambda one: one.value["prompt"])
    both = balanced(rows, ["outcome", "language"], 3)
    groups = Counter((one.value["metadata"]["outcome"], one.value["metadata"]["tags"]["language"]) for one in both)
    assert set(groups.values()) == {3}
    assert len(groups) == 4
    assert balanced(rows[::-1], ["outcome"], None)[::-1] == kept  # the same rows, wherever they stood
    assert balanced([], ["outcome"], None) == []


def test_the_manifest_says_what_was_balanced_away(ran, export):
    run = ran("one_argument_off")
    _, rows, manifest, _ = export("sft", run, "--balance", "outcome")
    counts = Counter(row["metadata"]["outcome"] for row in rows)
    assert set(counts.values()) == {3}
    assert manifest["balanced_away"] == 1
    assert manifest["options"]["balance"] == ["outcome"]
    assert export("sft", run, "--most", "2")[0] == 2


@pytest.mark.parametrize("name", ["nosuch", "outcome", "case"])
def test_balance_by_what_no_row_has_is_refused(export, tmp_path, name):
    sample_suite(tmp_path / "suite")
    code, _, _, said = export("sft", tmp_path / "suite", "--balance", f"kind,{name}")
    assert code == 2
    assert f"--balance {name}: no row has such a thing; there are expect, depth, kind, language" in said
    assert not (tmp_path / "rows.jsonl").exists()


def test_decisions_that_met_an_error_are_counted(tmp_path):
    suite = sample_suite(tmp_path / "suite")
    asked = [(decision, 0, Response(error="late")) for decision in suite.decisions]
    judged = [(*one, Judge().verdict(one[0], one[2])) for one in asked]
    made = decision_rows(of_run(Source("run", suite), judged))
    assert (made.rows, made.left_out) == ([], {"met an error": len(suite.decisions)})


# Files.


@pytest.fixture
def written(tmp_path, capsys):
    """Exports the sample suite to a file; the code, and what it said."""
    sample_suite(tmp_path / "suite")

    def command(out, *words):
        code = main(["export", "sft", str(tmp_path / "suite"), "--out", str(out), *words])
        return code, capsys.readouterr().err

    return command


def test_rows_take_the_place_of_rows_only_where_that_is_said(written, tmp_path):
    out, manifest = tmp_path / "rows.jsonl", tmp_path / "rows.manifest.json"
    assert written(out)[0] == 0
    assert json.loads(manifest.read_text())["file"] == "rows.jsonl"
    before = out.stat().st_mtime_ns, manifest.read_bytes()
    code, said = written(out, "--balance", "kind")
    assert (code, f"{out} is there already; --replace takes its place" in said) == (2, True)
    assert (out.stat().st_mtime_ns, manifest.read_bytes()) == before
    assert written(out, "--balance", "kind", "--replace")[0] == 0
    assert json.loads(manifest.read_text())["options"]["balance"] == ["kind"]
    code, said = written(tmp_path / "rows.json", "--replace")  # its manifest would be that of rows.jsonl
    assert (code, f"{manifest} is there already, and no export to" in said) == (2, True)


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "{", '{"sha256": 1, "file": "other.jsonl"}'])
def test_what_no_export_wrote_is_never_replaced(written, tmp_path, manifest):
    out = tmp_path / "notes.jsonl"
    out.write_text("mine\n")
    if manifest is not None:
        (tmp_path / "notes.manifest.json").write_text(manifest)
    code, said = written(out, "--replace")
    assert (code, "no export to" in said, out.read_text()) == (2, True, "mine\n")


@pytest.mark.parametrize(
    ("out", "why"),
    [
        (".", "is a folder"),
        ("suite", "is a folder"),
        ("nowhere/rows.jsonl", "nowhere is no folder"),
        ("suite/suite.yaml/rows.jsonl", "suite.yaml is no folder"),
        ("a" * 249 + ".jsonl", "File name too long"),
        ("a" * 245 + ".jsonl", "File name too long"),
    ],
    ids=lambda text: text[:20],
)
def test_a_place_that_cannot_be_written_is_told(written, tmp_path, monkeypatch, out, why):
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    code, said = written(out)
    assert (code, why in said) == (2, True)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("fails", ["rows.manifest.json", "rows.jsonl"])
def test_without_room_for_the_manifest_there_are_no_rows_either(written, tmp_path, monkeypatch, fails):
    out = tmp_path / "rows.jsonl"
    assert written(out)[0] == 0
    before = out.read_bytes(), (tmp_path / "rows.manifest.json").read_bytes()
    real = Path.open

    def full(path, *words, **options):
        if path.name == f".{fails}.part":
            raise OSError(28, "No space left on device")
        return real(path, *words, **options)

    monkeypatch.setattr(Path, "open", full)
    code, said = written(out, "--balance", "kind", "--replace")
    assert (code, f"cannot write {tmp_path / fails}: No space left on device" in said) == (2, True)
    assert (out.read_bytes(), (tmp_path / "rows.manifest.json").read_bytes()) == before
    assert list(tmp_path.glob(".*")) == []


def test_the_manifest_names_a_source_whose_path_is_no_utf8(tmp_path, capsys):
    folder = tmp_path / os.fsdecode(b"suite\xff")
    sample_suite(folder)
    assert main(["export", "sft", str(folder), "--out", str(tmp_path / "rows.jsonl")]) == 0
    manifest = json.loads((tmp_path / "rows.manifest.json").read_text())
    assert manifest["sources"][0]["name"] == str(folder)
    assert "rows.manifest.json" in capsys.readouterr().out


def test_conversation_rows_need_every_right_message(tmp_path):
    suite = sample_suite(tmp_path / "suite")
    made = conversation_rows(of_suite(Source("s", suite)))
    assert made.left_out == {"any call is right": 1}
    assert [row.case[1] for row in made.rows] == ["chat-3", "table 2 für zwölf", "weather-1"]
