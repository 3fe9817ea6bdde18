"""The command line, in this process: its exit code and what it says."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from harness.cli import main
from harness.testing import MockServer, sample_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    from harness.suite import Suite


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in; no key, no colour, 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return tmp_path


@pytest.fixture
def suite(place: Path) -> Suite:
    """The sample suite, in the folder `suite`."""
    return sample_suite(place / "suite")


@pytest.fixture
def harness(capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs one command."""

    def command(*words: object) -> Said:
        capfd.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capfd.readouterr())

    return command


@pytest.fixture
def run(harness: Callable[..., Said]) -> Callable[..., Said]:
    """Runs the suite in the folder `suite` against a server, into the folder `out`; no waiting for retries."""

    def command(server: MockServer | str, *words: object) -> Said:
        url = server if isinstance(server, str) else server.base_url
        given = ["--model", "mock", "--dialect", "hermes", "--retries", "0", "--out", "out"]
        options = zip(given[::2], given[1::2], strict=True)
        kept = [word for option in options if option[0] not in words for word in option]
        return harness("run", "suite", "--base-url", url, *kept, *words)

    return command


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Hashable, Path, Callable[[], object]], None]:
    """Has a folder made the first time it is asked for, and puts a copy of it there ever after."""
    copies: dict[Hashable, Path] = {}

    def have(what: Hashable, folder: Path, make: Callable[[], object]) -> None:
        if what in copies:
            shutil.copytree(copies[what], folder)
            return
        make()
        copies[what] = shutil.copytree(folder, tmp_path_factory.mktemp("made") / "copy")

    return have


@pytest.fixture
def finished(suite: Suite, run: Callable[..., Said], place: Path, made_once: Callable[..., None]) -> Path:
    """A finished run of a model with one argument off."""

    def make() -> None:
        with MockServer(suite, "one_argument_off") as server:
            assert run(server).code == 0

    made_once("finished", place / "out", make)
    return place / "out"
