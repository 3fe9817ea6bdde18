"""The doctor and a real vLLM with the demo model, which fits its server and makes no call of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.doctor import Patient, examine

if TYPE_CHECKING:
    from harness.server import VllmServer

pytestmark = pytest.mark.vllm


def test_the_demo_model_is_not_blamed_for_calling_no_tool(vllm_server: VllmServer) -> None:
    diagnosis = examine(
        Patient(vllm_server.base_url, vllm_server.model, family=vllm_server.options.family, max_tokens=128)
    )
    checks = {check.name: check for check in diagnosis.checks}
    assert diagnosis.named("fail") == [], checks
    assert diagnosis.dialect == "hermes"
    told = ("raw text", "system text", "tools in the prompt", "earlier calls", "parallel calls", "generation prompt")
    assert {checks[name].verdict for name in (*told, "tool choice", "reasoning parser")} == {"ok"}
    # vLLM takes dictation: the parser is told without any call of the model's own.
    assert checks["tool parser"].verdict == "ok"
    assert checks["tool parser"].saw.startswith("the server's parser reads hermes,")
    assert "not offered by this server" in checks["second opinion"].saw
