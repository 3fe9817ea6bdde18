"""`harness score`: all or nothing, or all but the invalid lines and a word about each."""

from __future__ import annotations

import json

import pytest

RIGHT = {
    "id": "r1",
    "tools": [],
    "messages": [{"role": "user", "content": "Hi."}],
    "expect": {"no_call": True},
    "response": {"message": {"role": "assistant", "content": "Hello to you."}, "raw": None},
}
WRONG = {
    "not JSON": "{not json}",
    "unknown key": json.dumps({**RIGHT, "extra": 1}),
    "duplicate key": json.dumps(RIGHT)[:-1] + ', "id": "again"}',
    "empty line": "",
    "no response": json.dumps({**RIGHT, "response": {"message": None, "raw": None}}),
}


@pytest.fixture
def records(place):
    def write(*lines):
        (place / "records.jsonl").write_text("".join(line + "\n" for line in lines))
        return place / "records.jsonl"

    return write


def test_scores_in_the_order_of_the_records(harness, records, place):
    said = harness("score", records(*(json.dumps({**RIGHT, "id": f"r{n}"}) for n in range(5))), "--out", "scores.jsonl")
    assert said.code == 0
    assert "5 scored: scores.jsonl" in said.err
    scores = [json.loads(line) for line in (place / "scores.jsonl").read_text().splitlines()]
    assert [score["id"] for score in scores] == ["r0", "r1", "r2", "r3", "r4"]
    assert {score["outcome"] for score in scores} == {"correct_no_call"}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_an_invalid_line_ends_it_and_nothing_is_written(harness, records, place, wrong):
    (place / "scores.jsonl").write_text("earlier")
    said = harness("score", records(json.dumps(RIGHT), wrong), "--out", "scores.jsonl")
    assert said.code == 2
    assert "records.jsonl:2: " in said.err
    assert (place / "scores.jsonl").read_text() == "earlier"
    assert sorted(path.name for path in place.iterdir()) == ["records.jsonl", "scores.jsonl"]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_invalid_lines_can_be_skipped_and_are_counted(harness, records, place, wrong):
    lines = json.dumps(RIGHT), wrong, json.dumps({**RIGHT, "id": "r3"})
    said = harness("score", records(*lines), "--out", "scores.jsonl", "--skip-invalid")
    assert said.code == 0
    assert "2 scored, 1 invalid lines skipped" in said.err
    assert "skipped " in said.err
    assert "records.jsonl:2: " in said.err
    assert len((place / "scores.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("records_file", "out"), [("nowhere.jsonl", "scores.jsonl"), ("records.jsonl", "no/such/folder")]
)
def test_files_that_are_not_there(harness, records, records_file, out):
    records(json.dumps(RIGHT))
    said = harness("score", records_file, "--out", out)
    assert said.code == 2
    assert "No such file or directory" in said.err
