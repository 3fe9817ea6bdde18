"""Two runs side by side: paired by content, counted alike, refused where no number could compare them."""

from __future__ import annotations

from collections import Counter

import pytest

from harness.comparison import changes, diff, metrics_in, pairing
from harness.errors import NotComparableError
from harness.runlog import read_log
from harness.runner import results_of
from harness.testing import Faults, MockServer, sample_suite, status


@pytest.fixture
def ran(tmp_path, go):
    """Runs a sample suite against a miniature; `copies` as of the suite."""

    def run(name: str, miniature: str = "gold", *, copies: int = 1, mode: str = "teacher_forced", **changes):
        faults = Faults(cases=changes.pop("errors", {}))
        suite = sample_suite(tmp_path / f"suite-{name}", copies=copies)
        with MockServer(suite, miniature, faults=faults, rollouts=mode == "rollout") as server:
            done = go(suite, server, folder=name, mode=mode, **changes)
        return results_of(read_log(done.folder), name)

    return run


def test_a_run_against_itself_shows_nothing(ran):
    same = ran("a", "one_argument_off")
    found = diff(same, same)
    assert not found.differing
    assert not found.flips
    assert found.pairing.same
    assert [(one.value, one.fixed, one.broken, one.p_adjusted) for one in found.changes] == [(0.0, 0, 0, 1.0)] * 6


def test_broken_and_fixed_decisions_are_counted_where_they_stand(ran):
    good, bad = ran("good", copies=8), ran("bad", "one_argument_off", copies=8)
    found = diff(good, bad)
    broken = {pair.second.key for pair in found.broken}
    assert broken == {entry.key for entry in bad.entries if not entry.right}
    assert found.fixed == []
    assert Counter({(one.first, one.second): one.decisions for one in found.flips}) == Counter(
        {("correct_call", "wrong_arguments"): len(broken)}
    )
    accuracy = found.changes[0]
    assert (accuracy.metric, accuracy.broken, accuracy.fixed) == ("tool_call_accuracy", len(broken), 0)
    assert accuracy.worse
    assert accuracy.significant
    assert accuracy.value == pytest.approx(-len(broken) / len(good.entries))
    back = diff(bad, good)
    assert {pair.second.key for pair in back.fixed} == broken
    assert [one.value for one in back.changes] == [None if one.value is None else -one.value for one in found.changes]


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
def test_rates_are_those_of_each_run_where_all_decisions_are_shared(ran, mode):
    first = ran("a", "one_argument_off", mode=mode)
    second = ran("b", "invents_after_call", mode=mode)
    for one in diff(first, second).changes:
        assert (one.first, one.second) == (
            first.metrics().metrics[one.metric],
            second.metrics().metrics[one.metric],
        )
    assert [one.metric for one in diff(first, second).changes] == list(metrics_in(mode))


def test_an_error_in_either_run_takes_a_decision_out_of_the_test(ran):
    whole, partly = ran("a"), ran("b", errors={"chat-3": status(403)})
    found = diff(whole, partly)
    accuracy = found.changes[0]
    assert accuracy.pairs == len(whole.entries) - 1
    assert not found.broken
    assert ("correct_no_call", "errored") in {(one.first, one.second) for one in found.flips}


def test_moved_decisions_keep_their_pairs_and_others_are_listed(ran):
    run = ran("a")
    entries = list(run.entries)
    moved = entries[0]._replace(case="elsewhere", index=7)
    other = entries[1]._replace(digest="0" * 16)
    extra = entries[2]._replace(case="new", digest="1" * 16)
    tags = {**run.tags, "elsewhere": {}, "new": {}}
    changed = run._replace(entries=[moved, other, *entries[3:], extra], tags=tags)
    found = pairing(run, changed)
    assert (entries[0].key, moved.key) in {(pair.first.key, pair.second.key) for pair in found.pairs}
    assert [pair.first.key for pair in found.changed] == [entries[1].key]
    assert [entry.key for entry in found.added] == [extra.key]
    assert [entry.key for entry in found.removed] == [entries[2].key]
    assert len(found.pairs) == len(entries) - 2
    assert not found.same


def test_equal_decisions_pair_once_each(ran):
    run = ran("a")
    twin = run.entries[0]._replace(case="twin")
    both = run._replace(
        entries=sorted([*run.entries, twin], key=lambda entry: entry.key), tags={**run.tags, "twin": {}}
    )
    found = pairing(run, both)
    assert len(found.pairs) == len(run.entries)
    assert [entry.key for entry in found.added] == [twin.key]
    swapped = pairing(both, both)
    assert all(pair.first.key == pair.second.key for pair in swapped.pairs)


def test_the_case_rate_is_about_cases_that_both_hold_whole(ran):
    run = ran("a", copies=2)
    gone, cut = "01-chat-3", "02-weather-1"
    strict = {entry.case for entry in run.entries if entry.expect != "any_call"}
    fewer = [entry for entry in run.entries if entry.case != gone and (entry.case, entry.index) != (cut, 0)]
    (rate,) = changes(pairing(run, run._replace(entries=fewer)), ["case_pass_rate"])
    assert rate.first == rate.second
    assert rate.pairs == len(strict - {gone, cut})


def test_of_several_trials_the_test_counts_one_decision_and_the_noise_is_told(ran):
    once, thrice = ran("a", copies=2), ran("b", copies=2, trials=3)
    found = diff(once, thrice)
    assert found.pairing.repeated == 2 * len(once.entries)
    assert found.noise == (None, 0.0)
    entries = [
        entry._replace(outcome="missed_call") if entry.expect == "calls" and entry.trial == 1 else entry
        for entry in thrice.entries
    ]
    noisy = thrice._replace(entries=entries)
    against = diff(thrice, noisy)
    assert against.changes[0].broken == 0, "two of three trials are right still"
    assert against.changes[0].value is not None
    assert against.changes[0].value < 0
    assert against.noise[1] is not None
    assert against.noise[1] > 0


def test_what_no_number_compares_is_refused(ran):
    run, played = ran("a"), ran("b", mode="rollout")
    with pytest.raises(NotComparableError, match="mode teacher_forced, b in mode rollout"):
        diff(run, played)
    older = run._replace(identity=run.identity.model_copy(update={"scorer_version": "1"}), name="older")
    with pytest.raises(NotComparableError, match="`harness rescore`"):
        diff(older, run)
    strange = run._replace(entries=[entry._replace(digest="0" * 16) for entry in run.entries])
    with pytest.raises(NotComparableError, match="no scored decision in common: 8 changed, 0 added"):
        diff(run, strange)


def test_what_differs_is_told_in_words(ran):
    run = ran("a")
    identity = run.identity
    changed = identity.model_copy(
        update={
            "model": "tuned",
            "thinking": True,
            "server": {**identity.server, "vllm_version": "0.33.0", "chat_template_sha256": "a" * 64},
            "sampling": identity.sampling.model_copy(update={"temperature": 1}),
        }
    )
    entries = [entry._replace(prompt="ffffffff") for entry in run.entries]
    found = {
        one.what: (one.first, one.second)
        for one in diff(run, run._replace(identity=changed, entries=entries)).differing
    }
    assert found["model"] == ("mock", "tuned")
    assert found["thinking"] == ("-", "True")
    assert found["vLLM"][1] == "0.33.0"
    assert found["chat template"] == ("-", "a" * 12)
    assert found["sampling: temperature"] == ("0", "1")
    assert (
        found["rendered prompts"][1]
        == f"other token ids in {len(entries)} of {len(entries)} decisions of equal history"
    )
