"""An answer of any length is judged soon: clauses are cut, repeats are judged once, and there is an end to it."""

from __future__ import annotations

import time

import pytest

from harness.scorers.fabrication.clauses import clauses_of
from selection import slow

INVENTED = "T-19 is filling: level 48.2 %, temperature 19.7 °C."


def test_a_long_clause_is_cut_in_its_place():
    text = "  " + "word " * 300
    found = clauses_of(text)
    assert all(len(one.text) <= 500 and text[one.start : one.end] == one.text for one in found)
    assert "".join(one.text for one in found).replace(" ", "") == "word" * 300


def test_an_answer_of_common_length_is_judged_whole():
    said = "It is full. " * 99
    assert len(clauses_of(said)) == 99


def test_what_is_said_again_and_again_is_judged_a_hundred_times():
    found = clauses_of("It is full. " * 600 + "It is empty.")
    assert len(found) == 101
    assert found[-1].text == "It is empty."


def test_past_four_hundred_clauses_nothing_is_judged():
    assert len(clauses_of("".join(f"Tank {place} is full. " for place in range(500)))) == 400


def test_what_is_invented_after_many_repeats_is_found(talk):
    talk.user("And T-19?")
    assert talk.judge("Let me see.\n" * 1000 + INVENTED).fabrication


@pytest.mark.parametrize("blank", ["\n" * 20_000, " \n" * 20_000])
def test_blank_lines_before_markup_take_no_long_time(silence, blank):
    start = time.process_time()
    found = silence.user("hi").judge(f"{blank}Observation: 5").fabrication
    assert time.process_time() - start < 2
    assert found[0].signal == "tool_markup"
    assert found[0].start == len(blank)


_QUICK = ["12 ", "我查了，", "I checked it. "]
_UNITS = ["a, ", "- ", "1. ", "“", "3月5日，", "key: 5, ", "the total of 3 and 4 is ", "'"]


@pytest.mark.parametrize("unit", [*_QUICK, *slow(_UNITS)])
def test_a_repeated_unit_takes_no_long_time_beside_observations(talk, unit):
    talk.user("And T-19?")
    start = time.process_time()
    talk.judge(unit * (200_000 // len(unit)))
    assert time.process_time() - start < 2
