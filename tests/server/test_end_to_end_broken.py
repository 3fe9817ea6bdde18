"""A server that somebody else started, and started wrongly: without its tool parser, then killed under two runs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from harness.runlog import read_log
from harness.server import ServeOptions, command, detect_family, process, supervise
from harness.server.probe import is_ready
from harness.testing import sample_suite, write_suite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.server import VllmServer

pytestmark = pytest.mark.vllm

NEEDS_A_PARSER = ("--enable-auto-tool-choice", "--tool-call-parser", "hermes")
# Without tools a server answers that has no parser for them.
CHAT = """\
id: chat-{number}
tools: []
turns:
  - user: Good morning, number {number}!
  - expect: {{no_call: true}}
"""
FEW, MANY = 20, 60


class Bare(NamedTuple):
    """A server without a tool parser."""

    server: subprocess.Popen[bytes]
    base_url: str
    model: str


@pytest.fixture(scope="module")
def bare(demo_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bare]:
    place = tmp_path_factory.mktemp("bare")
    options = ServeOptions(str(demo_model), detect_family(str(demo_model)), place / "log")
    port, cpu = process._free_port(), command.on_cpu()
    words = [word for word in command.vllm_command(options, port, cpu=cpu) if word not in NEEDS_A_PARSER]
    # The supervisor stops it too where the tests themselves are killed: its input ends then.
    supervised = [sys.executable, "-I", supervise.__file__, "1", *words]
    environment = command.vllm_environment(options, cpu=cpu)
    with (
        options.log_path.open("wb") as log,
        subprocess.Popen(
            supervised, stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment, start_new_session=True
        ) as server,
    ):
        try:
            base_url = f"http://127.0.0.1:{port}/v1"
            while not is_ready(base_url, options.name):
                assert server.poll() is None, options.log_path.read_text()
                time.sleep(0.3)
            yield Bare(server, base_url, options.name)
        finally:
            kill(server)


def kill(server: subprocess.Popen[bytes]) -> None:
    """Kills the server, its helpers and its supervisor: none of them leaves the process group."""
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def words(base_url: str, model: str, suite: str, *more: object) -> list[object]:
    to = ["--base-url", base_url, "--model", model, "--dialect", "hermes", "--max-tokens", "32", "--retries", "0"]
    return ["run", suite, *to, *more]


def test_a_server_without_its_tool_parser(bare: Bare, start: Any, tmp_path: Path) -> None:
    sample_suite(tmp_path / "suite")
    run = start(tmp_path, *words(bare.base_url, bare.model, "suite"))
    assert run.end() == 2
    assert "harness: the server was started without its tool parser, so it cannot return tool calls." in run.err
    assert "--enable-auto-tool-choice --tool-call-parser NAME" in run.err
    assert "Traceback" not in run.err


def test_a_server_killed_under_two_runs(bare: Bare, vllm_server: VllmServer, start: Any, tmp_path: Path) -> None:
    """The short run meets errors to its end, the long one stops; both go on at another server of the same model."""
    codes = {"few": 3, "many": 4}
    for name, count in (("few", FEW), ("many", MANY)):
        write_suite(tmp_path / name, "---\n".join(CHAT.format(number=number) for number in range(count)))
    runs = {
        name: start(tmp_path, *words(bare.base_url, bare.model, name, "--concurrency", 1, "--out", f"out-{name}"))
        for name in codes
    }
    for name, run in runs.items():
        run.wait_for_rows(f"out-{name}", 2)
    kill(bare.server)
    assert {name: run.end() for name, run in runs.items()} == codes

    few = read_log(tmp_path / "out-few")
    assert few.footer.scored >= 2
    assert few.footer.errored == FEW - few.footer.scored > 0
    kinds = [row.fault.kind for row in few.rows() if row.fault is not None]
    assert kinds == ["connection"] * few.footer.errored
    assert f"too many errors: {few.footer.errored} of {FEW}" in runs["few"].err
    assert "harness: the server is gone: 32 decisions in a row met only connection errors" in runs["many"].err
    assert "What was done is kept; run again with --resume once it is back." in runs["many"].err

    still_down = start(tmp_path, *words(bare.base_url, bare.model, "few", "--out", "out-few", "--resume"))
    assert still_down.end() == 4
    assert f"harness: no server at {bare.base_url}: " in still_down.err

    for name, total in (("few", FEW), ("many", MANY)):
        back = start(tmp_path, *words(vllm_server.base_url, bare.model, name, "--out", f"out-{name}", "--resume"))
        assert back.end() == 0, back.err
        assert re.search(r"resuming: \d+ decisions are done, [1-9]\d* errored are asked again", back.err)
        log = read_log(tmp_path / f"out-{name}")
        assert (log.footer.scored, log.footer.errored) == (total, 0)
        assert sorted(row.case for row in log.rows()) == sorted(f"chat-{number}" for number in range(total))
