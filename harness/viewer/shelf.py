"""The runs in a folder and the baselines in another, read again only where their files have changed."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from harness.baseline import read, stored
from harness.errors import HarnessError
from harness.report.baselines import baseline_view
from harness.runlog import LOG_NAME
from harness.viewer.files import open_below
from harness.viewer.runs import FILES, GAP_FILES, Run, Runs, Stamp, summary_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.metrics import MetricName, Rate
    from harness.report.view import View
    from harness.runlog import Identity
    from harness.viewer.runs import Summary

_DEEPEST = 4
"""Folders that a run may lie below the one served: --out, a model's, a mode's, and one more."""


class Baseline(NamedTuple):
    """A baseline as the index shows it."""

    name: str
    size: int
    changed: float
    identity: Identity | None = None
    rates: Mapping[MetricName, Rate] = {}
    errored: int = 0
    view: View | None = None
    problem: str = ""


class Listing(NamedTuple):
    """What was found."""

    runs: tuple[Run, ...]
    """Newest first."""
    baselines: tuple[Baseline, ...]
    """By name."""
    links: int
    """Symbolic links that were not followed."""
    version: str
    """Another one, where runs have come, gone, begun or ended."""

    @property
    def identities(self) -> list[Identity]:
        """Of every run and baseline that has told its own."""
        found = [*(run.identity for run in self.runs), *(one.identity for one in self.baselines)]
        return [identity for identity in found if identity is not None]


class Shelf:
    """What is in the folders; one thread at a time asks it."""

    def __init__(self, folder: Path, baselines: Path) -> None:
        self.folder = folder
        self._baselines_folder = baselines
        self._runs = Runs()
        self._baselines: dict[Path, tuple[tuple[int, int, int], Baseline]] = {}
        self._listing: Listing | None = None
        self._looked, self._took = 0.0, 0.0

    def listing(self, *, recent: bool = False) -> Listing:
        """What is there now; with `recent` what was there a moment ago, where looking takes long."""
        begun = time.monotonic()
        if recent and self._listing is not None and begun - self._looked < 10 * self._took:
            return self._listing
        found: list[Run] = []
        links = 0
        for key, path, stamp, linked in _folders(self.folder):
            links += linked
            if stamp:
                found.append(self._runs.run(key, path, stamp))
        self._runs.forget_all_but({run.key for run in found})
        found.sort(key=lambda run: (run.started or _iso(run.changed), run.key), reverse=True)
        baselines = tuple(self._baseline(path) for path in stored(self._baselines_folder))
        version = f"{hash(tuple((run.key, run.state) for run in found)):x}"
        self._listing = Listing(tuple(found), baselines, links, version)
        self._looked = time.monotonic()
        self._took = self._looked - begun
        return self._listing

    def run(self, key: str) -> Run | None:
        """A run by its key, as it is now."""
        return next((run for run in self.listing().runs if run.key == key), None)

    def summary(self, run: Run) -> tuple[Summary | None, str]:
        """All numbers of a finished run, and what is wrong where its log turns out to be damaged."""
        try:
            return summary_of(run), ""
        except HarnessError as error:
            self._runs.damaged(run, str(error))
            return None, str(error)
        except OSError as error:
            return None, f"{run.folder}: {error.strerror}"

    def open(self, key: str, name: str) -> int | None:
        """One of the files that are served, to read from; None where it is none of them, or not there."""
        if not (self._serves(key, name, self._listing) or self._serves(key, name, self.listing())):
            return None
        return open_below(self.folder, [*key.split("/"), name] if key else [name])

    @staticmethod
    def _serves(key: str, name: str, listing: Listing | None) -> bool:
        keys = {run.key for run in listing.runs} if listing is not None else set()
        return (name in FILES and key in keys) or (name in GAP_FILES and any(_above(one) == key for one in keys))

    def above(self, run: Run) -> dict[str, int]:
        """The bytes of the files of the folder above a run's that are about it and its like in the other mode."""
        if not run.key:
            return {}
        return {name: path.stat().st_size for name in GAP_FILES if (path := run.folder.parent / name).is_file()}

    def _baseline(self, path: Path) -> Baseline:
        try:
            status = path.stat()
        except OSError as error:
            return Baseline(path.stem, 0, 0, problem=f"{path}: {error.strerror}")
        stamp = status.st_size, status.st_mtime_ns, status.st_ino
        known = self._baselines.get(path)
        if known is None or known[0] != stamp:
            known = self._baselines[path] = stamp, _read_baseline(path, *stamp[:2])
        return known[1]


def _above(key: str) -> str | None:
    """The key of the folder above a run's; None of the one that is served."""
    return key.rpartition("/")[0] if key else None


def _read_baseline(path: Path, size: int, changed: int) -> Baseline:
    found = Baseline(path.stem, size, changed / 1e9)
    try:
        results = read(path)
    except HarnessError as error:
        return found._replace(problem=str(error))
    errored = sum(entry.errored for entry in results.entries)
    return found._replace(
        identity=results.identity, rates=results.rates(), errored=errored, view=baseline_view(results)
    )


def _folders(root: Path) -> Iterator[tuple[str, Path, Stamp, int]]:
    """Every folder below one, itself included: its key, its path, its files if it is a run's, the links in it."""
    waiting = [("", root, 0)]
    while waiting:
        key, path, depth = waiting.pop()
        files: list[tuple[str, int, int, int]] = []
        links = 0
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        links += 1
                    elif entry.name in FILES and entry.is_file():
                        status = entry.stat(follow_symlinks=False)
                        files.append((entry.name, status.st_size, status.st_mtime_ns, status.st_ino))
                    elif depth < _DEEPEST and not entry.name.startswith(".") and entry.is_dir():
                        waiting.append((f"{key}/{entry.name}".lstrip("/"), path / entry.name, depth + 1))
        except OSError:  # it went away, or is not ours to read
            continue
        yield key, path, tuple(sorted(files)) if any(name == LOG_NAME for name, *_ in files) else (), links


def _iso(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def address(key: str, name: str = "", *, top: str = "run") -> str:
    """The path under which a run's page, or one of its files, is served; any file name can be said in it."""
    return "/".join(["", top, *(quote(os.fsencode(step), safe="") for step in key.split("/") if step), name])


def key_of(path: str) -> tuple[str, str]:
    """The key and the file's name in what follows /run/ in an address; no name in that of a page."""
    steps = [os.fsdecode(unquote_to_bytes(step)) for step in path.split("/")]
    return "/".join(steps[:-1]), steps[-1]
