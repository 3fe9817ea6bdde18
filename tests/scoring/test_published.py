"""The published formats: they admit what the command reads and writes, and refuse what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from pydantic import ValidationError

from harness.cli.schema import published
from harness.jsonvalue import JsonError
from harness.leniency import ExpectationError
from harness.recorded import RecordedScore, parse_record, score_line, score_record
from harness.records import Dialect, QualityDefect, State

CORPUS = Path(__file__).parent / "corpus"


def _corpus() -> list[tuple[str, dict[str, Any], Any]]:
    found = []
    for file in sorted(CORPUS.glob("*.jsonl")):
        for text in file.read_text(encoding="utf-8").split("\n"):
            if text:
                case = json.loads(text)
                record = case["record"] if "record" in case else _plain(case["line"])
                found.append((file.stem, case, record))
    return found


def _plain(line: str) -> Any:
    """The line as any JSON reader sees it; None where it is none. Long integers are cut: Python reads none."""
    try:
        return json.loads(line, parse_int=lambda digits: int(digits[:1000]))
    except ValueError:
        return None


@pytest.fixture(scope="module")
def record_schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(published("record"))


@pytest.fixture(scope="module")
def score_schema() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(published("score"))


def test_published_schemas_are_schemas_and_closed() -> None:
    for name in ("record", "score"):
        schema = published(name)
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["additionalProperties"] is False
    score = published("score")
    assert set(RecordedScore.model_fields) == set(score["properties"])
    assert score["properties"]["state"]["enum"] == list(get_args(State))
    assert score["properties"]["quality_defects"]["items"]["enum"] == list(get_args(QualityDefect))


def test_every_valid_record_of_the_corpus_fits_the_published_format(
    record_schema: jsonschema.Draft202012Validator,
) -> None:
    for _, case, record in _corpus():
        if not case.get("invalid"):
            assert not list(record_schema.iter_errors(record)), case["id"]


def test_every_spoilt_record_of_the_corpus_is_refused_by_the_published_format(
    record_schema: jsonschema.Draft202012Validator,
) -> None:
    """All but what no schema can say: bad JSON, rules and literals that do not fit the value they stand for."""
    missed = []
    for _, case, record in _corpus():
        if case.get("invalid"):
            try:
                score_record(parse_record(case["line"].encode("utf-8", "surrogatepass")))
            except ValidationError:
                if record_schema.is_valid(record):
                    missed.append(f"{case['id']}: {case['rule']}")
            except (JsonError, ExpectationError):
                pass
    assert missed == []


def test_every_score_of_the_corpus_fits_the_published_format(score_schema: jsonschema.Draft202012Validator) -> None:
    for _, case, _ in _corpus():
        if not case.get("invalid"):
            line = case["line"] if "line" in case else json.dumps(case["record"])
            record = parse_record(line.encode("utf-8", "surrogatepass"))
            score = json.loads(score_line(record.id, score_record(record)))
            assert not list(score_schema.iter_errors(score)), case["id"]


_REFUSED = [
    {"id": 1},
    {"note": 1},
    {"messages": None},
    {"tools": {}},
    {"tools": [{"type": "tool", "function": {"name": "f"}}]},
    {"expect": {"calls": []}},
    {"expect": {"calls": [{"name": "f"}]}},
    {"expect": {"calls": [{"name": "f", "arguments": []}]}},
    {"expect": {"calls": [{"name": "f", "arguments": {}, "match": {"": {"fuzzy": True}}}]}},
    {"expect": {"calls": [{"name": "f", "arguments": {"a": 1}, "match": {"/a": {"one_of": []}}}]}},
    {"expect": {"no_call": "yes"}},
    {"expect": {"no_call": True, "min_words": -1}},
    {"expect": {"no_call": True, "min_words": "2"}},
    {"response": None},
    {"response": {"message": []}},
    {"response": {"message": {}, "dialect": "klingon"}},
    {"response": {"message": {}, "prompt_think": None}},
    {"response": {"message": {}, "extra": 1}},
]
_REFUSED_FOR_A_CONDITION_BETWEEN_KEYS = [
    {"expect": {"no_call": False}},
    {"expect": {"no_call": True, "any_call": True}},
    {"expect": {}},
    {"expect": {"calls": [{"name": "f", "arguments": {"a": 1}, "match": {"/a": {"any": None}}}]}},
    {"response": {"message": None, "raw": None}},
    {"response": {"message": None, "raw": "x"}},
]


@pytest.mark.parametrize("changes", _REFUSED + _REFUSED_FOR_A_CONDITION_BETWEEN_KEYS, ids=json.dumps)
def test_the_published_format_refuses_what_the_command_refuses(
    record_schema: jsonschema.Draft202012Validator, make_record: Any, changes: dict[str, Any]
) -> None:
    record = make_record(content="Hello there.", expect={"no_call": True})
    assert record_schema.is_valid(record)
    record |= changes
    with pytest.raises(ValueError, match=r"\S"):
        parse_record(json.dumps(record).encode())
    assert not record_schema.is_valid(record)


def test_the_format_names_the_dialects(record_schema: jsonschema.Draft202012Validator, make_record: Any) -> None:
    for dialect in get_args(Dialect):
        assert record_schema.is_valid(make_record(message={}, dialect=dialect))
