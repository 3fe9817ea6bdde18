"""A folder of runs, made once by the commands that make them, and a server that shows a copy of it."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest
from aiohttp.test_utils import TestClient, TestServer

from harness.cli import main
from harness.testing import MockServer, sample_suite
from harness.viewer.server import Options, application

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from multidict import CIMultiDict


class Answer(NamedTuple):
    status: int
    text: str
    headers: CIMultiDict[str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with the scripted history, a run in both modes, a baseline."""
    place = tmp_path_factory.mktemp("viewed")
    suite = sample_suite(place / "suite")
    reports = place / "reports"
    common = ["--model", "mock", "--dialect", "hermes", "--retries", "0"]
    with MockServer(suite, "one_argument_off") as server:
        run = ["run", str(place / "suite"), "--base-url", server.base_url, *common]
        assert main([*run, "--out", str(reports / "plain")]) == 0
    with MockServer(suite, "wrong_tool", rollouts=True) as server:
        run = ["run", str(place / "suite"), "--base-url", server.base_url, *common]
        assert main([*run, "--mode", "both", "--out", str(reports / "both")]) == 0
    for page in reports.rglob("report.html"):  # these are runs that nobody made one of
        page.unlink()
    folder = ["--folder", str(place / "baselines")]
    assert main(["baseline", "save", str(reports / "plain"), "--name", "first", *folder]) == 0
    return place


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A copy: `reports` and `baselines`, to do anything to."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def options(place: Path) -> Options:
    return Options(place / "reports", place / "baselines")


@pytest.fixture
def ask(options: Options) -> Callable[..., list[Answer]]:
    """Asks a server for paths, one after another, in one browser."""

    def answers(*paths: str, token: str | None = None, method: str = "GET", **more: object) -> list[Answer]:
        served = more.pop("options", options)

        async def asking() -> list[Answer]:
            found = []
            async with TestClient(TestServer(application(served, token))) as client:
                for path in paths:
                    async with client.request(method, path, **more) as response:
                        found.append(Answer(response.status, await response.text(), response.headers.copy()))
            return found

        return asyncio.run(asking())

    return answers


@pytest.fixture
def harness_run() -> Callable[[MockServer, Path], int]:
    """Runs the suite in the folder `suite` beside a run's folder; every decision may meet an error."""

    def run(server: MockServer, folder: Path, *words: str) -> int:
        common = ["--model", "mock", "--dialect", "hermes", "--retries", "0"]
        suite = str(folder.parent / "suite")
        return main(["run", suite, "--base-url", server.base_url, *common, "--out", str(folder), *words])

    return run
