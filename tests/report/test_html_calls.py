"""Expected beside actual calls: paired as they are judged, argument by argument, with what leniency lets pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import jsonvalue
from harness.dialects import Call
from harness.records import Expectation
from harness.report.html.calls import lines, readable
from harness.scorers.calls import against_expected
from harness.toolschema import Toolset
from strategies import small_values

LOOK = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "limit": {"type": "integer", "default": 10},
        "share": {"type": "number"},
        "filter": {"type": "object"},
        "tags": {"type": "array"},
    },
    "required": ["id"],
}
TOOLS = Toolset([("look", LOOK), ("stop", {"type": "object"})])


def laid(expected, *actual, **options):
    expect = Expectation.model_validate({**expected, **options})
    calls = [Call(name, jsonvalue.loads(text)) for name, text in actual]
    found = lines(expect, calls, TOOLS)
    if expect.calls is not None:
        _, right, violations = against_expected(expect.calls, calls, expect, TOOLS)
        told = {line.verdict for line in found} <= {"same", "allowed"}
        assert told is right, "the lines say what the verdict says"
        wrong = [violation for violation in violations if violation.code != "default_only"]
        assert bool(wrong) is not right
    return found


def look(match=None, **arguments):
    call = {"name": "look", "arguments": arguments}
    return {"calls": [{**call, "match": match} if match else call]}


def told(found):
    return [(line.path, line.expected, line.actual, line.verdict) for line in found]


def test_each_argument_is_a_line():
    found = laid(look(id="A", limit=3), ("look", '{"limit": 4, "id": "A", "tags": []}'))
    assert told(found) == [
        ("", '"look"', '"look"', "same"),
        ("id", '"A"', '"A"', "same"),
        ("limit", "3", "4", "different"),
        ("tags", None, "[]", "extra"),
    ]
    assert found[2].why == "expected 3; got 4"


def test_what_is_left_out_is_missing():
    assert told(laid(look(id="A", limit=3), ("look", '{"id": "A"}')))[-1] == ("limit", "3", None, "missing")


def test_only_parts_that_differ_are_told_apart():
    expected = look(id="A", filter={"user": {"name": "x", "old": True}, "days": [1, 2]})
    found = laid(expected, ("look", '{"id": "A", "filter": {"user": {"name": "y", "old": true}, "days": [1, 2]}}'))
    assert told(found)[2:] == [
        ("filter.user.name", '"x"', '"y"', "different"),
        ("filter.user.old", "true", "true", "same"),
        ("filter.days", "[1, 2]", "[1, 2]", "same"),
    ]


def test_literals_keep_their_form():
    found = laid(look(id="A", limit=5), ("look", '{"id": "A", "limit": 5.0}'))
    assert told(found)[-1] == ("limit", "5", "5.0", "different")


def test_lists_of_one_length_are_told_element_by_element():
    found = laid(look(id="A", tags=["a", {"b": 1}]), ("look", '{"id": "A", "tags": ["a", {"b": 2}]}'))
    assert told(found)[2:] == [("tags[0]", '"a"', '"a"', "same"), ("tags[1].b", "1", "2", "different")]
    found = laid(look(id="A", tags=["a"]), ("look", '{"id": "A", "tags": ["a", "b"]}'))
    assert told(found)[2:] == [("tags", '["a"]', '["a", "b"]', "different")]


@pytest.mark.parametrize(
    ("rule", "expected", "actual", "why"),
    [
        ({"any": True}, '"x"', '"y"', "any value its schema allows"),
        ({"one_of": ["x", "y"]}, '"x"', '"y"', 'one of "x", "y"'),
        ({"regex": "[xy]"}, '"x"', '"y"', "matches [xy]"),
        ({"casefold": True}, '"x"', '"X"', "case does not matter"),
    ],
)
def test_declared_leniency_is_named(rule, expected, actual, why):
    found = laid(look({"/id": rule}, id="x"), ("look", f'{{"id": {actual}}}'))
    assert found[1][1:] == ("id", expected, actual, "allowed", why)


def test_leniency_declared_above_covers_what_is_below():
    rule = {"/filter": {"casefold": True}}
    found = laid(
        look(rule, id="A", filter={"a": "x", "b": "y"}), ("look", '{"id": "A", "filter": {"a": "X", "b": "z"}}')
    )
    assert [(line.path, line.verdict) for line in found[2:]] == [("filter.a", "allowed"), ("filter.b", "different")]
    assert found[2].why == "case does not matter"
    found = laid(look({"/share": {"atol": 0.1}}, id="A", share=0.5), ("look", '{"id": "A", "share": 0.55}'))
    assert found[2].why == "within 0.1"


def test_an_array_in_any_order_is_told_as_one():
    rule = {"/tags": {"unordered": True}}
    found = laid(look(rule, id="A", tags=["a", "b"]), ("look", '{"id": "A", "tags": ["b", "a"]}'))
    assert found[2][1:] == ("tags", '["a", "b"]', '["b", "a"]', "allowed", "order does not matter")
    found = laid(look(rule, id="A", tags=["a", "b"]), ("look", '{"id": "A", "tags": ["b", "c"]}'))
    assert found[2].verdict == "different"
    assert 'expected "a"; got "c"' in found[2].why


def test_what_may_be_left_out_or_stands_for_its_default_is_allowed():
    found = laid(look({"/limit": {"optional": True}}, id="A", limit=3), ("look", '{"id": "A"}'))
    assert found[2][1:] == ("limit", "3", None, "allowed", "may be left out")
    found = laid(look({"/limit": {"optional": True, "any": True}}, id="A"), ("look", '{"id": "A", "limit": 4}'))
    assert found[2][1:] == ("limit", None, "4", "allowed", "any value its schema allows")
    found = laid(look(id="A", limit=10), ("look", '{"id": "A"}'), defaults_equal=True)
    assert found[2][1:] == ("limit", "10", None, "allowed", "stands for its default")


def test_a_number_that_the_schema_lets_pass_in_another_literal():
    found = laid(look(id="A", share=1), ("look", '{"id": "A", "share": 1.0}'))
    assert found[2][1:] == ("share", "1", "1.0", "allowed", "counts as equal")


def test_a_value_that_its_schema_refuses_is_different_though_any_is_right():
    found = laid(look({"/limit": {"any": True}}, id="A", limit=3), ("look", '{"id": "A", "limit": "many"}'))
    assert found[2].verdict == "different"
    assert "not valid under its schema" in found[2].why


def test_the_arguments_as_a_whole_may_be_anything():
    found = laid(look({"": {"any": True}}, id="A"), ("look", '{"id": "B"}'))
    assert told(found)[1:] == [("(all)", '{"id": "A"}', '{"id": "B"}', "allowed")]


def test_parallel_calls_are_paired_as_they_are_judged():
    two = {"calls": [{"name": "look", "arguments": {"id": name}} for name in "AB"]}
    found = laid(two, ("look", '{"id": "B"}'), ("look", '{"id": "C"}'))
    assert [(line.call, line.path, line.actual, line.verdict) for line in found] == [
        (0, "", '"look"', "same"),
        (0, "id", '"C"', "different"),
        (1, "", '"look"', "same"),
        (1, "id", '"B"', "same"),
    ]


def test_another_tool_stands_in_the_place_of_the_one_expected():
    found = laid(look(id="A"), ("stop", '{"now": true}'))
    assert told(found) == [
        ("", '"look"', '"stop"', "different"),
        ("(all)", '{"id": "A"}', '{"now": true}', "different"),
    ]


def test_calls_without_a_counterpart():
    assert told(laid(look(id="A"))) == [("", '"look"', None, "missing"), ("id", '"A"', None, "missing")]
    found = laid(look(id="A"), ("look", '{"id": "A"}'), ("stop", "{}"))
    assert found[-1][:5] == (1, "", None, '"stop"', "extra")
    found = laid({"no_call": True}, ("stop", '{"a": 1}'))
    assert told(found) == [("", None, '"stop"', "extra"), ("a", None, "1", "extra")]
    assert laid({"any_call": True}, ("stop", "{}"))[0].verdict == "allowed"
    assert laid({"no_call": True}) == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("filter", "user"), "filter.user"),
        (("items", 2, "id"), "items[2].id"),
        (("a.b", "c d", ""), '["a.b"]["c d"][""]'),
        (("城市",), "城市"),
        ((0,), "[0]"),
        ((), "(all)"),
    ],
)
def test_places_are_written_as_people_write_them(path, shown):
    assert readable(path) == shown


small_objects = st.dictionaries(st.sampled_from(["id", "limit", "filter", "tags"]), small_values, max_size=3)
made = st.lists(st.tuples(st.sampled_from(["look", "stop"]), small_objects), max_size=3)


@given(expected=made.filter(bool), actual=made)
def test_all_lines_are_right_where_the_calls_are_and_only_there(expected, actual):
    calls = [{"name": name, "arguments": arguments} for name, arguments in expected]
    laid({"calls": calls}, *((name, jsonvalue.dumps(arguments)) for name, arguments in actual))
