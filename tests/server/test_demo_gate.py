"""The demo model on a real vLLM server, held against its committed baseline: as it is, damaged, and on another suite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.cli import main
from harness.suite import load_suite

if TYPE_CHECKING:
    from harness.server import VllmServer

ROOT = Path(__file__).parents[2]
BASELINES = ROOT / "baselines"
NAME = "smollm2-135m"
SUITE = ROOT / "suites" / "soc_triage"
ASKED = ["--max-tokens", "128"]
"""As `make eval` asks the demo model."""

pytestmark = pytest.mark.vllm


def gate(run: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code of the gate, and its page."""
    capsys.readouterr()
    against = ["--baseline", NAME, "--folder", BASELINES, "--policy", BASELINES / f"{NAME}.policy.yaml"]
    code = main(["gate", str(run), *map(str, against)])
    return code, capsys.readouterr().out


@pytest.mark.timeout(1800)
def test_the_demo_model_passes_the_gate_of_its_own_baseline(
    vllm_server: VllmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ["--base-url", vllm_server.base_url, "--model", vllm_server.model, "--dialect", "hermes"]
    assert main(["run", str(SUITE), *to, *ASKED, "--out", str(tmp_path / "run")]) == 0
    code, page = gate(tmp_path / "run", capsys)
    assert code == 0, page
    assert f"{len(load_suite(SUITE).decisions)} in both" in page


@pytest.mark.timeout(1800)
def test_a_template_that_does_not_open_the_answer_fails_the_gate(
    demo_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The damage: the chat template ends with the last message, without the lines that begin the assistant's."""
    template = (demo_model / "chat_template.jinja").read_text()
    damaged = tmp_path / "damaged.jinja"
    damaged.write_text(template[: template.index("{%- if add_generation_prompt -%}")])
    serve = ["--serve", str(demo_model), "--chat-template", str(damaged)]
    assert main(["run", str(SUITE), *serve, *ASKED, "--out", str(tmp_path / "run")]) == 0
    code, page = gate(tmp_path / "run", capsys)
    assert code == 1, page
    assert "chat template" in page, "what else is not the same is said first"


def test_another_suite_is_not_comparable(
    vllm_server: VllmServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = tmp_path / "suite"
    (changed / "cases").mkdir(parents=True)
    for name in ("suite.yaml", "tools.json"):
        (changed / name).write_bytes((SUITE / name).read_bytes())
    text = (SUITE / "cases" / "single_call.yaml").read_text()
    (changed / "cases" / "single_call.yaml").write_text(text.replace("Can you pull alert", "Could you pull alert"))
    assert load_suite(changed).digest != load_suite(SUITE).digest
    to = ["--base-url", vllm_server.base_url, "--model", vllm_server.model, "--dialect", "hermes"]
    assert main(["run", str(changed), *to, "--max-tokens", "8", "--out", str(tmp_path / "run")]) == 0
    code, page = gate(tmp_path / "run", capsys)
    assert code == 3
    assert "changed" in page
    assert "removed" in page
