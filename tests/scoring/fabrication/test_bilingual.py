"""Wording in two languages: what a text without Chinese is searched for, and how values in the fields of JSON are read."""

from __future__ import annotations

import re

import pytest

from harness.scorers.fabrication import lexicon
from harness.scorers.fabrication.bilingual import Bilingual
from harness.scorers.fabrication.reading import read
from harness.scorers.fabrication.trajectory import Trajectory


@pytest.mark.parametrize("text", ["I sent it", "已发送", "I sent 已发送", "nothing of the kind"])
def test_either_language_is_found_in_a_text_of_either_or_both(text: str) -> None:
    both = Bilingual(r"\bsent\b", "已发送")
    plain = re.compile(r"\bsent\b|已发送")
    assert [match.span() for match in both.finditer(text)] == [match.span() for match in plain.finditer(text)]
    assert (both.search(text) is None) == (plain.search(text) is None)
    assert both.sub("-", text) == plain.sub("-", text)


def test_english_wording_stands_apart_from_chinese_so_that_it_is_looked_for_in_english_texts() -> None:
    assert lexicon.REWORK.search("as xml, please")
    assert lexicon.REWORK.search("汇总成xml")


def test_a_value_of_json_does_not_run_on_into_the_next_field() -> None:
    body = read('{"day": "May", "count": 3, "rooms": [{"id": "R-12"}], "2024-03-05": {"open": "yes"}}')
    assert body.entries[0].keys == {"m5", "3"}
    assert body.keys == {"m5", "3", "r-12", "2024-3-5", "3-5"}


def test_the_observations_that_hold_a_value_are_those_that_return_it_or_were_asked_for_it() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "get", "arguments": '{"host": "SRV-1"}'}}
    again = {"id": "b", "type": "function", "function": {"name": "get", "arguments": '{"host": "SRV-2"}'}}
    messages = [
        {"role": "user", "content": "SRV-1 and SRV-2?"},
        {"role": "assistant", "content": None, "tool_calls": [call, again]},
        {"role": "tool", "tool_call_id": "a", "content": '{"peer": "SRV-2"}'},
        {"role": "tool", "tool_call_id": "b", "content": '{"load": 4}'},
    ]
    trajectory = Trajectory(messages, [])
    first, second = trajectory.observations
    assert trajectory.holding(["srv-2"]) == [first, second]
    assert trajectory.holding(["srv-1"]) == [first]
    assert trajectory.holding(["4", "9"]) == [second]
    assert trajectory.observed_keys == {"srv-1", "srv-2", "4"}
