"""BFCL's categories, on items of our own in its format."""

from __future__ import annotations

import json

import pytest

from harness.errors import InputError, UsageError
from importers.sources import write_lines

WEATHER = {
    "name": "weather.get",
    "description": "Read the weather.",
    "parameters": {
        "type": "dict",
        "properties": {
            "city": {"type": "string"},
            "days": {"type": "integer", "default": 1},
            "limit": {"type": "float"},
        },
        "required": ["city"],
    },
}
OTHER = {
    "name": "news",
    "description": "Read the news.",
    "parameters": {"type": "dict", "properties": {}, "required": []},
}


def item(name, text="Weather in Oslo?", functions=(WEATHER,), before=()):
    question = [[*before, {"role": "user", "content": text}]]
    return {"id": name, "question": question, "function": list(functions)}


def truth(name, *calls):
    return {"id": name, "ground_truth": list(calls)}


@pytest.fixture
def imported(made, tmp_path):
    """Imports one category of the given items and ground truths."""

    def imported(category, items, truths=()):
        write_lines(tmp_path / "data" / f"BFCL_v4_{category}.json", *items)
        if truths:
            write_lines(tmp_path / "data" / "possible_answer" / f"BFCL_v4_{category}.json", *truths)
        return made("bfcl", tmp_path / "data")

    return imported


def test_one_call_with_its_alternatives(imported):
    gold = truth("simple_python_0", {"weather.get": {"city": ["Oslo", "Oslo, NO"], "days": ["", 1], "limit": [5.0]}})
    suite = imported("simple_python", [item("simple_python_0")], [gold]).suite("bfcl_simple_python")
    (decision,) = suite.decisions
    (call,) = decision.expect.calls
    assert (call.name, call.arguments) == ("weather_get", {"city": "Oslo", "days": 1, "limit": 5})
    assert {place: rule.model_dump(exclude_none=True) for place, rule in call.match.items()} == {
        "/city": {"one_of": ["Oslo", "Oslo, NO"]},
        "/days": {"optional": True},
    }
    assert decision.tools[0].function.parameters["properties"]["limit"] == {"type": "number"}
    assert decision.tags == {"source": "bfcl", "language": "en", "category": "simple_python", "kind": "single_call"}


def test_parallel_calls_are_one_message(imported):
    calls = [{"weather.get": {"city": [city]}} for city in ("Oslo", "Rome", "Oslo")]
    suite = imported("parallel", [item("parallel_0")], [truth("parallel_0", *calls)]).suite("bfcl_parallel")
    assert [call.arguments["city"] for call in suite.decisions[0].expect.calls] == ["Oslo", "Rome", "Oslo"]


@pytest.mark.parametrize(
    ("category", "kind"), [("irrelevance", "no_call"), ("live_irrelevance", "no_call"), ("live_relevance", "any_call")]
)
def test_categories_without_gold(imported, category, kind):
    suite = imported(category, [item(f"{category}_0")]).suite(f"bfcl_{category}")
    assert suite.decisions[0].expect.kind == kind


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Weather?", "en"),
        ("How do I say 天气 in the north of Japan, please?", "en"),
        ("奥斯陆天气？", "zh"),
        ("オスロの天気は", "ja"),
        ("오슬로 날씨", "ko"),
    ],
)
def test_the_language_is_told_by_its_script(imported, text, language):
    suite = imported("irrelevance", [item("irrelevance_0", text)]).suite("bfcl_irrelevance")
    assert suite.cases[0].tags["language"] == language


def test_no_tools_are_no_tools(imported):
    suite = imported("live_irrelevance", [item("live_irrelevance_0", functions=[])]).suite("bfcl_live_irrelevance")
    assert suite.decisions[0].tools == ()


def test_a_system_text_and_several_messages(imported):
    before = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello."}]
    suite = imported("irrelevance", [item("irrelevance_0", before=before)]).suite("bfcl_irrelevance")
    assert [message["role"] for message in suite.decisions[0].messages] == ["system", "user", "user"]


def test_one_name_in_two_versions(imported):
    """Each case is offered its own."""
    other = json.loads(json.dumps(WEATHER).replace("city", "town"))
    suite = imported(
        "multiple",
        [item("multiple_0", functions=[WEATHER, OTHER]), item("multiple_1", functions=[other, OTHER])],
        [
            truth("multiple_0", {"weather.get": {"city": ["Oslo"]}}),
            truth("multiple_1", {"weather.get": {"town": ["Oslo"]}}),
        ],
    ).suite("bfcl_multiple")
    assert [tool.key for tool in suite.tools] == ["weather_get", "news", "weather_get@2"]
    assert [next(iter(d.tools[0].function.parameters["properties"])) for d in suite.decisions] == ["city", "town"]


LEFT_OUT = {
    "scripted_answers": (
        item("x", before=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]),
        None,
    ),
    "no_gold": (item("x"), None),
    "gold_not_offered": (item("x"), {"rain": {}}),
    "gold_unusable": (item("x"), {"weather.get": {"city": "Oslo"}}),
    "tool_unusable": (item("x", functions=[{"name": "f", "parameters": {"type": "blob"}}]), {"f": {}}),
    "several_turns": ({**item("x"), "question": [[], []]}, None),
    "not_json": ('{"id": "x",', None),
}


@pytest.mark.parametrize("rule", LEFT_OUT)
def test_what_cannot_be_a_case_is_left_out_by_a_named_rule(imported, rule):
    broken, call = LEFT_OUT[rule]
    good = truth("simple_python_0", {"weather.get": {"city": ["Oslo"]}})
    gold = [good, *([truth("x", call)] if call else [])]
    found = imported("simple_python", [item("simple_python_0"), broken], gold)
    assert list(found.left_out.values()) == [rule]
    line = list(found.report("bfcl_simple_python").values())[1]
    assert (line["outcome"], line["notes"][0]["rule"]) == ("left out", rule)
    assert len(found.suite("bfcl_simple_python").cases) == 1


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        ({"city": ["Oslo"], "days": ["three"]}, "gold_breaks_schema"),
        ({"days": [3]}, "breaks_suite_check"),
        ({"city": ["Oslo"], "wind": [3]}, "undeclared_argument"),
    ],
)
def test_gold_that_its_own_tool_refuses_is_quarantined(imported, call, rule):
    good = truth("simple_python_0", {"weather.get": {"city": ["Oslo"]}})
    found = imported("simple_python", [item("simple_python_0"), item("x")], [good, truth("x", {"weather.get": call})])
    assert found.quarantine("bfcl_simple_python") == {"x": [rule]}
    assert found.report("bfcl_simple_python")["x"]["outcome"] == "quarantined"


def test_a_folder_without_the_data_is_refused(made, tmp_path):
    with pytest.raises(InputError, match="holds no BFCL_v4_"):
        made("bfcl", tmp_path)


def test_a_category_that_is_not_there_is_refused(made, tmp_path):
    write_lines(tmp_path / "BFCL_v4_irrelevance.json", item("irrelevance_0"))
    with pytest.raises(InputError, match="holds no BFCL_v4_multiple"):
        made("bfcl", tmp_path, categories=frozenset(["multiple"]))


def test_nothing_is_no_import(made, tmp_path):
    write_lines(tmp_path / "BFCL_v4_irrelevance.json")
    with pytest.raises(UsageError, match="holds no item"):
        made("bfcl", tmp_path)
