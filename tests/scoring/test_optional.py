"""An argument that may be given but is not expected: its rule says what it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.leniency import ExpectationError
from harness.recorded import RecordedResponse, score_record
from harness.records import STRICT_JSON

if TYPE_CHECKING:
    from collections.abc import Callable

ANY = {"any": True, "optional": True}


@pytest.fixture
def outcome(make_record: Callable[..., Any]) -> Callable[..., str]:
    """The outcome of one call of `f` whose `x` is expected, under match rules."""

    def judge(match: dict[str, Any], arguments: str, expected: dict[str, Any] | None = None) -> str:
        properties = {"x": {"type": "integer"}, "note": {"type": "string"}, "at": {"type": "object"}}
        schema = {"type": "object", "properties": properties}
        call = {"name": "f", "arguments": {"x": 1} if expected is None else expected, "match": match}
        record = make_record(schema=schema, tools=["f"], expect={"calls": [call]}, calls=[("f", arguments)])
        found = score_record(RecordedResponse.model_validate(record, context=STRICT_JSON)).outcome
        assert found is not None
        return found

    return judge


@pytest.mark.parametrize(
    ("rule", "given", "right"),
    [
        (ANY, '{"x": 1}', True),
        (ANY, '{"x": 1, "note": "call her"}', True),
        (ANY, '{"x": 1, "note": 5}', False),
        (ANY, '{"x": 1, "more": "call her"}', False),
        ({"one_of": ["a", "b"], "optional": True}, '{"x": 1, "note": "b"}', True),
        ({"one_of": ["a", "b"], "optional": True}, '{"x": 1, "note": "c"}', False),
        ({"regex": "[a-c]+", "optional": True}, '{"x": 1, "note": "abc"}', True),
        ({"regex": "[a-c]+", "optional": True}, '{"x": 1, "note": "d"}', False),
    ],
)
def test_a_member_that_is_not_expected(
    outcome: Callable[..., str], rule: dict[str, Any], given: str, *, right: bool
) -> None:
    assert outcome({"/note": rule}, given) == ("correct_call" if right else "wrong_arguments")


def test_inside_an_expected_object(outcome: Callable[..., str]) -> None:
    assert outcome({"/at/zone": ANY}, '{"at": {"hour": 5, "zone": "UTC"}}', {"at": {"hour": 5}}) == "correct_call"
    assert outcome({"/at/zone": ANY}, '{"at": {"hour": 5}}', {"at": {"hour": 5}}) == "correct_call"


@pytest.mark.parametrize(
    ("pointer", "rule"),
    [
        ("/note", {"any": True}),
        ("/note", {"optional": True}),
        ("/note", {"casefold": True, "optional": True}),
        ("/at/zone", ANY),
        ("/x/0", ANY),
    ],
)
def test_other_rules_that_hit_nothing_are_refused(
    outcome: Callable[..., str], pointer: str, rule: dict[str, Any]
) -> None:
    with pytest.raises(ExpectationError, match="points at nothing"):
        outcome({pointer: rule}, '{"x": 1}')
