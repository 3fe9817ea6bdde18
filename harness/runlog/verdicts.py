"""The verdicts of a log, for comparisons: nothing is judged, and what was said and generated is not parsed.

The digest of a finished log was checked when it was opened, so its bytes are those that were written. Lines that do not begin as
`decision_line` writes them are parsed whole.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from harness import jsonvalue
from harness.records import STRICT_JSON, Score
from harness.runlog.lines import DECISION, DecisionRow
from harness.runlog.reader import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEGINNING = re.compile(
    rb'{"type":"decision","case":"([^"\\\x00-\x1f]+)","index":(0|[1-9][0-9]{0,8}),"trial":(0|[1-9][0-9]{0,8}),'
    rb'"digest":"([0-9a-f]+)","request_digest":"[0-9a-f]*","prompt_digest":(?:"([0-9a-f]+)"|null),"response":{'
)
_SCORE, _AFTER = b',"score":{', b',"usage":{'
"""What stands around a score. No text holds them, for its quotes are escaped, and after the score there is no other."""


class RowVerdict(NamedTuple):
    """The verdict of one row."""

    case: str
    index: int  # type: ignore[assignment]  # a tuple's own `index` is of no use here
    trial: int
    digest: str
    """The decision's content digest."""
    prompt_digest: str | None
    score: Score


def row_verdicts(path: Path) -> Iterator[RowVerdict]:
    """The verdict of every decision row in the order they were written, those that a later row replaces too.

    Raises:
        InputError: a line is not what a log holds.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.startswith(DECISION):
                yield row_verdict(path, number, line)


def row_verdict(path: Path, number: int, line: bytes) -> RowVerdict:
    """The verdict of one line, which begins as a decision's row.

    Raises:
        InputError: it is not what a log holds.
    """
    return _plain(line) or _parsed(path, number, line)


def _plain(line: bytes) -> RowVerdict | None:
    match = _BEGINNING.match(line)
    start = line.rfind(_SCORE)
    end = line.find(_AFTER, start)
    score = _score(line[start + len(_SCORE) - 1 : end]) if match and 0 < start < end else None
    if match is None or score is None:
        return None
    case, index, trial, digest, prompt = match.groups()
    try:
        name = case.decode()
    except UnicodeDecodeError:
        return None
    return RowVerdict(name, int(index), int(trial), digest.decode(), prompt.decode() if prompt else None, score)


def _parsed(path: Path, number: int, line: bytes) -> RowVerdict:
    row = parse(path, number, line)
    assert isinstance(row, DecisionRow), "it begins as one"
    return RowVerdict(row.case, row.index, row.trial, row.digest, row.prompt_digest, row.score)


@lru_cache(maxsize=1024)  # those of right decisions are few
def _score(text: bytes) -> Score | None:
    """A score from its JSON; None where it is none."""
    try:
        return Score.model_validate(jsonvalue.loads(text), context=STRICT_JSON)
    except (ValidationError, jsonvalue.JsonError):
        return None
