"""A log that grows under its reader: each line once, a torn one later, another log from its beginning."""

from __future__ import annotations

import fcntl
import threading
import time

import pytest

from harness.errors import InputError, UsageError
from harness.records import Response, Score
from harness.runlog import (
    CaseRow,
    DecisionRow,
    Footer,
    Header,
    Identity,
    ResumedRow,
    RowVerdict,
    RunWriter,
    Sampling,
    Tail,
    Timing,
    ToolsRow,
    being_written,
    encode,
    footer_of,
)

HEADER = Header(
    identity=Identity(
        suite="s",
        suite_digest="d",
        decisions=3,
        model="m",
        sampling=Sampling(max_tokens=5),
        harness_version="0",
        scorer_version="1",
    ),
    started="2026-01-01T00:00:00Z",
    command=["harness", "run"],
    base_urls=[],
)
TOOLS = ToolsRow(tools=[])
FOOTER = Footer(rows=1, scored=1, errored=0, finished="2026-01-01T00:00:09Z", elapsed=9.0, sha256="")
RESUMED = ResumedRow(started="2026-01-02T00:00:00Z", command=["harness", "run"], harness_version="0")


def row(case="a", index=0):
    return DecisionRow(
        case=case,
        index=index,
        digest="d",
        request_digest="r",
        response=Response(message={"content": "Fine."}),
        score=Score(
            state="answered", outcome="correct_no_call", call_correct=True, name_correct=None, args_correct=None
        ),
        timing=Timing(started=0.5, latency=0.25),
    )


def begun(folder, *lines):
    writer = RunWriter(folder)
    for line in (HEADER, TOOLS, CaseRow(case={"id": "a"}), *lines):
        writer.write(encode(line))
    return writer


def kinds(tail):
    return [type(line) for line in tail.added()]


def test_each_line_is_read_once(tmp_path):
    writer = begun(tmp_path, row())
    tail = Tail(writer.path)
    assert kinds(tail) == [Header, ToolsRow, RowVerdict]
    assert tail.cases == 1
    assert kinds(tail) == []
    writer.write(encode(row(index=1)))
    writer.write(encode(RESUMED))
    assert [getattr(line, "index", None) for line in tail.added()] == [1, None]
    writer.finish(FOOTER)
    writer.close()
    assert kinds(tail) == [Footer]


def test_a_torn_line_waits_until_it_is_whole(tmp_path):
    writer = begun(tmp_path)
    tail = Tail(writer.path)
    whole = encode(row())
    list(tail.added())
    for cut in (1, 20, len(whole) - 1):
        with writer.path.open("ab") as file:
            file.write(whole[:cut])
        assert kinds(tail) == []
        with writer.path.open("ab") as file:
            file.write(whole[cut:])
        assert kinds(tail) == [RowVerdict]
    writer.close()


@pytest.mark.parametrize("longer", [False, True])
def test_a_log_that_was_cut_back_and_written_anew_is_read_from_its_beginning(tmp_path, longer):
    """As a resumed run does: the footer goes, and other rows come, perhaps more than there were."""
    writer = begun(tmp_path, row())
    tail = Tail(writer.path)
    size = writer.path.stat().st_size
    writer.finish(FOOTER)
    writer.close()
    assert kinds(tail)[-1] is Footer
    with writer.path.open("r+b") as file:
        file.truncate(size)
        file.seek(size)
        file.write(encode(RESUMED) + encode(row(index=2)) * (5 if longer else 1))
    assert kinds(tail)[:3] == [Header, ToolsRow, RowVerdict]
    assert tail.cases == 1


def test_another_file_in_its_place_is_read_from_its_beginning(tmp_path):
    """As judging again does, though all that was read so far stands in the new file as well."""
    writer = begun(tmp_path / "a", row())
    writer.close()
    tail = Tail(writer.path)
    list(tail.added())
    other = tmp_path / "other"
    other.write_bytes(writer.path.read_bytes())
    other.replace(writer.path)
    assert kinds(tail) == [Header, ToolsRow, RowVerdict]


def test_what_is_no_line_of_a_log_is_named_with_its_place(tmp_path):
    writer = begun(tmp_path)
    writer.write(b'{"type":"decision",\n')
    writer.close()
    with pytest.raises(InputError, match=r"run\.jsonl:4: "):
        list(Tail(writer.path).added())


def test_only_a_whole_last_line_is_a_footer(tmp_path):
    writer = begun(tmp_path, row())
    assert footer_of(writer.path) is None
    footer = writer.finish(FOOTER)
    writer.close()
    assert footer_of(writer.path) == footer
    writer.path.write_bytes(writer.path.read_bytes()[:-1])
    assert footer_of(writer.path) is None
    writer.path.write_bytes(b"")
    assert footer_of(writer.path) is None


def test_a_last_line_longer_than_any_footer_is_none(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(b'{"type":"footer",' + b" " * 200_000 + b"\n")
    assert footer_of(path) is None


def test_a_run_is_under_way_as_long_as_its_process_has_the_log(tmp_path):
    writer = begun(tmp_path)
    assert being_written(writer.path)
    writer.close()
    assert not being_written(writer.path)


def test_whoever_asks_for_an_instant_keeps_no_run_from_its_log(tmp_path):
    writer = begun(tmp_path, row())
    writer.close()
    found = RunWriter.begun(tmp_path)
    assert found is not None
    with writer.path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        threading.Timer(0.05, fcntl.flock, (file, fcntl.LOCK_UN)).start()
        RunWriter.resume(tmp_path, found).close()


def test_a_log_that_another_run_has_is_refused_soon(tmp_path):
    writer = begun(tmp_path, row())
    found = RunWriter.begun(tmp_path)
    assert found is not None
    begin = time.monotonic()
    with pytest.raises(UsageError, match="is being written by another run"):
        RunWriter.resume(tmp_path, found)
    assert time.monotonic() - begin < 5
    writer.close()
