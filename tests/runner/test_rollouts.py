"""Rollouts from beginning to end: what is asked, how turns are judged, what is counted, what a log holds."""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from pathlib import Path

import pytest

import harness
from harness.runlog import read_log
from harness.suite import load_suite
from harness.testing import MINIATURES, Faults, MockServer, sample_suite, write_suite
from harness.testing.miniatures import gold, never_calls
from harness.testing.sample import CASES
from selection import slow

SHIPPED = Path(harness.__file__).parents[1] / "suites" / "soc_triage"
TABLE = "table 2 für zwölf"
KEYS = {"call": (TABLE, 1), "several": ("weather-1", 2), "talk": ("chat-3", 1), "any": ("route-4", 1)}


def verdicts(done):
    return {(row.case, turn.turn): turn for row in done.rollouts.values() for turn in row.turns}


# How turns are judged.

GOLD = {"call": "correct_call", "several": "correct_call", "talk": "correct_no_call", "any": "correct_call"}
EVERYWHERE = dict.fromkeys(("call", "several", "any"))
CHANGES = {
    "gold": {},
    "always_calls": {"call": "spurious_call", "several": "spurious_call"},
    "never_calls": dict.fromkeys(EVERYWHERE, "missed_call"),
    "one_argument_off": {"call": "wrong_arguments", "several": "wrong_arguments"},
    "wrong_tool": {"call": "wrong_tool", "several": "wrong_tool"},
    "drops_a_call": {"several": "wrong_tool"},
    "adds_a_call": {"call": "wrong_tool", "several": "wrong_tool"},
    "double_encodes": dict.fromkeys(EVERYWHERE, "malformed_call"),
    "broken_json": dict.fromkeys(EVERYWHERE, "malformed_call"),
    "duplicate_key": {},
    "answers_empty": dict.fromkeys(KEYS, "empty_response"),
    "too_short": {},
    "repeats_itself": {},
    "leaks_markup": {},
    "cut_off": dict.fromkeys(EVERYWHERE, "malformed_call"),
    "thinks_without_end": dict.fromkeys(("call", "several", "talk"), "empty_response"),
    "parser_drops_a_call": dict.fromkeys(EVERYWHERE, "malformed_call"),
    "parser_repairs": {},
    "invents_after_call": {},
}
DEFECTS = {
    "too_short": {"too_short"},
    "repeats_itself": {"repeated_ending"},
    "leaks_markup": {"leaked_markup"},
    "cut_off": {"truncated", "leaked_markup"},
}


def test_every_miniature_is_expected():
    assert CHANGES.keys() >= MINIATURES.keys() - {name for name in MINIATURES if "fabricate" in name}


@pytest.mark.parametrize("name", CHANGES)
def test_turns_come_out_under_the_name_of_what_is_wrong(name, suite, roll):
    with MockServer(suite, name, rollouts=True) as server:
        done = roll(suite, server)
    assert server.complaints == []
    found = {kind: verdicts(done)[key].outcome for kind, key in KEYS.items()}
    assert found == {**GOLD, **CHANGES[name]}
    assert {turn.correct for turn in verdicts(done).values() if "correct" in turn.outcome} <= {True}
    assert set(done.result.metrics.quality_defects) >= DEFECTS.get(name, set())


@pytest.mark.parametrize("path", [None, *slow([SHIPPED])], ids=["sample", "shipped"])
def test_gold_is_right_everywhere_and_asks_what_the_script_does(path, suite, roll):
    suite = load_suite(path) if path else suite
    with MockServer(suite, rollouts=True) as server:
        done = roll(suite, server)
    metrics, rollout = done.result.metrics, done.result.rollout
    assert server.complaints == []
    assert len(server.chats) == rollout.steps == len(suite.decisions)
    assert metrics.errored == 0
    for name in ("tool_call_accuracy", "response_quality", "case_pass_rate"):
        assert metrics.metrics[name].value == 1.0
    assert rollout.turn_accuracy.value == 1.0
    assert rollout.first_bad == {"none": len(suite.cases)}
    assert metrics.violations == metrics.quality_defects == {}


def test_calls_of_one_step_may_be_made_in_several_messages(suite, roll):
    """The parallel look-ups one by one, the second first: all that was expected, in the order of the steps."""

    def one_by_one(decision):
        reply = gold(decision)
        if len(decision.expect.calls or ()) < 2:
            return reply
        tools = sum(message["role"] == "tool" for message in decision.messages)
        call = reply.message["tool_calls"][0 if tools == 2 else 1]
        raw = f'<tool_call>\n{{"name": "get_weather", "arguments": {call["function"]["arguments"]}}}\n</tool_call>'
        return reply._replace(message={**reply.message, "tool_calls": [call]}, raw=raw + "<|im_end|>")

    with MockServer(suite, one_by_one, rollouts=True) as server:
        done = roll(suite, server)
    turn = verdicts(done)["weather-1", 2]
    assert (turn.outcome, turn.steps) == ("correct_call", 3)
    assert done.result.metrics.metrics["tool_call_accuracy"].value == 1.0


CHAIN = """\
id: chain
turns:
  - user: The weather in Oslo, then the route there.
  - expect: {calls: [{name: get_weather, arguments: {city: Oslo}}]}
    observations: ['{"sky": "clear"}']
  - expect: {calls: [{name: get_route, arguments: {start: here, end: Oslo}}]}
    observations: ['{"km": 9}']
  - expect: {no_call: true}
    answer: Clear sky, nine kilometres.
"""
WEATHER = {"name": "get_weather", "arguments": '{"city":"Oslo"}'}
ROUTE = {"name": "get_route", "arguments": '{"start":"here","end":"Oslo"}'}


@pytest.mark.parametrize(
    ("messages", "outcome"),
    [
        ([[WEATHER], [ROUTE], []], "correct_call"),
        ([[WEATHER, ROUTE], []], "correct_call"),
        ([[ROUTE], [WEATHER], []], "wrong_tool"),
        ([[ROUTE, WEATHER], []], "wrong_tool"),
        ([[WEATHER], [WEATHER], [ROUTE], []], "wrong_tool"),
        ([[WEATHER], []], "missed_call"),
        ([[WEATHER], [{**ROUTE, "arguments": '{"start":"home","end":"Oslo"}'}], [ROUTE], []], "wrong_arguments"),
        ([[WEATHER], [ROUTE], [ROUTE], []], "spurious_call"),
    ],
    ids=["in order", "in one message", "reversed", "reversed in one", "repeated", "stopped", "mended", "once more"],
)
def test_calls_are_held_against_the_script_in_the_order_of_its_steps(tmp_path, roll, messages, outcome):
    suite = load_suite(write_suite(tmp_path / "chain", CHAIN))
    left = iter(messages)

    def scripted(decision):
        calls = next(left)
        entries = [{"id": f"x{place}", "type": "function", "function": call} for place, call in enumerate(calls)]
        raw = "\n".join(
            f'<tool_call>\n{{"name": "{call["name"]}", "arguments": {call["arguments"]}}}\n</tool_call>'
            for call in calls
        )
        text = "" if calls else "That is all there is."
        message = {"role": "assistant", "content": text, **({"tool_calls": entries} if entries else {})}
        return never_calls(decision)._replace(message=message, raw=(raw or text) + "<|im_end|>")

    with MockServer(suite, scripted, rollouts=True) as server:
        done = roll(suite, server)
    assert server.complaints == []
    assert verdicts(done)["chain", 1].outcome == outcome
    assert next(left, None) is None


# What is asked.


def test_the_models_own_messages_stay_and_the_user_follows_the_script(suite, roll, histories):
    with MockServer(suite, "one_argument_off", rollouts=True) as server:
        roll(suite, server)
    last = histories(server)["weather-1"][-1]
    calls = [call["function"]["arguments"] for message in last for call in message.get("tool_calls", ())]
    assert set(calls) == {'{"city": "Oslo or so", "days": 2}', '{"city": "Bergen or so"}', '{"city": "Kiel"}'}
    assert [message["content"] for message in last if message["role"] == "user"] == [
        "How is the weather in Oslo for two days?",
        "And in Bergen and Kiel?",
    ]
    assert last[0] == {"role": "system", "content": "You plan trips."}


def test_each_request_goes_on_from_the_one_before_and_holds_no_reasoning(suite, roll, histories):
    def thinking(decision):
        reply = gold(decision)
        return reply._replace(message={**reply.message, "reasoning": "Let me think of a secret."})

    with MockServer(suite, thinking, rollouts=True) as server:
        roll(suite, server)
    for asked in histories(server).values():
        for before, after in itertools.pairwise(asked):
            assert after[: len(before)] == before
    assert b"secret" not in b"".join(request.body for request in server.chats)


def test_a_case_is_one_session_its_trials_differ_in_their_seed(suite, roll):
    with MockServer(suite, rollouts=True) as server:
        done = roll(suite, server, trials=2)
    sessions = {request.headers["X-Session-ID"] for request in server.chats}
    assert len(sessions) == len(suite.cases)
    assert {json.loads(request.body)["seed"] for request in server.chats} == {0, 1}
    assert done.result.rollout.cases == 2 * len(suite.cases)
    assert len(server.chats) == 2 * len(suite.decisions)


def test_at_most_so_many_steps_a_turn(suite, roll):
    for limit, folder in ((3, "three"), (8, "eight")):
        with MockServer(suite, "always_calls", rollouts=True) as server:
            done = roll(suite, server, max_steps=limit, folder=folder)
        turn = verdicts(done)["weather-1", 1]
        assert (turn.steps, turn.ended) == (limit, "limit")
        assert read_log(done.folder).header.identity.max_steps == limit


def test_a_turn_whose_script_is_longer_gets_as_many_steps_as_its_script(suite, roll):
    with MockServer(suite, rollouts=True) as server:
        done = roll(suite, server, max_steps=1)
    assert done.result.rollout.turn_accuracy.value == 1.0


def test_the_tools_offered_follow_the_script(tmp_path, roll):
    text = CHAIN.replace(
        "  - expect: {calls: [{name: get_route", "  - tools: [get_route]\n    expect: {calls: [{name: get_route"
    )
    suite = load_suite(write_suite(tmp_path / "chain", text))
    with MockServer(suite, rollouts=True) as server:
        done = roll(suite, server)
    offered = [len(json.loads(request.body)["tools"]) for request in server.chats]
    assert offered == [3, 1, 1]
    assert done.result.rollout.turn_accuracy.value == 1.0


def test_cases_run_side_by_side_and_the_turns_of_each_in_order(tmp_path, roll):
    many = sample_suite(tmp_path / "many", copies=4)
    with MockServer(many, faults=Faults(delay=0.02), rollouts=True) as server:
        roll(many, server, concurrency=8)
    asked = [request.decision.key for request in server.chats]
    assert len({case for case, _ in asked[:8]}) == 8
    by_case = defaultdict(list)
    for case, index in asked:
        by_case[case].append(index)
    assert all(indices == sorted(indices) for indices in by_case.values())


def test_one_at_a_time_each_case_is_played_to_its_end(suite, roll):
    with MockServer(suite, rollouts=True) as server:
        roll(suite, server, concurrency=1)
    assert len(list(itertools.groupby(server.chats, key=lambda request: request.decision.case_id))) == len(suite.cases)


# Calls that no tool can answer.


def test_a_call_that_is_no_json_gets_an_error_and_is_sent_back_as_an_empty_object(suite, roll):
    def broken(decision):
        reply = gold(decision)
        for call in reply.message.get("tool_calls", ()):
            call["function"]["arguments"] = call["function"]["arguments"][:-1]
        return reply

    with MockServer(suite, broken, rollouts=True) as server:
        done = roll(suite, server)
    assert server.complaints == []
    step = done.rollouts["weather-1"].steps[0]
    assert step.response.message["tool_calls"][0]["function"]["arguments"] == '{"city": "Oslo", "days": 2'
    assert step.messages[0]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert "error" in json.loads(step.messages[1]["content"])
    assert step.played[0].source == "error"
    assert step.played[0].error in step.messages[1]["content"]
    assert verdicts(done)["weather-1", 1].outcome == "malformed_call"


def test_a_call_that_the_server_made_text_of_ends_the_turn(suite, roll, histories):
    with MockServer(suite, "broken_json", rollouts=True) as server:
        done = roll(suite, server)
    turn = verdicts(done)["weather-1", 1]
    assert (turn.outcome, turn.steps, turn.ended) == ("malformed_call", 1, "answer")
    assert "<tool_call>" in histories(server)["weather-1"][1][2]["content"]


# Without tools.


def test_turns_without_a_call_are_judged_by_their_answer(tmp_path, roll):
    suite = load_suite(write_suite(tmp_path / "chat", CASES.split("---\n")[2]))
    outcomes = {}
    for name in ("gold", "answers_empty", "too_short"):
        with MockServer(suite, name, rollouts=True) as server:
            done = roll(suite, server, folder=name)
        metrics = done.result.metrics
        outcomes[name] = (verdicts(done)["chat-3", 1].outcome, metrics.metrics["response_quality"].value)
    assert outcomes == {
        "gold": ("correct_no_call", 1.0),
        "answers_empty": ("empty_response", 0.0),
        "too_short": ("correct_no_call", 0.0),
    }
