"""Gold is right in both modes, and no mutant of it is; what a case declares lenient is no mutant."""

from __future__ import annotations

import copy

import pytest

from desk import CLEAN, HEADER, TOOLS
from harness.lint import lint
from harness.lint.mutants import KINDS
from harness.lint.replay import MOST_MUTATED, Mutants
from harness.lint.views import views
from harness.report.lint import _share
from harness.suite import load_suite
from harness.testing import sample_suite, write_suite

KIND_NAMES = [kind.name for kind in KINDS]


def mutants(suite, kind):
    (mutate,) = [one.mutate for one in KINDS if one.name == kind]
    return [(point, mutant) for view in views(suite) for point in view.points for mutant in mutate(point)]


def arguments(mutant):
    return [call["function"]["arguments"] for call in mutant.reply.message.get("tool_calls", ())]


@pytest.fixture
def desk(tmp_path):
    def suite(call):
        case = CLEAN.replace("{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}}", call)
        assert call in case
        return load_suite(write_suite(tmp_path / "desk", case, tools=TOOLS, header=HEADER))

    return suite


@pytest.mark.parametrize("kind", KIND_NAMES)
def test_every_mutant_is_judged_wrong_and_called_by_its_name(linted, kind):
    other = CLEAN.replace("for two weeks.", "for 14 days, and tell me what BR-17 is called.").replace(
        "name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}", "name: get_book, arguments: {mark: BR-17}"
    )
    (score,) = [one for one in linted(other).mutants if one.kind == kind]
    assert score.mutants == score.caught == score.named > 0


def test_gold_is_right_wherever_the_sample_goes(tmp_path):
    suite = sample_suite(tmp_path / "sample")
    report = lint(suite, ["gold_replay", "mutants"])
    assert report.gold.perfect
    assert report.gold.decisions == len(suite.decisions)
    assert all(kind.mutants == kind.caught for kind in report.mutants)


def test_gold_that_would_be_judged_wrong(linted):
    case = CLEAN.replace("days: 14}", "days: 14}, match: {/card: {regex: 'C-[0-9]+'}}")
    report = linted(case)
    assert [(one.rule, one.decision) for one in report.findings if one.severity == "error"] == [("gold_replay", 2)]
    assert (report.gold.right, report.gold.decisions, report.gold.turns_right, report.gold.turns) == (3, 4, 1, 2)


@pytest.mark.parametrize(
    ("rules", "kind", "left"),
    [
        ("{/note: {any: true}}", "argument changed", {"/mark", "/card", "/days"}),
        ("{/note: {any: true}}", "argument retyped", {"/mark", "/card", "/days"}),
        ("{/note: {any: true}}", "argument dropped", {"/mark", "/card", "/days", "/note"}),
        ("{/note: {optional: true}}", "argument dropped", {"/mark", "/card", "/days"}),
        ("{/note: {optional: true}}", "argument changed", {"/mark", "/card", "/days", "/note"}),
        ("{'': {any: true}}", "argument changed", set()),
        ("{'': {any: true}}", "argument dropped", set()),
        ("{'': {any: true}}", "argument added", set()),
        ("{'': {casefold: true}}", "argument changed", {"/mark", "/card", "/days", "/note"}),
        ("{/days: {one_of: [14, 15, 16]}, /note: {regex: '.*'}}", "argument changed", {"/mark", "/card", "/days"}),
        ("{/days: {atol: 3}}", "argument changed", {"/mark", "/card", "/days", "/note"}),
    ],
)
def test_what_is_declared_lenient_is_no_mutant(desk, rules, kind, left):
    call = f"{{name: lend_book, arguments: {{mark: QX-88, card: '40417', days: 14, note: two weeks}}, match: {rules}}}"
    found = [(point, mutant) for point, mutant in mutants(desk(call), kind) if point.decision.index == 2]
    assert {mutant.path.removeprefix("/calls/0/arguments") for _, mutant in found} - {"/desk"} == left
    for point, mutant in found:
        assert point.verdict(mutant.reply.response).call_correct is False, arguments(mutant)


@pytest.mark.parametrize(("allowed", "changed"), [("[true, false]", 0), ("[true]", 1)])
def test_a_boolean_that_may_be_either_has_no_other_value(tmp_path, allowed, changed):
    tools = copy.deepcopy(TOOLS)
    tools[2]["function"]["parameters"]["properties"]["express"] = {"type": "boolean"}
    call = CLEAN.replace("days: 14}}", f"days: 14, express: true}}, match: {{/express: {{one_of: {allowed}}}}}}}")
    suite = load_suite(write_suite(tmp_path / "desk", call, tools=tools, header=HEADER))
    found = [(point, one) for point, one in mutants(suite, "argument changed") if one.path.endswith("/express")]
    assert len(found) == changed
    assert all(point.verdict(one.reply.response).call_correct is False for point, one in found)


def test_a_share_is_whole_only_where_nothing_is_missing():
    assert [_share(*one) for one in ((4653, 4654), (4654, 4654), (0, 9), (0, 0))] == [
        "99.9 %",
        "100.0 %",
        "0.0 %",
        "n/a",
    ]


def test_an_argument_that_may_be_given_is_not_the_one_added(desk):
    call = "{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}, match: {/desk: {any: true, optional: true}}}"
    (mutant,) = [mutant for point, mutant in mutants(desk(call), "argument added") if point.decision.index == 2]
    assert '"desk"' not in arguments(mutant)[0]


def test_an_invented_result_is_an_earlier_one_with_other_values(desk):
    call = "{name: get_book, arguments: {mark: BR-17}}"
    ((point, mutant),) = mutants(desk(call), "result invented")
    told = mutant.reply.message["content"]
    assert '"mark": "BR-17", "title": "Tides and Harbours"' in told
    assert '"copies": 3' not in told
    assert point.verdict(mutant.reply.response).fabricated


def test_of_a_large_suite_some_decisions_are_drawn_always_the_same(tmp_path):
    suite = sample_suite(tmp_path / "sample", copies=200)
    first, second = Mutants(suite), Mutants(suite)
    assert len(suite.decisions) > first.decisions == MOST_MUTATED
    assert first._chosen == second._chosen
