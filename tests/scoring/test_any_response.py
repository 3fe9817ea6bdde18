"""Whatever a server sends, there is a score for it, and soon."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from harness import jsonvalue
from harness.dialects import DIALECTS
from harness.recorded import RecordedScore, parse_record, score_line, score_record

# The same examples every time: what fails here fails on every machine.
COMMON = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)

decimals = st.decimals(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_snan())
scalars = st.none() | st.booleans() | st.integers() | decimals | st.text(max_size=8)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
json_objects = st.dictionaries(st.text(max_size=5), json_values, max_size=4)

_RAW_PIECES = [
    *("<tool_call>", "</tool_call>", "<think>", "</think>", "<function=get_weather>", "<function=", "</function>"),
    *("<parameter=city>", "<parameter=days>", "</parameter>", "[TOOL_CALLS]", "[ARGS]", "get_weather", "<|im_end|>"),
    *('{"name": "get_weather", "arguments": {"city": "Paris"}}', '{"name":', '{"name": "f", "parameters":', "{", "}"),
    *('[get_weather(city="Paris")]', "[a(", "[get_weather(city=-1.5e3, x={'a': [None]})]", "(", ")", "[", "]", "'", '"'),
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
        "content": raw_texts | st.lists(st.fixed_dictionaries({"text": raw_texts}) | json_values, max_size=3) | json_values,
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


@settings(COMMON, max_examples=600)
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


_HOSTILE = [
    "<tool_call>",
    "<think>",
    "</think>",
    "[TOOL_CALLS]",
    "[TOOL_CALLS]a",
    "<function=",
    "<function=a>",
    "<tool_call>\n<function=a>\n<parameter=b>\n",
    "<function=a></function>",
    "<think>a</think>",
    "[a(",
    "[a(b='",
    '{"name":',
    '<tool_call>{"name":',
    '<tool_call>{"name": "a", "arguments": {}}</tool_call>',
    '<tool_call>{"name": "a", "arguments": {}}',
    '[TOOL_CALLS][{"name":',
    "<|python_tag|>",
    "<function_call>",
    "</s>",
    " </s>",
    "\n",
    "a",
    "abcde ",
    "| a |\n",
    "-",
]
HUNDREDS_OF_KILOBYTES = 200_000


@pytest.mark.parametrize("dialect", ["hermes", "qwen3_coder", "llama3_json", "mistral", "pythonic"])
@pytest.mark.parametrize("unit", _HOSTILE)
def test_hostile_raw_text_takes_no_long_time(make_record: Any, unit: str, dialect: str) -> None:
    raw = unit * (HUNDREDS_OF_KILOBYTES // len(unit))
    record = parse_record(json.dumps(make_record(raw=raw, dialect=dialect, expect={"no_call": True})).encode())
    start = time.process_time()
    score_record(record)
    assert time.process_time() - start < 2
