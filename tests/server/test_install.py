"""Set-up: what is installed when, and what it says when it cannot. Nothing is installed here."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

SCRIPT = Path(__file__).parents[2] / "harness" / "setup" / "install.py"


@pytest.fixture
def install() -> ModuleType:
    spec = importlib.util.spec_from_file_location("install", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def commands(install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Every command that set-up would run; the environment is there already."""
    seen: list[list[str]] = []
    monkeypatch.setattr(install, "run", seen.append)
    monkeypatch.setattr(install, "python_version", lambda _python: "3.11.0")
    (tmp_path / ".setup").mkdir()
    (tmp_path / ".setup" / "environment").write_text("3.11.0")
    return seen


def installed(commands: list[list[str]]) -> list[str]:
    """The last argument of each pip command: the file, folder or package."""
    return [Path(command[-1]).name for command in commands]


def test_the_light_set_up_has_neither_vllm_nor_torch(
    install: ModuleType, commands: list[list[str]], tmp_path: Path
) -> None:
    install.set_up(tmp_path, dev=False, vllm=False, device="auto")
    assert installed(commands) == ["light.txt", install.ROOT.name]


@pytest.mark.parametrize(
    ("device", "expected"),
    [("cpu", ["torch==2.13.0+cpu", "vllm-cpu.txt"]), ("cuda", ["vllm-cuda.txt"])],
)
def test_the_device_decides_the_build(
    install: ModuleType, commands: list[list[str]], tmp_path: Path, device: str, expected: list[str]
) -> None:
    install.set_up(tmp_path, dev=True, vllm=True, device=device)
    assert installed(commands)[2:] == ["dev.txt", *expected, "trl.txt"]
    no_resolution = [command for command in commands if "--no-deps" in command]
    assert len(no_resolution) == len(commands) - (device == "cuda")


def test_what_is_installed_is_not_installed_again(
    install: ModuleType, commands: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install.set_up(tmp_path, dev=True, vllm=True, device="cpu")
    commands.clear()
    capsys.readouterr()
    install.set_up(tmp_path, dev=True, vllm=True, device="cpu")
    assert commands == []
    assert capsys.readouterr().out == ""


def test_an_interrupted_step_is_installed_afresh(
    install: ModuleType, commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_command: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(install, "run", interrupt)
        with pytest.raises(KeyboardInterrupt):
            install.set_up(tmp_path, dev=False, vllm=False, device="auto")
    install.set_up(tmp_path, dev=False, vllm=False, device="auto")
    assert ["--force-reinstall" in command for command in commands] == [True, False]


def test_torch_comes_from_its_own_index_where_pip_does_not_reach_it(
    install: ModuleType, commands: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str]) -> None:
        if command[-1].endswith("+cpu"):
            raise install.SetupError
        commands.append(command)

    monkeypatch.setattr(install, "run", run)
    install.install_torch(tmp_path, ())
    assert commands[0][-1] == install.UV
    assert commands[1][-3:] == ["--torch-backend", "cpu", "torch==2.13.0"]
    assert "--no-deps" in commands[1]


@pytest.mark.usefixtures("commands")
def test_the_other_build_makes_the_environment_anew(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install.set_up(tmp_path, dev=False, vllm=True, device="cpu")
    removed = []
    monkeypatch.setattr(install.shutil, "rmtree", removed.append)
    install.make_environment(tmp_path, "cuda")
    assert removed == [tmp_path]
    removed.clear()
    install.make_environment(tmp_path, "cpu")
    install.make_environment(tmp_path, None)
    assert removed == []


def test_an_unfit_python_is_told_with_a_way_out(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "python_version", lambda _python: "3.9.2")
    with pytest.raises(install.SetupError, match="make PYTHON="):
        install.find_python()
    versions = {sys.executable: "3.14.0", "python3.12": "3.12.1"}
    monkeypatch.setattr(install, "python_version", lambda python: versions.get(python, ""))
    assert install.find_python() == "python3.12"


def test_a_failure_shows_the_end_of_the_output_and_a_hint(install: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    output = "WARNING: Location ignored\n" + "line\n" * 50 + "ERROR: No matching distribution found for x==1\n"
    monkeypatch.setattr(
        install.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 1, "", output)
    )
    with pytest.raises(install.SetupError) as caught:
        install.run(["pip", "install", "x==1"])
    lines = str(caught.value).splitlines()
    assert lines[0] == "pip install x==1 ... exited with 1"
    assert len(lines) == 2 + install.TAIL_LINES
    assert "WARNING" not in str(caught.value)
    assert lines[-1].startswith("pip's package index lacks it")


@pytest.mark.parametrize(
    ("tool", "answer", "device"),
    [(None, "", "cpu"), ("/bin/nvidia-smi", "GPU 0: NVIDIA H100", "cuda"), ("/bin/nvidia-smi", "", "cpu")],
)
def test_a_gpu_is_there_when_its_driver_answers(
    install: ModuleType, monkeypatch: pytest.MonkeyPatch, tool: str | None, answer: str, device: str
) -> None:
    monkeypatch.setattr(install.shutil, "which", lambda _name: tool)
    monkeypatch.setattr(install.Path, "exists", lambda _self: False)
    monkeypatch.setattr(
        install.subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, answer, "")
    )
    assert install.find_device() == device
