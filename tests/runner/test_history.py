"""What stays of a model's message in the history of a rollout: what an agent in production would carry."""

from __future__ import annotations

import pytest

from harness.runner.history import carried


def entry(arguments, *, name="get_weather", identifier="chatcmpl-tool-1"):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def texts(message):
    return [call["function"]["arguments"] for call in message["tool_calls"]]


def test_content_and_calls_stay_and_nothing_else():
    sent = {
        "role": "assistant",
        "content": "Let me see.",
        "reasoning": "The user wants the weather.",
        "refusal": None,
        "function_call": None,
        "tool_calls": [entry('{"city":  "Oslo"}') | {"index": 0}],
    }
    kept, calls = carried(sent, 1)
    assert kept == {"role": "assistant", "content": "Let me see.", "tool_calls": [entry('{"city":  "Oslo"}')]}
    assert [call.name for call in calls] == ["get_weather"]


def test_an_answer_in_text_stays_alone():
    assert carried({"role": "assistant", "content": "Clear.", "reasoning": "Hm."}, 1) == (
        {"role": "assistant", "content": "Clear."},
        [],
    )


@pytest.mark.parametrize("content", [None, ""])
def test_a_message_of_nothing_is_empty_text_without_calls_and_stays_as_it_was_beside_them(content):
    assert carried({"content": content}, 1)[0]["content"] == ""
    assert carried({"content": content, "tool_calls": [entry("{}")]}, 1)[0]["content"] == content


ARGUMENTS = {
    "spaced as it came": ('{ "city" : "Oslo" }', '{ "city" : "Oslo" }'),
    "encoded twice, but JSON": ('"{\\"city\\": \\"Oslo\\"}"', '"{\\"city\\": \\"Oslo\\"}"'),
    "a key twice, but JSON": ('{"city": 1, "city": 2}', '{"city": 1, "city": 2}'),
    "cut": ('{"city": "Os', "{}"),
    "no JSON": ("city=Oslo", "{}"),
    "NaN": ('{"days": NaN}', "{}"),
    "empty": ("", "{}"),
    "null": (None, "{}"),
    "an object": ({"city": "Oslo"}, '{"city": "Oslo"}'),
}


@pytest.mark.parametrize(("sent", "kept"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_arguments_stay_as_text_where_they_are_json_and_are_an_empty_object_where_not(sent, kept):
    assert texts(carried({"content": None, "tool_calls": [entry(sent)]}, 1)[0]) == [kept]


def test_ids_stay_unless_they_are_missing_or_double():
    calls = [entry("{}"), entry("{}"), entry("{}", identifier=None), entry("{}", identifier="")]
    kept, _ = carried({"content": None, "tool_calls": calls}, 5)
    assert [call["id"] for call in kept["tool_calls"]] == ["chatcmpl-tool-1", "r00000006", "r00000007", "r00000008"]


@pytest.mark.parametrize("broken", [entry("{}", name=None), "call", {"function": None}, None])
def test_what_has_no_name_is_no_call_that_could_be_answered(broken):
    kept, calls = carried({"content": "Hm.", "tool_calls": [broken, entry("{}")]}, 1)
    assert (len(kept["tool_calls"]), len(calls)) == (1, 1)
    assert carried({"content": "Hm.", "tool_calls": [broken]}, 1) == ({"role": "assistant", "content": "Hm."}, [])
