"""The folders of `harness run --serve`: one for each model, found again together when a run goes on."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.cli import main, run
from harness.cli.arguments import parsed
from harness.cli.folders import folders_of
from harness.server import process
from harness.testing import Faults, MockServer, sample_suite, status

if TYPE_CHECKING:
    from harness.suite import Suite

EARLIER, LATER = "20260304-101500", "20260304-112233"
STAGES = ["run", "suite", "--serve", "me/base", "--adapter", "sft=a", "--adapter", "dpo=b"]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """The sample suite, in the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["harness", *STAGES])
    return sample_suite(tmp_path / "suite")


def ran(suite: Suite, model: str, stamp: str, *, finished: bool) -> None:
    """A run of a model as an earlier command left it."""
    faults = Faults() if finished else Faults(cases={"chat-3": status(403)})
    folder = f"reports/sample-{model.replace('/', '-')}-{stamp}" if stamp else f"x/{model.replace('/', '-')}"
    with MockServer(suite, model=model, faults=faults) as server:
        given = ["--base-url", server.base_url, "--model", model, "--dialect", "hermes", "--out", folder]
        assert main(["run", "suite", *given]) == (0 if finished else 3)


def folder_of(suite: Suite, *more: str) -> Any:
    return folders_of(parsed([*STAGES, *more]), suite)


def test_stages_that_go_on_keep_to_the_folders_of_their_time(suite: Suite) -> None:
    """The base is finished, sft was stopped, dpo was not begun: none of them starts anew elsewhere."""
    ran(suite, "sft", EARLIER, finished=False)
    ran(suite, "me/base", LATER, finished=True)
    ran(suite, "sft", LATER, finished=False)
    folder = folder_of(suite, "--resume")
    for name in ("me-base", "sft", "dpo"):
        assert folder(name) == Path(f"reports/sample-{name}-{LATER}")


def test_finished_stages_start_no_server(suite: Suite, capsys: pytest.CaptureFixture[str]) -> None:
    for model in ("me/base", "sft", "dpo"):
        ran(suite, model, "", finished=True)
    before = {log: log.read_bytes() for log in Path("x").glob("*/run.jsonl")}
    capsys.readouterr()
    assert main([*STAGES, "--out", "x", "--resume"]) == 0  # the hub id me/base cannot be served here
    assert capsys.readouterr().err.count("nothing to resume") == len(before) == 3
    assert {log: log.read_bytes() for log in before} == before


def test_the_log_of_an_earlier_server_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    for text in ("first", "second", "third"):
        process._keep_earlier(log)
        log.write_text(text)
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["first", "second", "third"]


def test_without_an_unfinished_run_the_stages_begin_anew(suite: Suite) -> None:
    ran(suite, "me/base", EARLIER, finished=True)
    folder = folder_of(suite, "--resume")
    assert folder("me/base").name > f"sample-me-base-{LATER}"
    assert folder("sft").name[-15:] == folder("me/base").name[-15:]


@pytest.mark.parametrize(
    ("given", "hinted"),
    [
        (STAGES, STAGES),
        ([*STAGES, "--out", "x"], [*STAGES, "--out", "x"]),
        ([*STAGES, "--out=x", "--", "--dtype", "float32"], [*STAGES, "--out=x"]),
        (["run", "suite", "--serve", "m", "--resume"], ["run", "suite", "--serve", "m", "--out", "reports/this"]),
        (["run", "suite", "--serve", "m", "--out=x"], ["run", "suite", "--serve", "m", "--out=x"]),
    ],
)
@pytest.mark.usefixtures("suite")
def test_the_way_on_leads_to_the_same_folders(
    monkeypatch: pytest.MonkeyPatch, given: list[str], hinted: list[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["harness", *given])
    end = given[given.index("--") :] if "--" in given else []
    said = run._resume_command(parsed(given), Path("reports/this"))
    assert said.split(" ") == ["harness", *hinted, "--resume", *end]


@pytest.mark.usefixtures("suite")
def test_the_servers_log_lies_in_the_folder_of_the_base(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That of a hub id too, of which the folder's name keeps the organisation."""
    monkeypatch.setattr(process.command, "vllm_command", lambda *_args, **_more: [sys.executable, "-c", "1 / 0"])
    monkeypatch.setattr(process.importlib.util, "find_spec", lambda _name: True)
    assert main(["run", "suite", "--serve", "Qwen/Qwen3-8B"]) == 4
    (log,) = tmp_path.glob("reports/*/server.log")
    assert log.parent.name.startswith("sample-Qwen-Qwen3-8B-20")
    assert "vLLM did not start: ZeroDivisionError: division by zero" in capsys.readouterr().err
