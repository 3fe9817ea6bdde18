"""Variants mean the same: gold stays right, arguments stay told, nothing else is expected, whatever case and seed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import jsonvalue
from harness.errors import UsageError
from harness.judging import Judge
from harness.records import Response
from harness.stress import TRANSFORMS, stress, write_variants
from harness.stress.draft import Draft, strings_in
from harness.stress.schemas import Words, members_in, told_in
from harness.suite import STRESS, VARIANT_OF, load_suite, problems_of, tool_json
from harness.testing import MINIATURES, sample_suite
from suite_strategies import suites

SHIPPED = sorted(path.parent for path in Path(__file__).parents[2].glob("suites/*/suite.yaml"))
RENAMING = ("rename_tools", "rename_parameters", "rename_entities")
load = cache(load_suite)


def grouped(suite):
    return {case: list(found) for case, found in groupby(suite.decisions, key=lambda one: one.case_id)}


def gold_is_right(suite):
    judge = Judge()
    for decision in suite.decisions:
        reply = MINIATURES["gold"](decision)
        response = Response(message=reply.message, raw=reply.raw, finish_reason=reply.finish_reason, dialect="hermes")
        score = judge.verdict(decision, response)
        assert score.call_correct, (decision.key, score.violations)
        assert (score.quality_defects, score.channels_agree) == ([], True), decision.key


def told(decision):
    """Everything that stands before a decision."""
    messages = [{key: value for key, value in message.items() if key != "tool_calls"} for message in decision.messages]
    calls = [jsonvalue.dumps(message.get("tool_calls")) for message in decision.messages]
    texts = [*strings_in(messages), *calls, *strings_in([tool_json(tool) for tool in decision.tools])]
    return re.sub(r"\s+", " ", "\n".join(texts))


def untold(decision):
    """The texts and numbers of expected arguments that stand nowhere before."""
    before = told(decision)
    values = [value for call in decision.expect.calls or () for value in strings_in(call.arguments)]
    return sum(re.sub(r"\s+", " ", value) not in before for value in values)


def same_meaning(suite, made):
    """Holds every variant against its case, decision by decision, from the end."""
    origins, variants = grouped(suite), grouped(made.suite)
    tags = {case.id: case.tags for case in made.suite.cases}
    for name, decisions in variants.items():
        origin = origins[tags[name][VARIANT_OF]]
        assert len(decisions) >= len(origin)
        for ours, theirs in zip(reversed(origin), reversed(decisions), strict=False):
            assert (ours.expect.kind, untold(theirs)) == (theirs.expect.kind, untold(ours)), theirs.key
            if tags[name][STRESS] not in RENAMING:
                assert ours.expect == theirs.expect
            for before, after in zip(ours.expect.calls or (), theirs.expect.calls or (), strict=True):
                assert len(list(strings_in(before.arguments))) == len(list(strings_in(after.arguments)))
                assert len(before.match) == len(after.match)


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_of_every_shipped_case_means_the_same(path, name, tmp_path):
    suite = load(path)
    made = stress(suite, [name], seed=7)
    count = len(made.suite.cases) - len(suite.cases)
    assert count + len(made.left_out) == len(suite.cases)
    assert count > len(suite.cases) / 4
    gold_is_right(made.suite)
    same_meaning(suite, made)
    write_variants(made.suite, tmp_path / "out")
    assert load_suite(tmp_path / "out").digest == made.suite.digest


@given(suite=suites(), seed=st.integers(0, 1000), name=st.sampled_from(sorted(TRANSFORMS)))
def test_any_case_any_seed(suite, seed, name):
    assert [found for case in suite.cases for found in problems_of(case, suite.tools)] == []
    made = stress(suite, [name], seed)
    gold_is_right(made.suite)
    same_meaning(suite, made)
    again = stress(suite, [name], seed)
    assert again.suite.digest == made.suite.digest


def test_cases_themselves_are_among_the_variants_as_they_were(tmp_path):
    suite = sample_suite(tmp_path / "suite")
    made = stress(suite)
    variants = grouped(made.suite)
    for case, decisions in grouped(suite).items():
        assert [one.digest for one in variants[case]] == [one.digest for one in decisions]


@pytest.mark.parametrize("tag", [STRESS, VARIANT_OF])
def test_variants_of_variants_are_refused(tmp_path, tag):
    suite = sample_suite(tmp_path / "suite")
    first, *others = suite.cases
    marked = first.model_copy(update={"tags": {**first.tags, tag: "x"}})
    with pytest.raises(UsageError, match=f"has the tag '{tag}'"):
        stress(replace(suite, cases=(marked, *others)))


def test_a_variant_does_not_take_the_id_of_another_case(tmp_path):
    suite = sample_suite(tmp_path / "suite")
    first, *others = suite.cases
    twin = first.model_copy(update={"id": f"{first.id}+polite_users"})
    made = stress(replace(suite, cases=(first, twin, *others)), ["polite_users"])
    assert len({case.id for case in made.suite.cases}) == len(made.suite.cases)
    assert [(one.case, one.reason) for one in made.left_out] == [(first.id, f"another case is called {twin.id}")]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_no_description_mentions_a_parameter_that_has_another_name_now(path):
    suite = load(path)
    for case in suite.cases:
        made = Draft.of(case, suite.tools)
        before = {name for tool in made.functions for name in members_in(tool["parameters"])}
        assert TRANSFORMS["rename_parameters"](made, Random(0)) is None
        gone = before - {name for tool in made.functions for name in members_in(tool["parameters"])}
        words = Words([text for tool in made.functions for text in told_in(tool)])
        assert gone
        assert [name for name in gone if words.mention(name)] == []


def test_another_seed_gives_other_variants_of_the_same_cases():
    suite = load(SHIPPED[0])
    first, second = (stress(suite, ["rename_entities"], seed).suite for seed in (1, 2))
    assert [case.id for case in first.cases] == [case.id for case in second.cases]
    assert first.digest != second.digest


def test_a_variant_does_not_depend_on_which_others_are_made():
    suite = load(SHIPPED[0])
    alone = {case.id: case for case in stress(suite, ["rag_noise"]).suite.cases}
    together = {case.id: case for case in stress(suite, ["shuffle_tools", "rag_noise"]).suite.cases}
    assert {name: together[name] for name in alone} == alone
