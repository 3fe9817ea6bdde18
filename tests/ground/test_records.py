"""Records made without validation, and records that take less memory: to everyone else they are as any other."""

from __future__ import annotations

import copy

import pytest

from harness.records import Expectation, ExpectedCall, MatchRule, Record, Score, Violation
from harness.suite import Case

_CALL = {"name": "f", "arguments": {"x": [1, {"y": None}]}, "match": {"/x": {"any": True}}}
_CASE = {"id": "a", "tags": {"k": "v"}, "turns": [{"user": "Hi"}, {"expect": {"calls": [_CALL]}}]}


def trusted() -> Record:
    return Violation.trusted(code="extra_call", path="/0", message="one too many")


_SAME = [
    pytest.param(trusted(), Violation(code="extra_call", path="/0", message="one too many"), id="trusted"),
    pytest.param(Case.model_validate(_CASE).compact(), Case.model_validate(_CASE), id="compact"),
]


@pytest.mark.parametrize(("record", "validated"), _SAME)
def test_it_equals_the_validated_record(record: Record, validated: Record) -> None:
    assert record == validated
    assert repr(record) == repr(validated)
    assert record.model_dump() == validated.model_dump()


@pytest.mark.parametrize(("record", "validated"), _SAME)
def test_it_can_be_copied(record: Record, validated: Record) -> None:
    assert record.model_copy() == copy.deepcopy(record) == validated
    name = next(iter(type(record).model_fields))
    assert record.model_copy(update={name: "other"}) == validated.model_copy(update={name: "other"})
    assert record == validated


def test_compact_records_share_one_note_of_their_fields() -> None:
    rule = MatchRule(any=True)
    calls = [ExpectedCall(name="f", arguments={"x": 1}, match={"/x": rule}), ExpectedCall(name="g", arguments={})]
    expectation = Expectation(calls=calls)
    assert expectation.compact() is expectation
    assert rule.model_fields_set == set(MatchRule.model_fields)
    assert calls[0].model_fields_set is calls[1].model_fields_set


def test_a_copy_leaves_the_shared_note_alone() -> None:
    before = set(Violation.model_fields)
    trusted().model_copy(update={"elsewhere": 1})
    assert trusted().model_fields_set == before
    assert Score.trusted(state="empty").model_fields_set == set(Score.model_fields)
