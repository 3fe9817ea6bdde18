"""The pins that `make` installs: data, and so tested."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness.exporters.files import CHECKED_WITH

SETUP = Path(__file__).parents[2] / "harness" / "setup"
NOT_WITH_CPU_TORCH = {"torch", "torchvision", "torchaudio", "torchcodec"}


def pins(name: str) -> dict[str, str]:
    lines = (SETUP / name).read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", ["light.txt", "dev.txt", "vllm-cpu.txt", "vllm-cuda.txt", "trl.txt"])
def test_everything_is_pinned_once_under_its_normal_name(name: str) -> None:
    lines = [line for line in (SETUP / name).read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.+]*", line) for line in lines)
    assert len(pins(name)) == len(lines)


def test_all_files_agree_on_every_package() -> None:
    light, dev, cpu, cuda, trl = map(pins, ("light.txt", "dev.txt", "vllm-cpu.txt", "vllm-cuda.txt", "trl.txt"))
    assert not set(light) & (set(dev) | set(cpu) | set(trl))
    assert not set(trl) & (set(dev) | set(cpu) | set(cuda))
    for one, other in ((dev, cpu), (light, cuda), (dev, cuda), (cpu, cuda)):
        assert {name: one[name] for name in set(one) & set(other)} == {
            name: other[name] for name in set(one) & set(other)
        }


def test_both_builds_are_the_same_release_and_the_cpu_build_stays_without_vision() -> None:
    cpu = pins("vllm-cpu.txt")
    assert cpu["vllm-cpu"] == pins("vllm-cuda.txt")["vllm"]
    assert not set(cpu) & NOT_WITH_CPU_TORCH
    assert f'TORCH = "{pins("vllm-cuda.txt")["torch"]}"' in (SETUP / "install.py").read_text()


def test_exported_rows_are_checked_with_the_trl_that_manifests_name() -> None:
    assert pins("trl.txt")["trl"] == CHECKED_WITH
