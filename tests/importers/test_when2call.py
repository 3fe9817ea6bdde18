"""When2Call, on rows of our own in its format."""

from __future__ import annotations

import json

import pytest

from harness.errors import InputError
from importers.sources import write_lines

TOOL = {
    "name": "get_weather",
    "description": "Read the weather.",
    "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
ANSWERS = {
    "direct": "It is 4 degrees in Oslo.",
    "tool_call": '{"name": "get_weather", "arguments": {"city": "Oslo"}}',
    "request_for_info": "Which city do you mean?",
    "cannot_answer": "I have no tool that could tell the weather.",
}


def row(kind, **changes):
    tools = [] if kind == "cannot_answer" else [json.dumps(TOOL)]
    return {"uuid": kind, "question": "Weather?", "correct_answer": kind, "answers": ANSWERS, "tools": tools, **changes}


@pytest.fixture
def imported(made, tmp_path):
    return lambda *rows: made("when2call", write_lines(tmp_path / "when2call_test_llm_judge.jsonl", *rows))


def test_the_three_kinds(imported):
    suite = imported(*map(row, ("tool_call", "request_for_info", "cannot_answer"))).suite("when2call")
    found = {decision.case_id: decision for decision in suite.decisions}
    assert found["when2call-tool_call"].expect.calls[0].arguments == {"city": "Oslo"}
    assert found["when2call-request_for_info"].expect.no_call
    assert found["when2call-cannot_answer"].tools == ()
    answers = {case.id: case.turns[-1].answer for case in suite.cases}
    assert answers["when2call-request_for_info"] == "Which city do you mean?"


def test_a_gold_call_in_the_tags_of_the_training_files(imported):
    call = f"<TOOLCALL>[{ANSWERS['tool_call']}]</TOOLCALL>"
    suite = imported(row("tool_call", answers={"tool_call": call})).suite("when2call")
    assert suite.decisions[0].expect.calls[0].name == "get_weather"


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (row("tool_call", answers={"tool_call": "get_weather(city='Oslo')"}), "gold_unusable"),
        (row("tool_call", answers={"tool_call": '{"name": "get_weather"}'}), "gold_unusable"),
        (row("tool_call", correct_answer="shrug"), "unknown_kind"),
        (row("tool_call", question=""), "not_a_row"),
        (row("tool_call", tools=["{"]), "tool_unusable"),
        (row("tool_call", tools=5), "tool_unusable"),
        (row("tool_call", tools=[5]), "tool_unusable"),
        ({"messages": []}, "not_a_row"),
        ("[1]", "no_object"),
        ("{", "not_json"),
    ],
)
def test_what_cannot_be_a_case(imported, broken, rule):
    assert list(imported(row("cannot_answer"), broken).left_out.values()) == [rule]


def test_a_gold_call_to_a_tool_that_is_not_offered_is_quarantined(imported):
    found = imported(row("cannot_answer"), row("tool_call", tools=[]))
    assert list(found.quarantine("when2call").values()) == [["breaks_suite_check"]]


def test_a_folder_without_test_files(made, tmp_path):
    with pytest.raises(InputError, match="holds no When2Call test file"):
        made("when2call", tmp_path)
