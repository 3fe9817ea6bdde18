"""The rows as TRL's own trainers take them: two steps each, on the demo model."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli import main
from harness.testing import MockServer, sample_suite

pytestmark = pytest.mark.vllm


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a suite and a run of it, in which one argument of each call is wrong."""
    folder = tmp_path_factory.mktemp("trl")
    suite = sample_suite(folder / "suite")
    with MockServer(suite, "one_argument_off") as server:
        words = ["--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--out", str(folder / "run")]
        assert main(["run", str(folder / "suite"), *words]) == 0
    return folder


@pytest.fixture
def train(demo_model, tmp_path):
    """Trains on rows; what the script says."""
    if importlib.util.find_spec("trl") is None:
        pytest.fail("TRL is not installed in this environment: run `make test`, which sets it up")

    def on(kind, rows):
        script = Path(__file__).with_name("train.py")
        words = [sys.executable, str(script), kind, str(rows), str(demo_model), str(tmp_path / "out")]
        offline = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=offline)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return on


def called(text):
    """The calls in a text that the demo model's template rendered."""
    return [json.loads(call) for call in re.findall(r"<tool_call>\n(.*?)\n</tool_call>", text)]


def written(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_sft_rows_train_on_the_right_action_alone(place, train, tmp_path):
    rows = tmp_path / "sft.jsonl"
    assert main(["export", "sft", str(place / "suite"), "--out", str(rows)]) == 0
    found = train("sft", rows)
    assert found["rows"] == written(rows)  # no key gained a null, none was lost
    assert len(found["losses"]) == 2
    for row, texts in zip(found["rows"], found["texts"], strict=True):
        right = row["completion"][0]
        assert called(texts["learnt"]) == [call["function"] for call in right.get("tool_calls", ())]
        assert texts["learnt"].startswith(right["content"] or "<tool_call>")
        assert all(json.dumps(tool, ensure_ascii=False) in texts["whole"] for tool in row["tools"] or ())


def test_conversations_render_as_the_model_reads_them(place, train, tmp_path):
    rows = tmp_path / "talks.jsonl"
    assert main(["export", "sft", str(place / "suite"), "--unit", "conversation", "--out", str(rows)]) == 0
    found = train("sft", rows)
    assert found["rows"] == written(rows)
    assert len(found["losses"]) == 2


def test_dpo_rows_hold_the_right_call_against_the_wrong_one(place, train, tmp_path):
    rows = tmp_path / "dpo.jsonl"
    assert main(["export", "dpo", str(place / "run"), "--out", str(rows)]) == 0
    found = train("dpo", rows)
    assert found["rows"] == written(rows)
    assert len(found["losses"]) == 2
    for row, texts in zip(found["rows"], found["texts"], strict=True):
        assert texts["prompt"].endswith("<|im_start|>assistant\n")
        for side in ("chosen", "rejected"):
            assert called(texts[side]) == [call["function"] for call in row[side][0]["tool_calls"]]
