"""Suites that cannot be run: exit code 2 and a message with file, line and what to do, before any request."""

from __future__ import annotations

import pytest

from harness.testing import write_suite

GOOD = "id: one\nturns:\n  - user: Hi there.\n  - expect: {no_call: true}\n"
CALL = "id: two\nturns:\n  - user: Weather?\n  - expect: {calls: [{name: %s, arguments: %s}]}\n"

BAD = {
    "broken YAML": ("id: one\nturns: [\n  - user: 'Hi\n", "suite/cases/cases.yaml:"),
    "duplicate ids": (f"{GOOD}---\n{GOOD}", "the id 'one' is taken by the case at"),
    "gold breaks its schema": (CALL % ("get_weather", "{city: 5}"), "breaks the schema of get_weather"),
    "gold lacks an argument": (CALL % ("get_weather", "{}"), "breaks the schema of get_weather"),
    "unknown tool": (CALL % ("get_wether", "{city: Oslo}"), "unknown tool 'get_wether'; did you mean 'get_weather'?"),
    "unknown key": (GOOD.replace("id: one", "id: one\ntag: {}"), "unknown key 'tag'; did you mean 'tags'?"),
    "no turns": ("id: one\nturns: []\n", "must not be empty"),
    "no case": ("", "holds no case"),
}


@pytest.mark.parametrize(("cases", "message"), BAD.values(), ids=BAD)
def test_a_bad_suite(harness, place, cases, message):
    write_suite(place / "suite", cases)
    said = harness("run", "suite", "--base-url", "http://127.0.0.1:9/v1", "--model", "mock")
    assert said.code == 2
    assert message in said.err
    assert "suite/cases" in said.err
    assert "Traceback" not in said.err
    assert not (place / "out").exists()


def test_every_problem_is_listed(harness, place):
    write_suite(place / "suite", "---\n".join(cases for cases, _ in BAD.values() if cases.startswith("id: two")))
    said = harness("run", "suite", "--base-url", "http://127.0.0.1:9/v1", "--model", "mock")
    assert len(said.err.splitlines()) >= 4, "two ids that are one, three golds that are wrong"


def test_no_such_suite(harness):
    said = harness("run", "nowhere", "--base-url", "http://127.0.0.1:9/v1", "--model", "mock")
    assert said.code == 2
    assert "nowhere" in said.err
    assert "no such suite folder" in said.err
