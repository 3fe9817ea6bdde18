"""The tools of a rollout: which call of the script a model's call is taken for, and what it gets where there is none."""

from __future__ import annotations

import json

import pytest

from harness.judging import Judge
from harness.runner.conversation import Conversation
from harness.suite import load_suite, scripts_of
from harness.testing import write_suite
from harness.testing.sample import HEADER

CASE = """\
id: trip
turns:
  - user: Oslo twice, please, and a table.
  - expect: {calls: [{name: get_weather, arguments: {city: Oslo}}]}
    observations: ['{"sky": "clear"}']
  - expect: {calls: [{name: get_weather, arguments: {city: Oslo}}]}
    observations: ['{"sky": "cloudy"}']
  - expect:
      calls:
        - {name: book_table, arguments: {place: Fika, guests: 2, note: x}, match: {/note: {any: true, optional: true}}}
        - {name: book_table, arguments: {place: fika, guests: 3}, match: {/place: {casefold: true}}}
    observations: ['{"booked": 2}', '{"booked": 3}']
  - expect: {no_call: true}
    answer: All done, the table is yours.
  - user: And now the route.
  - expect: {calls: [{name: get_route, arguments: {start: Oslo, end: Kiel}}]}
    observations: ['{"km": 900}']
"""


@pytest.fixture
def conversation(tmp_path):
    """Begins a conversation from the text of a case; gives its turns and a function that plays messages."""

    def begin(text=CASE):
        suite = load_suite(write_suite(tmp_path / "suite", text, header=HEADER))
        (script,) = scripts_of(suite).values()
        return script, Conversation(script, Judge(), in_json=True)

    return begin


def message(*calls, content=None):
    entries = [
        {
            "id": f"x{place}",
            "type": "function",
            "function": {"name": name, "arguments": text if isinstance(text, str) else json.dumps(text)},
        }
        for place, (name, text) in enumerate(calls)
    ]
    return {"role": "assistant", "content": content, "tool_calls": entries}


def play(conversation, *calls):
    """What the tools return, and the decision that each call was taken for."""
    added, played = conversation.take(message(*calls))
    return [(call.source, call.decision, said["content"]) for call, said in zip(played, added[1:], strict=True)]


OSLO = ("get_weather", {"city": "Oslo"})
ROUTE = ("get_route", {"start": "Oslo", "end": "Kiel"})


def test_a_call_expected_twice_is_taken_for_the_earlier_step_first(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    assert play(talk, OSLO) == [("script", 0, '{"sky": "clear"}')]
    assert play(talk, OSLO) == [("script", 1, '{"sky": "cloudy"}')]


def test_a_repeat_returns_what_the_latest_call_like_it_did(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    for _ in range(2):
        play(talk, OSLO)
    assert play(talk, OSLO) == [("earlier", 1, '{"sky": "cloudy"}')]
    talk.begin(script.turns[1])
    assert play(talk, OSLO) == [("earlier", 1, '{"sky": "cloudy"}')]


def test_what_an_earlier_turn_expected_can_be_looked_up_even_if_it_never_was(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    talk.begin(script.turns[1])
    assert play(talk, ("book_table", {"place": "FIKA", "guests": 3})) == [("earlier", 2, '{"booked": 3}')]


def test_what_a_later_turn_expects_is_not_known_yet(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    ((source, _, text),) = play(talk, ROUTE)
    assert source == "error"
    assert json.loads(text) == {"error": "get_route failed: nothing can be returned for these arguments"}


def test_leniency_of_the_case_holds_and_parallel_calls_come_in_any_order(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    three, two = ("book_table", {"place": "FIKA", "guests": 3}), ("book_table", {"place": "Fika", "guests": 2})
    assert play(talk, three, two) == [("script", 2, '{"booked": 3}'), ("script", 2, '{"booked": 2}')]


def test_calls_of_one_message_are_matched_as_well_as_they_can_be(conversation):
    """The first call fits both expected ones; taken greedily it would leave the second without."""
    script, talk = conversation("""\
id: match
turns:
  - user: Book.
  - expect:
      calls:
        - {name: book_table, arguments: {place: Fika, guests: 2}, match: {/guests: {any: true}}}
        - {name: book_table, arguments: {place: Fika, guests: 2}}
    observations: [any, two]
  - expect: {no_call: true}
    answer: All is booked.
""")
    talk.begin(script.turns[0])
    two, five = ("book_table", {"place": "Fika", "guests": 2}), ("book_table", {"place": "Fika", "guests": 5})
    assert [text for _, _, text in play(talk, two, five)] == ["two", "any"]


REFUSED = {
    "no such tool": (("get_wether", {"city": "Oslo"}), "there is no tool named get_wether"),
    "breaks the schema": (("get_weather", {"city": 5}), "invalid arguments: "),
    "not in the script": (("get_weather", {"city": "Rom"}), "get_weather failed: nothing can be returned"),
    "JSON in a string": (("get_weather", '"{}"'), "the arguments are string, not one object"),
    "broken": (("get_weather", '{"city": '), "the text ends in the middle of a value"),
}


@pytest.mark.parametrize(("call", "words"), REFUSED.values(), ids=REFUSED)
def test_an_error_says_what_is_wrong(conversation, call, words):
    script, talk = conversation()
    talk.begin(script.turns[0])
    ((source, decision, text),) = play(talk, call)
    assert (source, decision) == ("error", None)
    assert words in json.loads(text)["error"]


@pytest.mark.parametrize(
    ("observations", "shape"),
    [
        ("['{\"a\": 1}', 'two']", "error: "),
        ("['{\"a\": 1}', '[2]']", '{"error": '),
        ("['one', 'two']", "error: "),
        ("['{\"a\": 1', '{\"b\"']", "error: "),
    ],
)
def test_errors_are_told_as_the_tools_of_the_case_speak(conversation, observations, shape):
    """In JSON where most of the case's observations are JSON objects or arrays."""
    calls = "[{name: get_weather, arguments: {city: Oslo}}, {name: get_weather, arguments: {city: Kiel}}]"
    script, talk = conversation(f"""\
id: style
turns:
  - user: How is it?
  - expect: {{calls: {calls}}}
    observations: {observations}
""")
    talk.begin(script.turns[0])
    ((_, _, text),) = play(talk, ("get_weather", {"city": "Rom"}))
    assert text.startswith(shape)


def test_a_case_whose_tools_return_nothing_tells_errors_as_the_suite_does(conversation):
    script, _ = conversation("id: a\nturns:\n  - user: Hello\n  - expect: {no_call: true}\n")
    for in_json, shape in ((True, '{"error": '), (False, "error: ")):
        talk = Conversation(script, Judge(), in_json=in_json)
        talk.begin(script.turns[0])
        assert play(talk, OSLO)[0][2].startswith(shape)


def test_what_is_expected_next_is_what_of_a_step_is_left(conversation):
    script, talk = conversation()
    talk.begin(script.turns[0])
    play(talk, OSLO, OSLO, ("book_table", {"place": "fika", "guests": 3}))
    assert talk.decision.index == 2
    assert [call.arguments["guests"] for call in talk.decision.expect.calls] == [2]
    play(talk, ("book_table", {"place": "Fika", "guests": 2, "note": "by the window"}))
    assert talk.decision.index == 3
    assert talk.decision.expect.no_call
    assert not talk.ended


def test_where_the_script_expects_no_answer_its_last_call_ends_the_turn(conversation):
    script, talk = conversation()
    talk.begin(script.turns[1])
    assert play(talk, ROUTE) == [("script", 4, '{"km": 900}')]
    assert talk.ended


@pytest.mark.parametrize(
    "expect",
    ["{calls: [{name: get_weather, arguments: {city: Oslo}}]}", "{any_call: true}"],
)
def test_a_call_that_the_script_returns_nothing_for_ends_it(conversation, expect):
    script, talk = conversation(f"id: a\nturns:\n  - user: How is it?\n  - expect: {expect}\n")
    talk.begin(script.turns[0])
    assert play(talk, ("get_wether", {})) == [("error", None, '{"error": "there is no tool named get_wether"}')]
    assert not talk.ended
    added, played = talk.take(message(OSLO))
    assert (len(added), [call.source for call in played]) == (1, ["end"])
    assert talk.ended
