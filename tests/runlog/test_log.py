"""The log as a file: written by one, read by many, refused when it is cut or edited, streamed when it is long."""

from __future__ import annotations

import errno
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError, InputError, NotComparableError, UsageError
from harness.records import Response, Score
from harness.runlog import (
    CaseRow,
    DecisionRow,
    Fault,
    Footer,
    Header,
    Identity,
    RunWriter,
    Sampling,
    Timing,
    ToolsRow,
    encode,
    read_log,
    read_unfinished,
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
    base_urls=["http://127.0.0.1:1/v1"],
)
FOOTER = Footer(rows=3, scored=2, errored=1, finished="2026-01-01T00:00:09Z", elapsed=9.0, sha256="")


def row(case="a", index=0, *, content="Fine.", error=None):
    return DecisionRow(
        case=case,
        index=index,
        digest="d",
        request_digest="r",
        response=Response(message=None if error else {"content": content}, error=error),
        fault=Fault(kind="timeout", message=error) if error else None,
        score=Score(
            state="errored" if error else "answered",
            outcome="errored" if error else "correct_no_call",
            call_correct=None if error else True,
            name_correct=None,
            args_correct=None,
        ),
        timing=Timing(started=0.5, latency=0.25),
    )


def write(folder, *rows, finish=True):
    writer = RunWriter(folder)
    for line in (HEADER, ToolsRow(licence=None, tools=[]), CaseRow(case={"id": "a"}), *rows):
        writer.write(encode(line))
    if finish:
        writer.finish(FOOTER)
    writer.close()
    return writer.path


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a finished log, and how many of them stand before its footer."""
    path = write(
        tmp_path_factory.mktemp("log") / "run", row(), row(index=1, content="你好"), row(index=2, error="gone")
    )
    data = path.read_bytes()
    return data, data.rindex(b'{"type":"footer"')


def test_what_was_written_is_read(tmp_path):
    rows = [row(), row(index=1, error="gone"), row(index=2)]
    log = read_log(write(tmp_path / "run", *rows))
    assert log.header == HEADER
    assert list(log.cases()) == [{"id": "a"}]
    assert list(log.rows()) == rows
    assert log.footer.sha256 != ""
    assert log.footer == FOOTER.model_copy(update={"sha256": log.footer.sha256})


def test_folder_and_file_both_name_a_run(tmp_path):
    path = write(tmp_path / "run", row())
    assert read_log(path).header == read_log(path.parent).header


@settings(max_examples=2 * settings.default.max_examples)
@given(data=st.data())
def test_any_edit_of_one_byte_is_refused(good, tmp_path_factory, data):
    whole, end = good
    path = tmp_path_factory.getbasetemp() / "edited.jsonl"
    place = data.draw(st.integers(0, end - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    path.write_bytes(whole[:place] + bytes([byte]) + whole[place + 1 :])
    with pytest.raises(HarnessError):
        read_log(path)


@settings(max_examples=100)
@given(data=st.data())
def test_any_cut_is_refused(good, tmp_path_factory, data):
    whole, _ = good
    path = tmp_path_factory.getbasetemp() / "cut.jsonl"
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 2))])
    with pytest.raises(NotComparableError, match="unfinished"):
        read_log(path)


@settings(max_examples=50)
@given(data=st.data())
def test_a_row_taken_out_or_doubled_is_refused(good, tmp_path_factory, data):
    lines = good[0].splitlines(keepends=True)
    path = tmp_path_factory.getbasetemp() / "lines.jsonl"
    number = data.draw(st.integers(0, len(lines) - 2))
    path.write_bytes(b"".join(lines[:number] + lines[number + 1 :]))
    with pytest.raises(NotComparableError, match="edited"):
        read_log(path)
    path.write_bytes(b"".join([*lines[:number], lines[number], *lines[number:]]))
    with pytest.raises(NotComparableError, match="edited"):
        read_log(path)


def test_of_repeated_decisions_the_last_counts(tmp_path):
    rows = [row(error="gone"), row(index=1), row(content="Better.")]
    assert list(read_log(write(tmp_path / "run", *rows)).rows()) == rows[1:]


def test_unfinished_tells_what_is_done(tmp_path):
    path = write(tmp_path / "run", row(), row(index=1, error="gone"), finish=False)
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(b'{"type":"decision","case":"a"')
    found = read_unfinished(path)
    assert found.done == {("a", 0, 0): "d"}
    assert (found.rows, found.finished, found.length, found.size) == (2, False, whole, whole + 29)


def test_a_log_without_a_header_is_not_resumed(tmp_path):
    (tmp_path / "run.jsonl").write_bytes(b'{"type":"hea')
    with pytest.raises(UsageError, match="nothing to resume: the log has no header"):
        read_unfinished(tmp_path / "run.jsonl")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"type":"header"}\n', r":1: .*is missing"),
        (b'{"type":"poem"}\n', ":1: "),
        (b"[]\n", ":1: "),
        (b"not JSON\n", ":1: not a line of a run log"),
        (b"\xff\n", ":1: not a line of a run log"),
    ],
)
def test_lines_that_are_none(tmp_path, line, message):
    (tmp_path / "run.jsonl").write_bytes(line)
    with pytest.raises(InputError, match=message):
        read_log(tmp_path)


def fill_the_disk(writer):
    """From now on the log has no room; the file that it was written to."""
    before = writer._file
    writer._file = io.FileIO("/dev/full", "w")
    return before


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path):
    writer = RunWriter(tmp_path / "run")
    writer.write(encode(HEADER))
    fill_the_disk(writer).close()
    with pytest.raises(UsageError, match=r"the disk is full\. What was done is kept; make room"):
        writer.write(encode(row()))
    writer.close()
    assert read_unfinished(writer.path).header == HEADER


def test_after_a_torn_line_nothing_is_written(tmp_path):
    """Were there room again, a whole line behind half a one would make the log unreadable."""
    writer = RunWriter(tmp_path / "run")
    writer.write(encode(HEADER))
    whole = fill_the_disk(writer)
    with pytest.raises(UsageError, match="the disk is full"):
        writer.write(encode(row()))
    writer._file.close()
    writer._file = whole
    with pytest.raises(UsageError, match="the disk is full"):
        writer.write(encode(row(index=1)))
    with pytest.raises(UsageError, match="the disk is full"):
        writer.finish(FOOTER)
    writer.close()
    assert writer.path.read_bytes() == encode(HEADER)


def test_a_footer_that_does_not_reach_the_disk_is_said(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.EDQUOT, "quota")

    writer = RunWriter(tmp_path / "run")
    writer.write(encode(HEADER))
    monkeypatch.setattr("harness.runlog.writer.os.fsync", full)
    with pytest.raises(UsageError, match="the disk is full"):
        writer.finish(FOOTER)
    writer.close()


@pytest.mark.parametrize("left", [b"", b"{", b'{"type":"header"', encode(HEADER)[:-1]])
def test_a_log_that_stopped_within_its_header_begins_anew(tmp_path, left):
    (tmp_path / "run.jsonl").write_bytes(left)
    assert RunWriter.begun(tmp_path) is None


@pytest.mark.parametrize("left", [b"a letter", b"{}\n", b'{"type":"headwind"}', b"\n"])
def test_what_is_no_log_is_not_taken_for_one(tmp_path, left):
    (tmp_path / "run.jsonl").write_bytes(left)
    with pytest.raises(UsageError):
        RunWriter.begun(tmp_path)


def test_every_line_has_reached_the_file_when_write_returns(tmp_path):
    writer = RunWriter(tmp_path / "run")
    for number in range(3):
        writer.write(encode(row(index=number)))
        assert writer.path.read_bytes().count(b"\n") == number + 1
    writer.close()


def test_a_long_log_is_read_in_little_memory(tmp_path):
    """30 MB of rows; what is kept of each is its key."""
    text = "word " * 4000
    path = write(tmp_path / "run", *(row(index=number, content=text) for number in range(1500)))
    assert path.stat().st_size > 30_000_000
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_log(path).rows())
        read_unfinished(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 1500
    assert peak < 3_000_000
