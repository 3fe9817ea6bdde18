"""`harness compare` from the command line: finished runs, baselines, and servers that are asked first."""

from __future__ import annotations

import json
import re
import sys

import pytest

from harness.cli.arguments import parsed
from harness.comparison import Contender, compare
from harness.report.compare import compare_view
from harness.runlog import read_log
from harness.runner import load_results
from harness.testing import Faults, MockServer, sample_suite, status


@pytest.fixture
def ran(place, harness):
    """Runs the sample suite with a miniature into a folder of that name, which is returned."""

    def go(name, miniature="gold", *words, copies=1, faults=None, rollouts=False):
        suite = sample_suite(place / f"suite-{name}", copies=copies)
        with MockServer(suite, miniature, model=f"model-{name}", faults=faults, rollouts=rollouts) as server:
            given = ["run", f"suite-{name}", "--base-url", server.base_url, "--dialect", "hermes", "--out", name]
            assert harness(*given, "--retries", "1", "--max-error-rate", "1", *words).code == 0
        return name

    return go


def row(text, label):
    """The figures of the row that begins so."""
    (found,) = [line for line in text.splitlines() if line.strip().startswith(label)]
    return re.split(r"\s{2,}", found.strip())[1:]


def test_two_runs_with_prices(ran, harness, place):
    ran("a", copies=8)
    ran("b", "one_argument_off", copies=8, faults=Faults(delay=0.05))
    words = ["--gpus", "8,1", "--price", "2.5", "--currency", "USD", "--markdown", "page.md", "--json", "plain.json"]
    said = harness("compare", "a", "b", *words)
    assert said.code == 0
    assert "A is better: B has -37.5 points of tool_call_accuracy (95 % interval -43.1 to -29.4, p <0.001)" in said.out
    assert "64 scored in both: 40 right in both, 24 only in A, 0 only in B, 0 in neither" in said.out
    assert "Where A is ahead (tool_call_accuracy), surest first" in said.out
    assert "Where B is ahead" not in said.out
    assert row(said.out, "expect calls") == ["100.0 % (24)", "0.0 % (24)", "-100.0", "0/24", "<0.001"]
    assert row(said.out, "correct decisions") == ["64", "40", "×0.625"]
    assert re.search(
        r"B against A +×1.66 the completion tokens of a correct decision, .*the cost of a correct", said.out
    )
    unpriced = harness("compare", "a", "b", "--gpus", "8,1").out
    assert re.search(r"B against A .*the GPU hours of a correct decision\n", unpriced)
    assert "cost of the run" not in unpriced
    assert row(said.out, "GPUs") == ["8", "1", "×0.125"]
    assert "harness diff a b" in said.out
    plain = json.loads((place / "plain.json").read_text())
    for name, gpus in (("first", 8), ("second", 1)):
        run, cost = plain[name]["spent"], plain[name]["cost"]
        elapsed = read_log(place / plain[name]["name"]).footer.elapsed
        assert run["elapsed"] == elapsed
        assert cost["per_1000"] == pytest.approx(gpus * elapsed / 3600 * 2.5 / run["correct"] * 1000)
    assert plain["second"]["spent"]["latency_p50"] > 0.05
    assert plain["metrics"][0]["p_adjusted"] < 0.05
    assert plain["together"] == {"both": 40, "first_only": 24, "second_only": 0, "neither": 0}
    page = (place / "page.md").read_text()
    assert page.startswith("# model-b (B) against model-a (A) on sample\n")
    assert "| cost of 1,000 correct decisions (USD)" in page
    assert "GPUs × wall time in hours × price of a GPU hour / correct × 1,000" in page
    assert len(plain["first_ahead"]) > 8, "the page has them all"
    assert all(f"| {one['name'].replace('_', chr(92) + '_')} {one['value']} " in page for one in plain["first_ahead"])


def test_the_same_model_twice_shows_no_difference(ran, harness):
    said = harness("compare", ran("a"), "a")
    assert said.code == 0
    assert "no difference shown: B has +0.0 points" in said.out
    assert "points would have been seen" in said.out
    assert "ahead" not in said.out
    assert "GPU" not in said.out, "nobody said how many"


@pytest.mark.parametrize(
    ("p", "low", "high", "words"),
    [
        (0.01, -0.3, -0.1, "A is better: B has -20.0 points"),
        (0.2, -0.3, 0.1, "no difference shown: B has -20.0 points"),
        (0.2, -0.3, -0.1, "unsure: B has -20.0 points"),
        (0.01, -0.3, 0.1, "unsure: B has -20.0 points"),
        (0.01, None, None, "A is better: B has -20.0 points"),
    ],
)
def test_a_result_needs_test_and_interval(ran, p, low, high, words):
    run = Contender(load_results(ran("a")))
    found = compare(run, run)
    one = found.diff.changes[0].model_copy(update={"value": -0.2, "low": low, "high": high, "p_adjusted": p})
    view = compare_view(found._replace(diff=found.diff._replace(changes=[one, *found.diff.changes[1:]])))
    assert dict(view.facts)["result"].startswith(words)


def test_of_a_baseline_only_quality_is_known(ran, harness):
    ran("a")
    ran("b", "one_argument_off")
    assert harness("baseline", "save", "a", "--name", "stored").code == 0
    said = harness("compare", "stored", "b", "--gpus", "8,1")
    assert said.code == 0
    assert "A (stored) is a baseline: tokens and times are in a run's log alone, so n/a here." in said.out
    assert row(said.out, "latency of a request, p50 (s)")[0] == "n/a"
    assert row(said.out, "correct decisions") == ["8", "5", "×0.625"], "verdicts it has"
    assert "are in flight (at most 8 in B)" in said.out
    assert row(said.out, "GPU hours of 1,000")[::2] == ["n/a", "n/a"]
    assert "B against A" not in said.out
    assert "harness diff baselines/stored.jsonl b" in said.out
    both = harness("compare", "stored", "stored")
    assert "What each took" not in both.out


def test_other_decisions_errors_and_uneven_load_are_told(ran, harness):
    ran("a", "gold", "--concurrency", "1", copies=2, faults=Faults(first=(status(503),)))
    ran("b", faults=Faults(cases={"chat-3": status(500)}))
    said = harness("compare", "a", "b")
    assert said.code == 0
    assert "met an error in one of them" in said.out
    assert "The runs are not over the same decisions: what each took is for other work." in said.out
    assert "B: errored decisions (1 request) count in wall time alone." in said.out
    assert "A: 1 request needed more than one attempt; the latency told is the last one's." in said.out
    assert "(at most 1 in A and " in said.out
    assert "compare latency and throughput again at one --concurrency" in said.out


def test_rollouts_are_compared_by_turn(ran, harness):
    ran("a", "gold", "--mode", "rollout", rollouts=True)
    ran("b", "one_argument_off", "--mode", "rollout", rollouts=True)
    said = harness("compare", "a", "b")
    assert said.code == 0
    assert "points of turn_accuracy" in said.out
    assert row(said.out, "completion tokens a correct turn")[0] != "n/a"
    assert harness("compare", "a", ran("c")).code == 3


def test_two_servers_are_asked_first(suite, harness, place):
    faults = Faults(delay=0.05)
    with MockServer(suite, model="org/big") as big, MockServer(suite, "one_argument_off", faults=faults) as small:
        ends = [f"org/big@{big.base_url}", small.base_url]
        said = harness("compare", *ends, "--suite", "suite", "--dialect", "hermes", "--out", "out", "--gpus", "8,1")
        assert said.code == 0, said.err
        assert (len(big.chats), len(small.chats)) == (8, 8)
        assert sorted(path.name for path in (place / "out").iterdir()) == ["mock", "org-big"]
        assert "mock (B) against org/big (A) on sample" in said.out
        assert "harness diff out/org-big out/mock" in said.out
        again = harness("compare", *ends, "--suite", "suite", "--dialect", "hermes", "--out", "out", "--resume")
        assert again.code == 0
        assert (len(big.chats), len(small.chats)) == (8, 8), "nothing was left to ask"


def test_one_server_against_a_run_and_itself(suite, ran, harness, place):
    ran("a")
    with MockServer(suite) as server:
        end = f"mock@{server.base_url}"
        assert harness("compare", "a", end, "--suite", "suite", "--out", "one").code == 0
        assert (place / "one" / "mock" / "run.jsonl").exists()
        said = harness("compare", end, end, "--suite", "suite", "--out", "two")
        assert said.code == 0
        assert sorted(path.name for path in (place / "two").iterdir()) == ["a-mock", "b-mock"]
        assert len(server.chats) == 24
        played = harness("compare", "a", end, "--suite", "suite", "--mode", "rollout")
        assert (played.code, len(server.chats)) == (3, 24)
        assert "ask the server in the same, with --mode teacher_forced" in played.err


def test_nothing_is_asked_before_everything_is_known(suite, harness):
    with MockServer(suite) as server:
        end = f"mock@{server.base_url}"
        refusals = [
            ((end, "nobody", "--suite", "suite"), 2, "nobody: neither a run nor a baseline"),
            ((end, end), 2, "--suite suites/soc_triage"),
            ((end, f"mcok@{server.base_url}", "--suite", "suite"), 2, "'mcok' is not served there; it serves: mock"),
            ((end, "mock@http://127.0.0.1:1/v1", "--suite", "suite"), 4, "no server at http://127.0.0.1:1/v1"),
            ((end, end, "--suite", "suite", "--resume"), 2, "--resume needs --out"),
            ((end, end, "--suite", "suite", "--price", "2"), 2, "--price needs --gpus"),
        ]
        for words, code, message in refusals:
            said = harness("compare", *words)
            assert (said.code, message in said.err) == (code, True), said.err
        assert not server.chats


def test_too_many_errors_end_it_with_3_and_say_how_to_go_on(suite, harness):
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        words = ["compare", f"mock@{server.base_url}", server.base_url, "--suite", "suite", "--out", "out"]
        said = harness(*words)
        assert said.code == 3
        assert "mock met too many errors to be compared. The same command with --out out --resume" in said.err
        assert len(server.chats) == 8, "the second is not asked"
        server.faults = Faults()
        assert harness(*words, "--resume").code == 0


def test_a_comparison_that_stopped_says_how_to_go_on(harness, monkeypatch, place):
    suite = sample_suite(place / "many", copies=8)
    with MockServer(suite) as good, MockServer(suite, faults=Faults(die_after=3)) as dying:
        words = ["compare", f"mock@{good.base_url}", dying.base_url, "--suite", "many", "--retries", "0"]
        monkeypatch.setattr(sys, "argv", ["harness", *words])
        said = harness(*words)
    assert said.code == 4
    (above,) = (place / "reports").iterdir()
    assert above.name.startswith("sample-compare-20")
    assert f"--retries 0 --out reports/{above.name} --resume" in said.err


def test_credentials_in_an_address_stand_nowhere(suite, harness, place, monkeypatch):
    with MockServer(suite) as server:
        url = server.base_url.replace("://", "://robot:hunter2x@")
        words = ["compare", f"mock@{url}", url, "--suite", "suite", "--out", "out", "--json", "plain.json"]
        monkeypatch.setattr(sys, "argv", ["harness", *words])
        said = harness(*words)
        assert said.code == 0
        monkeypatch.setattr(sys, "argv", ["harness", "compare", url, "nobody"])
        refused = harness("compare", url, "nobody")
    texts = [said.out, said.err, refused.err, *(path.read_text() for path in place.rglob("*.json*"))]
    assert not [text for text in texts if "hunter2x" in text]


@pytest.mark.parametrize("words", [["--gpus", "0"], ["--gpus", "8,1,1"], ["--price", "-1"], ["--mode", "both"]])
def test_values_out_of_range_end_with_2(words):
    with pytest.raises(SystemExit) as end:
        parsed(["compare", "a", "b", *words])
    assert end.value.code == 2
