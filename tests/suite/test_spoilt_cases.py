"""Whatever stands in a case, loading ends in a suite or in problems with a place, never in a crash."""

from __future__ import annotations

import copy
import json
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.errors import InputError
from harness.suite import load_suite

TOOL = {
    "type": "function",
    "function": {"name": "look", "parameters": {"type": "object", "properties": {"n": {"type": "integer"}}}},
}
CASE = {
    "id": "a",
    "tags": {"k": "v"},
    "tools": ["look"],
    "turns": [
        {"user": "x"},
        {
            "expect": {"calls": [{"name": "look", "arguments": {"n": 1}, "match": {"/n": {"any": True}}}]},
            "observations": ["o"],
        },
        {"expect": {"no_call": True, "min_words": 1}, "answer": "y"},
    ],
}
KEYS = st.sampled_from(["user", "expect", "calls", "no_call", "tools", "match", "user turn", "expect turn", "zz", "/n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1, 5, Decimal("5.0"), "", "x", "look", "/n"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=2),
    max_leaves=4,
)


def containers(value: object) -> list[dict[str, object] | list[object]]:
    if not isinstance(value, dict | list):
        return []
    inside = value.values() if isinstance(value, dict) else value
    return [value, *(found for item in inside for found in containers(item))]


@st.composite
def spoilt_cases(draw: st.DrawFn) -> object:
    case = copy.deepcopy(CASE)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(containers(case)))
        if isinstance(place, dict):
            key = draw(st.sampled_from(sorted(place)) | KEYS if place else KEYS)
            place[key] = draw(VALUES)
        elif place:
            place[draw(st.integers(0, len(place) - 1))] = draw(VALUES)
        if draw(st.booleans()) and isinstance(place, dict):
            del place[draw(st.sampled_from(sorted(place)))]
    return case


@settings(max_examples=2 * settings.default.max_examples)
@given(spoilt_cases())
def test_a_spoilt_case_is_a_suite_or_a_list_of_problems(tmp_path_factory, case):
    folder = tmp_path_factory.mktemp("suite")
    (folder / "cases").mkdir()
    (folder / "suite.yaml").write_text("name: s\ndescription: d\nlicence: l\n", encoding="utf-8")
    (folder / "tools.json").write_text(json.dumps([TOOL]), encoding="utf-8")
    (folder / "cases/a.jsonl").write_bytes(jsonvalue.dump_line(case))
    try:
        suite = load_suite(folder)
    except InputError as error:
        for problem in error.problems:
            assert (problem.file, problem.line) == (str(folder / "cases/a.jsonl"), 1)
            assert problem.message
            assert "Input should" not in problem.message
    else:
        assert suite.decisions
