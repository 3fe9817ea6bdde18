"""Every kind of line comes back from the disk as it was."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from harness import jsonvalue
from harness.records import Finding, Response, Score, Violation
from harness.runlog import (
    CaseRow,
    DecisionRow,
    Fault,
    Footer,
    Header,
    Identity,
    Line,
    PlayedCall,
    ResumedRow,
    RolloutRow,
    Sampling,
    Step,
    Timing,
    ToolsRow,
    TurnRow,
    Usage,
    WithoutRaw,
    case_line,
    decision_line,
    encode,
)
from harness.runlog.reader import _value
from harness.suite import NullScores, Policy

LINES = TypeAdapter(Line)

text = st.text(st.characters(exclude_categories=["Cs"]))
wild = st.text()  # lone surrogates too: what a server sent is kept as it came
scalar = st.none() | st.booleans() | st.integers() | text | st.sampled_from([Decimal("0.10"), Decimal("1E+400")])
json_value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(text, inner, max_size=2), max_leaves=4
)
json_object = st.dictionaries(text, json_value, max_size=2)
seconds = st.floats(min_value=0, max_value=1e7).map(lambda value: round(value, 6))
count = st.integers(min_value=0, max_value=2**40)


def records(record, **fields):
    """Records with the fields given drawn, the others (closed sets of names, yes or no) by their types."""
    others = {name: st.from_type(field.annotation) for name, field in record.model_fields.items() if name not in fields}
    return st.builds(record, **others, **fields)


sampling = records(
    Sampling,
    temperature=st.sampled_from([0, 1, Decimal("0.7"), Decimal("0.70")]),
    top_p=st.just(1),
    min_p=st.just(Decimal("1E-7")),
    repetition_penalty=st.just(1),
    presence_penalty=st.just(0),
    frequency_penalty=st.just(0),
    max_tokens=count,
    seed=st.integers(),
)
identity = records(
    Identity,
    suite=text,
    suite_digest=text,
    decisions=count,
    model=text,
    model_identity=json_object,
    server=json_object,
    sampling=sampling,
    trials=count,
    harness_version=text,
    scorer_version=text,
)
nulls = st.dictionaries(text, st.dictionaries(text, st.lists(count, min_size=2, max_size=2), max_size=2), max_size=2)
header = records(
    Header,
    identity=identity,
    description=text,
    thresholds=json_object,
    gate=st.none() | st.builds(Policy, max_error_rate=st.floats(0, 1)),
    nulls=st.none() | records(NullScores, suite_digest=text, scorer_version=text, teacher_forced=nulls, rollout=nulls),
    started=text,
    command=st.lists(text),
    base_urls=st.lists(text),
    platform=text,
)
finding = records(Finding, start=count, end=count, text=text, reason=text)
score = records(
    Score,
    violations=st.lists(records(Violation, path=text, message=text), max_size=3),
    fabrication=st.lists(finding, max_size=2),
    in_reasoning=st.lists(finding, max_size=1),
    ungrounded_claims=st.lists(finding, max_size=2),
    skipped=st.lists(text, max_size=2),
)
response = records(
    Response,
    message=st.none() | json_object,
    raw=st.none() | text,
    finish_reason=st.none() | text,
    error=st.none() | text,
)
asked = {
    "request_digest": text,
    "prompt_digest": st.none() | text,
    "response": response,
    "token_ids": st.none() | st.lists(st.integers(0, 2**32 - 1), max_size=5),
    "raw_fault": st.none() | records(Fault, status=st.none() | count, message=text),
    "prompt_tail": st.none() | st.lists(st.integers(0, 2**32 - 1), max_size=3),
    "fault": st.none() | records(Fault, status=st.none() | count, message=text),
    "score": score,
    "usage": records(Usage, prompt_tokens=st.none() | count, completion_tokens=st.none() | count),
    "timing": records(Timing, started=seconds, latency=seconds, attempts=count),
    "url": count,
}
decision = records(DecisionRow, case=text, index=count, trial=count, digest=text, **asked)
played = records(PlayedCall, decision=st.none() | count, error=st.none() | text)
step = records(
    Step,
    turn=count,
    index=count,
    messages=st.lists(json_object, max_size=2),
    played=st.lists(played, max_size=2),
    **asked,
)
rollout = records(
    RolloutRow,
    case=text,
    trial=count,
    digest=text,
    steps=st.lists(step, max_size=2),
    turns=st.lists(records(TurnRow, turn=count, steps=count), max_size=2),
)
footer = records(
    Footer,
    rows=count,
    scored=count,
    errored=count,
    finished=text,
    elapsed=seconds,
    server_metrics=st.dictionaries(text, count),
    without_raw=st.dictionaries(st.sampled_from(get_args(WithoutRaw)), count),
    sha256=text,
)
lines = st.one_of(
    header,
    records(ToolsRow, licence=st.none() | text, tools=st.lists(json_object, max_size=2)),
    records(CaseRow, case=json_object),
    decision,
    rollout,
    records(ResumedRow, started=text, command=st.lists(text), harness_version=text, base_urls=st.lists(text)),
    footer,
)


def back(line):
    return LINES.validate_python(jsonvalue.loads(line))


@settings(max_examples=60)
@given(lines)
def test_every_row_comes_back(row):
    line = encode(row)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert back(line) == row
    assert encode(back(line)) == line


@settings(max_examples=60)
@given(decision)
def test_rows_written_without_a_record_are_the_same(row):
    """What a run writes as plain values is what the record would have written, byte by byte."""
    value = {name: getattr(row, name) for name in type(row).model_fields if name != "type"}
    value["response"] = row.response.__dict__
    value["score"] = row.score.to_json()
    value["raw_fault"] = row.raw_fault.model_dump() if row.raw_fault else None
    value["fault"] = row.fault.model_dump() if row.fault else None
    value["usage"], value["timing"] = row.usage.model_dump(), row.timing.model_dump()
    assert decision_line(value) == encode(row)


@given(json_object)
def test_case_lines_written_without_a_record_are_the_same(case):
    assert case_line(case) == encode(CaseRow(case=case))


@given(wild)
def test_text_of_any_kind_in_a_message_is_kept(content):
    line = decision_line({"response": {"message": {"content": content}}})
    assert _value(line)["response"]["message"]["content"] == content
