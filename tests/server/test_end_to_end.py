"""`harness run` against a vLLM that runs: faults, Ctrl-C and kill -9 in mid-run, and going on afterwards."""

from __future__ import annotations

import json
import re
import shlex
import signal
import time
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from harness.errors import NotComparableError
from harness.runlog import LOG_NAME, read_log
from harness.server.probe import root_of
from harness.testing import sample_suite, write_suite

if TYPE_CHECKING:
    from pathlib import Path

    from harness.server import VllmServer

pytestmark = pytest.mark.vllm

DECISIONS = 8
TRIALS = 4
TOO_LONG = """\
id: short-1
turns:
  - user: Good morning!
  - expect: {{no_call: true}}
---
id: long-2
turns:
  - user: {text}
  - expect: {{no_call: true}}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with the sample suite in `suite`."""
    sample_suite(tmp_path / "suite")
    return tmp_path


def words(server: VllmServer, *more: object) -> list[object]:
    to = ["--base-url", server.base_url, "--model", server.model, "--dialect", "hermes"]
    return ["run", "suite", *to, "--max-tokens", "8", "--out", "out", *more]


def keys(log: Path) -> Counter[tuple[str, int, int]]:
    """How often each decision stands in a log, finished or not."""
    rows = [json.loads(line) for line in log.read_bytes().splitlines() if line.startswith(b'{"type":"decision"')]
    return Counter((row["case"], row["index"], row["trial"]) for row in rows)


def requests_answered(server: VllmServer) -> int:
    """How many requests the server has finished, once none is under way."""
    deadline = time.monotonic() + 60
    while True:
        with urllib.request.urlopen(f"{root_of(server.base_url)}/metrics", timeout=30) as reply:
            text = reply.read().decode()
        if not sum(values(text, "vllm:num_requests_running")):
            return round(sum(values(text, "vllm:request_success_total")))
        assert time.monotonic() < deadline, "requests of a run that is gone are still under way"
        time.sleep(0.1)


def values(metrics: str, name: str) -> list[float]:
    return [float(value) for value in re.findall(rf"^{name}\{{.*\}} (\S+)$", metrics, re.MULTILINE)]


@pytest.mark.parametrize(
    ("number", "code", "last_words"),
    [
        (signal.SIGINT, 130, "harness: interrupted"),
        (signal.SIGKILL, -9, None),
    ],
)
def test_a_run_that_was_stopped_goes_on_where_it_stood(
    vllm_server: VllmServer, start: Any, place: Path, number: signal.Signals, code: int, last_words: str | None
) -> None:
    given = words(vllm_server, "--trials", TRIALS, "--concurrency", 2)
    stopped = start(place, *given)
    stopped.wait_for_rows("out", 3)
    stopped.send(number)
    assert stopped.end() == code
    log = place / "out" / LOG_NAME
    done = keys(log)
    assert 3 <= len(done) < DECISIONS * TRIALS
    with pytest.raises(NotComparableError, match="unfinished"):
        read_log(log)
    assert not (place / "out" / "summary.json").exists()
    if last_words is not None:
        assert stopped.err.splitlines()[-1] == last_words
        (hint,) = re.findall("what was done is in out. Go on with: harness (.*)", stopped.err)
        given = shlex.split(hint)
    else:
        given += ["--resume", "--concurrency", 16]
    before = requests_answered(vllm_server)

    resumed = start(place, *given)
    assert resumed.end() == 0, resumed.err
    assert f"resuming: {len(done)} decisions are done, 0 errored are asked again" in resumed.err
    assert requests_answered(vllm_server) - before == DECISIONS * TRIALS - len(done)
    assert set(keys(log).values()) == {1}
    finished = read_log(log)
    assert (finished.footer.rows, finished.footer.scored, finished.footer.errored) == (
        DECISIONS * TRIALS,
        DECISIONS * TRIALS,
        0,
    )
    assert json.loads((place / "out" / "summary.json").read_text())["scored"] == DECISIONS * TRIALS


def test_a_finished_run_judged_again_comes_to_the_same(vllm_server: VllmServer, start: Any, place: Path) -> None:
    run = start(place, *words(vllm_server))
    assert run.end() == 0, run.err
    scores = [row.score for row in read_log(place / "out").rows()]
    again = start(place, "rescore", "out")
    assert again.end() == 0, again.err
    assert [row.score for row in read_log(place / "out").rows()] == scores
    shown = start(place, "show", "out", "--limit", 1)
    assert shown.end() == 0
    assert "Oslo" in shown.out or "Fika" in shown.out or "morning" in shown.out


def test_a_model_name_that_the_server_does_not_have(vllm_server: VllmServer, start: Any, place: Path) -> None:
    run = start(place, *words(vllm_server, "--model", "SmolLM2"))
    assert run.end() == 2
    assert "does not serve 'SmolLM2'; it serves: SmolLM2-135M-Instruct" in run.err
    assert not (place / "out").exists()


def test_a_prompt_beyond_the_context_is_an_error_of_its_own(
    vllm_server: VllmServer, start: Any, tmp_path: Path
) -> None:
    write_suite(tmp_path / "suite", TOO_LONG.format(text="word " * 8200))
    run = start(tmp_path, *words(vllm_server))
    assert run.end() == 3
    assert "too many errors: 1 of 2" in run.err
    faults = {row.case: row.fault for row in read_log(tmp_path / "out").rows()}
    assert faults["short-1"] is None
    assert faults["long-2"] is not None
    assert (faults["long-2"].kind, faults["long-2"].status) == ("context_length", 400)
    assert "maximum context length is 8192" in faults["long-2"].message
    tolerant = start(tmp_path, *words(vllm_server, "--out", "other", "--max-error-rate", "0.5"))
    assert tolerant.end() == 0, tolerant.err
    summary = json.loads((tmp_path / "other" / "summary.json").read_text())
    assert (summary["scored"], summary["errored"]) == (1, 1)
