"""Real conversations in OpenAI's message format, here invented ones."""

from __future__ import annotations

import json

import pytest

from harness.lint import lint
from importers.sources import write_lines

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "find_customer",
            "description": "Find a customer by mail.",
            "parameters": {
                "type": "object",
                "properties": {"mail": {"type": "string"}},
                "required": ["mail"],
                "additionalProperties": False,
            },
        },
    }
]
SYSTEM = {"role": "system", "content": "You help customers."}


def user(text):
    return {"role": "user", "content": text}


def says(text):
    return {"role": "assistant", "content": text}


def calls(*mails, text=None):
    made = [
        {
            "id": f"c{i}",
            "type": "function",
            "function": {"name": "find_customer", "arguments": json.dumps({"mail": mail})},
        }
        for i, mail in enumerate(mails)
    ]
    return {"role": "assistant", "content": text, "tool_calls": made}


def returns(text, call="c0"):
    return {"role": "tool", "tool_call_id": call, "content": text}


ASKED = [
    SYSTEM,
    user("Find jo@corp.test, please."),
    calls("jo@corp.test"),
    returns('{"mail": "jo@corp.test", "id": 7}'),
]
TALK = [*ASKED, says("Their number is 7."), user("Thanks!"), says("You are welcome.")]


@pytest.fixture
def imported(made, tmp_path):
    def imported(*lines, **settings):
        items = [line if isinstance(line, str) else {"tools": TOOLS, **line} for line in lines]
        return made("openai-log", write_lines(tmp_path / "shop log.jsonl", *items), **settings)

    return imported


def test_every_assistant_message_is_a_decision(imported):
    found = imported({"id": "a", "messages": TALK}, mask=False)
    suite = found.suite("shop_log")
    assert [decision.expect.kind for decision in suite.decisions] == ["calls", "no_call", "no_call"]
    assert suite.decisions[0].expect.calls[0].arguments == {"mail": "jo@corp.test"}
    assert [message["role"] for message in suite.decisions[2].messages] == [
        *("system", "user", "assistant", "tool", "assistant", "user")
    ]
    assert suite.cases[0].tags["reviewed"] == "no"
    assert lint(suite, ["tags", "gold_replay", "mutants"]).clean


def test_masked_alike_in_message_call_and_result(imported):
    found = imported({"messages": TALK})
    (case,) = found.suite("shop_log").cases
    assert case.turns[0].user == "Find person1@example.com, please."
    assert case.turns[1].expect.calls[0].arguments == {"mail": "person1@example.com"}
    assert case.turns[1].observations == ['{"mail": "person1@example.com", "id": 7}']
    assert found.report("shop_log")["1"]["notes"] == [{"rule": "masked", "detail": "1 mail"}]
    written = "".join(path.read_text() for path in found.out.rglob("*") if path.is_file())
    assert "jo@corp" not in written


def test_quarantine_and_review_are_masked_too(imported):
    wrong = [
        user("Find jo@corp.test."),
        {**calls("jo@corp.test")},
        returns("x"),
        says("jo@corp.test is 9."),
        user("no, jo@corp.test"),
    ]
    wrong[1]["tool_calls"][0]["function"]["name"] = "unknown_tool"
    found = imported({"messages": wrong}, {"messages": TALK})
    assert list(found.quarantine("shop_log").values()) == [["breaks_suite_check"]]
    written = "".join(path.read_text() for path in found.out.rglob("*") if path.is_file())
    assert "jo@corp" not in written


def test_several_calls_with_results_in_another_order(imported):
    messages = [
        user("Find a@x.test and b@x.test"),
        calls("a@x.test", "b@x.test"),
        returns("two", "c1"),
        returns("one", "c0"),
    ]
    (case,) = imported({"messages": messages}, mask=False).suite("shop_log").cases
    assert case.turns[1].observations == ["one", "two"]


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda talk: {"messages": talk[:-1], "response": {"choices": [{"message": talk[-1]}]}},
        lambda talk: {
            "request": {"messages": talk[:-1], "tools": TOOLS},
            "response": {"choices": [{"message": talk[-1]}]},
        },
        lambda talk: {"body": {"messages": talk, "tools": TOOLS}},
        lambda talk: {"messages": talk[:-1], "response": {"message": talk[-1]}},
        lambda talk: {"messages": talk[:-1], "response": talk[-1]},
    ],
)
def test_forms_of_a_line(imported, wrapped):
    suite = imported(wrapped(TALK)).suite("shop_log")
    assert [decision.expect.kind for decision in suite.decisions] == ["calls", "no_call", "no_call"]


def test_tools_from_a_file(made, tmp_path):
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(TOOLS))
    found = made("openai-log", write_lines(tmp_path / "log.jsonl", {"messages": TALK}), tools=path, name="shop")
    assert found.suite("shop").decisions[0].tools[0].function.name == "find_customer"


def test_a_log_of_requests_holds_each_turn_again_in_the_next(imported):
    requests = [{"messages": TALK[:length]} for length in (3, 5, 7, 7)]
    found = imported(*requests)
    assert list(found.left_out.values()) == ["part_of_another"] * 3
    assert len(found.suite("shop_log").decisions) == 3


def test_a_call_whose_result_is_not_there_may_be_the_last(imported):
    assert len(imported({"messages": ASKED[:3]}).suite("shop_log").decisions) == 1


@pytest.mark.parametrize(
    ("messages", "rule"),
    [
        ([user("a"), says("")], "empty_answer"),
        ([user("a"), says("one"), says("two")], "two_answers"),
        ([user("a"), calls("a@b.test"), user("b")], "result_missing"),
        ([user("a"), says("b"), SYSTEM, user("c"), says("d")], "late_system"),
        ([user("a"), returns("x")], "stray_message"),
        ([user("a")], "nothing_done"),
        ([user([{"type": "image_url", "image_url": {}}]), says("b")], "not_text"),
        (
            [
                user("a"),
                {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{"}}]},
            ],
            "broken_call",
        ),
        (
            [
                user("a"),
                {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "[]"}}]},
            ],
            "broken_call",
        ),
        ("nothing", "no_messages"),
    ],
)
def test_what_cannot_be_a_case(imported, messages, rule):
    found = imported({"messages": messages}, {"messages": TALK})
    assert found.left_out == {"1": rule}


def test_calls_without_any_tools_told(made, tmp_path):
    found = made(
        "openai-log", write_lines(tmp_path / "log.jsonl", {"messages": TALK}, {"messages": [user("a"), says("b c")]})
    )
    assert found.left_out == {"1": "no_tools"}


def test_what_is_dropped_is_noted(imported):
    messages = [
        says("Hello, how can I help?"),
        user("Find a@b.test"),
        calls("a@b.test", text="One moment."),
        returns("x"),
        says("b c"),
    ]
    notes = imported({"messages": messages}, mask=False).report("shop_log")["1"]["notes"]
    assert [note["rule"] for note in notes] == ["greeting_dropped", "text_beside_calls"]


def test_an_answer_that_invents_is_quarantined(imported):
    """What the log holds may be the very error that the harness is there to find."""
    again = [*TALK, user("Check once more, please."), says('I looked it up again: {"mail": "jo@corp.test", "id": 93}')]
    found = imported({"messages": again}, {"messages": TALK[:5]}, {"messages": [user("Hi"), says("Hello there.")]})
    assert found.quarantine("shop_log") == {"1": ["gold_fails"]}


def test_an_answer_of_one_word_is_an_answer(imported):
    assert imported({"messages": [user("Thanks!"), says("Welcome!")]}).quarantine("shop_log") == {}


def test_an_answer_that_leaks_the_template_is_quarantined(imported):
    found = imported({"messages": [user("Hi"), says("Hello there.<|im_end|>")]}, {"messages": TALK})
    assert found.quarantine("shop_log") == {"1": ["gold_fails"]}


def test_what_to_look_at_first_is_marked(imported):
    messages = [
        *ASKED[:3],
        returns('{"error": "timeout"}'),
        says("There was a timeout."),
        user("No, try again"),
        says("Which mail?"),
    ]
    found = imported({"id": "a", "messages": messages})
    review = (found.out / "shop_log" / "review.md").read_text()
    assert "- [ ] `shop_log-a`: calls find_customer(" in review
    assert "**a tool seems to have returned an error to it**" in review
    assert "**the user seems to correct what stands before**: 'No, try again'" in review
