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
        ([user("a"), {"role": "assistant", "tool_calls": 5}], "broken_call"),
        ([user("a"), {"role": "assistant", "tool_calls": {"a": 1}}], "broken_call"),
        ([user([{"type": "text", "text": 5}]), says("b")], "stray_message"),
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


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ({"tools": 5}, "tool_unusable"),
        ({"tools": {"a": 1}}, "tool_unusable"),
        ({"response": {"choices": {"a": 1}}}, "broken_response"),
        ({"response": {"choices": [5]}}, "broken_response"),
        ({"response": {"message": "text"}}, "broken_response"),
        ("[1]", "no_object"),
        ("5", "no_object"),
        ("{", "not_json"),
    ],
)
def test_a_broken_line_is_left_out_and_the_others_are_read(imported, line, rule):
    broken = line if isinstance(line, str) else {"messages": [user("Hi"), says("Hello there.")], **line}
    found = imported(broken, {"messages": TALK})
    assert found.left_out == {"1": rule}
    assert len(found.suite("shop_log").cases) == 1


JUNK = (
    None,
    True,
    0,
    -5,
    1.5,
    110105194912310003,
    "",
    "x",
    "{",
    [],
    [1],
    [{}],
    [None],
    {},
    {"a": 1},
    {"type": []},
    [[]],
)


def _spoilt(value, junk):
    """A value with junk in the place of each of its parts, one at a time."""
    yield junk
    if isinstance(value, dict):
        yield from ({**value, key: made} for key, part in value.items() for made in _spoilt(part, junk))
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from ([*value[:index], made, *value[index + 1 :]] for made in _spoilt(part, junk))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_no_wrong_value_anywhere_in_a_line_is_a_crash(imported, junk):
    line = {"id": "a", "tools": TOOLS, "messages": TALK[:-1], "response": {"choices": [{"message": TALK[-1]}]}}
    line["messages"] = [*line["messages"], user([{"type": "text", "text": "And now?"}])]
    spoilt = [*_spoilt(line, junk)]
    found = imported(*(json.dumps(item) for item in spoilt), {"messages": TALK})
    assert len(found.report("shop_log")) == len(spoilt) + 1


def test_a_part_without_text_says_nothing(imported):
    parts = [{"type": "text", "text": None}, {"type": "text", "text": "Hi"}]
    (case,) = imported({"messages": [user(parts), says("Hello there.")]}).suite("shop_log").cases
    assert case.turns[0].user == "Hi"


def test_a_byte_order_mark_is_no_part_of_the_first_line(made, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"messages": TALK, "tools": TOOLS}).encode())
    assert len(made("openai-log", path).suite("log").cases) == 1


def test_tools_that_are_null_are_those_of_the_file(made, tmp_path):
    (tmp_path / "tools.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(TOOLS).encode())
    log = write_lines(tmp_path / "log.jsonl", {"messages": TALK, "tools": None})
    assert len(made("openai-log", log, tools=tmp_path / "tools.json").suite("log").cases) == 1


@pytest.mark.parametrize(
    ("observation", "error"),
    [
        *((text, True) for text in ('{"error": "timeout"}', '{"ok": false}', '{"result": {"error": {"code": 5}}}')),
        *((text, True) for text in ("Error: no such host", "Traceback (most recent call last):", "{'error': 'no'}")),
        *(
            (text, True)
            for text in ('{"isError": true}', '{"status": "failed"}', '{"errors": ["x"]}', '{"success":false}')
        ),
        *((text, False) for text in ('{"ok": true}', '{"error": false}', '{"error": null, "id": 7}', '{"error": ""}')),
        *(
            (text, False)
            for text in ('{"errors": []}', '{"error":{}}', "{'error': None}", '{"success": true}', "error: none")
        ),
        *(
            (text, False)
            for text in ('{"error": 0}', '{"error_rate": 0.1}', '{"status": "ok"}', "Error rate: 5 %", "fine")
        ),
    ],
)
def test_only_what_tells_of_an_error_is_marked_as_one(imported, observation, error):
    found = imported({"messages": [*ASKED[:3], returns(observation), says("So it is, as you see.")]}, mask=False)
    review = "".join(path.read_text() for path in found.out.rglob("review.md"))
    quarantined = "shop_log" in found.written and found.quarantine("shop_log")
    assert ("**a tool seems to have returned an error to it**" in review) == (error and not quarantined)
    assert not quarantined


def test_what_is_quoted_in_the_review_is_masked_before_it_is_cut(imported):
    long = "No, I said send it to the usual address that we have, which is this one: john.longname@acme-company.com, ok"
    found = imported({"messages": [*TALK[:5], user(long), says("Understood, thank you.")]})
    written = "".join(path.read_text() for path in found.out.rglob("*") if path.is_file())
    assert "john" not in written


def test_the_name_of_a_line_is_masked_and_stays_its_own(imported):
    """Each conversation has replacements of its own, so that two names may become one."""
    talks = [[user(text), says("What do you need?")] for text in ("Hello you there", "Who would help me with it?")]
    found = imported(*({"id": f"{name}@acme.com", "messages": talk} for name, talk in zip("ab", talks, strict=True)))
    assert {case.id for case in found.suite("shop_log").cases} == {
        "shop_log-person1@example.com-1",
        "shop_log-person1@example.com-2",
    }
    assert "acme" not in "".join(path.read_text() for path in found.out.rglob("*") if path.is_file())


def test_a_secret_that_only_the_arguments_label_is_masked_where_it_was_said(imported):
    """Else the gold were grounded in nothing, and the secret would stand in the message."""
    parameters = {"type": "object", "properties": {"password": {"type": "string"}, "pin": {"type": "integer"}}}
    tools = [{"type": "function", "function": {"name": "log_in", "description": "Log in.", "parameters": parameters}}]
    call = {"id": "c0", "type": "function"}
    call["function"] = {"name": "log_in", "arguments": '{"password": "swordfish", "pin": 4821}'}
    messages = [
        user("Try swordfish, then 4821."),
        {"role": "assistant", "content": None, "tool_calls": [call]},
        returns('{"ok": true, "password": "swordfish", "by": {"token": "swordfish"}}'),
        says("It took swordfish."),
    ]
    found = imported({"messages": messages, "tools": tools})
    (case,) = found.suite("shop_log").cases
    arguments = case.turns[1].expect.calls[0].arguments
    assert case.turns[0].user == f"Try {arguments['password']}, then {arguments['pin']}."
    assert arguments["password"] in case.turns[1].observations[0]
    assert type(arguments["pin"]) is int
    written = "".join(path.read_text() for path in found.out.rglob("*") if path.is_file())
    assert "swordfish" not in written
    assert "4821" not in written
    assert lint(found.suite("shop_log"), ["grounded"]).clean


def test_a_chinese_id_as_a_number(imported):
    parameters = {"type": "object", "properties": {"n": {"type": "array", "items": {"type": "integer"}}}}
    tools = [{"type": "function", "function": {"name": "get", "description": "Get.", "parameters": parameters}}]
    ids = [110105194912310003, 110105194912310011, 110105194912310038, 110105194912310046, 110105194912310054]
    call = {"id": "c0", "type": "function", "function": {"name": "get", "arguments": json.dumps({"n": ids})}}
    messages = [user(f"Check {ids}"), {"role": "assistant", "tool_calls": [call]}]
    (case,) = imported({"messages": messages, "tools": tools}).suite("shop_log").cases
    assert case.turns[0].user == f"Check {case.turns[1].expect.calls[0].arguments['n']}"
    assert not set(case.turns[1].expect.calls[0].arguments["n"]) & set(ids)


def test_why_a_line_is_left_out_is_told_without_its_secrets(imported):
    broken = {"id": "c", "function": {"name": "jo@corp.test", "arguments": "{"}}
    found = imported({"messages": [user("a"), {"role": "assistant", "tool_calls": [broken]}]}, {"messages": TALK})
    assert found.left_out == {"1": "broken_call"}
    assert "jo@corp" not in (found.out / "shop_log" / "import-report.jsonl").read_text()
