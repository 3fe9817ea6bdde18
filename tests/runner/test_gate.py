"""The gate: each bound fails where it must, nothing is green that was not compared, and chance is told from a drop."""

from __future__ import annotations

import pytest

from harness.comparison import diff, gate
from harness.runlog import read_log
from harness.runner import results_of
from harness.suite import Policy
from harness.testing import MockServer, sample_suite


@pytest.fixture(scope="module")
def run(tmp_path_factory, go_in):
    """A run without a mistake, of 64 decisions in 32 cases."""
    place = tmp_path_factory.mktemp("gate")
    suite = sample_suite(place / "suite", copies=8)
    with MockServer(suite) as server:
        done = go_in(place, suite, server)
    return results_of(read_log(done.folder), "run")


def spoilt(run, cases, *, most=99, **update):
    """The run with decisions of some cases gone wrong, in each at most so many."""
    update = update or {"outcome": "missed_call", "name": None, "args": None}
    left = dict.fromkeys(cases, most)
    entries = []
    for entry in run.entries:
        if left.get(entry.case, 0) > 0:
            left[entry.case] -= 1
            entries.append(entry._replace(**update))
        else:
            entries.append(entry)
    return run._replace(entries=entries)


def weather(run, count):
    return sorted(case for case in run.tags if "weather" in case)[:count]


def checks(result):
    return {(check.group, check.name): check for check in result.checks}


def failed(result):
    return {name for name, check in checks(result).items() if check.state == "failed"}


def held(first, second, **policy):
    return gate(diff(first, second), Policy.model_validate(policy))


def test_a_run_against_itself_passes(run):
    result = held(run, run)
    assert (result.verdict, result.exit_code, failed(result), list(result.broken)) == ("passed", 0, set(), [])


def test_a_sure_drop_fails_and_names_its_decisions(run):
    cases = weather(run, 6)
    result = held(run, spoilt(run, cases))
    assert (result.verdict, result.exit_code) == ("failed", 1)
    assert ("drop", "tool_call_accuracy") in failed(result)
    check = checks(result)["drop", "tool_call_accuracy"]
    assert check.sure
    assert check.measured == pytest.approx(100 * 24 / 64)
    assert {pair.second.case for pair in check.decisions} == set(cases)
    assert len(check.decisions) == 24
    assert all("tool_call_accuracy" in one.checks for one in result.broken)
    assert held(spoilt(run, cases), run).verdict == "passed", "what got better is no drop"


def test_a_drop_within_what_is_allowed_passes_however_sure(run):
    bad = spoilt(run, weather(run, 6))
    assert held(run, bad, max_drop=100).verdict == "passed"
    allowed = {"all": 100, "tool_call_accuracy": 37.5}
    assert held(run, bad, max_drop=allowed).verdict == "passed", "exactly what is allowed"
    assert failed(held(run, bad, max_drop={**allowed, "tool_call_accuracy": 37.4})) == {("drop", "tool_call_accuracy")}


def test_a_drop_that_may_be_chance_is_noted_unless_the_policy_wants_no_chance(run):
    bad = spoilt(run, weather(run, 2), most=1)
    result = held(run, bad)
    check = checks(result)["drop", "tool_call_accuracy"]
    assert (result.verdict, check.state, check.sure) == ("passed", "noted", False)
    assert len(check.decisions) == 2
    assert ("drop", "tool_call_accuracy") in failed(held(run, bad, significance=None))
    assert held(run, bad, significance=None, max_drop=100).verdict == "passed"


def test_flips_of_one_case_are_one_draw_however_small_their_p(run):
    """The test takes the decisions of a case for independent, the interval does not: both must say so."""
    one = [entry._replace(case="weather-1", index=10 + number) for number, entry in enumerate(run.entries)]
    big = run._replace(entries=sorted([*run.entries, *_renamed(one)], key=lambda entry: entry.key))
    bad = big._replace(
        entries=[
            entry._replace(outcome="missed_call", name=None, args=None) if entry.index >= 10 else entry
            for entry in big.entries
        ]
    )
    check = checks(held(big, bad))["drop", "tool_call_accuracy"]
    assert check.change.p_adjusted < 0.001
    assert check.change.high == 0
    assert (check.state, check.sure) == ("noted", False)


def _renamed(entries):
    return [entry._replace(digest=f"{number:016x}") for number, entry in enumerate(entries)]


def test_with_few_decisions_no_drop_is_excused_as_chance(run):
    cases = weather(run, 1)
    few = run._replace(entries=[entry for entry in run.entries if entry.case in cases])
    bad = spoilt(few, cases, most=1)
    assert len(few.entries) == 4
    check = checks(held(few, bad))["drop", "tool_call_accuracy"]
    assert (check.state, check.sure) == ("failed", False)
    assert "so few decisions" in check.told
    assert held(few, few).verdict == "passed"


def test_where_not_even_a_drop_by_half_would_be_found_none_is_excused(run):
    """The test could be sure of ten decisions that all break, but hardly of less."""
    for cases, state in ((3, "failed"), (6, "noted")):
        held_cases = weather(run, cases)
        entries = [entry for entry in run.entries if entry.case in held_cases]
        few = run._replace(entries=entries[: 4 * cases - 2])
        check = checks(held(few, spoilt(few, held_cases[:1], most=1)))["drop", "tool_call_accuracy"]
        assert (check.state, check.sure) == (state, False)
        assert check.change.detectable is not None
        assert (check.change.detectable > 0.5) is (state == "failed")


def test_a_rise_of_invented_results_is_a_drop(run):
    bad = spoilt(run, list(run.tags), most=1, fabricated=True)
    result = held(run, bad)
    assert failed(result) == {("drop", "fabrication_rate")}
    assert len(result.broken) == 32
    assert held(bad, run).verdict == "passed"
    assert held(run, bad, max_drop={"fabrication_rate": 50}).verdict == "passed"


def test_a_broken_critical_case_fails_whatever_the_metrics_say(run):
    (case,) = weather(run, 1)
    tagged = {name: {**tags, "critical": "yes"} if name == case else tags for name, tags in run.tags.items()}
    bad = spoilt(run, [case], most=1)
    assert held(run, bad).verdict == "passed"
    for first, second in ((run._replace(tags=tagged), bad), (run, bad._replace(tags=tagged))):
        result = held(first, second)
        assert failed(result) == {("critical", "critical decisions")}
        assert [(one.pair.second.case, one.critical) for one in result.broken] == [(case, True)]
        assert held(first, second, critical=None).verdict == "passed"
        assert held(second, first).verdict == "passed", "mended, not broken"


def test_a_critical_decision_without_a_verdict_is_not_shown_to_hold(run):
    (case,) = weather(run, 1)
    tagged = run._replace(tags={name: {"critical": "yes"} if name == case else {} for name in run.tags})
    lost = spoilt(tagged, [case], most=1, outcome="errored")
    result = held(tagged, lost, max_error_rate=0.5)
    assert (failed(result), result.exit_code) == ({("comparable", "critical verdicts")}, 3)


def test_a_critical_tag_that_no_case_has_protects_nothing(run):
    assert failed(held(run, run, critical="severity: high")) == {("comparable", "critical cases")}
    assert held(run, run, critical="kind: chain").verdict == "passed"


def test_of_several_trials_a_critical_decision_may_not_be_right_in_fewer(run):
    def trials(*rights):
        entries = [
            entry._replace(**{"trial": number} | ({} if right else {"outcome": "missed_call"}))
            for entry in run.entries[:1]
            for number, right in enumerate(rights)
        ]
        identity = run.identity.model_copy(update={"trials": len(rights)})
        return run._replace(
            entries=entries, identity=identity, tags={entry.case: {"critical": "yes"} for entry in entries}
        )

    wide = {"max_drop": 100}
    assert held(trials(1, 0, 1), trials(0, 1, 1), **wide).verdict == "passed"
    assert failed(held(trials(1, 1, 1), trials(1, 1, 0), **wide)) == {("critical", "critical decisions")}


def test_floors_are_the_suites_and_the_policys_over_all_that_was_scored(run):
    bad = spoilt(run, weather(run, 1), most=1)._replace(thresholds={"tool_call_accuracy": 0.99, "fabrication_rate": 0})
    result = held(run, bad)
    assert failed(result) == {("floor", "tool_call_accuracy")}
    assert checks(result)["floor", "tool_call_accuracy"].rate == bad.metrics().metrics["tool_call_accuracy"]
    assert held(run, bad, floors={"tool_call_accuracy": 0.9}).verdict == "passed"
    assert failed(held(run, bad, floors={"tool_call_accuracy": 0.9, "case_pass_rate": 1})) == {
        ("floor", "case_pass_rate")
    }


def test_the_fabrication_ceiling(run):
    bad = spoilt(run, weather(run, 1), most=1, fabricated=True)
    assert held(run, bad, max_fabrication_rate=1 / 64).verdict == "passed"
    assert failed(held(run, bad, max_fabrication_rate=0.015)) == {("floor", "fabrication_rate")}
    ceiling = bad._replace(thresholds={"fabrication_rate": 0.0})
    assert failed(held(run, ceiling)) == {("floor", "fabrication_rate")}
    assert held(run, ceiling, max_fabrication_rate=0.5).verdict == "passed"


def test_a_metric_that_lost_all_its_decisions_misses_a_bound_of_its_own(run):
    silent = spoilt(run, list(run.tags), outcome="correct_no_call", name=None, args=None)
    assert checks(held(run, silent))["drop", "tool_args_accuracy"].state == "noted"
    assert failed(held(run, silent, max_drop={"all": 100, "tool_args_accuracy": 1})) == {("drop", "tool_args_accuracy")}
    assert failed(held(run, silent, max_drop=100, floors={"tool_args_accuracy": 0})) == {
        ("floor", "tool_args_accuracy")
    }


def test_other_cases_are_not_comparable_unless_the_policy_allows_it(run):
    others = {
        "changed": [run.entries[0]._replace(digest="0" * 16), *run.entries[1:]],
        "removed": run.entries[1:],
        "added": [*run.entries, run.entries[0]._replace(index=99, digest="0" * 16)],
    }
    for what, entries in others.items():
        result = held(run, run._replace(entries=entries))
        assert (result.exit_code, failed(result)) == (3, {("comparable", "cases")}), what
        assert f"1 {what}" in checks(result)["comparable", "cases"].told
        shared = held(run, run._replace(entries=entries), cases="shared")
        assert (shared.exit_code, checks(shared)["comparable", "cases"].state) == (0, "noted")


def test_too_many_errors_in_either_run_come_before_any_number(run):
    lost = spoilt(run, weather(run, 1), most=1, outcome="errored")
    both = spoilt(lost, weather(run, 8)[1:])
    assert (held(run, both).exit_code, held(both, run).exit_code) == (3, 3)
    assert failed(held(lost, run)) == {("comparable", "errors in the baseline")}
    assert failed(held(run, lost)) == {("comparable", "errors in the run")}
    assert held(run, lost, max_error_rate=1 / 64).verdict == "passed"
    assert held(run, both, max_error_rate=1 / 64).exit_code == 1


def test_what_the_policy_names_of_the_identity_must_be_equal_and_known(run):
    server = {"vllm_version": "0.32.0", "tool_call_parser": "hermes"}
    first = run._replace(identity=run.identity.model_copy(update={"server": server}))
    other = {**server, "vllm_version": "0.33.0"}
    second = run._replace(identity=run.identity.model_copy(update={"server": other, "model": "tuned"}))
    assert held(first, second).verdict == "passed"
    for name, fails in (
        ("model", True),
        ("server", True),
        ("server.vllm_version", True),
        ("server.tool_call_parser", False),
        ("server.chat_template_sha256", True),  # neither says it
        ("sampling", False),
        ("thinking", False),
    ):
        result = held(first, second, identity=[name])
        assert failed(result) == ({("comparable", f"identity: {name}")} if fails else set()), name
        assert result.exit_code == (3 if fails else 0)


def test_rendered_prompts_can_be_asked_to_be_equal(run):
    def prompted(digest):
        return run._replace(entries=[entry._replace(prompt=digest) for entry in run.entries])

    assert held(prompted("a" * 8), prompted("a" * 8), identity=["prompts"]).verdict == "passed"
    assert held(prompted("a" * 8), prompted("b" * 8), identity=["prompts"]).exit_code == 3
    assert held(prompted(None), prompted(None), identity=["prompts"]).exit_code == 3


def test_the_suites_own_policy_holds_where_no_other_is_given(run):
    bad = spoilt(run, weather(run, 6))
    lenient = Policy(max_drop={"all": 100.0})
    assert gate(diff(run, bad._replace(gate=lenient))).verdict == "passed"
    assert gate(diff(run._replace(gate=lenient), bad)).verdict == "failed", (
        "the run's suite decides, not the baseline's"
    )
    assert gate(diff(run, bad._replace(gate=lenient)), Policy()).verdict == "failed"


def test_a_fall_by_other_decisions_is_not_sure_where_those_in_common_got_better(run):
    """The rate falls since the run attempts more calls, and wrong ones; of those attempted in both it mends twelve."""
    kinds = [("mended", 12), ("no longer", 20), ("new", 32)]
    names = [name for name, count in kinds for _ in range(count)]
    order = sorted(range(64), key=lambda number: (number * 37) % 64)
    before = {"mended": False, "no longer": True, "new": None}
    after = {"mended": True, "no longer": None, "new": False}

    def with_args(args):
        entries = [
            entry._replace(expect="calls", args=args[names[place]], name=None if args[names[place]] is None else True)
            for place, entry in zip(order, run.entries, strict=True)
        ]
        return run._replace(entries=entries)

    check = checks(held(with_args(before), with_args(after)))["drop", "tool_args_accuracy"]
    assert (check.change.fixed, check.change.broken) == (12, 0)
    assert check.change.p_adjusted < 0.05
    assert check.change.high < 0
    assert (check.state, check.sure) == ("noted", False)


def test_the_case_rate_names_the_decisions_of_cases_that_passed_before(run):
    failing, *others = (case for case in run.tags if "chat" not in case and "route" not in case)
    first = spoilt(run, [failing], most=1)
    check = checks(held(first, spoilt(run, [failing, *others])))["drop", "case_pass_rate"]
    assert check.state == "failed"
    assert {pair.second.case for pair in check.decisions} == set(others)
