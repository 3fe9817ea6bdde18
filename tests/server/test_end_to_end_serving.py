"""`harness run --serve`: base and adapters on one server, what kills it, what it leaves, and how it fails to start."""

from __future__ import annotations

import importlib
import json
import signal
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from harness.runlog import LOG_NAME, RunLog, read_log
from harness.testing import sample_suite

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.vllm

BASE = "SmolLM2-135M-Instruct"
NAMES = (BASE, "sft", "dpo")
CONTEXT = 2048
ROWS = 8


def make_adapter(folder: Path, seed: int) -> Path:
    """A rank-8 LoRA adapter for the demo model, with weights that change what it writes."""
    torch = importlib.import_module("torch")
    folder.mkdir()
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "r": 8,
        "lora_alpha": 32,
        "bias": "none",
        "target_modules": ["q_proj", "v_proj"],
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for layer in range(30):
        for name, width in (("q_proj", 576), ("v_proj", 192)):
            key = f"base_model.model.model.layers.{layer}.self_attn.{name}"
            weights[f"{key}.lora_A.weight"] = torch.randn(8, 576, generator=generator) * 0.1
            weights[f"{key}.lora_B.weight"] = torch.randn(width, 8, generator=generator) * 0.1
    importlib.import_module("safetensors.torch").save_file(weights, folder / "adapter_model.safetensors")
    return folder


class Stages(NamedTuple):
    """Base and two adapters: killed with signal 9 in the last run, then gone on with to the end."""

    place: Path
    killed: Any
    rows_then: dict[str, int]
    resumed: Any
    code: int

    def folder(self, name: str) -> Path:
        return folder_of(self.place, name)

    def log(self, name: str) -> RunLog:
        return read_log(self.folder(name))


def folder_of(place: Path, name: str) -> Path:
    (folder,) = place.glob(f"reports/sample-{name}-2*")
    return folder


def rows(folder: Path) -> int:
    return (folder / LOG_NAME).read_bytes().count(b'\n{"type":"decision"')


@pytest.fixture(scope="module")
def stages(demo_model: Path, start: Any, tmp_path_factory: pytest.TempPathFactory) -> Stages:
    place = tmp_path_factory.mktemp("stages")
    sample_suite(place / "suite")
    adapters = [make_adapter(place / "sft-2", seed=1), make_adapter(place / "dpo-2", seed=2)]
    words = ["run", "suite", "--serve", demo_model, "--max-tokens", "8"]
    words += ["--adapter", "sft=sft-2", "--adapter", f"dpo={adapters[1]}"]
    flags = ["--", "--max-model-len", CONTEXT]
    killed = start(place, *words, "--concurrency", 1, *flags)
    killed.wait_for_rows("reports/sample-dpo-*", 1)
    killed.send(signal.SIGKILL)
    assert killed.end() == -signal.SIGKILL
    assert not killed.left(), "vLLM outlived a harness that was killed"
    rows_then = {name: rows(folder_of(place, name)) for name in NAMES}
    resumed = start(place, *words, "--resume", *flags)
    return Stages(place, killed, rows_then, resumed, resumed.end())


def test_nothing_survives_kill_9(stages: Stages) -> None:
    # The supervisor, the API server, the engine, its worker.
    assert len(stages.killed.started) >= 4
    assert stages.rows_then[BASE] == stages.rows_then["sft"] == ROWS
    assert 1 <= stages.rows_then["dpo"] < ROWS


def test_the_same_words_finish_what_was_killed(stages: Stages) -> None:
    assert stages.code == 0, stages.resumed.err
    for name in NAMES:
        assert rows(stages.folder(name)) == ROWS
        assert stages.log(name).footer.scored == ROWS
    assert f"resuming: {stages.rows_then['dpo']} decisions are done, 0 errored" in stages.resumed.err


def test_no_server_is_left_after_the_end(stages: Stages) -> None:
    assert len(stages.resumed.started) >= 4
    assert stages.resumed.left(within_s=1) == []


def test_each_run_has_a_folder_and_the_base_the_logs_of_both_servers(stages: Stages) -> None:
    assert len(list((stages.place / "reports").iterdir())) == len(NAMES)
    for name in NAMES:
        written = {path.name for path in stages.folder(name).iterdir()}
        assert written == {
            LOG_NAME,
            "summary.json",
            "summary.md",
            "report.html",
            *(["server.1.log", "server.log"] if name == BASE else []),
        }


def test_headers_name_model_and_adapters(stages: Stages, demo_model: Path) -> None:
    identities = {name: stages.log(name).header.identity for name in NAMES}
    assert {name: identity.model for name, identity in identities.items()} == {name: name for name in NAMES}
    for name, identity in identities.items():
        known: Any = identity.model_identity
        assert known["model"]["source"] == str(demo_model)
        assert known["model"]["digest"].startswith("sha256:")
        assert [entry["name"] for entry in known["adapters"]] == ([] if name == BASE else [name])
        assert identity.server["max_model_len"] == CONTEXT
        assert identity.server["parent"] == (None if name == BASE else BASE)
        assert identity.dialect == "hermes"
    sft, dpo = (identities[name].model_identity["adapters"][0]["digest"] for name in ("sft", "dpo"))
    assert sft != dpo


def test_each_model_answers_for_itself(stages: Stages) -> None:
    answers = [{(row.case, row.index): row.response.raw for row in stages.log(name).rows()} for name in NAMES]
    assert all(len(given) == ROWS and None not in given.values() for given in answers)
    assert answers[0] != answers[1] != answers[2] != answers[0]


@pytest.mark.parametrize(
    ("number", "code", "last_words"),
    [(signal.SIGINT, 130, "harness: interrupted"), (signal.SIGTERM, 143, "harness: terminated")],
)
def test_a_server_that_is_starting_goes_with_the_harness(
    demo_model: Path, start: Any, tmp_path: Path, number: signal.Signals, code: int, last_words: str
) -> None:
    sample_suite(tmp_path / "suite")
    run = start(tmp_path, "run", "suite", "--serve", demo_model, "--out", "out")
    run.wait_for_words("starting the engine", "starting the worker", "loading weights")
    run.send(number)
    assert run.end() == code
    assert run.err.splitlines()[-1] == last_words
    assert run.left(within_s=1) == []
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["server.log"]


def test_a_server_that_does_not_start_says_why(demo_model: Path, start: Any, tmp_path: Path) -> None:
    sample_suite(tmp_path / "suite")
    run = start(tmp_path, "run", "suite", "--serve", demo_model, "--out", "out", "--", "--no-such-flag", "1")
    assert run.end() == 4
    _, said = run.err.split("harness: ")
    assert said == (
        "vLLM did not start: api_server.py: error: unrecognized arguments: --no-such-flag\n"
        "  log: out/server.log\n"
        "  vLLM does not know --no-such-flag: correct the flags after `--` (VLLM_ARGS)\n"
    )
    assert run.left(within_s=1) == []


def test_a_folder_that_is_not_there(start: Any, tmp_path: Path) -> None:
    sample_suite(tmp_path / "suite")
    run = start(tmp_path, "run", "suite", "--serve", "./tuned-model", "--out", "out")
    assert run.end() == 2
    assert run.err == "harness: no model at ./tuned-model: there is no such folder\n"
    assert not (tmp_path / "out").exists()
