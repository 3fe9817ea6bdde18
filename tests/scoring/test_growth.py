"""Reading takes time in proportion to the text: ten times the text, nowhere near a hundred times the time."""

from __future__ import annotations

import gc
import json
import time
from typing import Any

import pytest

from harness.recorded import parse_record, score_record

SHORT, FACTOR = 4_000, 10
MOST = FACTOR**1.5
"""Half-way, on a scale of powers, between time that grows with the text and time that grows with its square."""
NOTICED = 0.002
"""Seconds below which a time is noise."""

CALL = '<tool_call>{"name": "a", "arguments": {}}</tool_call>'
UNITS = [
    ("hermes", "<tool_call>"),
    ("hermes", "<tool_call>{"),
    ("hermes", '<tool_call>{"'),
    ("hermes", '<tool_call>{"name": "'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "</tool_call>'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "</tool_call>"}} junk'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {}}'),
    ("hermes", '<tool_call>{"a": 1, "a": 2}</tool_call>'),
    ("hermes", CALL),
    ("hermes", f"{CALL}<think>a</think>"),
    ("hermes", "<function_call>"),
    ("hermes", "<function_call>a"),
    ("hermes", "<function_call>[TOOL_CALLS]<function="),
    ("hermes", f"<function_call>{CALL}"),
    ("hermes", "<think>a"),
    ("hermes", "`<think>` "),
    ("hermes", "</think>"),
    ("hermes", "<|im_end|>"),
    ("hermes", "<|im_end|> \n"),
    ("hermes", "[/INST]"),
    ("hermes", "<"),
    ("hermes", "{"),
    ("hermes", "\n"),
    ("qwen3_coder", "<tool_call>"),
    ("qwen3_coder", "<function="),
    ("qwen3_coder", "<function=a>"),
    ("qwen3_coder", "<function=a></function>"),
    ("qwen3_coder", "<tool_call><function=a><parameter=b>"),
    ("qwen3_coder", "<function=a><parameter=b>"),
    ("qwen3_coder", "<function=a><parameter=b>1</parameter>"),
    ("qwen3_coder", "<tool_call><function=a><parameter=b>1</parameter></function></tool_call>"),
    ("mistral", "[TOOL_CALLS]"),
    ("mistral", "[TOOL_CALLS]a"),
    ("mistral", '[TOOL_CALLS]a {"'),
    ("mistral", "[TOOL_CALLS]a{}"),
    ("mistral", '[TOOL_CALLS][{"name": "a", "arguments": {}},'),
    ("mistral", "[TOOL_CALLS][[["),
    ("llama3_json", "<|python_tag|>"),
    ("llama3_json", '{"name": "a", "parameters": {}};'),
    ("llama3_json", '{"name": "'),
    ("pythonic", "[a(b=1"),
    ("pythonic", "[a(b="),
    (None, "</s> "),
    (None, "<tool_call>"),
    (None, "<|tool_call|>x"),
    (None, "| a |\n"),
    (None, "- x\n"),
    (None, f"{'x' * 300}\n"),
]
WHOLE = [
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "', "y", '"}}</tool_call>'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "', "y", ""),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "', "</tool_call>", '"}} junk</tool_call>'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": "', "\\ud83d\\ude00", '"}}</tool_call>'),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": [', "[],", "{}]}}</tool_call>"),
    ("hermes", '<tool_call>{"name": "a", "arguments": {"x": [', '{"b": 1, "b": 1},', "{}]}}</tool_call>"),
    ("hermes", '<tool_call>{"name": "a", "arguments": {', '"b": 1,', '"c": 1}}</tool_call>'),
    ("hermes", "<tool_call>", "[", ""),
    ("hermes", "<tool_call>", '{"a":', ""),
    ("hermes", "", "\n", "x"),
    ("hermes", "", "<tool_call>", CALL),
    ("qwen3_coder", "<function=a><parameter=b>", "<tool_call>", "</parameter></function>"),
    ("qwen3_coder", "<function=a>", "<parameter=b>1</parameter>", "</function>"),
    ("mistral", "[TOOL_CALLS][", '{"name": "a", "arguments": {}},', "{}]"),
    ("mistral", "[TOOL_CALLS][", '{"name": "a", "name": "b", "arguments": {}},', "{}]"),
    ("mistral", "[TOOL_CALLS][", '{"name": "a", "name": "b", "arguments": {}},', ""),
    ("llama3_json", '{"name": "a", "parameters": {"x": "', "y", '"}}'),
    ("pythonic", "[", "a(b=1), ", "a(b=1)]"),
    ("pythonic", "[a(b='", "y", "')]"),
    ("pythonic", "[a(b='", "y", ""),
    ("pythonic", "[a(b=[", "1.5, ", "])]"),
]
QUOTED = "<think> </think> <tool_call> <function= [TOOL_CALLS] <function_call> <|im_end|>"
SHAPES = [(dialect, "", unit, "", user) for dialect, unit in UNITS for user in ("hi", QUOTED)]
SHAPES += [(*whole, "hi") for whole in WHOLE]


def seconds(make_record: Any, text: str, dialect: str | None, user: str) -> float:
    channels = {"raw": text, "dialect": dialect or "hermes", "content": text, "calls": [("a", "{}")] * 3}
    line = json.dumps(make_record(**channels, user=user, expect={"no_call": True})).encode()
    record = parse_record(line)
    gc.collect()
    gc.disable()  # what other tests left in memory would be searched again and again on this one's time
    try:
        start = time.process_time()
        score_record(record)
        return time.process_time() - start
    finally:
        gc.enable()


@pytest.mark.slow
@pytest.mark.parametrize(("dialect", "head", "unit", "tail", "user"), SHAPES)
def test_time_grows_with_the_text(
    make_record: Any, dialect: str | None, head: str, unit: str, tail: str, user: str
) -> None:
    count = SHORT // len(unit) + 1
    texts = head + unit * count + tail, head + unit * count * FACTOR + tail
    short = long = float("inf")
    for _ in range(5):  # the least of a few: another process may have taken the cache away
        short = min(short, seconds(make_record, texts[0], dialect, user))
        long = min(long, seconds(make_record, texts[1], dialect, user))
        if long < MOST * max(short, NOTICED / FACTOR):
            return
    pytest.fail(f"{short * 1000:.2f} ms became {long * 1000:.2f} ms")
