"""Whatever a server sends, there is a score for it, and soon."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.dialects import DIALECTS
from harness.recorded import RecordedScore, parse_record, score_line, score_record
from selection import slow
from strategies import json_values

_RAW_PIECES = [
    *("<tool_call>", "</tool_call>", "<think>", "</think>", "<function=get_weather>", "<function=", "</function>"),
    *("<parameter=city>", "<parameter=days>", "</parameter>", "[TOOL_CALLS]", "[ARGS]", "get_weather", "<|im_end|>"),
    *('{"name": "get_weather", "arguments": {"city": "Paris"}}', '{"name":', '{"name": "f", "parameters":', "{", "}"),
    *(
        '[get_weather(city="Paris")]',
        "[a(",
        "[get_weather(city=-1.5e3, x={'a': [None]})]",
        "(",
        ")",
        "[",
        "]",
        "'",
        '"',
    ),
    *(";", ",", ":", "null", "5", "5.0", "\\", "\n", " ", "hello there", "你好", "</s>", "[INST]", "\ud800", "\u200b"),
    *("<|python_tag|>", "<function_call>", "[TOOL_REQUEST]", "```json\n", "| a | b |\n", "- x\n", "aaaa", "ab"),
]
raw_texts = st.lists(st.sampled_from(_RAW_PIECES), max_size=12).map("".join) | st.text(max_size=20)
shaped_calls = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "id": json_values,
            "type": json_values,
            "function": st.fixed_dictionaries(
                {},
                optional={
                    "name": st.sampled_from(["get_weather", "save_note", "nope"]) | json_values,
                    "arguments": raw_texts | st.just('{"city": "Paris"}') | json_values,
                },
            )
            | json_values,
        },
    )
    | json_values,
    max_size=3,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "role": json_values,
        "content": raw_texts
        | st.lists(st.fixed_dictionaries({"text": raw_texts}) | json_values, max_size=3)
        | json_values,
        "tool_calls": shaped_calls | json_values,
        "reasoning": json_values,
        "function_call": json_values,
        "name": json_values,
    },
)
expectations = st.sampled_from([
    None,
    {"no_call": True},
    {"any_call": True},
    {"calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]},
    {"calls": [{"name": "get_weather", "arguments": {"city": "Paris", "days": 5}, "match": {"/days": {"any": True}}}]},
    {"calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}] * 2, "defaults_equal": True},
])  # fmt: skip


@settings(max_examples=4 * settings.default.max_examples)
@given(
    message=st.none() | messages,
    raw=st.none() | raw_texts,
    expect=expectations,
    dialect=st.sampled_from([None, *DIALECTS]),
    prompt_think=st.sampled_from(["none", "open", "closed"]),
    finish_reason=st.sampled_from([None, "stop", "length", "tool_calls", "?"]),
    user=st.sampled_from(["hi", "what does <tool_call> mean", "<think> [TOOL_CALLS] <function= [INST]"]),
)
def test_every_response_gets_a_score(make_record: Any, **parts: Any) -> None:
    assume(parts["message"] is not None or (parts["raw"] is not None and parts["dialect"] is not None))
    line = jsonvalue.dump_line(make_record(**parts))
    if "\\ud800" in line.decode() and (parts["raw"] or "").find("\ud800") >= 0:
        line = jsonvalue.dump_line(make_record(**parts | {"raw": parts["raw"].replace("\ud800", "")}))
    record = parse_record(line)
    verdict = score_record(record)
    got = jsonvalue.loads(score_line("r", verdict))
    RecordedScore.model_validate(got)
    assert (verdict.outcome is None) == (parts["expect"] is None)
    if verdict.state == "called":
        assert not parts["message"] or parts["message"].get("tool_calls")
    if verdict.state == "malformed":
        assert verdict.violations
        assert verdict.outcome in (None, "malformed_call")
    assert verdict.channels_agree is None or (parts["message"] is not None and parts["raw"] is not None)
    assert bool(verdict.skipped) == (parts["raw"] is None)
    assert verdict.quality_defects == sorted(verdict.quality_defects)


def test_a_finding_holds_no_lone_surrogate(judge: Any) -> None:
    verdict = judge(content="Your order 4711\ud800 left the warehouse at 14:02.", expect={"no_call": True})
    assert verdict.fabrication or verdict.ungrounded_claims
    RecordedScore.model_validate(jsonvalue.loads(score_line("r", verdict)))


_LONG = "9" * 5000


@pytest.mark.parametrize(
    ("state", "response"),
    [
        ("called", {"raw": "[save_note(x=1e999)]", "dialect": "pythonic"}),
        ("malformed", {"raw": "[save_note(x=1e99999999999999999999)]", "dialect": "pythonic"}),
        ("called", {"raw": '[save_note(x="a\\d")]', "dialect": "pythonic"}),
        ("malformed", {"raw": "[save_note(x=" + "(" * 5000, "dialect": "pythonic"}),
        ("called", {"calls": [("get_weather", f'{{"city": {_LONG}}}')]}),
        ("called", {"calls": [("get_weather", f'{{"city": "Paris", "days": [{_LONG}]}}')]}),
        ("malformed", {"calls": [("get_weather", f'{{"city": {_LONG}, "city": 1}}')]}),
        ("called", {"raw": f'<tool_call>{{"name": "save_note", "arguments": {{"x": {_LONG}}}}}</tool_call>'}),
        ("malformed", {"content": "[TOOL_CALLS]" * 50, "calls": []}),
        ("malformed", {"raw": "Let me look.<|tool_call|>"}),
        ("malformed", {"raw": "Let me look.<|tool_call_begin|>\n<|im_end|>"}),
        ("malformed", {"content": "<|python_tag|>"}),
    ],
)
def test_odd_responses(judge: Any, state: str, response: Any) -> None:
    verdict = judge(**{"dialect": "hermes"} | response, expect={"no_call": True})
    assert verdict.state == state
    assert verdict.outcome == {"called": "spurious_call", "malformed": "malformed_call"}[state]


_EVERY_DIALECT = ["<tool_call>", "<think>", "[TOOL_CALLS]", "<function=", "[a(", '{"name":', "<|im_end|>"]
_OWN_DIALECT = [
    ("hermes", '<tool_call>{"name":'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {}}</tool_call>'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {}}'),
    ("hermes", "<think>a</think>"),
    ("hermes", "</think>"),
    ("hermes", "<function_call>"),
    ("qwen3_coder", "<function=a>"),
    ("qwen3_coder", "<function=a></function>"),
    ("qwen3_coder", "<tool_call>\n<function=a>\n<parameter=b>\n"),
    ("qwen3_coder", "<tool_call><function=a><parameter=b>1</parameter>"),
    ("mistral", "[TOOL_CALLS]a"),
    ("mistral", "[TOOL_CALLS]a{}"),
    ("mistral", '[TOOL_CALLS][{"name":'),
    ("llama3_json", '{"name": "a", "parameters": {}};'),
    ("llama3_json", '{"name": "a", "parameters": "'),
    ("llama3_json", "<|python_tag|>"),
    ("pythonic", "[a(b='"),
    ("pythonic", "[a(b=1), "),
    (None, "a"),
    (None, "\n"),
    (None, "-"),
    (None, "abcde "),
    (None, "a\n"),
    (None, "| a |\n"),
    (None, "```\n"),
    (None, "</s> "),
]
_QUICK = [
    ("hermes", '<tool_call>{"name":'),
    ("qwen3_coder", "<function=a>"),
    ("mistral", "[TOOL_CALLS]a{}"),
    ("llama3_json", '{"name": "a", "parameters": {}};'),
    ("pythonic", "[a(b=1), "),
    (None, "a"),
]
_HOSTILE = [(dialect, unit) for unit in _EVERY_DIALECT for dialect in DIALECTS] + _OWN_DIALECT
HUNDREDS_OF_KILOBYTES = 200_000


@pytest.mark.parametrize(("dialect", "unit"), [*_QUICK, *slow(case for case in _HOSTILE if case not in _QUICK)])
def test_hostile_text_takes_no_long_time(make_record: Any, unit: str, dialect: str | None) -> None:
    text = unit * (HUNDREDS_OF_KILOBYTES // len(unit))
    channels = {"raw": text, "dialect": dialect, "content": None if dialect else text}
    record = parse_record(json.dumps(make_record(**channels, expect={"no_call": True})).encode())
    start = time.process_time()
    score_record(record)
    assert time.process_time() - start < 2


@pytest.mark.parametrize("argument", ["[" + "1.5, " * 4000 + "]", ", ".join(f"x{index}=y" for index in range(2000))])
def test_long_python_literals_take_no_long_time(judge: Any, argument: str) -> None:
    argument = argument if argument.startswith("x0") else f"x={argument}"
    start = time.process_time()
    judge(raw=f"[save_note({argument})]", dialect="pythonic")
    assert time.process_time() - start < 2
