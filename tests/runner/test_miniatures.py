"""Every miniature, through the whole run, comes out under the name of what is wrong with it, and no other."""

from __future__ import annotations

import pytest

from harness.testing import MINIATURES, MockServer

KINDS = {"call": ("weather-1", 0), "several": ("weather-1", 2), "talk": ("weather-1", 1), "any": ("route-4", 0)}

# Of each kind of decision: outcome, codes of violations, quality defects, whether the channels agree.
GOLD = {
    "call": ("correct_call", set(), [], True),
    "several": ("correct_call", set(), [], True),
    "talk": ("correct_no_call", set(), [], True),
    "any": ("correct_call", set(), [], True),
}
_OTHER_TOOL = ("wrong_tool", {"missing_call", "extra_call", "schema_violation"}, [], True)
_NO_OBJECT = ("malformed_call", {"not_an_object"}, [], False)
_LOST = ("malformed_call", {"unparsed_markup"}, [], False)
_CUT_CALL = ("malformed_call", {"truncated"}, ["leaked_markup", "truncated"], True)
_BROKEN = ("malformed_call", {"invalid_json"}, ["leaked_markup"], True)
_EMPTY = ("empty_response", {"missing_call"}, [], True)
_MISSED = ("missed_call", {"missing_call"}, [], True)
_OFF = ("wrong_arguments", {"value_mismatch"}, [], True)
_THINKING = ("correct_call", set(), ["think_mismatch"], True)
_TWICE = ("correct_call", {"duplicate_key"}, [], False)
_REPAIRED = ("correct_call", {"invalid_json"}, [], False)
CHANGES = {
    "gold": {},
    "always_calls": {"talk": ("spurious_call", {"extra_call"}, [], True)},
    "never_calls": {"call": _MISSED, "several": _MISSED, "any": _MISSED},
    "one_argument_off": {"call": _OFF, "several": _OFF},
    "wrong_tool": {"call": _OTHER_TOOL, "several": _OTHER_TOOL},
    "drops_a_call": {"several": ("wrong_tool", {"missing_call"}, [], True)},
    "adds_a_call": {kind: ("wrong_tool", {"extra_call"}, [], True) for kind in ("call", "several")},
    "double_encodes": {"call": _NO_OBJECT, "several": _NO_OBJECT, "any": _NO_OBJECT},
    "broken_json": {
        "call": _BROKEN,
        "several": ("malformed_call", {"invalid_json", "unparsed_markup"}, ["leaked_markup"], False),
        "any": _BROKEN,
    },
    "duplicate_key": {"call": _TWICE, "several": _TWICE, "any": _TWICE},
    "answers_empty": {
        "call": _EMPTY,
        "several": _EMPTY,
        "any": _EMPTY,
        "talk": ("empty_response", set(), ["too_short"], True),
    },
    "too_short": {"talk": ("correct_no_call", set(), ["too_short"], True)},
    "repeats_itself": {"talk": ("correct_no_call", set(), ["repeated_ending"], True)},
    "leaks_markup": {"talk": ("correct_no_call", set(), ["leaked_markup"], True)},
    "cut_off": {
        "call": _CUT_CALL,
        "any": _CUT_CALL,
        "several": ("malformed_call", {"truncated", "unparsed_markup"}, ["leaked_markup", "truncated"], False),
        "talk": ("correct_no_call", set(), ["truncated"], True),
    },
    "thinks_without_end": {
        "call": _THINKING,
        "several": _THINKING,
        "any": _THINKING,
        "talk": ("empty_response", set(), ["think_mismatch", "too_short"], True),
    },
    "parser_drops_a_call": {"call": _LOST, "several": _LOST, "any": _LOST},
    "parser_repairs": {"call": _REPAIRED, "several": _REPAIRED, "any": _REPAIRED},
    "invents_after_call": {},
}


def test_every_miniature_is_expected():
    assert CHANGES.keys() == MINIATURES.keys()


@pytest.mark.parametrize("name", MINIATURES)
def test_outcome_names_what_is_wrong(name, suite, go):
    with MockServer(suite, name) as server:
        rows = go(suite, server).by_key
    assert server.complaints == []
    found = {}
    for kind, key in KINDS.items():
        score = rows[key].score
        codes = {violation.code for violation in score.violations}
        found[kind] = (score.outcome, codes, score.quality_defects, score.channels_agree)
    assert found == {**GOLD, **CHANGES[name]}


def test_every_scorer_has_a_miniature_that_only_it_catches():
    alone = set()
    for changes in CHANGES.values():
        for kind, (outcome, _, defects, agree) in changes.items():
            signals = {*defects, *(["channels disagree"] if not agree else []), outcome} - {GOLD[kind][0]}
            alone |= signals if len(signals) == 1 else set()
    assert alone == {
        "spurious_call",
        "missed_call",
        "wrong_arguments",
        "wrong_tool",
        "empty_response",
        "too_short",
        "repeated_ending",
        "leaked_markup",
        "truncated",
        "think_mismatch",
        "channels disagree",
    }


def test_gold_is_right_everywhere(suite, go):
    with MockServer(suite) as server:
        metrics = go(suite, server).result.metrics
    assert metrics.scored == len(suite.decisions)
    assert metrics.violations == metrics.quality_defects == {}
    measured = {name: rate.value for name, rate in metrics.metrics.items() if name != "fabrication_rate"}
    assert set(measured.values()) == {1.0}


def test_an_invention_after_the_call_stands_in_raw_alone(suite, go):
    with MockServer(suite, "invents_after_call") as server:
        row = go(suite, server).by_key["weather-1", 0]
    assert "<tool_response>" in row.response.raw
    assert "90417" in row.response.raw
    assert "90417" not in str(row.response.message)


def test_leniency_declared_for_an_argument_is_left_alone(suite, go):
    """The note may be anything: the miniature changes another argument, and only that is found."""
    with MockServer(suite, "one_argument_off") as server:
        row = go(suite, server).by_key["table 2 für zwölf", 0]
    assert [(violation.code, violation.path) for violation in row.score.violations] == [
        ("value_mismatch", "/0/arguments/place")
    ]
