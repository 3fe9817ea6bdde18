"""Everything that can be wrong with a case, each with file, line and path."""

from __future__ import annotations

import pytest

USER = "id: one\nturns:\n- user: Hi.\n"
LOOK = "- expect: {calls: [{name: lookup_ip, arguments: {ip: '1'}}]}\n"
SEEN = "  observations: ['x']\n"
CHAT = "- expect: {no_call: true}\n"

# name: (the case, what is complained of, in order)
SHAPE = {
    "not a mapping": ("- 1\n", ["1: must be a mapping of keys to values, but is a list"]),
    "missing id": ("turns:\n- user: x\n" + CHAT, ["1: the key 'id' is missing"]),
    "missing turns": ("id: a\n", ["1: the key 'turns' is missing"]),
    "id is a number": (
        "turns:\n- user: x\n" + CHAT + "id: 7\n",
        ["4: /id: must be text, but is a number; put it in quotes"],
    ),
    "no turns": ("id: a\nturns: []\n", ["2: /turns: must not be empty"]),
    "unknown key of a case": (
        "id: a\nsytem: x\nturns:\n- user: x\n" + CHAT,
        ["2: /sytem: unknown key 'sytem'; did you mean 'system'?"],
    ),
    "unknown key of a turn": (
        USER + LOOK + "  observation: ['x']\n",
        ["5: /turns/1/observation: unknown key 'observation'; did you mean 'observations'?"],
    ),
    "unknown key of a user turn": (
        "id: a\nturns:\n- user: x\n  answer: x\n" + CHAT,
        ["4: /turns/0/answer: unknown key 'answer'; known are: tools, user"],
    ),
    "unknown key of an expectation": (
        USER + "- expect:\n    nocall: true\n    no_call: true\n",
        ["5: /turns/1/expect/nocall: unknown key 'nocall'; did you mean 'no_call'?"],
    ),
    "unknown key of a call": (
        USER + "- expect: {calls: [{name: lookup_ip, args: {}, arguments: {ip: '1'}}]}\n",
        ["4: /turns/1/expect/calls/0/args: unknown key 'args'; known are: arguments, match, name"],
    ),
    "unknown key of a rule": (
        USER + "- expect: {calls: [{name: lookup_ip, arguments: {ip: '1'}, match: {/ip: {casefolded: true}}}]}\n",
        ["4: /turns/1/expect/calls/0/match/~1ip/casefolded: unknown key 'casefolded'; did you mean 'casefold'?"],
    ),
    "neither user nor expect": (
        USER + CHAT + "- answer: x\n",
        ["5: /turns/2: a turn needs the key 'user' (a message) or 'expect' (a decision)"],
    ),
    "user and expect": (
        USER + CHAT + "  user: x\n",
        ["5: /turns/1/user: a turn is either 'user' or 'expect', not both; make two turns of it"],
    ),
    "user is a list": (
        "id: a\nturns:\n- user: [x]\n" + CHAT,
        ["3: /turns/0/user: must be text, but is a list"],
    ),
    "no_call: false": (
        USER + "- expect: {no_call: false}\n",
        ["4: /turns/1/expect/no_call: may only be true; leave it out otherwise"],
    ),
    "two expectations": (
        USER + "- expect: {no_call: true, any_call: true}\n",
        ["4: /turns/1/expect: needs exactly one of calls, no_call, any_call; has no_call, any_call"],
    ),
    "no calls": (USER + "- expect: {calls: []}\n", ["4: /turns/1/expect/calls: must not be empty"]),
    "min_words below zero": (
        "id: a\nmin_words: -1\nturns:\n- user: x\n- expect: {no_call: true, min_words: 3}\n",
        ["2: /min_words: must be 0 or more"],
    ),
    "min_words is text": (
        USER + "- expect: {no_call: true, min_words: many}\n",
        ["4: /turns/1/expect/min_words: must be a whole number, but is text"],
    ),
    "tags that are no text": (
        "id: a\ntags: {level: 3}\nturns:\n- user: x\n" + CHAT,
        ["2: /tags/level: must be text, but is a number; put it in quotes"],
    ),
    "arguments are no mapping": (
        USER + "- expect: {calls: [{name: lookup_ip, arguments: [1]}]}\n",
        ["4: /turns/1/expect/calls/0/arguments: must be a mapping of keys to values, but is a list"],
    ),
    "several at once": (
        "ids: a\nturns:\n- user: 1\n- expect: {no_call: 1}\n",
        [
            "1: the key 'id' is missing",
            "3: /turns/0/user: must be text, but is a number; put it in quotes",
            "4: /turns/1/expect/no_call: must be true or false, but is a number",
            "1: /ids: unknown key 'ids'; did you mean 'id'?",
        ],
    ),
}

SCRIPT = {
    "no user turn first": (
        "id: a\nturns:\n" + CHAT,
        ["3: /turns/0: no user turn before this 'expect'; a case begins with what the user says"],
    ),
    "a user turn last": (
        USER + CHAT + "  answer: x\n- user: Bye.\n",
        ["6: /turns/2: nothing follows this user turn; add an 'expect' or take it away"],
    ),
    "no decision": (USER, ["3: /turns/0: nothing follows this user turn; add an 'expect' or take it away"]),
    "observations missing": (
        USER + LOOK + CHAT,
        ["4: /turns/1: the key 'observations' is missing; give one string for each call, turns follow"],
    ),
    "too many observations": (
        USER + LOOK + "  observations: [x, y]\n",
        ["5: /turns/1/observations: 2 observation(s) for 1 call(s); give one string for each call, in their order"],
    ),
    "answer missing": (
        USER + CHAT + "- user: More.\n" + CHAT,
        ["4: /turns/1: the key 'answer' is missing; give the text of the assistant, turns follow"],
    ),
    "observations on a no_call": (
        USER + CHAT + SEEN,
        ["5: /turns/1/observations: no_call has no observations; take them away"],
    ),
    "answer on calls": (
        USER + LOOK + "  answer: x\n",
        ["5: /turns/1/answer: calls has no answer; take it away, or expect no_call in a turn of its own"],
    ),
    "any_call not last": (
        USER + "- expect: {any_call: true}\n- user: More.\n" + CHAT,
        ["4: /turns/1: any_call leaves open how the script goes on; it can only be the last turn"],
    ),
    "two answers in a row": (
        USER + CHAT + "  answer: x\n" + CHAT,
        ["6: /turns/2: the assistant has answered; put a user turn between these two expectations"],
    ),
}

TOOL_USE = {
    "unknown tool of a case": (
        "id: a\ntools:\n- lookup_ip\n- block_ips\nturns:\n- user: x\n" + CHAT,
        ["4: /tools/1: unknown tool 'block_ips'; did you mean 'block_ip'?"],
    ),
    "unknown tool of a turn": (
        USER + CHAT + "  tools: [x]\n",
        ["5: /turns/1/tools/0: unknown tool 'x'; known are: block_ip, lookup_ip"],
    ),
    "tool listed twice": (
        "id: a\ntools: [lookup_ip, lookup_ip]\nturns:\n- user: x\n" + CHAT,
        ["2: /tools/1: tool 'lookup_ip' is listed twice; list it once"],
    ),
    "unknown tool expected": (
        USER + LOOK.replace("lookup_ip", "lookup"),
        ["4: /turns/1/expect/calls/0/name: unknown tool 'lookup'; did you mean 'lookup_ip'?"],
    ),
    "tool not offered": (
        "id: a\ntools: [block_ip]\nturns:\n- user: x\n" + LOOK,
        ["5: /turns/1/expect/calls/0/name: tool 'lookup_ip' is not offered here; add it to 'tools', or expect no_call"],
    ),
    "tool no longer offered": (
        USER + LOOK + SEEN + "- user: Again.\n  tools: [block_ip]\n" + LOOK,
        ["8: /turns/3/expect/calls/0/name: tool 'lookup_ip' is not offered here; add it to 'tools', or expect no_call"],
    ),
    "any_call of nothing": (
        "id: a\ntools: []\nturns:\n- user: x\n- expect: {any_call: true}\n",
        ["5: /turns/1/expect: any_call, but no tool is offered; offer one or expect no_call"],
    ),
    "required argument left out": (
        USER + "- expect: {calls: [{name: lookup_ip, arguments: {}}]}\n",
        ["4: /turns/1/expect/calls/0/arguments: breaks the schema of lookup_ip: 'ip' is a required property"],
    ),
    "arguments of two calls break the schema": (
        USER + "- expect:\n    calls:\n    - {name: lookup_ip, arguments: {ip: 5}}\n"
        "    - name: block_ip\n      arguments:\n        ip: '1'\n        hours: one\n",
        [
            "6: /turns/1/expect/calls/0/arguments/ip: breaks the schema of lookup_ip: 5 is not of type 'string'",
            (
                "10: /turns/1/expect/calls/1/arguments/hours: breaks the schema of block_ip: "
                "'one' is not of type 'integer'"
            ),
        ],
    ),
    "a fraction under integer, said once": (
        USER + "- expect: {calls: [{name: lookup_ip, arguments: {ip: '1', hours: 5.0}}]}\n",
        [
            "4: /turns/1/expect/calls/0/arguments/hours: 5.0 has a fraction or exponent; the schema says integer",
        ],
    ),
    "a rule that points nowhere, in the second call": (
        USER + "- expect:\n    calls:\n    - {name: lookup_ip, arguments: {ip: '1'}}\n"
        "    - {name: block_ip, arguments: {ip: '1'}, match: {/x: {any: true}}}\n",
        ["7: /turns/1/expect/calls/1/match/~1x: '/x' points at nothing in the expected arguments"],
    ),
    "a rule that does not apply": (
        USER + "- expect: {calls: [{name: lookup_ip, arguments: {ip: '1'}, match: {/ip: {atol: 1}}}]}\n",
        ["4: /turns/1/expect/calls/0/match/~1ip: atol does not apply to string"],
    ),
}


@pytest.mark.parametrize("name", SHAPE)
def test_a_case_of_the_wrong_shape(complaints, name):
    case, expected = SHAPE[name]
    assert complaints(case) == [f"cases/a.yaml:{line}" for line in expected]


@pytest.mark.parametrize("name", SCRIPT)
def test_a_script_that_does_not_hold_together(complaints, name):
    case, expected = SCRIPT[name]
    assert complaints(case) == [f"cases/a.yaml:{line}" for line in expected]


@pytest.mark.parametrize("name", TOOL_USE)
def test_tools_and_calls_that_do_not_fit(complaints, name):
    case, expected = TOOL_USE[name]
    assert complaints(case) == [f"cases/a.yaml:{line}" for line in expected]


def test_a_literal_under_a_rule_that_replaces_it_may_break_the_schema(load):
    for rule in ("any: true", "one_of: ['1', '2']"):
        case = (
            f"{USER}- expect: {{calls: [{{name: lookup_ip, arguments: {{ip: home}}, match: {{/ip: {{{rule}}}}}}}]}}\n"
        )
        assert load(case).decisions[0].expect.calls[0].arguments == {"ip": "home"}


def test_two_user_turns_in_a_row_are_fine(load):
    suite = load("id: a\nturns:\n- user: One.\n- user: Two.\n" + CHAT)
    assert [message["content"] for message in suite.decisions[0].messages] == ["One.", "Two."]
    assert suite.decisions[0].depth == 2


def test_a_line_of_jsonl_is_named_by_its_number(complaints):
    lines = [
        '{"id": "a", "turns": [{"user": "x"}, {"expect": {"no_call": true}}]}',
        '{"id": "b", "turns": [{"user": "x"}, {"expect": {"no_cal": true}}]}',
        '{"id": "a", "turns": [{"user": "x"}, {"expect": {"no_call": true}}]}',
    ]
    assert complaints(None, cases__b_DOT_jsonl="\n".join(lines)) == [
        "cases/b.jsonl:2: /turns/1/expect/no_cal: unknown key 'no_cal'; did you mean 'no_call'?",
        "cases/b.jsonl:3: /id: the id 'a' is taken by the case at cases/b.jsonl:1; give each case its own",
    ]
