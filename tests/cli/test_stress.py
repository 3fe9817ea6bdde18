"""`harness stress` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.stress import TRANSFORMS
from harness.suite import load_suite
from harness.testing import write_suite

SUITES = Path(__file__).parents[2] / "suites"


def test_variants_are_written_as_a_suite_that_loads(suite, harness, place):
    said = harness("stress", "suite", "--with", "rename_tools,shuffle_tools", "--with", "rag_noise", "--out", "made")
    assert (said.code, "rename_tools" in said.out) == (0, True)
    made = load_suite(place / "made")
    assert {case.tags["stress"] for case in made.cases} == {"unchanged", "rename_tools", "shuffle_tools", "rag_noise"}
    assert {case.tags["variant_of"] for case in made.cases} == {case.id for case in suite.cases}
    assert sorted(path.name for path in (place / "made" / "cases").iterdir()) == [
        "rag_noise.jsonl",
        "rename_tools.jsonl",
        "shuffle_tools.jsonl",
        "unchanged.jsonl",
    ]
    told = json.loads((place / "made" / "variants.json").read_text())
    assert (told["suite_digest"], told["digest"]) == (suite.digest, made.digest)
    assert {one["case"] for one in told["left_out"]} == {"chat-3"}  # it offers no tool


@pytest.mark.usefixtures("suite")
def test_the_same_seed_writes_the_same_files(harness, place):
    for folder, seed in (("one", 3), ("two", 3), ("three", 4)):
        assert harness("stress", "suite", "--out", folder, "--seed", seed).code == 0

    def files(folder):
        return {path.name: path.read_bytes() for path in (place / folder).rglob("*.jsonl")}

    assert files("one") == files("two")
    assert files("one") != files("three")


@pytest.mark.usefixtures("suite")
def test_wrong_use_is_told(harness, place):
    said = harness("stress", "suite", "--with", "rename_tool", "--out", "made")
    assert said.code == 2
    assert "there are rename_tools, rename_parameters" in said.err
    (place / "made").mkdir()
    (place / "made" / "mine.txt").write_text("kept")
    said = harness("stress", "suite", "--out", "made")
    assert (said.code, "is there already" in said.err) == (2, True)
    assert harness("stress", "nowhere", "--out", "other").code == 2
    said = harness("stress", "suite", "--out", "suite/cases/made")
    assert (said.code, "among the cases of suite" in said.err) == (2, True)


@pytest.mark.usefixtures("suite")
def test_a_suite_of_variants_is_refused(harness, place):
    assert harness("stress", "suite", "--with", "polite_users", "--out", "made").code == 0
    said = harness("stress", "made", "--out", "again")
    assert (said.code, "name the suite that they were made of" in said.err) == (2, True)
    assert not (place / "again").exists()


@pytest.mark.usefixtures("suite")
@pytest.mark.parametrize("there", [True, False])
def test_what_cannot_be_written_whole_is_not_written(harness, place, monkeypatch, there):
    if there:
        (place / "made").mkdir()
    write = Path.write_bytes

    def full(path, data):
        if path.name == "variants.json":
            raise OSError(28, "No space left on device")
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    said = harness("stress", "suite", "--out", "made")
    assert (said.code, "cannot write made/variants.json: No space left" in said.err) == (2, True)
    assert (place / "made").exists() is there
    monkeypatch.undo()
    monkeypatch.chdir(place)
    assert harness("stress", "suite", "--out", "made").code == 0


@pytest.mark.slow
def test_variants_of_a_shipped_suite_stand_the_linter_and_gold_replay(harness, place):
    said = harness("stress", SUITES / "order_desk", "--out", "made")
    assert (said.code, "order_desk" in said.out) == (0, True)
    left_out = json.loads((place / "made" / "variants.json").read_text())["left_out"]
    disputed = [one for one in left_out if "the linter disputes it" in one["reason"]]
    cases = len(load_suite(SUITES / "order_desk").cases)
    assert len(disputed) < 0.01 * len(TRANSFORMS) * cases
    said = harness("lint", "made", "--no-rule", "mutants", "--json", "found.json")
    (found,) = json.loads((place / "found.json").read_text())["suites"]
    assert (said.code, found["counts"]["error"]) == (0, 0)
    assert (found["gold"]["right"], found["gold"]["turns_right"]) == (
        found["gold"]["decisions"],
        found["gold"]["turns"],
    )
    assert found["distinct"] == cases


WRONG = """\
id: silenced
tags: {language: en, kind: single_call}
turns:
  - user: Is the gate open?
  - expect: {no_call: true}
    answer: I looked it up and the gate is open since 07:40.
    lint: {honest_answer: made up for a test}
"""


@pytest.mark.parametrize(("case", "variants"), [(WRONG, 1), (WRONG.rpartition("    lint")[0], 0)])
def test_a_variant_that_the_linter_disputes_is_left_out_unless_the_case_silences_it(harness, place, case, variants):
    write_suite(place / "one", case)
    harness("stress", "one", "--with", "polite_users", "--out", "made")
    made = load_suite(place / "made")
    assert sorted(case.id for case in made.cases) == ["silenced", "silenced+polite_users"][: 1 + variants]
    told = json.loads((place / "made" / "variants.json").read_text())["left_out"]
    assert [one["reason"] for one in told] == ["the linter disputes it (honest_answer)"] * (1 - variants)
