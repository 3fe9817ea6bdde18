"""Defaults that stand for an argument left out."""

from __future__ import annotations

from typing import Any

import pytest

SCHEMA = {
    "type": "object",
    "$defs": {"unit": {"type": "string", "default": "C"}},
    "properties": {
        "city": {"type": "string"},
        "unit": {"$ref": "#/$defs/unit"},
        "days": {"type": "integer", "default": 5},
    },
}


@pytest.mark.parametrize(
    ("expected", "match", "actual", "outcome", "filled"),
    [
        ({"city": "Paris", "unit": "C"}, {}, '{"city": "Paris"}', "correct_call", ["unit"]),
        ({"city": "Paris"}, {}, '{"city": "Paris", "unit": "C"}', "correct_call", ["unit"]),
        ({"city": "Paris", "unit": "F"}, {}, '{"city": "Paris"}', "wrong_arguments", []),
        # What may be left out needs no default; filled in, it would be wrong.
        ({"days": 9, "unit": "C"}, {"/days": {"optional": True}}, "{}", "correct_call", ["unit"]),
        ({"days": 9, "unit": "C"}, {"/days": {"optional": True}}, '{"days": 5}', "wrong_arguments", []),
        ({"days": 9}, {"/days": {"optional": True}}, '{"unit": "C"}', "correct_call", ["unit"]),
    ],
)
def test_defaults_fill_what_is_left_out(
    judge: Any, expected: Any, match: Any, actual: str, outcome: str, filled: list[str]
) -> None:
    expect = {"calls": [{"name": "f", "arguments": expected, "match": match}], "defaults_equal": True}
    verdict = judge(tools=("f",), schema=SCHEMA, calls=[("f", actual)], expect=expect)
    assert verdict.outcome == outcome
    found = [violation.path for violation in verdict.violations if violation.code == "default_only"]
    assert found == [f"/0/arguments/{name}" for name in filled]
