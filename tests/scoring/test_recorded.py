"""A file of records in, a file of scores out: lines, order, errors, and the published formats."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from harness.cli import main
from harness.errors import InputError, UsageError
from harness.leniency import ExpectationError
from harness.recorded import Counts, parse_record, score_file, score_line, score_record, user_text
from harness.records import Message

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCORE_KEYS = (
    "id",
    "state",
    "outcome",
    "call_correct",
    "name_correct",
    "args_correct",
    "violations",
    "fabricated",
    "fabrication",
    "ungrounded_claims",
    "quality_defects",
    "channels_agree",
    "skipped",
)


def _line(identifier: str, **changes: Any) -> bytes:
    message = {"role": "assistant", "content": "Hello there.", "tool_calls": None}
    record: dict[str, Any] = {
        "id": identifier,
        "tools": [],
        "messages": [{"role": "user", "content": "Hi"}],
        "expect": {"no_call": True},
        "response": {"message": message, "raw": None},
    }
    return json.dumps(record | changes, ensure_ascii=False).encode()


GOOD = [_line(f"r{number}") for number in range(5)]


@pytest.fixture
def scored(tmp_path: Path) -> Any:
    """Scores the bytes of a records file; returns what the command said and the ids it wrote."""

    def scored(data: bytes, *, skip_invalid: bool = False) -> tuple[Counts, list[InputError], list[Any]]:
        records, out = tmp_path / "records.jsonl", tmp_path / "scores.jsonl"
        records.write_bytes(data)
        counts, problems = score_file(records, out, skip_invalid=skip_invalid)
        written = out.read_bytes()
        assert not written or written.endswith(b"\n")
        return counts, problems, [json.loads(line) for line in written.split(b"\n")[:-1]]

    return scored


@pytest.mark.parametrize(
    "data",
    [
        b"\n".join(GOOD) + b"\n",
        b"\n".join(GOOD),
        b"\r\n".join(GOOD) + b"\r\n",
        b"\n".join(b" \t" + line + b" \r" for line in GOOD),
    ],
    ids=["line-feeds", "no-final-line-feed", "carriage-returns", "white-space"],
)
def test_one_score_a_record_in_the_same_order(scored: Any, data: bytes) -> None:
    counts, problems, scores = scored(data)
    assert counts == Counts(5, 0)
    assert problems == []
    assert [score["id"] for score in scores] == ["r0", "r1", "r2", "r3", "r4"]


def test_lines_end_at_line_feeds_only(scored: Any) -> None:
    odd = "\u2028 \u2029 \x85"
    counts, _, scores = scored(_line(odd) + b"\n" + _line("two"))
    assert counts.scored == 2
    assert scores[0]["id"] == odd


def test_a_carriage_return_ends_no_line(scored: Any) -> None:
    with pytest.raises(InputError) as caught:
        scored(GOOD[0] + b"\r" + GOOD[1])
    assert caught.value.problems[0].line == 1


def test_no_records_no_scores(scored: Any) -> None:
    assert scored(b"") == (Counts(0, 0), [], [])


@pytest.mark.parametrize(
    ("lines", "number", "says"),
    [
        ([GOOD[0], b"", GOOD[1]], 2, "not strict JSON"),
        ([GOOD[0], b"", b""], 2, "not strict JSON"),
        ([b"", GOOD[0]], 1, "not strict JSON"),
        ([GOOD[0], b"   "], 2, "not strict JSON"),
        ([GOOD[0], GOOD[1], b"{"], 3, "not strict JSON"),
        ([GOOD[0], b"\xef\xbb\xbf" + GOOD[1]], 2, "byte order mark"),
        ([GOOD[0], GOOD[1] + GOOD[2]], 2, "text after the value"),
        ([GOOD[0], b'{"id": "x", "id": "y"}'], 2, "duplicate key 'id'"),
        ([GOOD[0], GOOD[1].replace(b'"message":', b'"message": {}, "message":')], 2, "duplicate key 'message'"),
        ([GOOD[0], GOOD[1].replace(b'"content":', b'"content": "", "content":')[:-2]], 2, "the text ends"),
        ([GOOD[0], _line("x", note=1)], 2, "/note: unknown key"),
        ([GOOD[0], _line("x", list=1)], 2, "/list: unknown key"),
        ([GOOD[0], _line("x", messages=[{"role": "user", "content": 5}])], 2, "/messages/0/content: must be"),
        ([GOOD[0], _line("x", messages=[{"content": "Hi"}])], 2, "/messages/0/role: is missing"),
        ([GOOD[0], _line("x", id=5)], 2, "/id: must be a string"),
        ([GOOD[0], _line("x", expect={"no_call": False})], 2, "/expect/no_call: may only be true"),
        ([GOOD[0], _line("x", response={"raw": "hi there"})], 2, "/response"),
        ([GOOD[0], GOOD[1].replace(b"Hello", b"\xff\xfe")], 2, ""),
        (
            [GOOD[0], _line("x", expect={"calls": [{"name": "f", "arguments": {}, "match": {"/a": {"any": True}}}]})],
            2,
            "/expect/calls/0/match/~1a: '/a' points at nothing",
        ),
    ],
)
def test_an_invalid_line_is_named_and_nothing_is_written(
    tmp_path: Path, lines: Sequence[bytes], number: int, says: str
) -> None:
    records, out = tmp_path / "records.jsonl", tmp_path / "scores.jsonl"
    records.write_bytes(b"\n".join(lines) + b"\n")
    with pytest.raises(InputError) as caught:
        score_file(records, out)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(records), number)
    assert says in str(problem)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.jsonl"]


@pytest.mark.parametrize("pattern", ["(", "a{99999999999999999999}", "[", "(?P<a>x)(?P<a>y)", "*"])
def test_a_pattern_that_does_not_compile_is_an_invalid_record(pattern: str) -> None:
    call = {"name": "f", "arguments": {"a": "x"}, "match": {"/a": {"regex": pattern}}}
    with pytest.raises(ExpectationError, match="regular expression"):
        score_record(parse_record(_line("x", expect={"calls": [call]})))


def test_what_a_server_sent_may_repeat_keys_and_hold_no_json_numbers() -> None:
    line = GOOD[0].replace(b'"tool_calls":', b'"odd": NaN, "tool_calls": [], "tool_calls":')
    assert score_record(parse_record(line)).state == "answered"


def test_an_earlier_score_file_survives_an_invalid_line(tmp_path: Path) -> None:
    records, out = tmp_path / "records.jsonl", tmp_path / "scores.jsonl"
    out.write_text("earlier")
    records.write_bytes(GOOD[0] + b"\n{\n")
    with pytest.raises(InputError):
        score_file(records, out)
    assert out.read_text() == "earlier"


def test_invalid_lines_are_skipped_counted_and_told_when_asked(scored: Any) -> None:
    counts, problems, scores = scored(b"\n".join([GOOD[0], b"", GOOD[1], b"{", GOOD[2]]) + b"\n", skip_invalid=True)
    assert counts == Counts(3, 2)
    assert [score["id"] for score in scores] == ["r0", "r1", "r2"]
    assert [error.problems[0].line for error in problems] == [2, 4]


def test_scores_may_replace_their_own_records(tmp_path: Path) -> None:
    records = tmp_path / "records.jsonl"
    records.write_bytes(b"\n".join(GOOD))
    assert score_file(records, records)[0].scored == 5
    assert json.loads(records.read_bytes().split(b"\n")[4])["state"] == "answered"


def test_the_score_file_has_ordinary_rights(tmp_path: Path) -> None:
    records, out, plain = tmp_path / "records.jsonl", tmp_path / "scores.jsonl", tmp_path / "plain"
    records.write_bytes(GOOD[0])
    plain.touch()
    score_file(records, out)
    assert stat.S_IMODE(out.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_scores_may_go_to_a_pipe(tmp_path: Path) -> None:
    records, pipe = tmp_path / "records.jsonl", tmp_path / "pipe"
    records.write_bytes(b"\n".join(GOOD))
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        assert score_file(records, pipe)[0].scored == 5
        assert read.result().count(b"\n") == 5
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("records", "out"), [("missing.jsonl", "out.jsonl"), ("in.jsonl", "missing/out.jsonl"), (".", "o")]
)
def test_files_that_cannot_be_used(tmp_path: Path, records: str, out: str) -> None:
    (tmp_path / "in.jsonl").write_bytes(GOOD[0])
    with pytest.raises(UsageError, match=r"No such file|Is a directory"):
        score_file(tmp_path / records, tmp_path / out)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records, out = tmp_path / "records.jsonl", tmp_path / "scores.jsonl"
    records.write_bytes(b"\n".join([GOOD[0], b"{}", GOOD[1]]))
    assert main(["score", str(records), "--out", str(out)]) == 2
    said = capsys.readouterr()
    assert f"{records}:2: " in said.err
    assert said.out == ""
    assert not out.exists()
    assert main(["score", str(records), "--out", str(out), "--skip-invalid"]) == 0
    said = capsys.readouterr().err
    assert f"skipped {records}:2: " in said
    assert "2 scored, 1 invalid lines skipped" in said
    assert out.read_bytes().count(b"\n") == 2


def test_the_dialect_of_the_command_is_for_records_that_name_none(tmp_path: Path) -> None:
    raw = '[TOOL_CALLS]f{"a": 1}'
    response = {"message": None, "raw": raw}
    lines = [_line("none", response=response), _line("own", response=response | {"dialect": "hermes"})]
    records, out = tmp_path / "records.jsonl", tmp_path / "scores.jsonl"
    records.write_bytes(b"\n".join(lines))
    score_file(records, out, dialect="mistral")
    states = [json.loads(line)["state"] for line in out.read_bytes().splitlines()]
    assert states == ["called", "malformed"]


def test_scores_hold_every_key_in_order() -> None:
    record = parse_record(GOOD[0])
    assert tuple(json.loads(score_line(record.id, score_record(record)))) == SCORE_KEYS


def test_words_of_the_user_are_joined_from_all_forms_of_content() -> None:
    parts: list[dict[str, Any]] = [{"type": "text", "text": "a"}, {"type": "image_url"}, {"type": "text", "text": "b"}]
    messages = [
        Message(role="system", content="never"),
        Message(role="user", content="one"),
        Message(role="assistant", content="nor this"),
        Message(role="user", content=parts),
        Message(role="user", content=None),
    ]
    assert user_text(messages) == "one\nab\n"
