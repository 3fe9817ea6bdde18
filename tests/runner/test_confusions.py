"""What was done instead, in the words that the summary counts."""

from __future__ import annotations

import pytest

from harness.judging import Judge
from harness.metrics import Tally
from harness.records import Response
from harness.runner.judging import judged
from harness.suite import load_suite
from harness.testing import write_suite

CASE = """\
id: one
turns:
  - user: How is the weather in Bergen?
  - expect: {calls: [{name: get_weather, arguments: %s, match: %s}]}
"""


def done_instead(tmp_path, expected, match, *calls, raw=None):
    """The confusion that a response with these calls of get_weather comes to."""
    suite = load_suite(write_suite(tmp_path / "suite", CASE % (expected, match)))
    listed = [{"function": {"name": "get_weather", "arguments": text}} for text in calls]
    response = Response(message={"content": None, "tool_calls": listed}, raw=raw, dialect="hermes")
    (decision,) = suite.decisions
    tally = Tally()
    tally.add(judged(decision, 0, response, Judge().verdict(decision, response)))
    ((expected_words, words),) = [(found.expected, found.actual) for found in tally.metrics().confusions]
    assert expected_words == "get_weather"
    return words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ('{"city": "Kiel"}', "get_weather with wrong city"),
        ('{"city": "Kiel", "days": 2, "a/b~c": 1}', "get_weather with wrong a/b~c, city, days"),
        ('{"city": "Bergen", "": 1}', 'get_weather with wrong ""'),
        ('{"city": {"name": "Kiel"}}', "get_weather with wrong city"),
    ],
)
def test_wrong_arguments_are_named(tmp_path, arguments, words):
    assert done_instead(tmp_path, "{city: Bergen}", "{}", arguments) == words


def test_arguments_that_are_wrong_as_a_whole(tmp_path):
    match = '{"": {one_of: [{city: Bergen}, {city: Bergen, days: 1}]}}'
    assert done_instead(tmp_path, "{city: Bergen}", match, '{"city": "Kiel"}') == "get_weather with wrong arguments"


def test_what_the_server_repaired_is_not_wrong(tmp_path):
    raw = '<tool_call>{"name": "get_weather", "arguments": {"city": "Kiel", "days": 1, "days": 1}}</tool_call>'
    words = done_instead(tmp_path, "{city: Bergen, days: 1}", "{}", '{"city": "Kiel", "days": 1}', raw=raw)
    assert words == "get_weather with wrong city"
