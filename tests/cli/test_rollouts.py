"""`harness run --mode rollout` and `both`, and what the other commands make of such runs."""

from __future__ import annotations

import itertools
import json

import pytest

from harness.runlog import LOG_NAME, read_log
from harness.suite import load_suite
from harness.testing import Faults, MockServer, status, write_suite
from harness.testing.sample import HEADER


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def summary(folder):
    return json.loads((folder / "summary.json").read_text())


@pytest.fixture
def played(suite, run, place):
    """A finished run of rollouts of a model with one argument off."""
    with MockServer(suite, "one_argument_off", rollouts=True) as server:
        assert run(server, "--mode", "rollout").code == 0
    return place / "out"


def test_a_run_of_rollouts_leaves_log_and_summaries(suite, run, place):
    with MockServer(suite, rollouts=True) as server:
        said = run(server, "--mode", "rollout")
    assert said.code == 0, said.err
    assert files(place / "out") == ["report.html", "run.jsonl", "summary.json", "summary.md"]
    assert "4 cases played through of sample" in said.err
    assert "5/5 turns" in said.err
    for words in ("mock on sample, played through", "turn_accuracy", "By user turn"):
        assert words in said.out
    value = summary(place / "out")
    assert value["header"]["identity"]["mode"] == "rollout"
    assert value["header"]["identity"]["max_steps"] == 8
    assert value["rollout"]["turn_accuracy"]["value"] == 1
    assert value["metrics"]["case_pass_rate"]["value"] == 1
    assert value["rollout"]["first_bad"] == {"none": 4}
    text = (place / "out" / "summary.md").read_text()
    assert "| weather-1" in text
    assert "`turn_accuracy`" in text


def test_teacher_forced_is_what_a_run_is_without_a_word(suite, run, place):
    with MockServer(suite) as server:
        run(server)
        run(server, "--mode", "teacher_forced", "--out", "named")
    identities = [read_log(place / name).header.identity for name in ("out", "named")]
    assert identities[0] == identities[1]
    assert (identities[0].mode, identities[0].max_steps) == ("teacher_forced", None)
    header = (place / "out" / LOG_NAME).read_bytes().splitlines()[0]
    assert b"max_steps" not in header
    assert "rollout" not in summary(place / "out")


def test_both_leaves_two_runs_and_the_gap(suite, run, place):
    with MockServer(suite, "drops_a_call", rollouts=True) as server:
        said = run(server, "--mode", "both")
    assert said.code == 0, said.err
    runs = [
        f"{mode}/{name}"
        for mode in ("rollout", "teacher_forced")
        for name in ("report.html", LOG_NAME, "summary.json", "summary.md")
    ]
    assert files(place / "out") == sorted(["gap.json", "gap.md", "report.html", *runs])
    gap = json.loads((place / "out" / "gap.json").read_text())
    assert gap["own"]["mode"] == "rollout"
    assert (gap["unpaired"], gap["overall"]["turns"]) == (0, 5)
    assert gap["overall"]["accuracy"]["first"]["numerator"] == 4
    assert [at["depth"] for at in gap["depths"]] == [1, 2]
    assert "Self-imitation gap of mock on sample" in said.out
    assert "# Self-imitation gap" in (place / "out" / "gap.md").read_text()


def test_the_gap_shows_what_the_models_own_history_does_to_it(suite, run, place):
    """A model that goes on as it began: once it has answered without a call it never calls again."""
    from harness.testing.miniatures import gold, never_calls

    def imitates(decision):
        talk = [message for message in decision.messages if message["role"] in ("user", "assistant")]
        skipped = any(
            before["role"] == "user" and after["role"] == "assistant" and not after.get("tool_calls")
            for before, after in itertools.pairwise(talk)
        )
        first = len(decision.messages) == 2 and decision.case_id == "weather-1"
        return never_calls(decision) if skipped or first else gold(decision)

    with MockServer(suite, imitates, rollouts=True) as server:
        assert run(server, "--mode", "both").code == 0
    gap = json.loads((place / "out" / "gap.json").read_text())
    by_depth = {at["depth"]: at["accuracy"] for at in gap["depths"]}
    assert by_depth[1]["value"] == 0
    assert (by_depth[2]["first"]["value"], by_depth[2]["second"]["value"], by_depth[2]["value"]) == (1, 0, -1)


def test_thresholds_of_the_suite_are_for_decisions_not_for_turns(place, run):
    write_suite(place / "suite", header=HEADER + "thresholds: {tool_call_accuracy: 0.9}\n")
    suite = load_suite(place / "suite")
    with MockServer(suite, "never_calls", rollouts=True) as server:
        assert run(server, "--mode", "rollout").code == 0
        said = run(server, "--mode", "both", "--out", "both")
    assert said.code == 1
    assert said.err.count("threshold missed") == 1


def test_too_many_errors(suite, run):
    with MockServer(suite, faults=Faults(always=status(400)), rollouts=True) as server:
        said = run(server, "--mode", "rollout")
        assert said.code == 3
        assert "nothing was scored: every case met an error" in said.err
        server.faults = Faults(cases={"weather-1": status(400)})
        said = run(server, "--mode", "rollout", "--out", "other")
    assert said.code == 3
    assert "too many errors: 2 of 5" in said.err


@pytest.mark.parametrize("words", [["--mode", "free"], ["--mode", "rollout", "--max-steps", "0"]])
def test_wrong_use(harness, words, capfd):
    with pytest.raises(SystemExit) as caught:
        harness("run", "suite", "--base-url", "http://127.0.0.1:1/v1", *words)
    assert caught.value.code == 2
    assert words[-2] in capfd.readouterr().err


def test_resume_of_both_goes_on_in_the_run_that_is_left(suite, harness, place):
    words = ["--model", "mock", "--dialect", "hermes", "--retries", "0", "--mode", "both"]
    with MockServer(suite, faults=Faults(die_after=10), rollouts=True) as server:
        said = harness("run", "suite", "--base-url", server.base_url, *words, "--concurrency", "1")
    assert said.code in (3, 4), said.err
    (folder,) = (place / "reports").iterdir()
    with MockServer(suite, rollouts=True) as server:
        said = harness("run", "suite", "--base-url", server.base_url, *words, "--resume")
        asked = len(server.chats)
    assert said.code == 0, said.err
    assert list((place / "reports").iterdir()) == [folder]
    assert asked < 2 * len(suite.decisions)
    assert {"gap.json", "teacher_forced", "rollout"} <= {path.name for path in folder.iterdir()}
    assert {read_log(folder / mode).footer.errored for mode in ("teacher_forced", "rollout")} == {0}


def test_a_run_that_is_finished_tells_its_gap_again(suite, run, place):
    with MockServer(suite, "drops_a_call", rollouts=True) as server:
        first = run(server, "--mode", "both")
        before = {name: (place / "out" / name).read_bytes() for name in files(place / "out")}
        server.received.clear()
        again = run(server, "--mode", "both", "--resume")
        assert server.chats == []
    assert again.code == first.code == 0
    assert {name: (place / "out" / name).read_bytes() for name in files(place / "out")} == before


# What others make of it.


def shown(said):
    return [line for line in said.out.splitlines() if line.startswith("▶")]


def test_show_tells_the_conversation_as_it_was_played(harness, played):
    said = harness("show", played, "weather-1")
    assert said.code == 0
    assert shown(said) == [
        "▶ turn 1: wrong_arguments, 8 steps, ended by the limit of steps",
        "▶ turn 2: wrong_arguments, 8 steps, ended by the limit of steps",
    ]
    lines = [line.strip() for line in said.out.splitlines()]
    assert lines.count("user        And in Bergen and Kiel?") == 1
    assert 'expected  get_weather {"city": "Oslo", "days": 2}' in lines
    assert 'actual    get_weather {"city": "Oslo or so", "days": 2}' in lines
    assert any(line.startswith('refused   {"error": "get_weather failed') for line in lines)
    assert 'tool      {"city": "Kiel", "sky": "fog"}' in lines
    assert lines[-1] == "2 turns"


@pytest.mark.parametrize(
    ("words", "count", "last"),
    [
        ([], 5, "5 turns"),
        (["--outcome", "wrong_arguments"], 3, "3 turns"),
        (["--outcome", "wrong_arguments", "--limit", "2"], 2, "2 of 3 turns"),
        (["--outcome", "wrong_arguments", "weather-1"], 2, "2 turns"),
        (["--violation", "value_mismatch"], 3, "3 turns"),
        (["--outcome", "missed_call"], 0, "0 turns"),
    ],
)
def test_show_a_part(harness, played, words, count, last):
    said = harness("show", played, *words)
    assert len(shown(said)) == count
    assert said.out.rstrip().endswith(last)


def test_show_a_case_that_an_error_ended(suite, run, harness):
    with MockServer(suite, faults=Faults(cases={"weather-1": status(400)}), rollouts=True) as server:
        run(server, "--mode", "rollout")
    said = harness("show", "out", "--outcome", "errored")
    assert "error       in turn 1: answered 400 by plan" in said.out
    assert said.out.rstrip().endswith("1 turns")


def test_rescore_changes_nothing(harness, played):
    before = {path.name: path.read_bytes() for path in played.iterdir()}
    said = harness("rescore", "out")
    assert said.code == 0
    assert "no outcome changed" in said.out
    assert {path.name: path.read_bytes() for path in played.iterdir()} == before


def test_of_two_runs_in_one_folder_each_has_its_own_name(suite, run, harness):
    with MockServer(suite, rollouts=True) as server:
        run(server, "--mode", "both")
    said = harness("show", "out")
    assert said.code == 2
    assert "there are runs in out/rollout, out/teacher_forced" in said.err
