"""Where a run under way stands: what its rows come to, line by line as they are written."""

from __future__ import annotations

import pytest

from harness import runlog
from harness.runlog import LOG_NAME, ResumedRow, encode, read_log
from harness.testing import Faults, MockServer, sample_suite, status
from harness.viewer import standing
from harness.viewer.runs import Summary
from harness.viewer.standing import Following


def summary_of(folder):
    return Summary.model_validate_json((folder / "summary.json").read_bytes())


@pytest.mark.parametrize("key", ["plain", "both/rollout"])
def test_at_its_end_a_run_stands_where_its_summary_says(place, key):
    """The log is written again line by line, and looked at after each."""
    folder = place / "reports" / key
    lines = (folder / LOG_NAME).read_bytes().splitlines(keepends=True)
    log = place / "growing.jsonl"
    log.write_bytes(b"")
    following, done = Following(log), []
    for line in lines:
        with log.open("ab") as file:
            file.write(line)
        following.look()
        if following.header is not None:
            done.append(following.standing().done)
    assert done == sorted(done)
    assert following.finished
    end, summary = following.standing(), summary_of(folder)
    assert (end.done, end.errored) == (end.total, summary.errored)
    assert end.rates == {name: summary.metrics[name] for name in ("tool_call_accuracy", "fabrication_rate")}
    rows = [line for line in lines if line.startswith((b'{"type":"decision"', b'{"type":"rollout"'))]
    assert end.total == len(rows)


def test_what_met_an_error_is_asked_again_by_a_resumed_run(place, harness_run):
    folder = place / "errors"
    with MockServer(sample_suite(place / "again"), "gold", faults=Faults(always=status(500))) as server:
        assert harness_run(server, folder) == 3
    following = Following(folder / LOG_NAME)
    following.look()
    before = following.standing()
    assert before.errored == before.done == before.total
    assert before.rates["tool_call_accuracy"].value is None
    with (folder / LOG_NAME).open("ab") as file:
        file.write(encode(ResumedRow(started="2026-01-01T00:00:00Z", command=["harness"], harness_version="0")))
    following.look()
    assert (following.standing().done, following.standing().errored) == (0, 0)


def test_a_later_row_takes_the_place_of_an_earlier_one(place):
    folder = place / "reports" / "plain"
    log = place / "twice.jsonl"
    lines = (folder / LOG_NAME).read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:-1]))
    following = Following(log)
    following.look()
    before = following.standing()
    row = next(row for row in read_log(folder).rows() if row.score.call_correct is False)
    better = row.model_copy(update={"score": row.score.model_copy(update={"call_correct": True})})
    with log.open("ab") as file:
        file.write(runlog.encode(better))
    following.look()
    after = following.standing()
    assert after.done == before.done
    assert after.rates["tool_call_accuracy"].numerator == before.rates["tool_call_accuracy"].numerator + 1


def test_the_speed_is_that_of_the_last_seconds(place, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(standing.time, "monotonic", lambda: now[0])
    lines = (place / "reports" / "plain" / LOG_NAME).read_bytes().splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.startswith(b'{"type":"decision"'))
    log = place / "growing.jsonl"
    log.write_bytes(b"".join(lines[:first]))
    following = Following(log)
    following.look()
    assert following.standing().speed is None
    for line in lines[first : first + 4]:
        now[0] += 2.0
        with log.open("ab") as file:
            file.write(line)
        following.look()
    found = following.standing()
    assert found.speed == pytest.approx(0.5)
    assert found.left == pytest.approx((found.total - 4) / 0.5)
    now[0] += 60.0
    following.look()
    assert following.standing().speed is None, "nothing has been done of late"
