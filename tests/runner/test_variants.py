"""Which change breaks a model: variants held against their cases, decision by decision."""

from __future__ import annotations

import json

import pytest

from harness.baseline import Entry, Results
from harness.cli import main
from harness.comparison import diff, variants
from harness.errors import NotComparableError
from harness.report.variants import variants_view
from harness.runlog import Identity, Sampling
from harness.stress import stress, write_variants
from harness.suite import load_suite
from harness.testing import MINIATURES, MockServer, sample_suite


def entry(case, index, outcome, trial=0):
    expect = "no_call" if outcome in ("correct_no_call", "spurious_call") else "calls"
    return Entry(case=case, index=index, trial=trial, digest="d", depth=1, tools=1, expect=expect, outcome=outcome)


def results(cases, path):
    """Of cases by name: their origin, their change, their outcomes."""
    identity = Identity(
        suite="s",
        suite_digest="d",
        decisions=1,
        model="m",
        sampling=Sampling(max_tokens=1),
        harness_version="0",
        scorer_version="1",
    )
    tags = {name: {"variant_of": origin, "stress": change} for name, (origin, change, _) in cases.items()}
    entries = [
        entry(name, index, outcome) for name, (*_, found) in cases.items() for index, outcome in enumerate(found)
    ]
    return Results("run", path, identity, {}, tags, sorted(entries, key=lambda one: one.key))


RIGHT, WRONG, TALK, ERROR = "correct_call", "wrong_tool", "correct_no_call", "errored"


def test_decisions_are_lined_up_from_the_end_and_the_worst_is_over_all_variants(tmp_path):
    found = variants(
        results(
            {
                "a": ("a", "unchanged", [RIGHT, RIGHT, WRONG]),
                "a+x": ("a", "x", [RIGHT, WRONG, WRONG]),
                "a+talk": ("a", "talk", [TALK, TALK, WRONG, RIGHT, RIGHT]),
                "b": ("b", "unchanged", [RIGHT, TALK]),
                "b+x": ("b", "x", [RIGHT, TALK]),
                "c": ("c", "unchanged", [RIGHT, RIGHT]),
                "c+x": ("c", "x", [RIGHT, ERROR]),
                "alone": ("gone", "x", [RIGHT]),
            },
            tmp_path,
        )
    )
    by_name = {one.change: one for one in found.changes}
    assert [one.change for one in found.changes] == ["x", "talk"]
    assert (by_name["x"].cases, by_name["x"].broken, by_name["x"].fixed) == (3, 1, 0)
    assert (by_name["x"].accuracy.first.denominator, by_name["x"].accuracy.value) == (6, pytest.approx(-1 / 6))
    assert (by_name["talk"].broken, by_name["talk"].fixed, by_name["talk"].accuracy.value) == (1, 1, 0)
    assert (found.unchanged.numerator, found.unchanged.denominator) == (5, 6)
    assert (found.worst.numerator, found.worst.denominator) == (3, 6)  # a's are each wrong somewhere
    assert (found.unchanged_cases.numerator, found.unchanged_cases.denominator) == (1, 2)  # c met an error
    assert (found.worst_cases.numerator, found.worst_cases.denominator) == (1, 2)
    assert found.added == 2


def test_variants_without_their_cases_are_not_comparable(tmp_path):
    with pytest.raises(NotComparableError, match="no case together with a variant"):
        variants(results({"a+x": ("a", "x", [RIGHT])}, tmp_path))


def test_the_view_names_the_change_that_breaks_most_first(tmp_path):
    cases = {
        "a": ("a", "unchanged", [RIGHT, RIGHT]),
        "a+y": ("a", "y", [RIGHT, RIGHT]),
        "a+z": ("a", "z", [WRONG, WRONG]),
    }
    run = results(cases, tmp_path)
    view = variants_view(run, variants(run))
    assert [row[0] for row in view.tables[0].rows] == ["z", "y"]
    assert view.tables[0].rows[0][4] == "-100.0"
    assert view.tables[1].rows[0][1:3] == ("100.0 % (2)", "0.0 % (2)")


def breaks_when_renamed(decision):
    """Right but where tools have other names than it knows."""
    renamed = any(one.function.name.startswith("api_") or "-" in one.function.name for one in decision.tools)
    camel = any(not one.function.name.islower() for one in decision.tools)
    return MINIATURES["one_argument_off" if renamed or camel else "gold"](decision)


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
def test_a_run_of_variants_tells_which_change_breaks_the_model(tmp_path, capsys, mode):
    made = stress(sample_suite(tmp_path / "suite"), ["rename_tools", "shuffle_tools", "small_talk"])
    write_variants(made.suite, tmp_path / "variants")
    suite = load_suite(tmp_path / "variants")
    with MockServer(suite, breaks_when_renamed, rollouts=mode == "rollout") as server:
        words = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--mode", mode]
        assert main(["run", str(tmp_path / "variants"), *words, "--out", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    told = tmp_path / "told.json"
    assert main(["table", str(tmp_path / "run"), "--json", str(told)]) == 0
    out = capsys.readouterr().out
    assert "Which change breaks the model" in out
    (found,) = json.loads(told.read_text())["variants"].values()
    assert found["changes"][0]["change"] == "rename_tools"
    assert {one["change"]: one["broken"] > 0 for one in found["changes"]} == {
        "rename_tools": True,
        "shuffle_tools": False,
        "small_talk": False,
    }
    assert found["unchanged"]["value"] == 1
    assert found["worst"]["value"] < 1
    run = tmp_path / "run"
    assert main(["table", f"a={run}", f"b={run}", "--only", "variants"]) == 0
    out = capsys.readouterr().out
    assert "points against the same as they are" in out
    assert "Worst case over the variants" in out
    assert "By variant of" not in (tmp_path / "run" / "summary.md").read_text()
    assert "By stress" in (tmp_path / "run" / "summary.md").read_text()


def test_one_run_without_variants_is_no_table(tmp_path, capsys):
    suite = sample_suite(tmp_path / "suite")
    with MockServer(suite) as server:
        words = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes"]
        assert main(["run", str(tmp_path / "suite"), *words, "--out", str(tmp_path / "run")]) == 0
    assert main(["table", str(tmp_path / "run")]) == 2
    assert "two stages or more" in capsys.readouterr().err
    assert main(["table", f"a={tmp_path / 'run'}", f"b={tmp_path / 'run'}"]) == 0


def test_two_runs_of_variants_are_not_sliced_by_the_case_that_each_is_a_variant_of(tmp_path):
    cases = {"a": ("a", "unchanged"), "a+x": ("a", "x")}
    first, second = (
        results({case: (*tags, [outcome]) for case, tags in cases.items()}, tmp_path) for outcome in (RIGHT, WRONG)
    )
    found = diff(first, second, by_tag=True)
    assert {name for name, _ in found.slices} == {"depth", "tools", "expect", "stress"}
