"""Asking a server that runs needs neither vLLM nor torch: nothing installs them, nothing imports them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness as package
from harness.testing import MockServer
from selection import slow

ROOT = Path(package.__file__).parents[1]
HEAVY = ("vllm", "torch", "transformers", "accelerate", "gguf", "safetensors", "huggingface_hub")
FOR_COMPARISONS = ("numpy", "scipy")
NOTING = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {heavy!r}:
            print("imported", name)
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
from harness.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("model", ["mock", *slow(["Qwen3-8B-mine"])])
def test_a_run_against_a_server_that_runs_imports_none(suite, place, model):
    with MockServer(suite, model=model) as server:
        command = [
            sys.executable,
            "-c",
            NOTING.format(heavy=HEAVY + FOR_COMPARISONS),
            "run",
            "suite",
            "--base-url",
            server.base_url,
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            [*command, "--out", "out"], env=environment, cwd=place, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 0, ended.stderr
    assert "imported" not in ended.stdout


def recipe(*variables):
    """What `make eval` would do."""
    command = ["make", "-n", "-C", str(ROOT), "eval", *variables]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_make_eval_installs_none_for_a_server_that_runs():
    for variables in (["MODEL=m", "BASE_URL=http://h/v1"], ["BASE_URL=http://h/v1"]):
        steps = recipe(*variables)
        assert "install.py" in steps
        assert "--vllm" not in steps
        assert "demo-model" not in steps
        assert "--base-url 'http://h/v1'" in steps
        assert ("--model 'm'" in steps) == ("MODEL=m" in variables)
    assert "--vllm" in recipe("MODEL=m")


def test_the_light_packages_hold_none():
    names = re.findall(r"^([A-Za-z0-9._-]+)", (ROOT / "harness" / "setup" / "light.txt").read_text(), re.MULTILINE)
    assert len(names) > 8
    assert not {name.lower().replace("-", "_") for name in names} & set(HEAVY)
