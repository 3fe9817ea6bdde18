"""What stays of a model's message in the history of a rollout: what an agent in production would carry."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.judging import Judge
from harness.records import Message
from harness.runner.conversation import Conversation
from harness.runner.history import carried
from harness.suite import Suite, scripts_of
from harness.testing import sample_suite
from strategies import json_values


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


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> Suite:
    return sample_suite(tmp_path_factory.mktemp("sample") / "suite")


entries = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("x") | json_values,
        "function": st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from(["get_weather", "nope"]) | json_values,
                "arguments": st.sampled_from(['{"city": "Oslo", "days": 2}', '{"city": "Oslo"', "NaN", "[1]"])
                | json_values,
            },
        ),
    },
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "content": st.text(max_size=5) | json_values,
        "tool_calls": st.lists(entries | json_values, max_size=3) | json_values,
        "reasoning": json_values,
    },
)


@given(messages)
def test_whatever_a_server_sends_the_history_goes_on_in_good_form(suite, message):
    """Each message is one that vLLM accepts, each call is answered, in order, its arguments JSON."""
    script = scripts_of(suite)["weather-1"]
    conversation = Conversation(script, Judge(), in_json=True)
    conversation.begin(script.turns[0])
    added, played = conversation.take(message)
    said, *observations = [Message.model_validate(one) for one in added]
    calls = said.tool_calls or []
    assert [call.id for call in calls] == [one.tool_call_id for one in observations]
    assert len({call.id for call in calls}) == len(calls) == len(played)
    for call in calls:
        json.loads(call.function.arguments)
