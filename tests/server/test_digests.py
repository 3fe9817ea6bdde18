from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from harness.server import digests

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"weights")
    return folder


def test_the_digest_is_of_names_and_contents_wherever_the_folder_lies(model: Path, tmp_path: Path) -> None:
    first = digests.folder_digest(model)
    moved = model.rename(tmp_path / "moved")
    assert digests.folder_digest(moved) == first
    (moved / "model.safetensors").rename(moved / "other.safetensors")
    assert digests.folder_digest(moved) != first


def test_a_changed_weight_file_changes_the_digest(model: Path) -> None:
    first = digests.folder_digest(model)
    (model / "model.safetensors").write_bytes(b"weightS")
    os.utime(model / "model.safetensors", ns=(1, 1))
    assert digests.folder_digest(model) != first


def test_files_hashed_before_are_not_read_again(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = digests.folder_digest(model)
    monkeypatch.setattr(digests.hashlib, "file_digest", lambda *_: pytest.fail("read again"))
    assert digests.folder_digest(model) == first


def test_a_damaged_store_only_costs_time(model: Path) -> None:
    first = digests.folder_digest(model)
    (digests.cache_folder() / "digests.json").write_text("{")
    assert digests.folder_digest(model) == first


def test_a_hub_snapshot_is_named_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    commit = "0123456789" * 4
    snapshot = tmp_path / "models--me--m" / "snapshots" / commit
    snapshot.mkdir(parents=True)
    assert digests.folder_digest(snapshot) == f"commit:{commit}"
