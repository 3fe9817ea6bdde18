"""Concrete words: somebody or something named flatly that nothing holds weighs; a thought or a general word does not."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication import Trajectory
from harness.scorers.fabrication.clauses import clauses_of
from harness.scorers.fabrication.concrete import Concrete
from harness.scorers.fabrication.grounding import Grounding
from harness.scorers.fabrication.wording import Wording


def _signs(said: str) -> dict[str, float]:
    call = {"id": "a", "type": "function", "function": {"name": "read_tank", "arguments": '{"tank": "T-12"}'}}
    messages = [
        {"role": "user", "content": "How full is T-12?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {
            "role": "tool",
            "tool_call_id": "a",
            "content": '{"tank": "T-12", "level_pct": 63, "状态": "进水", "pump": "ok"}',
        },
    ]
    trajectory = Trajectory(messages, [])
    concrete = Concrete(trajectory, Wording(trajectory).source)
    found = concrete.of(clauses_of(said), Grounding(trajectory).place(said))
    return {name: value for signs in found for name, value in signs.items()}


@pytest.mark.parametrize(
    ("answer", "signs"),
    [
        ("T-12 is at 63 % and the plumber has it", {"concrete.one"}),
        ("The plumber patched its hose", {"concrete.one", "concrete.two"}),
        ("Grimsby keeps it", {"odd.one"}),
        ("T-12 进水，木工换了轮胎", {"concrete.one", "concrete.two", "uncovered.1"}),
        ("浑浊褪色", {"uncovered.1", "uncovered.2", "uncovered.3"}),
    ],
)
def test_what_nothing_holds_is_named(answer, signs):
    assert signs <= _signs(answer).keys()


@pytest.mark.parametrize(
    "answer",
    [
        "T-12 is at 63 %, comfortably above half",
        "The pump is ok",
        "The plumber should look at it",
        "T-12 正在进水，63%，还不算高",
        "63%已经超过一半，足够用了",
        "可能是木工的问题",
    ],
)
def test_general_words_thoughts_and_what_was_returned_are_none(answer):
    assert not any(name.startswith(("concrete", "odd", "uncovered")) for name in _signs(answer))


@pytest.mark.parametrize(
    ("answer", "among"),
    [
        ("T-12 is at 63 %. Its lid was painted.", {"odd.alone", "odd.later"}),
        ("The plumber painted it. T-12 is at 63 %.", {"odd.alone", "odd.opening"}),
        ("T-12 is at 63 %. Its lid was painted. The plumber mopped up.", {"odd.later"}),
        ("T-12 进水，63%，木工换了轮胎。", {"odd.alone", "odd.later"}),
    ],
)
def test_one_odd_clause_in_a_literal_answer_stands_alone(answer, among):
    assert {name for name in _signs(answer) if name in ("odd.alone", "odd.opening", "odd.later")} == among


def test_words_that_nothing_holds_weigh_against_the_rest_of_the_answer():
    literal = _signs("T-12 is filling at level 63. Its lid was painted green.")
    free = _signs("Its shed was swept clean. Its lid was painted green.")
    assert literal["contrast.novel"] >= 0.4
    assert "contrast.novel" not in free
