"""A case as one line of a run's log: written and read back, it is the same case with the same decisions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from harness import jsonvalue
from harness.records import Expectation, ExpectedCall, FunctionSpec, MatchRule
from harness.suite import Case, ExpectTurn, SuiteTool, Toolbox, UserTurn, decisions_of

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers() | DECIMALS | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3))
NAMES = st.sampled_from(["one", "two", "three"])
TOOLBOX = Toolbox([SuiteTool(function=FunctionSpec(name=name)) for name in ("one", "two", "three")])


@st.composite
def rules(draw: st.DrawFn) -> MatchRule:
    given_rule: dict[str, Any] = draw(
        st.sampled_from([{"casefold": True}, {"any": True}, {"unordered": True}, {"regex": "a+"}])
        | st.builds(lambda tolerance: {"atol": tolerance}, DECIMALS | st.integers())
        | st.builds(lambda values: {"one_of": values}, st.lists(VALUES.filter(lambda v: v is not None), min_size=1))
    )
    return MatchRule(**given_rule, **({"optional": True} if draw(st.booleans()) else {}))


CALLS = st.builds(
    ExpectedCall,
    name=NAMES,
    arguments=st.dictionaries(TEXT, VALUES, max_size=3),
    match=st.dictionaries(TEXT, rules(), max_size=2),
)
TOOL_LISTS = st.none() | st.lists(NAMES, unique=True)


@st.composite
def expect_turns(draw: st.DrawFn) -> ExpectTurn:
    settings = {"min_words": draw(st.integers(0, 5)), "defaults_equal": draw(st.booleans())}
    tools = draw(TOOL_LISTS)
    if draw(st.booleans()):
        calls = draw(st.lists(CALLS, min_size=1, max_size=3))
        observations = draw(st.none() | st.lists(TEXT, min_size=len(calls), max_size=len(calls)))
        return ExpectTurn(expect=Expectation(calls=calls, **settings), observations=observations, tools=tools)
    return ExpectTurn(expect=Expectation(no_call=True, **settings), answer=draw(st.none() | TEXT), tools=tools)


CASES = st.builds(
    Case,
    id=TEXT.filter(bool),
    tags=st.dictionaries(TEXT, TEXT, max_size=2),
    tools=TOOL_LISTS,
    system=st.none() | TEXT,
    min_words=st.integers(0, 5),
    turns=st.lists(st.builds(UserTurn, user=TEXT, tools=TOOL_LISTS) | expect_turns(), min_size=1, max_size=5),
)


@given(CASES)
def test_a_case_survives_one_line_of_json(case):
    line = jsonvalue.dump_line(case.to_json())
    again = Case.from_json(jsonvalue.loads(line))
    assert again == case
    assert jsonvalue.dump_line(again.to_json()) == line  # equal in Python hides 5 and 5.0
    assert decisions_of(again, TOOLBOX) == decisions_of(case, TOOLBOX)


def test_defaults_are_left_out_of_the_line():
    case = Case(id="a", turns=[UserTurn(user="x"), ExpectTurn(expect=Expectation(any_call=True))])
    assert case.to_json() == {
        "id": "a",
        "turns": [{"user": "x"}, {"expect": {"any_call": True, "min_words": 2, "defaults_equal": False}}],
    }


def test_numbers_are_written_as_they_were_read():
    call = ExpectedCall(name="one", arguments={"a": Decimal("5.00"), "b": 5, "c": None})
    turns = [UserTurn(user="x"), ExpectTurn(expect=Expectation(calls=[call]))]
    assert b'"arguments":{"a":5.00,"b":5,"c":null}' in jsonvalue.dump_line(Case(id="a", turns=turns).to_json())


def test_what_is_no_case_is_refused():
    with pytest.raises(ValidationError):
        Case.from_json({"id": "a", "turns": [{"user": "x", "answer": "y"}]})


def test_a_loaded_case_needs_nothing_of_its_suite_but_the_tools(load):
    suite = load(suite_DOT_yaml="name: s\ndescription: d\nlicence: l\ndefaults: {system: Be brief., min_words: 7}\n")
    again = Case.from_json(jsonvalue.loads(jsonvalue.dump_line(suite.cases[0].to_json())))
    assert decisions_of(again, Toolbox(suite.tools)) == list(suite.decisions)
