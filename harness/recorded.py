"""Scoring recorded responses: a file of records in, a file of scores out; no model, no suite."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, NamedTuple

from pydantic import AfterValidator, ConfigDict, ValidationError

from harness import jsonvalue
from harness.errors import InputError, UsageError
from harness.leniency import ExpectationError, check_expectation
from harness.records import STRICT_JSON, Expectation, Message, Record, Response, Score, ToolSpec, explain
from harness.scorers.fabrication import Trajectory
from harness.scorers.verdict import score
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.records import Dialect

_MESSAGE = ("response", "message")
_BAD_LINE = (jsonvalue.JsonError, ValidationError, ExpectationError, UnicodeDecodeError)


def _judgeable(response: Response) -> Response:
    if response.error is None:
        if response.message is None and response.raw is None:
            raise ValueError("message and raw are both null, and there is no error")
        if response.message is None and response.dialect is None:
            raise ValueError("without a message the calls are read from raw: dialect is required")
    return response


_NULL_MESSAGE: dict[str, Any] = {"properties": {"message": {"type": "null"}}}
_STRING = {"type": "string"}
# What `_judgeable` refuses, said in JSON Schema.
_CONDITIONS: dict[str, Any] = {
    "if": {"not": {"required": ["error"], "properties": {"error": _STRING}}, **_NULL_MESSAGE},
    "then": {"required": ["raw", "dialect"], "properties": {"raw": _STRING, "dialect": _STRING}},
}


class RecordedResponse(Record):
    """One line of a records file: a decision, what was expected, and what came back."""

    model_config = ConfigDict(json_schema_extra={"allOf": [{"properties": {"response": _CONDITIONS}}]})

    id: str
    tools: list[ToolSpec]
    messages: list[Message]
    expect: Expectation | None = None
    response: Annotated[Response, AfterValidator(_judgeable)]


class RecordedScore(Score):
    """One line of a scores file: a score under the record's id."""

    id: str


class Counts(NamedTuple):
    """What a scoring pass did."""

    scored: int
    invalid: int


def parse_record(line: bytes, dialect: Dialect | None = None) -> RecordedResponse:
    """One line as a record; `dialect` is for records that name none.

    Raises:
        ValueError: the line is not a valid record; pydantic's error where a field is wrong.
        ExpectationError: its expectation cannot be judged.
    """
    value = _parse_line(line)
    response = value.get("response") if isinstance(value, dict) else None
    if dialect is not None and isinstance(response, dict) and response.get("dialect") is None:
        response["dialect"] = dialect
    return RecordedResponse.model_validate(value, context=STRICT_JSON)


def _parse_line(line: bytes) -> Any:
    """Strict JSON, but for `response.message`: what a server sent is evidence, whatever is in it."""
    try:
        return jsonvalue.loads(line)
    except jsonvalue.JsonError as error:
        if not all(_is_evidence(defect) for defect in error.defects):
            raise
        reading = jsonvalue.read(line.decode("utf-8"))
        if not reading.complete:
            raise
    for place in reading.defects:
        _mark_duplicate(reading.value, place)
    return reading.value


def _is_evidence(defect: jsonvalue.Defect) -> bool:
    """Whether a defect lies inside the message, not in the record around it."""
    inside = len(defect.path) > 2 or (len(defect.path) == 2 and defect.code != "duplicate_key")
    return inside and defect.path[:2] == _MESSAGE


def _mark_duplicate(value: Any, defect: jsonvalue.Defect) -> None:
    """Arguments that a server sent as an object with a repeated key become text that says so."""
    path = defect.path
    if defect.code != "duplicate_key" or path[2:3] != ("tool_calls",) or path[4:6] != ("function", "arguments"):
        return
    function = value["response"]["message"]["tool_calls"][path[3]]["function"]
    if isinstance(function["arguments"], dict):
        key = jsonvalue.dumps(path[-1])
        function["arguments"] = f"{{{key}: 0, {key}: 0}}"


def score_record(record: RecordedResponse) -> Score:
    """The score of one record.

    Raises:
        ExpectationError: its expectation cannot be judged.
    """
    tools = Toolset([(tool.function.name, tool.function.parameters) for tool in record.tools])
    if record.expect is not None and record.expect.calls is not None:
        check_expectation(record.expect, tools)
    return score(
        record.expect, tools, record.response, quoted=user_text(record.messages), history=lambda: _trajectory(record)
    )


def _trajectory(record: RecordedResponse) -> Trajectory:
    return Trajectory(
        [message.model_dump(exclude_none=True) for message in record.messages],
        [tool.model_dump(exclude_none=True) for tool in record.tools],
    )


def user_text(messages: Sequence[Message]) -> str:
    """All that the user wrote, joined."""
    texts = []
    for message in messages:
        if message.role == "user":
            content = message.content
            if isinstance(content, list):
                content = "".join(part["text"] for part in content if isinstance(part.get("text"), str))
            texts.append(content or "")
    return "\n".join(texts)


def score_line(identifier: str, verdict: Score) -> bytes:
    """One line of a scores file; `in_reasoning` only where something is."""
    value = {"id": identifier, **verdict.to_json()}
    if not verdict.in_reasoning:
        del value["in_reasoning"]
    return jsonvalue.dump_line(value)


def score_file(
    records: Path, out: Path, *, dialect: Dialect | None = None, skip_invalid: bool = False
) -> tuple[Counts, list[InputError]]:
    """Scores every line of `records` into `out`, in order.

    `out` appears whole or not at all: it is written beside its place and moved there at the end.

    Returns:
        The counts, and with `skip_invalid` what was wrong with each line left out.

    Raises:
        InputError: a line is not a valid record and `skip_invalid` is off; nothing is written then.
        UsageError: a file cannot be read or written.
    """
    skipped: list[InputError] = []
    scored = 0
    try:
        with records.open("rb") as source, _all_or_nothing(out) as sink:
            for number, line in enumerate(source, start=1):
                try:
                    record = parse_record(line, dialect)
                    sink.write(score_line(record.id, score_record(record)))
                    scored += 1
                except _BAD_LINE as error:
                    problem = _problem(records, number, line, error)
                    if not skip_invalid:
                        raise problem from None
                    skipped.append(problem)
    except OSError as error:
        raise UsageError(f"{error.filename or out}: {error.strerror}") from error
    return Counts(scored, len(skipped)), skipped


def _problem(file: Path, number: int, line: bytes, error: ValueError) -> InputError:
    if isinstance(error, ValidationError):
        where, message = explain(error, _parse_line(line))[0]
        return InputError.single(file, message, line=number, where=where)
    if isinstance(error, ExpectationError):
        return InputError.single(file, str(error), line=number, where="/expect" + error.path)
    return InputError.single(file, f"not strict JSON: {error}", line=number)


@contextmanager
def _all_or_nothing(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when everything went well, and leaves nothing otherwise."""
    if path.exists() and not path.is_file():  # a pipe or a device: nothing to put beside it
        with tempfile.TemporaryFile() as sink:
            yield sink
            sink.seek(0)
            with path.open("wb") as target:
                shutil.copyfileobj(sink, target)
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as sink:
            part.chmod(0o666 & ~_umask())  # mkstemp's files are private
            yield sink
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
