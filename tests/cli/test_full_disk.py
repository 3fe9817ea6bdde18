"""A disk that is full, at any moment: said, what was written stays readable, and the run goes on from it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness as package
from harness.cli import main
from harness.runlog import decision_rows, read_log, read_unfinished
from harness.testing import MockServer, sample_suite
from selection import slow

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(package.__file__).parents[1])}
IN_A_NAMESPACE = (["unshare", "--user", "--map-root-user", "--mount"], ["unshare", "--mount"])


def words(server, out="out"):
    return ["run", "suite", "--base-url", server.base_url, "--model", "mock", "--dialect", "hermes", "--out", out]


def limited(server, size):
    """A run whose files may not grow beyond so many bytes. It writes no bytecode: Python would leave it cut short."""
    code = f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}));"
    code += "from harness.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-B", "-c", code, *words(server)]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [5000, *slow([0, 300, 9000])])
def test_the_system_refuses_to_let_the_log_grow(suite, place, size):
    log = place / "out" / "run.jsonl"
    with MockServer(suite) as server:
        ended = limited(server, size)
        assert ended.returncode == 2, ended.stderr
        assert "cannot write to out/run.jsonl: File too large. What was done is kept" in ended.stderr
        assert "Traceback" not in ended.stderr
        assert log.stat().st_size == size
        whole = size and log.read_bytes().rpartition(b"\n")[0].count(b'\n{"type":"decision"')
        server.received.clear()
        assert main([*words(server), "--resume"]) == 0
        assert len(server.asked) == 8 - whole
    assert read_log(log).footer.scored == 8


def test_a_summary_that_finds_no_room(suite, place, capfd):
    """The log is complete by then: all that --resume has left to do is the summary."""
    with MockServer(suite) as server:
        (place / "out").mkdir()
        (place / "out" / "summary.json").symlink_to("/dev/full")
        assert main(words(server)) == 2
        assert "cannot write the summary into out: No space left on device" in capfd.readouterr().err
        before = (place / "out" / "run.jsonl").read_bytes()
        (place / "out" / "summary.json").unlink()
        server.received.clear()
        assert main([*words(server), "--resume"]) == 0
    assert server.asked == []
    assert (place / "out" / "run.jsonl").read_bytes() == before
    assert (place / "out" / "summary.json").stat().st_size > 1000


@pytest.fixture
def small_disk(place):
    """Runs a script where the folder `disk` is a file system of 32 KiB of its own; skips where none can be made."""
    (place / "disk").mkdir()
    mount = "mount -t tmpfs -o size=32k none disk"
    for prefix in IN_A_NAMESPACE if shutil.which("unshare") else ():
        if subprocess.run([*prefix, "sh", "-c", mount], capture_output=True, check=False).returncode == 0:
            return lambda script: subprocess.run(
                [*prefix, "sh", "-c", f"{mount}; {script}"],
                env=ENVIRONMENT,
                capture_output=True,
                text=True,
                check=False,
            )
    pytest.skip("no file system can be mounted here")


@pytest.mark.slow
def test_a_file_system_that_is_really_full(place, small_disk):
    suite = sample_suite(place / "suite", copies=8)
    with MockServer(suite, "one_argument_off") as server:
        run = shlex.join([sys.executable, "-m", "harness", *words(server, "disk/out")])
        ended = small_disk(
            f"{run}; echo code $?; cp disk/out/run.jsonl torn.jsonl; {run} --resume; echo code $?; "
            f"mount -o remount,size=8m disk; {run} --resume; echo code $?; cp disk/out/run.jsonl whole.jsonl"
        )
        asked = len(server.asked)
    assert [line for line in ended.stdout.splitlines() if line.startswith("code")] == ["code 2", "code 2", "code 0"]
    assert ended.stderr.count("run.jsonl: the disk is full. What was done is kept; make room") == 2
    assert "Traceback" not in ended.stderr
    torn = place / "torn.jsonl"
    assert torn.stat().st_size == 32 << 10
    found = read_unfinished(torn)
    assert 0 < len(found.done) < len(suite.decisions)
    assert found.length < found.size
    log = read_log(place / "whole.jsonl")
    assert log.footer.scored == log.footer.rows == len(suite.decisions)
    assert asked >= len(suite.decisions)
    kept = [row for row in log.rows() if (row.case, row.index, row.trial) in found.done]
    torn.write_bytes(torn.read_bytes()[: found.length])
    assert kept == list(decision_rows(torn))
