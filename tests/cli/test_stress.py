"""`harness stress` from the command line."""

from __future__ import annotations

import json

import pytest

from harness.suite import load_suite


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
