"""The life of a server process, with a stand-in for vLLM that starts helpers which try to survive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.errors import ServerError
from harness.server import Family, ServeOptions, VllmServer
from harness.server import process as process_module
from selection import slow

FAKE = Path(__file__).parent / "fake"
ROOT = Path(__file__).parents[2]
KEEPS_A_SERVER = """
import sys, time
from pathlib import Path
from harness.server import Family, ServeOptions, VllmServer
with VllmServer(ServeOptions("me/m", Family("x", "hermes"), Path(sys.argv[1]))):
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def pid_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Puts the stand-in in vLLM's place; the file it writes its process ids to."""
    monkeypatch.syspath_prepend(str(FAKE))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(FAKE), str(ROOT))))
    monkeypatch.setenv("FAKE_PIDS", str(tmp_path / "pids"))
    return tmp_path / "pids"


def options(tmp_path: Path, **more: object) -> ServeOptions:
    return ServeOptions(**{"model": "me/m", "family": Family("x", "hermes"), "log_path": tmp_path / "log", **more})


def pids_in(pid_file: Path, count: int) -> list[int]:
    for _ in range(1200):
        pids = [int(line) for line in pid_file.read_text().split()] if pid_file.exists() else []
        if len(pids) >= count:
            return pids
        time.sleep(0.05)
    raise AssertionError("the stand-in did not start its helpers")


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def wait_until_gone(pids: list[int], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while left := [pid for pid in pids if alive(pid)]:
        assert time.monotonic() < deadline, f"processes outlived the harness: {left}"
        time.sleep(0.05)


def wait_for_end(server: VllmServer) -> None:
    assert server._process is not None
    server._process.wait(30)


def test_a_server_is_ready_inside_and_gone_outside(tmp_path: Path, pid_file: Path) -> None:
    said: list[str] = []
    with VllmServer(options(tmp_path), on_status=said.append) as server:
        pids = pids_in(pid_file, 2)
        assert all(alive(pid) for pid in pids)
        assert server.model_names == ("me/m",)
        identity = server.identity()
        server.check()
    wait_until_gone(pids, within_s=1)
    assert said[-1].startswith("vLLM is ready")
    assert identity["engine_version"] == "0.0.fake"
    assert identity["max_model_len"] == 64
    assert (tmp_path / "log").read_text().startswith(f"$ {sys.executable} -P -m vllm")


def test_an_error_inside_stops_the_server_too(tmp_path: Path, pid_file: Path) -> None:
    with pytest.raises(ZeroDivisionError), VllmServer(options(tmp_path)):
        raise ZeroDivisionError
    wait_until_gone(pids_in(pid_file, 2), within_s=1)


def test_a_server_that_ignores_sigterm_is_killed(
    tmp_path: Path, pid_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "_GRACE_S", 0.5)
    monkeypatch.setenv("FAKE_VLLM", "stubborn")
    with VllmServer(options(tmp_path)):
        pids = pids_in(pid_file, 2)
    wait_until_gone(pids, within_s=1)


@pytest.mark.parametrize("number", [signal.SIGKILL, *slow([signal.SIGTERM, signal.SIGINT])])
def test_no_process_outlives_the_harness(tmp_path: Path, pid_file: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-c", KEEPS_A_SERVER, str(tmp_path / "log")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as harness:
        assert harness.stdout is not None
        assert harness.stdout.readline() == b"ready\n"
        pids = pids_in(pid_file, 2)
        harness.send_signal(number)
        harness.wait(30)
    wait_until_gone(pids)


def test_a_server_that_dies_gives_its_reason_and_leaves_nothing(
    tmp_path: Path, pid_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "die")
    with pytest.raises(ServerError) as caught, VllmServer(options(tmp_path)):
        pass
    assert str(caught.value) == (
        "vLLM did not start: OSError: [Errno 98] Address already in use\n"
        f"  log: {tmp_path / 'log'}\n"
        "  another program took the port meanwhile: run it again"
    )
    assert caught.value.exit_code == 4
    # A taken port is tried again with another one.
    wait_until_gone(pids_in(pid_file, 6))


def test_a_server_that_is_killed_is_most_often_out_of_memory(
    tmp_path: Path, pid_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "killed")
    with pytest.raises(ServerError, match=r"killed .signal 9.(.|\n)*memory runs out"), VllmServer(options(tmp_path)):
        pass
    wait_until_gone(pids_in(pid_file, 2))


def test_a_server_that_dies_later_is_noticed(tmp_path: Path, pid_file: Path) -> None:
    with VllmServer(options(tmp_path)) as server:
        os.kill(pids_in(pid_file, 2)[0], signal.SIGKILL)
        wait_for_end(server)
        with pytest.raises(ServerError, match="vLLM died"):
            server.check()


@pytest.mark.slow
def test_a_start_that_takes_too_long_says_what_it_was_doing(
    tmp_path: Path, pid_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_VLLM", "hang")
    with (
        pytest.raises(ServerError, match=r"not ready after 3 s .it was loading weights"),
        VllmServer(options(tmp_path, startup_timeout_s=2.6)),
    ):
        pass
    wait_until_gone(pids_in(pid_file, 2), within_s=1)


def test_without_vllm_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(ServerError, match="make eval"), VllmServer(options(tmp_path)):
        pass
