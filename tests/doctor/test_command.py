"""`harness doctor` on the command line: table, JSON, exit codes."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from harness.cli import main
from harness.testing import Clinic, Setup

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.server import ServeOptions


class Said(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def command(*words: str) -> Said:
        capfd.readouterr()
        code = main(["doctor", *words])
        return Said(code, *capfd.readouterr())

    return command


def test_a_sound_server_ends_with_0_and_its_verdict(doctor: Callable[..., Said]) -> None:
    with Clinic() as server:
        said = doctor("--base-url", server.base_url)
    assert said.code == 0
    last = said.out.strip().splitlines()[-1]
    assert last.startswith("Parsers, chat template and special tokens fit the model")
    assert "tool parser          ok" in said.out


def test_something_wrong_ends_with_1_and_what_to_do(doctor: Callable[..., Said]) -> None:
    with Clinic(Setup(dialect="qwen3_coder")) as server:
        said = doctor("--base-url", server.base_url, "--model", "mock")
    assert said.code == 1
    assert "→ start vLLM with --enable-auto-tool-choice --tool-call-parser qwen3_coder" in said.out
    assert "Something is wrong, and not with the model's answers: tool parser, call of its own" in said.out


def test_json_holds_every_check(doctor: Callable[..., Said]) -> None:
    with Clinic(Setup(parser=None)) as server:
        said = doctor("--base-url", server.base_url, "--json")
    assert said.code == 1
    value = json.loads(said.out)
    assert (value["sound"], value["model"], value["dialect"]) == (False, "mock", "hermes")
    assert {check["name"]: check["verdict"] for check in value["checks"]}["tool choice"] == "fail"
    assert {"name", "verdict", "did", "saw", "advice"} == set(value["checks"][0])
    assert "tool choice" in value["summary"]


def test_a_server_that_is_not_there_ends_with_4(doctor: Callable[..., Said]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        said = doctor("--base-url", f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "--model", "m")
    assert said.code == 4
    assert "no server at" in said.err


def test_a_model_that_is_not_served_ends_with_2(doctor: Callable[..., Said]) -> None:
    with Clinic() as server:
        said = doctor("--base-url", server.base_url, "--model", "other")
    assert said.code == 2
    assert "does not serve 'other'; it serves: mock" in said.err


def test_flags_for_vllm_need_a_server_to_start(doctor: Callable[..., Said]) -> None:
    said = doctor("--base-url", "http://127.0.0.1:1/v1", "--", "--max-model-len", "5")
    assert said.code == 2
    assert "vLLM's flags are for --serve" in said.err


def test_hostile_output_of_a_model_is_shown_not_obeyed(doctor: Callable[..., Said]) -> None:
    with Clinic(model="m\x1b[2J") as server:
        said = doctor("--base-url", server.base_url)
    assert "\x1b[2J" not in said.out


def test_a_model_to_serve_is_served_with_the_flags_and_examined(
    doctor: Callable[..., Said], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started: list[ServeOptions] = []

    class Server(Clinic):
        """The part of `VllmServer` that the command uses."""

        def __init__(self, options: ServeOptions, *, on_status: object) -> None:
            super().__init__(Setup(dialect="qwen3_coder"), model=options.name)
            assert on_status is not None
            started.append(options)

    monkeypatch.setattr("harness.cli.doctor.VllmServer", Server)
    said = doctor("--serve", "Qwen/Qwen3-8B", "--tool-call-parser", "qwen3_coder", "--", "--enable-scale-out")
    assert said.code == 1
    assert "Qwen/Qwen3-8B at " in said.out
    (options,) = started
    assert options.family.tool_call_parser == "qwen3_coder"
    assert options.extra_flags == ("--enable-scale-out",)
    assert options.log_path == Path("reports/doctor-Qwen-Qwen3-8B/server.log")
    assert list(tmp_path.iterdir()) == []
