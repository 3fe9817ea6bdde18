"""Decisions: the history in wire form, the tools offered, and what digests know."""

from __future__ import annotations

import hashlib
import json

from harness import jsonvalue
from harness.suite import tool_json

CASE = """\
id: one
system: Be brief.
tags: {language: zh}
turns:
  - user: Check both.
  - expect:
      calls:
        - {name: lookup_ip, arguments: {ip: '1', hours: 2}}
        - {name: block_ip, arguments: {ip: '2'}}
    observations: [first, 第二]
  - expect: {no_call: true, min_words: 3}
    answer: Done both.
  - user: And 3.
    tools: [block_ip]
  - expect: {calls: [{name: block_ip, arguments: {ip: '3'}}]}
    observations: [third]
  - expect: {any_call: true}
    tools: [block_ip, lookup_ip]
"""


def test_the_scripted_history_in_wire_form(load):
    last = load(CASE).decisions[-1]
    assert list(last.messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Check both."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": "c00000001",
                    "type": "function",
                    "function": {"name": "lookup_ip", "arguments": '{"ip": "1", "hours": 2}'},
                },
                {"id": "c00000002", "type": "function", "function": {"name": "block_ip", "arguments": '{"ip": "2"}'}},
            ],
        },
        {"role": "tool", "tool_call_id": "c00000001", "content": "first"},
        {"role": "tool", "tool_call_id": "c00000002", "content": "第二"},
        {"role": "assistant", "content": "Done both."},
        {"role": "user", "content": "And 3."},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c00000003", "type": "function", "function": {"name": "block_ip", "arguments": '{"ip": "3"}'}}
            ],
        },
        {"role": "tool", "tool_call_id": "c00000003", "content": "third"},
    ]


def test_each_decision_sees_the_turns_before_it_and_no_more(load):
    decisions = load(CASE).decisions
    assert [(d.key, d.depth, len(d.messages)) for d in decisions] == [
        (("one", 0), 1, 2),
        (("one", 1), 1, 5),
        (("one", 2), 2, 7),
        (("one", 3), 2, 9),
    ]
    assert [d.expect.kind for d in decisions] == ["calls", "no_call", "calls", "any_call"]
    assert all(d.tags == {"language": "zh"} for d in decisions)


def test_histories_share_their_messages(load):
    first, *_, last = load(CASE).decisions
    assert all(mine is theirs for mine, theirs in zip(first.messages, last.messages, strict=False))


def test_tools_of_a_turn_are_offered_from_there_on_in_the_order_named(load):
    offered = [[tool.function.name for tool in decision.tools] for decision in load(CASE).decisions]
    assert offered == [["lookup_ip", "block_ip"], ["lookup_ip", "block_ip"], ["block_ip"], ["block_ip", "lookup_ip"]]


def test_a_tool_in_wire_form_leaves_out_what_is_not_declared(load):
    lookup, block = load().tools
    assert tool_json(lookup)["function"]["description"] == "Look up."
    assert set(tool_json(block)) == {"type", "function"}
    assert set(tool_json(block)["function"]) == {"name", "parameters"}


def one_call(arguments: str, **keys: str) -> str:
    extra = "".join(f"{key}: {value}\n" for key, value in keys.items())
    return (
        f"id: a\n{extra}turns:\n- user: x\n"
        f"- expect: {{calls: [{{name: free, arguments: {arguments}}}]}}\n  observations: [o]\n- expect: {{no_call: true}}\n"
    )


FREE = json.dumps([{"type": "function", "function": {"name": "free", "parameters": {"type": "object"}}}])


def digests(load, case, **files):
    return [decision.digest for decision in load(case, tools_DOT_json=FREE, **files).decisions]


def test_digests_do_not_know_id_tags_format_or_order_of_keys(load, write):
    first = load(one_call("{a: 1, b: {c: x, d: 5.0}}"), tools_DOT_json=FREE)
    line = (
        '{"turns": [{"user": "x"}, {"observations": ["o"], "expect": {"calls": [{"arguments": '
        '{"b": {"d": 5.0, "c": "\\u0078"}, "a": 1}, "name": "free"}]}}, {"expect": {"no_call": true}}], '
        '"tags": {"k": "v"}, "id": "other"}\n'
    )
    (write() / "cases/a.yaml").unlink()
    second = load(None, cases__b_DOT_jsonl=line, tools_DOT_json=FREE.replace(": ", ":"))
    assert [d.digest for d in first.decisions] == [d.digest for d in second.decisions]
    assert first.digest != second.digest  # the suite's own knows the ids


def test_the_digest_of_a_suite_does_not_know_the_order_of_files(load, write):
    a, b = one_call("{}"), one_call("{x: 1}").replace("id: a", "id: b")
    together = load(f"{a}---\n{b}", tools_DOT_json=FREE).digest
    (write() / "cases/a.yaml").unlink()
    assert load(b, cases__z_DOT_yaml=a, tools_DOT_json=FREE).digest == together


def test_digests_know_everything_that_is_compared(load):
    """Each change gives other digests, from the first decision or (in what was called) the second on."""
    base = digests(load, one_call("{n: 5}"))
    assert digests(load, one_call("{n: 5}")) == base
    for changed in (
        one_call("{n: 5.0}"),
        one_call("{n: '5'}"),
        one_call("{n: 6}"),
        one_call("{n: 5}", system="s"),
        one_call("{n: 5}", min_words="3"),
        one_call("{n: 5}", tools="[]").replace("user: x", "user: x\n  tools: [free]").replace("user: x", "user: y"),
        one_call("{n: 5}").replace("{n: 5}", "{n: 5}, match: {/n: {atol: 1}}"),
        one_call("{n: 5}").replace("{n: 5}", "{n: 5}, match: {/n: {optional: true}}"),
    ):
        found = digests(load, changed)
        assert found[0] != base[0], changed
    observation = digests(load, one_call("{n: 5}").replace("[o]", "[p]"))
    assert observation[0] == base[0]
    assert observation[1] != base[1]
    other_tool = FREE.replace('"name": "free"', '"name": "free", "description": "d"')
    assert load(one_call("{n: 5}"), tools_DOT_json=other_tool).decisions[0].digest != base[0]
    defaults = "name: s\ndescription: d\nlicence: l\ndefaults: {defaults_equal: true}\n"
    assert digests(load, one_call("{n: 5}"), suite_DOT_yaml=defaults)[0] != base[0]


def test_a_digest_is_that_of_the_canonical_json_it_is_said_to_be(load):
    """So that other programs can work it out; also where the tools change on the way."""
    for decision in load(CASE).decisions:
        history = []
        for message in decision.messages:
            plain = {key: value for key, value in message.items() if key != "tool_call_id"}
            if "tool_calls" in plain:
                functions = [call["function"] for call in plain["tool_calls"]]
                plain["tool_calls"] = [
                    {"name": function["name"], "arguments": json.loads(function["arguments"])} for function in functions
                ]
            history.append(plain)
        expect = {"min_words": decision.expect.min_words, "defaults_equal": False}
        if decision.expect.calls is None:
            expect[decision.expect.kind] = True
        else:
            expect["calls"] = [{"name": call.name, "arguments": call.arguments} for call in decision.expect.calls]
        content = jsonvalue.canonical([[tool_json(tool) for tool in decision.tools], history, expect])
        assert hashlib.sha256(content).hexdigest() == decision.digest
