"""Each change by itself: what it changes, what it leaves, and when it keeps away."""

from __future__ import annotations

import json
from random import Random
from xml.etree import ElementTree as ET

import pytest

from harness.documents import Document, read_yaml
from harness.stress import TRANSFORMS
from harness.stress.draft import Draft
from harness.suite import Case, SuiteTool
from harness.testing.sample import tool


def draft(*turns, tools=(), system=None, **case):
    value = {"id": "one", "turns": list(turns), **case, **({"system": system} if system else {})}
    return Draft.of(Case.from_json(value), [SuiteTool.model_validate(one) for one in tools])


def asks(text, *calls, answer="Here it is.", returned="fine"):
    """A user turn, the calls it wants, and the answer."""
    wanted = [{"expect": {"calls": list(calls)}, "observations": [returned] * len(calls)}] if calls else []
    return [{"user": text}, *wanted, {"expect": {"no_call": True}, "answer": answer}]


def change(name, made, seed=0):
    return TRANSFORMS[name](made, Random(seed))


TEXT = {"type": "string"}
NESTED = tool(
    "get_alert", ["alert_id"], alert_id=TEXT, where={"type": "object", "properties": {"host_name": TEXT}}, note=TEXT
)


@pytest.mark.parametrize("seed", range(3))
def test_a_renamed_tool_is_renamed_wherever_it_is_mentioned_but_no_plain_word_is(seed):
    call = {"name": "get_alert", "arguments": {"alert_id": "A-1"}}
    made = draft(
        *asks("Use get_alert and search for A-1; not get_alert_history.", call, answer="get_alert says so."),
        tools=[NESTED, tool("search")],
        system="Call get_alert first, then search.",
    )
    assert change("rename_tools", made, seed) is None
    new = made.turns[1]["expect"]["calls"][0]["name"]
    other = next(one["name"] for one in made.functions if one["name"] != new)
    assert new != "get_alert"
    assert other != "search"
    assert made.case["system"] == f"Call {new} first, then search."
    assert made.turns[0]["user"] == f"Use {new} and search for A-1; not get_alert_history."
    assert made.turns[2]["answer"] == f"{new} says so."


def test_renamed_parameters_are_renamed_below_and_in_leniency_too():
    arguments = {"alert_id": "A-1", "where": {"host_name": "h"}}
    match = {
        "/where/host_name": {"optional": True},
        "/note": {"any": True, "optional": True},
        "/where": {"casefold": True},
    }
    call = {"name": "get_alert", "arguments": arguments, "match": match}
    made = draft(*asks("A-1?", call), tools=[NESTED], system="Mind the note.")
    assert change("rename_parameters", made) is None
    (called,) = made.calls
    assert called["arguments"] == {"alertId": "A-1", "where_value": {"hostName": "h"}}
    assert set(called["match"]) == {
        "/where_value/hostName",
        "/note",
        "/where_value",
    }  # the system text speaks of a note
    schema = next(made.functions)["parameters"]
    assert list(schema["properties"]) == ["alertId", "where_value", "note"]
    assert schema["required"] == ["alertId"]


def renamed(*turns, tools, **case):
    """A draft whose parameters are renamed: its tools as what a model is told."""
    made = draft(*turns, tools=tools, **case)
    assert change("rename_parameters", made) is None
    return list(made.functions)


def told(function, **members):
    """A tool that describes its parameters, each by what stands there."""
    schemas = {name: {"type": "string", "description": text} for name, text in members.items()}
    value = tool(function, **schemas)
    value["function"]["description"] = members.pop("about", f"{function}.")
    return value


def test_descriptions_follow_a_renamed_parameter():
    search = told("search_log", start_time="Not after end_time.", end_time="After start_time; not end_time_zone.")
    search["function"]["description"] = "With start_time, from then on; user_name does not matter."
    search["function"]["parameters"]["title"] = "start_time and end_time"
    (function,) = renamed(*asks("What happened?"), tools=[search])
    assert function["description"] == "With startTime, from then on; user_name does not matter."
    assert function["parameters"]["title"] == "startTime and endTime"
    members = function["parameters"]["properties"]
    assert [one["description"] for one in members.values()] == [
        "Not after endTime.",
        "After startTime; not end_time_zone.",
    ]
    assert list(members) == ["startTime", "endTime"]


def test_a_member_that_is_called_like_a_keyword_is_a_member():
    parts = {"default": {"type": "string", "description": "See the_id."}, "the_id": {"type": "string"}}
    (function,) = renamed(*asks("Hi"), tools=[tool("find", **parts, note={"type": "string", "default": "the_id."})])
    # "the_id" is a value as well: what a description means by it is not sure.
    assert list(function["parameters"]["properties"]) == ["default_value", "the_id", "note_value"]
    (function,) = renamed(*asks("Hi"), tools=[tool("find", **parts)])
    assert function["parameters"]["properties"]["default_value"]["description"] == "See theId."


@pytest.mark.parametrize(
    ("about", "said", "other"),
    [
        ("The radius, in metres.", "Hi", TEXT),  # a word of prose
        ("As in the field radius_m.", "Hi", {"type": "string", "enum": ["radius_m", "area"]}),  # a choice
        (
            "As radius_m.",
            "Hi",
            {"type": "object", "anyOf": [{}], "properties": {"radius_m": TEXT}},
        ),  # one is not renamed
        ("Of the circle.", "用radius_m查一下", TEXT),  # Chinese has no blanks
        ("Of the circle.", "radius, please", TEXT),
    ],
)
def test_a_parameter_keeps_a_name_that_texts_hold_and_that_cannot_be_renamed_there_for_sure(about, said, other):
    name = "radius_m" if "radius_m" in about + said else "radius"
    area = told("area", **{name: about})
    area["function"]["parameters"]["properties"]["other_one"] = other
    (function,) = renamed(*asks(said), tools=[area])
    assert list(function["parameters"]["properties"]) == [name, "otherOne"]
    assert function["parameters"]["properties"][name]["description"] == about


def test_a_variant_in_which_every_parameter_keeps_its_name_is_left_out():
    made = draft(*asks("Hi"), tools=[told("area", radius="The radius, in metres.")])
    reason = "no parameter can be renamed for sure: the texts or descriptions hold its name"
    assert change("rename_parameters", made) == reason


@pytest.mark.parametrize(
    ("returned", "answer", "kept"),
    [
        ('{"error": "alert_id is missing"}', "Sorry.", True),
        ("Error: unknown parameter alert_id", "Sorry.", True),
        ('{"alert_id": "A-1"}', "Found.", False),  # a field of what is returned
        ("alert_id,note\nA-1,none", "Found.", False),
        ("fine", "I need the alert_id for that.", True),
    ],
)
def test_a_parameter_that_tools_or_the_assistant_speak_of_keeps_its_name(returned, answer, kept):
    call = {"name": "get_alert", "arguments": {"alert_id": "A-1"}}
    (function,) = renamed(*asks("A-1?", call, returned=returned, answer=answer), tools=[NESTED])
    assert ("alert_id" in function["parameters"]["properties"]) is kept


def test_references_between_members_keep_the_names():
    schema = tool("get_alert", alert_id=TEXT, other_id={"$ref": "#/properties/alert_id"})
    assert "how its schema names members" in change("rename_parameters", draft(*asks("Hi"), tools=[schema]))
    schema = tool(
        "get_alert", rows={"type": "array", "default": [{"a_b": 1}], "items": NESTED["function"]["parameters"]}
    )
    (function,) = renamed(*asks("Hi"), tools=[schema])
    assert "alert_id" in function["parameters"]["properties"]["rows_value"]["items"]["properties"]


def test_versions_of_a_tool_are_renamed_alike_or_not_at_all():
    one, two = told("area", side_a="Side."), {"id": "area@2", **told("area", side_b="Side.")}
    made = draft(*asks("Hi"), tools=[one, two])
    assert "two versions" in change("rename_parameters", made)


@pytest.mark.parametrize(
    ("arguments", "match", "schema"),
    [
        ({"note": "get_alert"}, {}, TEXT),
        ({"note": "search"}, {}, TEXT),  # a plain word, but just the name
        ({"note": "Ran get_alert twice"}, {}, TEXT),
        ({"note": "x"}, {"/note": {"one_of": ["x", "get_alert"]}}, TEXT),
        ({}, {}, {"type": "string", "enum": ["search", "get_alert"]}),
        ({}, {}, {"type": "string", "default": "get_alert"}),
        ({}, {}, {"type": "object", "properties": {"get_alert": TEXT}}),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_value_that_is_a_tools_name_keeps_all_names(arguments, match, schema, seed):
    call = {"name": "get_alert", "arguments": arguments, "match": match}
    made = draft(*asks("Which tool reads alerts?", call), tools=[tool("get_alert", note=schema), tool("search")])
    reason = "an argument, or a value or member of a schema, has a tool's name"
    assert change("rename_tools", made, seed) == reason
    assert [one["name"] for one in made.functions] == ["get_alert", "search"]


@pytest.mark.parametrize("seed", range(5))
def test_a_tool_never_keeps_its_name_and_is_found_between_backticks_and_in_chinese(seed):
    alert = told("get-alert", note="Unlike `search`; see get-alert. You search with it.")
    made = draft(*asks("先调用get-alert。"), tools=[alert, tool("search")])
    assert change("rename_tools", made, seed) is None
    first, second = (one["name"] for one in made.functions)
    assert (first == "get-alert", second) == (False, "api_search")
    text = next(made.functions)["parameters"]["properties"]["note"]["description"]
    assert text == f"Unlike `api_search`; see {first}. You search with it."
    assert made.turns[0]["user"] == f"先调用{first}。"


def test_a_schema_that_names_members_elsewhere_keeps_its_names():
    schema = tool("get_alert", alert_id=TEXT, note=TEXT)
    schema["function"]["parameters"]["dependentRequired"] = {"note": ["alert_id"]}
    made = draft(*asks("Hi"), tools=[schema])
    assert "for sure" in change("rename_parameters", made)


@pytest.mark.parametrize("seed", range(8))
def test_observations_in_another_form_hold_the_same_values(seed, tmp_path):
    value = {
        "id": "0412",
        "n": 5,
        "f": 5.0,
        "no": None,
        "on": "off",
        "q": 'a: "b"\n- <c>',
        "l": [{"x": 1}, [], "y"],
        "ü b": {},
    }
    call = {"name": "get_alert", "arguments": {"alert_id": "0412"}}
    made = draft(*asks("0412?", call, returned=json.dumps(value)), tools=[NESTED], tags={"observation_format": "json"})
    assert change("observation_format", made, seed) is None
    text, form = made.turns[1]["observations"][0], made.case["tags"]["observation_format"]
    if form == "yaml":
        (tmp_path / "a.yaml").write_text(text)
        (found,) = read_yaml(tmp_path / "a.yaml")
        assert isinstance(found, Document)
        assert found.value == value
    elif form == "xml":
        root = ET.fromstring(text)
        assert [root.findtext(name) for name in ("id", "n", "f", "no")] == ["0412", "5", "5.0", "null"]
        assert root.findtext("q") == value["q"]
    elif form == "json":
        assert json.loads(text) == value
    else:
        assert "l[0].x: 1\n" in text
        assert text.startswith("id: 0412\nn: 5\nf: 5.0\nno: null\n")


def test_observations_stay_where_the_conversation_speaks_of_json():
    call = {"name": "get_alert", "arguments": {"alert_id": "A-1"}}
    made = draft(*asks("A-1, as JSON please", call, returned='{"a": 1}'), tools=[NESTED])
    assert change("observation_format", made) == "the conversation speaks of JSON"


def test_identifiers_keep_their_order_and_their_form_everywhere():
    calls = [{"name": "get_alert", "arguments": {"alert_id": name}} for name in ("A-1043", "A-1044")]
    listed = "A-1043.log, A-1044, A-2001 (SHA-256), INC-777"
    made = draft(*asks("A-1043 and A-1044?", *calls, returned=listed), tools=[NESTED])
    assert change("rename_entities", made) is None
    first, second = (call["arguments"]["alert_id"] for call in made.calls)
    assert "A-1000" <= first < second <= "A-9999"
    assert first != "A-1043"
    assert made.turns[0]["user"] == f"{first} and {second}?"
    text = made.turns[1]["observations"][0]
    assert text.startswith(f"{first}.log, {second}, A-")
    assert "A-2001" not in text  # of the same kind, so that the order stays
    assert text.endswith("(SHA-256), INC-777")


@pytest.mark.parametrize(
    "said",
    ["And 1043 too?", "The alert ending in 3, A-1043", "尾号 043 的 A-1043", "A-1043, XA-1043", "A-1043b, A-1043"],
)
def test_identifiers_stay_where_a_part_of_them_is_spoken_of(said):
    call = {"name": "get_alert", "arguments": {"alert_id": "A-1043"}}
    assert change("rename_entities", draft(*asks(said, call), tools=[NESTED])) is not None


def test_unrelated_tools_keep_away_from_what_they_could_serve():
    made = draft(*asks("Please tune the piano, then look at the tide table. 天文望远镜呢？"), tools=[NESTED])
    for seed in range(20):
        again = draft(*made.turns, tools=[NESTED])
        change("distractor_tools", again, seed)
        names = {function["name"] for function in again.functions}
        assert names.isdisjoint({"tune_piano", "get_tide_table", "point_telescope"})
        assert len(names) == 6


def test_quotations_and_values_keep_their_white_space():
    note = "First. Second"
    call = {"name": "get_alert", "arguments": {"alert_id": "A-1", "note": note}}
    for text in (f"Note “{note}” on A-1. Thanks. Bye", f"Note {note} on A-1. Thanks"):
        made = draft(*asks(text, call), tools=[NESTED])
        change("whitespace_noise", made)
        assert note in made.turns[0]["user"]
    made = draft(*asks("Good morning. How are you?"), tools=[NESTED])
    change("whitespace_noise", made)
    assert made.turns[0]["user"] == "  Good morning.\n   How are you? \n\n"


def test_a_longer_past_is_about_other_things():
    one, two, three = (
        Case.from_json(
            {"id": name, "turns": asks(f"{entity}?", {"name": "get_alert", "arguments": {"alert_id": entity}})}
        )
        for name, entity in (("a", "A-1043"), ("b", "A-1043"), ("c", "A-2002"))
    )
    tools = [SuiteTool.model_validate(NESTED)]
    for seed in range(5):
        made = Draft.of(one, tools, [one, two, three])
        change("deeper_history", made, seed)
        assert made.turns[0]["user"] == "A-2002?"
        assert made.turns[3]["user"] == "A-1043?"
    alone = Draft.of(one, tools, [one, two])
    change("deeper_history", alone)
    assert len(alone.turns) == len(one.turns) + 12  # small talk of six exchanges


def test_a_longer_past_answers_nothing_and_is_meant_by_nothing():
    get, tools = {"name": "get_alert", "arguments": {"alert_id": "A-2002"}}, [NESTED, tool("list_alerts", hours=TEXT)]
    listing = {"name": "list_alerts", "arguments": {"hours": "24"}}
    earlier = Case.from_json({"id": "c", "turns": asks("List them all, then A-2002.", listing, get)})
    for turns in (asks("List those of 24 h.", listing), asks("Get the alert.", answer="Which alert do you mean?")):
        made = draft(*turns, tools=tools)
        made.others = [earlier]
        change("deeper_history", made)
        assert "expect" in made.turns[1]
        assert made.turns[1]["expect"]["no_call"]  # small talk


def test_chinese_conversations_get_chinese_words():
    for name in ("polite_users", "hurried_users", "small_talk", "rag_noise"):
        made = draft(*asks("查一下 A-1"), tools=[NESTED])
        change(name, made)
        assert not any(word in made.turns[0]["user"] for word in ("the", "you", "rush"))
