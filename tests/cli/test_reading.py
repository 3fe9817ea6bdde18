"""`harness show` and `harness rescore`: what they refuse, what they print, what they leave as it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness as package
from harness.scorers.arguments import RIGHT
from harness.testing import MockServer, Reply, sample_suite

ROOT = Path(package.__file__).parents[1]


@pytest.mark.parametrize("command", ["show", "rescore"])
class TestRefusal:
    def test_edited(self, command, harness, finished):
        log = finished / "run.jsonl"
        log.write_bytes(log.read_bytes().replace(b'"wrong_arguments"', b'"correct_call"', 1))
        before = log.read_bytes()
        said = harness(command, finished)
        assert said.code == 3
        assert "the log was edited after the run (its digest does not match the footer)" in said.err
        assert log.read_bytes() == before

    def test_text_after_the_footer(self, command, harness, finished):
        with (finished / "run.jsonl").open("ab") as file:
            file.write(b"{}\n")
        said = harness(command, finished)
        assert said.code == 3
        assert "text after the footer" in said.err

    @pytest.mark.parametrize("lines", [-1, -3, 2])
    def test_unfinished(self, command, harness, finished, lines):
        log = finished / "run.jsonl"
        log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:lines]))
        said = harness(command, finished)
        assert said.code == 3
        assert "the run is unfinished (no footer). Finish it with --resume." in said.err

    def test_torn(self, command, harness, finished):
        log = finished / "run.jsonl"
        log.write_bytes(log.read_bytes()[:-20])
        said = harness(command, finished)
        assert said.code == 3
        assert "unfinished (the last line is cut)" in said.err

    @pytest.mark.usefixtures("place")
    def test_nothing_there(self, command, harness):
        for name in ("nowhere", "."):
            said = harness(command, name)
            assert said.code == 2
            assert f"{name}: no run here (no run.jsonl)" in said.err

    def test_not_a_log(self, command, harness, place):
        (place / "run.jsonl").write_text('{"type": "poem"}\n')
        said = harness(command, place)
        assert said.code == 2
        assert "run.jsonl:1: " in said.err


def test_rescore_changes_nothing_twice(harness, finished):
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    for _ in range(2):
        said = harness("rescore", "out")
        assert said.code == 0
        assert "no outcome changed" in said.out
        assert {path.name: path.read_bytes() for path in finished.iterdir()} == before


def test_rescore_says_what_changed(harness, finished, monkeypatch):
    monkeypatch.setattr("harness.scorers.calls.compare_arguments", lambda *_, **__: RIGHT)
    said = harness("rescore", finished)
    assert "3 outcomes changed" in said.out
    assert "wrong_arguments -> correct_call: 3" in said.out
    assert json.loads((finished / "summary.json").read_text())["outcomes"] == {"correct_call": 4, "correct_no_call": 4}


def shown(said):
    """The cases and decisions that `show` printed."""
    return [line.split(",")[0] for line in said.out.splitlines() if line.startswith("▶")]


def test_show_all(harness, finished):
    said = harness("show", finished)
    assert said.code == 0
    assert len(shown(said)) == 8
    assert said.out.rstrip().endswith("8 decisions")
    assert 'expected  get_weather {"city": "Oslo", "days": 2}' in said.out
    assert 'actual    get_weather {"city": "Oslo or so", "days": 2}' in said.out
    assert "value_mismatch /0/arguments/city" in said.out


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["weather-1"], 4),
        (["weather-1", "chat-3"], 5),
        (["--outcome", "wrong_arguments"], 3),
        (["weather-1", "--outcome", "wrong_arguments"], 2),
        (["--outcome", "wrong_arguments", "weather-1"], 2),
        (["--violation", "value_mismatch", "--limit", "1"], 1),
        (["--outcome", "missed_call"], 0),
        (["--limit", "3"], 3),
    ],
)
def test_show_a_part(harness, finished, words, count):
    said = harness("show", finished, *words)
    assert said.code == 0
    assert len(shown(said)) == count


def test_show_counts_what_a_limit_leaves_out(harness, finished):
    assert "3 of 8 decisions" in harness("show", finished, "--limit", "3").out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chat-9"], "no case 'chat-9' in this run; its cases: chat-3, route-4"),
        (["--outcome", "wrong"], "no outcome is called 'wrong'; there are correct_call"),
        (["--violation", "bad"], "no violation is called 'bad'; there are missing_call"),
    ],
)
def test_show_refuses_names_that_nothing_has(harness, finished, words, message):
    said = harness("show", finished, *words)
    assert said.code == 2
    assert message in said.err


def test_show_cuts_long_texts_unless_asked(harness, run, place):
    suite = sample_suite(place / "suite")
    long = "word " * 400

    def talks(_):
        return Reply({"role": "assistant", "content": long}, long, "stop")

    with MockServer(suite, talks) as server:
        run(server)
    assert "characters; --full shows all" in harness("show", "out").out
    assert "characters; --full shows all" not in harness("show", "out", "--full").out


def test_a_reader_that_has_seen_enough(finished):
    """`harness show RUN | head -1` ends with 0, and without a word."""
    command = f"{sys.executable} -m harness show {finished} --full; echo code $? >&2"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        ["bash", "-c", f"({command}) | true"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.stderr.splitlines() == ["code 0"]
