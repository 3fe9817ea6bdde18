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
