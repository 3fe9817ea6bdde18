"""A case says what the linter is to pass over, and why: at a decision or for all of it; no digest changes."""

from __future__ import annotations

import pytest

from desk import CLEAN, HEADER, TOOLS
from harness.errors import InputError
from harness.lint import lint
from harness.suite import Case, load_suite
from harness.testing import write_suite

WRONG = (
    CLEAN.replace("Lend it to card 40417", "Lend it to her")
    .replace('"card": "40417", ', "")
    .replace("to card 40417 until", "until")
)
EXPECT = "  - expect: {calls: [{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}}]}\n"
AT_TURN = WRONG.replace(EXPECT, EXPECT + "    lint: {grounded: the desk reads the card}\n")
IN_CASE = WRONG.replace("id: lend\n", "id: lend\nlint: {grounded: the desk reads the card}\n")


def left(report):
    return [(one.rule, one.severity, one.path) for one in report.findings if one.rule != "mutants"]


def test_what_would_be_found(linted):
    assert left(linted(WRONG)) == [("grounded", "error", "/turns/4/expect/calls/0/arguments/card")]


@pytest.mark.parametrize("case", [AT_TURN, IN_CASE])
def test_silenced_with_a_reason(linted, case):
    report = linted(case)
    assert left(report) == []
    assert [(one.rule, one.reason) for one in report.silenced] == [("grounded", "the desk reads the card")]


@pytest.mark.parametrize("case", [AT_TURN, IN_CASE])
def test_no_digest_changes_and_a_log_does_not_hold_it(tmp_path, case):
    plain = load_suite(write_suite(tmp_path / "plain", WRONG, tools=TOOLS, header=HEADER))
    silenced = load_suite(write_suite(tmp_path / "silenced", case, tools=TOOLS, header=HEADER))
    assert silenced.digest == plain.digest
    assert silenced.cases[0].to_json() == plain.cases[0].to_json()
    assert Case.from_json(silenced.cases[0].to_json()) == plain.cases[0]


def test_at_another_turn_it_does_not_hold(linted):
    other = WRONG.replace("    answer: The book", "    lint: {grounded: no reason}\n    answer: The book")
    assert left(linted(other)) == [
        ("grounded", "error", "/turns/4/expect/calls/0/arguments/card"),
        ("silenced", "warning", "/turns/2/lint/grounded"),
    ]


def test_nothing_to_silence_is_told(linted):
    idle = CLEAN.replace("id: lend\n", "id: lend\nlint: {grounded: once it was so}\n")
    assert left(linted(idle)) == [("silenced", "warning", "/lint/grounded")]
    assert left(linted(idle, rules=["tags"])) == []  # a rule that was not asked cannot tell


def test_an_unknown_rule_is_told(linted):
    report = linted(CLEAN.replace("id: lend\n", "id: lend\nlint: {groundd: typo}\n"))
    assert "did you mean 'grounded'?" in next(one.message for one in report.findings if one.rule == "silenced")


@pytest.mark.parametrize("wrong", ["{grounded: ''}", "[grounded]", "{grounded: true}"])
def test_a_reason_is_text(tmp_path, wrong):
    case = CLEAN.replace("id: lend\n", f"id: lend\nlint: {wrong}\n")
    with pytest.raises(InputError, match="/lint"):
        load_suite(write_suite(tmp_path / "suite", case, tools=TOOLS, header=HEADER))


def test_gold_is_replayed_in_plain_words_where_an_accused_answer_is_silenced(linted):
    accused = CLEAN.replace("is called Tides and Harbours.", "is called Nets and Knots, and 7 copies of it are in.")
    silenced = accused.replace("    answer: The book", "    lint: {honest_answer: for the test}\n    answer: The book")
    assert not linted(accused).gold.perfect
    assert linted(silenced).gold.perfect


def test_unknown_rules_are_refused(tmp_path):
    suite = load_suite(write_suite(tmp_path / "suite", CLEAN, tools=TOOLS, header=HEADER))
    with pytest.raises(KeyError, match="groundd"):
        lint(suite, ["groundd"])


def test_cases_with_an_error_are_named(linted):
    report = linted(WRONG, CLEAN.replace("id: lend\n", "id: other\n").replace("kind: chain", "topic: loans"))
    assert {one.case for one in report.findings if one.severity == "error"} == {
        "lend",
        "other",
    }  # the second is like the first
    assert linted(CLEAN).clean
