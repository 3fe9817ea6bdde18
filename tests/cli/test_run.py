"""`harness run` against servers: exit codes, messages, and what is left in the folder."""

from __future__ import annotations

import fcntl
import json
import socket
from pathlib import Path

import pytest
from aiohttp import web

import harness as package
from harness.cli import main
from harness.runlog import read_log
from harness.suite import load_suite
from harness.testing import (
    CONTEXT_TOO_LONG,
    DROP,
    HANG,
    NO_TOOL_PARSER,
    NOT_JSON,
    Faults,
    MockServer,
    sample_suite,
    status,
    write_suite,
)
from harness.testing.sample import HEADER

ROOT = Path(package.__file__).parents[1]


def test_a_run_leaves_log_and_summaries(suite, run, place):
    with MockServer(suite) as server:
        said = run(server)
    assert said.code == 0, said.err
    assert sorted(path.name for path in (place / "out").iterdir()) == [
        "report.html",
        "run.jsonl",
        "summary.json",
        "summary.md",
    ]
    assert "8/8 decisions" in said.err
    assert "tool_call_accuracy" in said.out
    assert "harness show out" in said.out
    assert read_log(place / "out").footer.scored == 8


def test_without_out_the_folder_is_named_by_suite_model_and_time(suite, harness, place):
    with MockServer(suite, model="org/tuned 8B") as server:
        said = harness("run", "suite", "--base-url", server.base_url, "--model", "org/tuned 8B", "--dialect", "hermes")
    assert said.code == 0
    (folder,) = (place / "reports").iterdir()
    assert folder.name.startswith("sample-org-tuned-8B-20")


def test_dialect_by_the_models_name(suite, harness):
    with MockServer(suite, model="Qwen3-8B-mine") as server:
        said = harness("run", "suite", "--base-url", server.base_url, "--model", "Qwen3-8B-mine", "--out", "a")
        assert "dialect hermes, by the model's name" in said.err
    with MockServer(suite) as server:
        said = harness("run", "suite", "--base-url", server.base_url, "--model", "mock", "--out", "b")
        assert "the dialect of 'mock' is unknown" in said.err
        assert "--dialect" in said.err
    assert said.code == 0


def test_sampling_is_taken_from_the_command_line(suite, run):
    words = ["--temperature", "0.70", "--top-p", "0.9", "--seed", "7", "--max-tokens", "99", "--thinking", "off"]
    with MockServer(suite) as server:
        assert run(server, *words).code == 0
    body = json.loads(server.chats[0].body)
    assert [body[name] for name in ("temperature", "top_p", "seed", "max_tokens")] == [0.7, 0.9, 7, 99]
    assert body["chat_template_kwargs"] == {"enable_thinking": False}


def test_max_tokens_by_the_suite(suite, run):
    with MockServer(suite) as server:
        assert run(server).code == 0
    assert json.loads(server.chats[0].body)["max_tokens"] == 64


# The server.


@pytest.mark.usefixtures("suite")
def test_no_server_at_all(run, place):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    said = run(url)
    assert said.code == 4
    assert f"harness: no server at {url}: " in said.err
    assert "Is it running, is the URL right?" in said.err
    assert not (place / "out").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--base-url", "localhost:8000"], "is no URL; it looks like http://host:8000/v1"),
        (["--base-url", "ftp://host"], "is no URL"),
    ],
)
@pytest.mark.usefixtures("suite")
def test_no_url(harness, words, message):
    said = harness("run", "suite", *words, "--model", "mock")
    assert said.code == 2
    assert message in said.err


def test_a_server_of_another_kind(suite, run):
    with MockServer(suite) as server:
        said = run(server.base_url.removesuffix("/v1") + "/elsewhere")
    assert said.code == 4
    assert "answered 404" in said.err


def test_a_model_that_the_server_does_not_have(suite, run, place):
    with MockServer(suite) as server:
        said = run(server, "--model", "mokc")
    assert said.code == 2
    assert "does not serve 'mokc'; it serves: mock" in said.err
    assert not (place / "out").exists()


class Serves(MockServer):
    """Lists these models."""

    names = ("mock",)

    async def _models(self, request):
        if refused := self._refused(request):
            return refused
        return web.json_response({"data": [{"id": name, "root": name, "parent": None} for name in self.names]})


def test_without_a_name_the_only_model_is_taken(suite, harness, place, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "right-key")
    with MockServer(suite, model="Qwen3-8B-mine", api_key="right-key") as server:
        said = harness("run", "suite", "--base-url", server.base_url, "--out", "out")
    assert said.code == 0, said.err
    assert "model Qwen3-8B-mine, the only one served" in said.err
    assert "dialect hermes, by the model's name" in said.err
    assert read_log(place / "out").header.identity.model == "Qwen3-8B-mine"


@pytest.mark.parametrize(
    ("names", "words"), [(("base", "sft", "dpo"), "serves several: base, sft, dpo"), ((), "serves none")]
)
def test_without_a_name_and_no_only_model(suite, harness, place, names, words):
    with Serves(suite) as server:
        server.names = names
        said = harness("run", "suite", "--base-url", server.base_url, "--out", "out")
        assert said.code == 2
        assert f"harness: --base-url needs --model NAME, for {server.base_url} {words}" in said.err
    assert not (place / "out").exists()


def test_options_of_serving_with_a_server_that_runs(suite, run):
    with MockServer(suite) as server:
        said = run(server, "--", "--max-model-len", "4096")
    assert said.code == 2
    assert "are for --serve" in said.err


def test_a_wrong_key(suite, run, monkeypatch):
    with MockServer(suite, api_key="right") as server:
        said = run(server)
        assert said.code == 4
        assert "answered 401: Unauthorized. Set OPENAI_API_KEY or --api-key-env." in said.err
        monkeypatch.setenv("MY_KEY", "right")
        assert run(server, "--api-key-env", "MY_KEY").code == 0


def test_a_server_without_its_tool_parser(suite, run):
    with MockServer(suite, faults=Faults(always=NO_TOOL_PARSER)) as server:
        said = run(server)
    assert said.code == 2
    assert "--enable-auto-tool-choice --tool-call-parser NAME" in said.err


@pytest.mark.parametrize(
    ("trouble", "kind", "words"),
    [
        (CONTEXT_TOO_LONG, "context_length", []),
        (DROP, "connection", []),
        (status(500), "http", []),
        (NOT_JSON, "protocol", []),
        (HANG, "timeout", ["--timeout", "0.3"]),
    ],
    ids=["context", "drop", "500", "no JSON", "hang"],
)
def test_errors_are_counted_and_too_many_end_with_3(suite, run, place, trouble, kind, words):
    with MockServer(suite, faults=Faults(always=trouble)) as server:
        said = run(server, *words)
    assert said.code == 3
    assert "nothing was scored: every decision met an error" in said.err
    log = read_log(place / "out")
    assert {row.fault.kind for row in log.rows()} == {kind}
    assert (log.footer.errored, log.footer.scored) == (8, 0)
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["errored"] == 8
    assert summary["metrics"]["tool_call_accuracy"]["value"] is None


def test_what_was_judged_without_raw_text_is_said(suite, run, place):
    with MockServer(suite, faults=Faults(detokenizing="absent")) as server:
        said = run(server)
    words = "Judged without raw text: 8 decisions, because the server has no /detokenize."
    assert words in said.out
    assert words.replace("_", "\\_") in (place / "out" / "summary.md").read_text()


@pytest.mark.parametrize(("most", "code"), [("0", 3), ("0.124", 3), ("0.125", 0), ("1", 0)])
def test_how_many_errors_are_too_many(suite, run, most, code):
    with MockServer(suite, faults=Faults(cases={"chat-3": status(500)})) as server:
        said = run(server, "--max-error-rate", most)
    assert said.code == code
    assert ("too many errors: 1 of 8 (12.5 %; --max-error-rate" in said.err) == bool(code)


def test_a_server_that_dies_half_way(place, run):
    suite = sample_suite(place / "suite", copies=8)
    with MockServer(suite, faults=Faults(die_after=20)) as server:
        said = run(server, "--concurrency", "4")
        assert said.code == 4
        assert "the server is gone" in said.err
        assert "Go on with: harness " in said.err
    with MockServer(suite) as back:
        assert run(back, "--resume").code == 0
        assert len(back.asked) >= 44


# Thresholds.


@pytest.fixture
def floors(place):
    """Writes the sample suite with thresholds and loads it."""

    def write(thresholds):
        header = HEADER + f"thresholds: {json.dumps(thresholds)}\n"
        return load_suite(write_suite(place / "suite", header=header))

    return write


def test_a_missed_threshold_ends_with_1_after_everything_is_written(floors, run, place):
    suite = floors({"tool_call_accuracy": 0.9, "response_quality": 0.5})
    with MockServer(suite, "never_calls") as server:
        said = run(server)
        assert said.code == 1
        assert "threshold missed: tool_call_accuracy is 50.0 % (4/8), the suite's floor is 90.0 %" in said.err
        assert "response_quality is" not in said.err
        assert sorted(path.name for path in (place / "out").iterdir()) == [
            "report.html",
            "run.jsonl",
            "summary.json",
            "summary.md",
        ]
        assert read_log(place / "out").footer.scored == 8
        assert "tool_call_accuracy 50.0 % misses the suite's threshold of 90.0 %" in said.out
        assert run(server, "--resume").code == 1, "what is left as it is, is still below"


def test_thresholds_that_are_met(floors, run):
    with MockServer(floors({"tool_call_accuracy": 1, "fabrication_rate": 0, "case_pass_rate": 1})) as server:
        assert run(server).code == 0


def test_a_metric_without_a_value_misses_its_floor(floors, run):
    """A model that never calls is not let through for it."""
    with MockServer(floors({"tool_args_accuracy": 0.1}), "never_calls") as server:
        said = run(server)
    assert said.code == 1
    assert "tool_args_accuracy is n/a (0/0), the suite's floor is 10.0 %" in said.err


def test_too_many_errors_come_before_thresholds(floors, run):
    suite = floors({"tool_call_accuracy": 1})
    with MockServer(suite, "never_calls", faults=Faults(cases={"chat-3": status(500)})) as server:
        assert run(server).code == 3


def test_the_default_suite_sets_no_threshold():
    """`make eval` shows what a run is with a model that was never taught tools: it must end with 0."""
    assert load_suite(ROOT / "suites" / "soc_triage").thresholds == {}


# The folder.


def test_two_runs_into_one_folder(suite, run, place):
    with MockServer(suite) as server:
        assert run(server).code == 0
        before = (place / "out" / "run.jsonl").read_bytes()
        said = run(server)
    assert said.code == 2
    assert "this folder holds a run already. Choose another --out, or --resume it." in said.err
    assert (place / "out" / "run.jsonl").read_bytes() == before


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_folder_that_cannot_be_written(suite, run, place, out):
    (place / "file").write_text("in the way")
    with MockServer(suite) as server:
        said = run(server, "--out", out)
    assert said.code == 2
    assert f"harness: cannot write to {out}: " in said.err
    assert "Go on with" not in said.err


def test_a_summary_that_cannot_be_written(suite, run, place):
    (place / "out" / "summary.json").mkdir(parents=True)
    with MockServer(suite) as server:
        said = run(server)
    assert said.code == 2
    assert "cannot write the summary into out: Is a directory" in said.err
    assert read_log(place / "out").footer.scored == 8


def test_resume_finds_the_latest_run_like_it(suite, harness, place):
    with MockServer(suite, faults=Faults(cases={"chat-3": status(403)})) as server:
        words = ["run", "suite", "--base-url", server.base_url, "--model", "mock", "--dialect", "hermes"]
        assert harness(*words).code == 3
        server.faults = Faults()
        server.received.clear()
        assert harness(*words, "--resume").code == 0
        assert server.asked == [("chat-3", 0)]
        assert len(list((place / "reports").iterdir())) == 1


def test_resume_of_another_suite(suite, run, place):
    with MockServer(suite) as server:
        assert run(server).code == 0
    write_suite(place / "other", "id: x\nturns:\n  - user: Hi.\n  - expect: {no_call: true}\n")
    before = (place / "out" / "run.jsonl").read_bytes()
    other = load_suite(place / "other")
    with MockServer(other) as server:
        words = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--out", "out", "--resume"]
        assert main(["run", "other", *words]) == 3
    assert (place / "out" / "run.jsonl").read_bytes() == before


def test_a_folder_that_another_process_writes_to(suite, run, place):
    with MockServer(suite, faults=Faults(cases={"chat-3": status(500)})) as server:
        assert run(server).code == 3
        with (place / "out" / "run.jsonl").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            said = run(server, "--resume")
            assert said.code == 2
            assert "is being written by another run; wait for it, or choose another --out." in said.err
        assert run(server, "--resume").code == 3


def test_the_way_on_is_said_only_where_there_is_one(suite, run):
    """A run that another identity keeps from resuming is not to be resumed by the same words."""
    with MockServer(suite) as server:
        assert run(server).code == 0
        said = run(server, "--resume", "--seed", "5")
    assert said.code == 3
    assert "sampling.seed: was 0, is 5" in said.err
    assert "Go on with" not in said.err
