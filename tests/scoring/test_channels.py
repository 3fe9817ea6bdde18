"""Both channels are looked at: what the message holds and raw does not, and the other way round."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness import jsonvalue
from harness.recorded import parse_record, score_line, score_record
from harness.scorers.channels import content_text

GOOD = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
OTHER = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>'
BROKEN = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris",}}\n</tool_call>'
RETURNED = [("get_weather", '{"city": "Paris"}')]


@pytest.mark.parametrize(
    ("content", "calls", "raw", "state"),
    [
        (GOOD, [], "Hello there.", "malformed"),
        (BROKEN, [], "Hello there.", "malformed"),
        ("[TOOL_CALLS]", [], "Hello there.", "malformed"),
        (BROKEN, RETURNED, GOOD, "malformed"),
        (OTHER, RETURNED, GOOD, "malformed"),
        ("<function_call>", RETURNED, GOOD, "malformed"),
        (GOOD, RETURNED, f"<think>{GOOD}</think>", "called"),
        (GOOD, [], f"<think>{GOOD}</think>Hello.", "malformed"),
    ],
)
def test_an_attempt_that_only_the_content_holds_counts(
    judge: Any, content: str, calls: Any, raw: str, state: str
) -> None:
    verdict = judge(content=content, calls=calls, raw=raw + "<|im_end|>", dialect="hermes", expect={"no_call": True})
    assert verdict.state == state
    assert (state == "malformed") == any(violation.code != "extra_call" for violation in verdict.violations)


@pytest.mark.parametrize(
    ("content", "raw"),
    [
        (GOOD, GOOD),
        (BROKEN, BROKEN),
        (f"Sure.\n{BROKEN}\n", f"Sure.\n{BROKEN}\n"),
        (BROKEN[:-12], BROKEN[:-12] + "<|im_end|>\n"),
    ],
)
def test_a_copy_in_the_content_of_what_raw_holds_is_the_same_attempt(judge: Any, content: str, raw: str) -> None:
    verdict = judge(content=content, calls=RETURNED, raw=raw, dialect="hermes", expect={"any_call": True})
    assert (verdict.state, verdict.outcome) == ("called", "correct_call")


@pytest.mark.parametrize(
    ("dialect", "text"),
    [("llama3_json", '{"name": "get_weather", "parameters": {}}'), ("pythonic", "[get_weather(city='Paris')]")],
)
def test_call_like_content_beside_other_raw_text_counts_in_dialects_without_delimiters(
    judge: Any, dialect: str, text: str
) -> None:
    assert judge(content=text, calls=[], raw="Hello.<|eot_id|>", dialect=dialect).state == "malformed"
    assert judge(content=text, calls=RETURNED, raw="Hello.<|eot_id|>", dialect=dialect).state == "called"


@pytest.mark.parametrize(
    "text",
    [
        "</tool_call>",
        "</function>\n</tool_call>\n",
        "</think>",
        "</tool_call><|im_end|>",
        "<tool_response></tool_response>",
        "[/TOOL_CALLS]",
        "[ARGS] </parameter>",
    ],
)
def test_leaked_markup_alone_is_no_answer(judge: Any, text: str) -> None:
    for response in ({"raw": text}, {"content": text, "calls": [], "raw": text}, {"content": text, "calls": []}):
        verdict = judge(**response, dialect="hermes", expect={"no_call": True})
        assert (verdict.state, verdict.outcome) == ("empty", "empty_response")
    assert judge(raw=text + " Done, it is fine.", dialect="hermes").state == "answered"


def test_a_tag_that_the_user_asked_about_is_an_answer(judge: Any) -> None:
    user = "Is it </tool_call> or </tool_calls> that ends a call?"
    assert judge(content="</tool_call>", calls=[], user=user).state == "answered"
    assert judge(content="</function>", calls=[], user=user).state == "empty"
    assert judge(content="<|im_end|>", calls=[], user="What is <|im_end|>?").state == "empty"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": None, "refusal": "I cannot help with that."}, "I cannot help with that."),
        ({"content": "", "refusal": "I cannot."}, "I cannot."),
        ({"content": "Sorry.", "refusal": "I cannot."}, "Sorry.\nI cannot."),
        ({"content": [{"type": "refusal", "refusal": "I cannot."}]}, "I cannot."),
        ({"content": "Sorry.", "refusal": None}, "Sorry."),
        ({"content": None, "refusal": ["no"]}, ""),
    ],
)
def test_a_refusal_is_text_of_the_answer(judge: Any, message: Any, text: str) -> None:
    assert content_text(message) == text
    verdict = judge(message=message, expect={"no_call": True})
    assert verdict.state == ("answered" if text else "empty")
    assert ("too_short" in verdict.quality_defects) == (len(text.split()) < 2)


def test_markup_in_a_refusal_is_seen(judge: Any) -> None:
    assert judge(message={"content": None, "refusal": GOOD}).state == "malformed"


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"city": "\ud800"}, "/0/arguments/city"),
        ({"city": ["a", {"b": "x\udfff"}]}, "/0/arguments/city/1/b"),
        ({"city": "Paris", "\udc00": 1}, "/0/arguments"),
        ({"\udc00": "\ud800"}, "/0/arguments/\ufffd"),
    ],
)
def test_a_lone_surrogate_in_arguments_sent_as_an_object_is_no_json(
    make_record: Any, arguments: Any, path: str
) -> None:
    entry = {"id": "c\ud800", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
    message = {"role": "assistant", "content": "\ud83d", "tool_calls": [entry]}
    record = parse_record(json.dumps(make_record(message=message, expect={"any_call": True})).encode())
    verdict = score_record(record)
    assert (verdict.state, verdict.outcome) == ("malformed", "malformed_call")
    assert ("invalid_json", path) in {(violation.code, violation.path) for violation in verdict.violations}
    assert jsonvalue.loads(score_line("r", verdict))["state"] == "malformed"
    assert json.loads(jsonvalue.dump_line(record.response.model_dump()))["message"] == message


def test_paths_of_a_score_are_strict_json_whatever_the_keys(judge: Any) -> None:
    raw = '<tool_call>{"name": "f", "arguments": {"\\ud800": {"a": 1, "a": 2}}}</tool_call>'
    verdict = judge(raw=raw, dialect="hermes")
    assert "/0/arguments/\ufffd/a" in {violation.path for violation in verdict.violations}
    assert jsonvalue.loads(score_line("r", verdict))


@pytest.mark.parametrize("left", ["", "<tool_calls>\n", "<tool_calls>\n\n</tool_calls>"])
def test_markup_of_another_dialect_around_a_returned_call_is_leaked_not_malformed(judge: Any, left: str) -> None:
    raw = f"<tool_calls>\n{GOOD}\n</tool_calls><|im_end|>"
    verdict = judge(content=left, calls=RETURNED, raw=raw, dialect="hermes", expect={"any_call": True})
    assert (verdict.state, verdict.outcome, verdict.channels_agree) == ("called", "correct_call", True)
    assert verdict.violations == []
    assert verdict.quality_defects == (["leaked_markup"] if left else [])
    lost = judge(content=raw[:-10], calls=[], raw=raw, dialect="hermes", expect={"no_call": True})
    assert lost.outcome == "malformed_call"


def test_calls_of_both_channels_agree_as_multisets_by_value_and_literal(judge: Any) -> None:
    def agree(*arguments: str) -> bool:
        raw = "[TOOL_CALLS][" + ", ".join(f'{{"name": "f", "arguments": {text}}}' for text in arguments[:3]) + "]"
        return judge(raw=raw, calls=[("f", text) for text in arguments[3:]], dialect="mistral").channels_agree

    assert agree('{"x": 5.0}', '{"x": 5}', '{"a": 1, "b": [2.50]}', '{"b": [2.5], "a": 1}', '{"x": 5}', '{"x": 5.00}')
    assert not agree('{"x": 5.0}', '{"x": 5}', '{"x": 5}', '{"x": 5.0}', '{"x": 5.0}', '{"x": 5}')
    assert not agree('{"x": 1}', '{"x": 2}', '{"x": 3}', '{"x": 1}', '{"x": 2}', '{"x": true}')
