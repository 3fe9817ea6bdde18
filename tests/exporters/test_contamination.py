"""What an evaluation suite holds is not exported: the same, what is nearly the same, what is about the same things."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.alike import LEAST_HELD, wording
from harness.cli import main
from harness.exporters.contamination import NEAR, WITHIN, Guard, names_in
from harness.stress import stress
from harness.suite import Case, Defaults, Suite, load_suite
from harness.testing import write_suite
from harness.testing.sample import TOOLS

EVAL = """\
id: kept-back
turns:
  - user: My order SO-445102 has not come yet. Where is it now, and when will it be at my door in Kiel?
  - expect: {calls: [{name: get_weather, arguments: {city: SO-445102}}]}
    observations: [on its way]
  - expect: {no_call: true}
    answer: It is on its way.
"""
TALK = """\
id: talk
turns:
  - user: Good morning!
  - expect: {no_call: true}
    answer: Good morning to you too.
"""


def case(user, argument, name="mine"):
    expect = f"{{calls: [{{name: get_weather, arguments: {{city: {argument}}}}}]}}"
    return f"id: {name}\nturns:\n  - user: {json.dumps(user)}\n  - expect: {expect}\n"


def suite_of(folder, *cases):
    return load_suite(write_suite(folder, "---\n".join(cases), tools=TOOLS))


@pytest.fixture
def guard(tmp_path):
    return Guard(suite_of(tmp_path / "eval", EVAL))


@pytest.mark.parametrize(
    ("user", "argument", "rule"),
    [
        ("My order SO-445102 has not come yet. Where is it now, and when will it be at my door in Kiel?", "x", "near"),
        (
            "my order SO-990017 has not come yet!! Where is it now and when will it be at my door in Bonn?",
            "Bonn",
            "near",
        ),
        ("Cancel it, please, all of it, at once.", "SO-445102", "shared"),
        ("Cancel it, please, all of it, at once.", "SO-445103", None),
        ("What is the weather like in Kiel?", "Kiel", None),
    ],
)
def test_near_duplicates_and_shared_entities_are_found(guard, tmp_path, user, argument, rule):
    found = guard.found(suite_of(tmp_path / "mine", case(user, argument)))
    assert [one.rule.partition("_")[0] for one in found.values()] == ([rule] if rule else [])
    if rule:
        assert (found["mine"].suite, found["mine"].against) == ("sample", "kept-back")


def test_the_same_case_is_found_whatever_it_is_called(guard, tmp_path):
    found = guard.found(suite_of(tmp_path / "mine", EVAL.replace("kept-back", "renamed"), TALK))
    assert {name: one.rule for name, one in found.items()} == {"renamed": "same_decision"}


def test_a_case_inside_a_longer_one_is_found(guard, tmp_path):
    longer = EVAL.replace("turns:\n", "turns:\n" + "".join(TALK.partition("turns:\n")[2] for _ in range(9)))
    longer = longer.replace(
        "Good morning!",
        "Tell me a long story about the harbour, the ships, the sailors and the fog that comes in from the sea at night, "
        "and of the old man who lights the lamps, whatever the weather is like.",
    )
    found = guard.found(suite_of(tmp_path / "mine", longer))
    assert [one.rule for one in found.values()] == ["near_duplicate"]
    assert "one holds 100% of the other" in found["kept-back"].detail


SUITES = sorted(Path(__file__).parents[2].glob("suites/*/suite.yaml"))
SAID_OTHERWISE = ("deeper_history", "hurried_users", "polite_users", "rag_noise", "rename_entities", "small_talk")


def test_other_suites_share_nothing_with_a_shipped_one_and_its_own_variants_all_do():
    suites = {path.parent.name: load_suite(path.parent) for path in SUITES}
    suite = suites.pop("cloud_ops")
    guard = Guard(suite)
    for other in suites.values():
        assert [one for one in guard.found(other).values() if one.rule == "near_duplicate"] == []
    variants = stress(suite, SAID_OTHERWISE).suite
    rules = {name: one.rule for name, one in guard.found(variants).items()}
    assert set(rules) == {case.id for case in variants.cases}
    assert "shared_entity" not in rules.values()


def test_times_amounts_and_words_name_nothing():
    assert (
        list(names_in("24 h, 1.5, v1.28.3, 2026-03-04T10:00:00Z, 10:15, high, 80%, 500ms, Oslo, A, x2, 03.04.2026"))
        == []
    )
    assert list(names_in("A-1043, web-edge-02, 203.0.113.8, b.tanaka, a@example.com, 445102")) == [
        "a-1043",
        "web-edge-02",
        "203.0.113.8",
        "b.tanaka",
        "a@example.com",
        "445102",
    ]


def test_what_is_left_out_is_told_and_the_rest_exported(tmp_path, capsys):
    suite_of(tmp_path / "eval", EVAL)
    suite_of(tmp_path / "mine", EVAL.replace("kept-back", "renamed"), TALK)
    words = ["export", "sft", str(tmp_path / "mine"), "--exclude", str(tmp_path / "eval")]
    assert main([*words, "--out", str(tmp_path / "rows.jsonl")]) == 0
    said = capsys.readouterr().out
    assert "sample: 1 case left out for what is shared with it" in said
    assert "same_decision      1" in said
    assert re.search("renamed of .*mine: same_decision with kept-back", said)
    (line,) = (tmp_path / "rows.jsonl").read_text().splitlines()
    assert json.loads(line)["metadata"]["case"] == "talk"
    (excluded,) = json.loads((tmp_path / "rows.manifest.json").read_text())["excluded"]
    assert [(one["case"], one["rule"], one["against"]) for one in excluded["cases"]] == [
        ("renamed", "same_decision", "kept-back")
    ]


def test_nothing_is_written_where_nothing_is_left(tmp_path, capsys):
    suite_of(tmp_path / "eval", EVAL)
    words = ["export", "sft", str(tmp_path / "eval"), "--exclude", str(tmp_path / "eval")]
    assert main([*words, "--out", str(tmp_path / "rows.jsonl")]) == 2
    assert "nothing is left to export" in capsys.readouterr().err
    assert not (tmp_path / "rows.jsonl").exists()


WORDS = ("order", "ship", "alert", "please", "block", "ticket", "refund", "host", "in", "a", "Oslo")


@given(
    held=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=30), min_size=1, max_size=6),
    mine=st.lists(st.sampled_from(WORDS), min_size=1, max_size=30),
    data=st.data(),
)
def test_looking_only_where_rare_pieces_occur_misses_nothing(held, mine, data):
    if data.draw(st.booleans()):  # something that really is alike
        mine = [*held[0], *mine[:2]]
    cases = [plain(f"case {number}", words) for number, words in enumerate(held)]
    ours = plain("mine", mine)
    kept, pieces = [wording(one) for one in cases], wording(ours)
    shared = [(len(pieces & one), len(pieces | one), min(len(pieces), len(one))) for one in kept]
    wanted = any(
        both / either >= NEAR or (least >= LEAST_HELD and both >= WITHIN * least) for both, either, least in shared
    )
    found = Guard(suite_in_memory(cases)).found(suite_in_memory([ours]))
    assert bool(found) == wanted


def plain(name, words):
    turns = [{"user": " ".join(words)}, {"expect": {"no_call": True, "min_words": len(name)}}]
    return Case.from_json({"id": name, "turns": turns, "system": name})


def suite_in_memory(cases):
    return Suite("held", "Held.", "Apache-2.0", Defaults(), {}, (), tuple(cases))
