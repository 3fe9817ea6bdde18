"""Digests of model and adapter files, so that two runs can tell whether they had the same weights."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from harness.server.families import hub_cache

_SUFFIXES = (".safetensors", ".bin", ".pt", ".gguf", ".json", ".jinja", ".model", ".txt", ".tiktoken")
_COMMIT_LENGTH = 40


def cache_folder() -> Path:
    """Where the harness keeps what it can make again: `$XDG_CACHE_HOME/toolcall-harness`, or below `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "toolcall-harness"


def text_digest(text: str) -> str:
    """SHA-256 of a text in UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def folder_digest(folder: Path) -> str:
    """One digest for a model's or adapter's files: `commit:` for a hub snapshot, else `sha256:`.

    A snapshot's commit already names its content. Other folders are hashed whole, file by file; files
    hashed before (same path, size and time of change) are not read again.
    """
    if folder.parent.name == "snapshots" and len(folder.name) == _COMMIT_LENGTH and hub_cache() in folder.parents:
        return f"commit:{folder.name}"
    store = _DigestStore(cache_folder() / "digests.json")
    whole = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file()):
        whole.update(f"{file.relative_to(folder).as_posix()}\n{store.digest(file)}\n".encode())
    store.save()
    return f"sha256:{whole.hexdigest()}"


class _DigestStore:
    """File digests kept between runs. A store that cannot be read or written only costs time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fresh: dict[str, str] = {}
        try:
            self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}

    def digest(self, file: Path) -> str:
        """The SHA-256 of a file's content."""
        status = file.stat()
        key = f"{file.resolve()}|{status.st_size}|{status.st_mtime_ns}|{status.st_ino}"
        if key not in self._known:
            with file.open("rb") as stream:
                self._known[key] = self._fresh[key] = hashlib.file_digest(stream, "sha256").hexdigest()
        return self._known[key]

    def save(self) -> None:
        """Writes the store back, whole or not at all."""
        if not self._fresh:
            return
        partial = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_text(json.dumps(self._known, indent=0, sort_keys=True), encoding="utf-8")
            partial.replace(self._path)
        except OSError:
            partial.unlink(missing_ok=True)
