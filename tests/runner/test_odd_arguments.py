"""Arguments that a server sends as a value, not as text: judged once as they are judged again from the log."""

from __future__ import annotations

import pytest

from harness.runlog import read_log
from harness.runner import rescore
from harness.testing import Faults, MockServer, Trouble
from harness.wire import parse_completion


def body(function, *, message=""):
    """A completion with one call; both parts are JSON text without their braces."""
    call = '{"id": "c", "type": "function", "function": {' + function + "}}"
    return ('{"choices": [{"message": {"role": "assistant", ' + message + '"tool_calls": [' + call + "]}}]}").encode()


def call(arguments):
    return body(f'"name": "get_route", "arguments": {arguments}')


ODD = {
    "well formed": (call('{"to": "station"}'), "called", set()),
    "NaN": (call('{"to": "station", "x": NaN}'), "malformed", {"invalid_json"}),
    "infinity, nested": (call('{"to": {"arguments" : [{"arguments": -Infinity}]}}'), "malformed", {"invalid_json"}),
    "nothing but NaN": (call("NaN"), "malformed", {"invalid_json"}),
    "a list with NaN": (call("[NaN]"), "malformed", {"invalid_json"}),
    "a key twice": (call('{"to": "a", "to": "station"}'), "malformed", {"duplicate_key"}),
    "a key twice, deep": (call('{"to": [{"arguments": {"a": 1, "a": 1}}]}'), "malformed", {"duplicate_key"}),
    "both": (call('{"to": NaN, "to": 1}'), "malformed", {"duplicate_key", "invalid_json"}),
    "half a pair": (call(r'{"to": "\ud800"}'), "malformed", {"invalid_json"}),
    "half a pair, as text": (call(r'"{\"to\": \"\ud800\"}"'), "malformed", {"invalid_json"}),
    "beyond every range": (call('{"to": 1e99999999999999999999}'), "malformed", {"invalid_json"}),
    "text": (call(r'"{\"arguments\": {\"a\": NaN}}"'), "malformed", {"invalid_json"}),
    "a name that is none": (body('"name": NaN, "arguments": {}'), "malformed", {"type_mismatch"}),
    "arguments twice": (body('"name": "get_route", "arguments": NaN, "arguments": {"to": "b"}'), "called", None),
    "elsewhere": (
        body('"name": "get_route", "arguments": {"to": "b"}', message='"x": [NaN, {"a": 1, "a": 2}],'),
        "called",
        None,
    ),
}


@pytest.mark.parametrize(("answer", "state", "codes"), ODD.values(), ids=ODD)
def test_judging_again_changes_nothing(suite, go, answer, state, codes):
    with MockServer(suite, faults=Faults(cases={"route-4": Trouble("answer", 200, answer)})) as server:
        done = go(suite, server)
    score = done.by_key["route-4", 0].score
    assert score.state == state
    if codes is not None:
        assert {violation.code for violation in score.violations} - {"schema_violation"} == codes
    result = rescore(read_log(done.folder))
    assert result.changed == []
    assert done.by_key["route-4", 0].score == score
    assert result.metrics == done.result.metrics


def test_a_message_without_content_but_a_number_that_is_none_is_empty(suite, go):
    answer = b'{"choices": [{"message": {"content": NaN}}]}'
    with MockServer(suite, faults=Faults(cases={"chat-3": Trouble("answer", 200, answer)})) as server:
        done = go(suite, server)
    assert done.by_key["chat-3", 0].score.outcome == "empty_response"
    assert rescore(read_log(done.folder)).changed == []


def test_only_arguments_that_are_not_strict_json_become_text():
    """What is wrong with them stays in the text, character by character; others stay the value they were."""
    odd = r'{"a": 1.50, "a": "\\" , "arguments": {"b": NaN}}'
    calls = '{"function": {"name": "f", "arguments" :\n {"x": 1.50}}}, {"function": {"arguments": ' + odd + "}}"
    answer = '{"choices": [{"message": {"tool_calls": [' + calls + '], "arguments": {"y": [1, 2]}}}]}'
    message = parse_completion(answer.encode()).message
    first, second = message["tool_calls"]
    assert {key: str(value) for key, value in first["function"]["arguments"].items()} == {"x": "1.50"}
    assert second["function"]["arguments"] == odd
    assert message["arguments"] == {"y": [1, 2]}
