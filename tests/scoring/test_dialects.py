"""Each reader says where an attempt begins and ends, and where strict reading stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.dialects import Attempt, Scan, scan
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from harness.records import Dialect

TOOLS = Toolset([
    (
        "f",
        {
            "type": "object",
            "$defs": {"limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]}, "mode": {"enum": ["1", "fast"]}},
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer"},
                "limit": {"$ref": "#/$defs/limit"},
                "either": {"oneOf": [{"type": "number"}, {"type": "boolean"}]},
                "words": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                "mode": {"$ref": "#/$defs/mode"},
                "tags": {"type": "array"},
            },
        },
    )
])  # fmt: skip
GOOD = '{"name": "f", "arguments": {"a": 1}}'


def read(text: str, dialect: Dialect | None, *, quoted: str = "") -> Scan:
    return scan(text, dialect, TOOLS, prompt_think="none", quoted=quoted)


def only(text: str, dialect: Dialect) -> Attempt:
    found = read(text, dialect).attempts
    assert len(found) == 1
    return found[0]


# In `marked`, « stands before the attempt, » behind it, and ‖ where strict reading stopped.
STOPS = [
    ("hermes", 'a «<tool_call>{"name": "f", "arguments": {}}‖</tool_call>» b', ()),
    ("hermes", '«<tool_call>\n{"name": "f", "arguments": {"x": "</tool_call>"}}\n‖</tool_call>»', ()),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {‖»', ("truncated",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {}}‖»', ("truncated",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {}}\n‖»<|im_end|>', ("truncated",)),
    ("hermes", '«<tool_call>{"name": "f", ‖oops}</tool_call>» b', ("invalid_json",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {}} ‖and more</tool_call>» b', ("invalid_json",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {}‖</tool_call>» b', ("truncated",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {"a": 1, "a": 2}}‖</tool_call>»', ("duplicate_key",)),
    ("hermes", "«<tool_call>[]‖</tool_call>»", ("not_an_object",)),
    ("qwen3_coder", "a «<tool_call>\n<function=f>\n</function>\n</tool_call>‖» b", ()),
    ("qwen3_coder", "«<function=f><parameter=city>x</parameter></function>‖» b", ()),
    ("qwen3_coder", "«<tool_call>\n<function=f>\n<parameter=city>‖\nx»", ("truncated",)),
    ("qwen3_coder", "«<tool_call>\n<function=f>\n<parameter=city>x</parameter>\n‖»", ("truncated",)),
    ("qwen3_coder", "«<tool_call>\n<function=f>\n‖oops</function>\n</tool_call>» b", ("unparsed_markup",)),
    ("qwen3_coder", "«‖<tool_call>{}</tool_call>» b", ("unparsed_markup",)),
    ("mistral", '«[TOOL_CALLS][{"name": "f", "arguments": {}}]‖»', ()),
    ("mistral", '«[TOOL_CALLS]f[ARGS]{"a": 1}‖» b', ()),
    ("mistral", '«[TOOL_CALLS]f{"a": 1}‖»', ()),
    ("mistral", '«[TOOL_CALLS]f[ARGS]{"a": ‖»', ("truncated",)),
    ("mistral", '«[TOOL_CALLS][{"name": "f"‖»', ("truncated",)),
    ("mistral", "«[TOOL_CALLS]f[ARGS][]‖»", ("not_an_object",)),
    ("mistral", "«[TOOL_CALLS]‖»", ("unparsed_markup",)),
    ("llama3_json", '«{"name": "f", "parameters": {}}‖»', ()),
    ("llama3_json", '<|python_tag|>«{"name": "f", "parameters": {}}‖»<|eom_id|>', ()),
    ("llama3_json", '«{"name": "f", "parameters": {"a": ‖»', ("truncated",)),
    ("llama3_json", '«{"name": "f", "parameters": 5}‖»', ("not_an_object",)),
    ("pythonic", "«[f(a=1)]‖»", ()),
    ("pythonic", '«[f(a="]")]‖» b', ()),
    ("pythonic", "«[f(a=‖»", ("truncated",)),
    ("pythonic", "«[f(a=1, a=2)]‖»", ("duplicate_key",)),
    ("pythonic", "«[f(1)]‖»", ("unparsed_markup",)),
]


@pytest.mark.parametrize(("dialect", "marked", "codes"), STOPS)
def test_reader_reports_where_it_stopped(dialect: Dialect, marked: str, codes: tuple[str, ...]) -> None:
    text = marked.translate({ord(mark): None for mark in "«»‖"})
    attempt = only(text, dialect)
    start = marked.index("«")
    end = marked.replace("‖", "").index("»") - 1
    assert (attempt.start, attempt.end) == (start, end)
    assert tuple(defect.code for defect in attempt.defects) == codes
    assert (attempt.call is None) == bool(codes)
    if dialect != "pythonic" or not codes:
        assert attempt.stopped in {marked.replace("»", "").index("‖") - 1, attempt.end if not codes else -1}


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("hermes", f"<tool_call>{GOOD}</tool_call>\n<tool_call>{GOOD}</tool_call>"),
        ("qwen3_coder", "<tool_call><function=f></function></tool_call> <function=f></function>"),
        ("mistral", f"[TOOL_CALLS][{GOOD}, {GOOD}]"),
        ("mistral", "[TOOL_CALLS]f{}[TOOL_CALLS]f{}"),
        ("llama3_json", f"{GOOD}; {GOOD}"),
        ("pythonic", "[f(), f(a=1)]"),
    ],
)
def test_attempts_follow_one_another(dialect: Dialect, text: str) -> None:
    found = read(text, dialect)
    first, second = found.attempts
    assert first.start <= first.end <= second.start + len(text) * (first.end == second.end)
    assert first.call is not None
    assert second.call is not None
    assert found.without(calls=True, final_tokens=True).strip() in ("", ";")


def test_text_around_calls_stays() -> None:
    text = f"before <tool_call>{GOOD}</tool_call> after<|im_end|>\n"
    found = read(text, "hermes")
    assert found.without(calls=True, final_tokens=True) == "before  after"
    assert found.without(calls=False, final_tokens=False) == text


def test_reasoning_is_cut_out_and_its_calls_with_it() -> None:
    text = f"<think>I could <tool_call>{GOOD}</tool_call></think>Hello<think>more</think>!"
    found = read(text, "hermes")
    assert found.attempts == ()
    assert found.thinking == ((0, text.index("Hello")), (text.index("<think>more"), len(text) - 1))
    assert found.without(calls=True, final_tokens=True) == "Hello!"


def test_a_block_never_closed_hides_its_text_but_not_its_calls() -> None:
    found = read(f"Hm <think>so <tool_call>{GOOD}</tool_call>", "hermes")
    assert found.unclosed == 3
    assert len(found.attempts) == 1
    assert found.without(calls=False, final_tokens=True) == "Hm "


@pytest.mark.parametrize("dialect", [None, "hermes", "mistral", "llama3_json", "pythonic"])
def test_markup_of_another_dialect_is_an_attempt_that_yields_no_call(dialect: Dialect | None) -> None:
    (attempt,) = read("So: <function=f></function>", dialect).attempts
    assert attempt.call is None
    assert [defect.code for defect in attempt.defects] == ["unparsed_markup"]


@pytest.mark.parametrize(
    "text",
    [
        "<|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{}<|tool_call_end|>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f",
        "<start_function_call>call:f{}<end_function_call>",
        "<function_calls><invoke name='f'></invoke></function_calls>",
        "[TOOL_REQUEST]{}[END_TOOL_REQUEST]",
        "<minimax:tool_call></minimax:tool_call>",
    ],
)
def test_delimiters_of_dialects_that_are_not_read_are_seen(text: str) -> None:
    attempts = read(text, "hermes").attempts
    assert attempts
    assert all(attempt.call is None for attempt in attempts)


@pytest.mark.parametrize(
    ("parameter", "written", "value"),
    [
        ("limit", "5", 5),
        ("limit", "null", None),
        ("limit", '"5"', '"5"'),
        ("either", "true", True),
        ("either", "5", 5),
        ("either", "null", "null"),
        ("words", "5", "5"),
        ("days", "5 ", 5),
        ("days", "five", "five"),
        ("mode", "fast", "fast"),
        ("tags", "[1, 2]", [1, 2]),
        ("tags", "{}", "{}"),
        ("unheard_of", "5", "5"),
    ],
)
def test_qwen_values_are_typed_through_references_and_unions(parameter: str, written: str, value: object) -> None:
    attempt = only(f"<function=f><parameter={parameter}>\n{written}\n</parameter></function>", "qwen3_coder")
    assert attempt.call is not None
    assert attempt.call.arguments == {parameter: value}


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        ("The tag <tool_call> opens a call.", 0),
        ("The tag <tool_call> opens {a call}.", 0),
        ("Write <tool_call>\n {...}", 1),
        ("Write <tool_call>\n<function=f>", 1),
        (f"<tool_call>{GOOD}</tool_call>", 1),
        ("The tag <function_call> opens a call.", 1),
    ],
)
def test_a_tag_the_user_wrote_may_be_talked_about(answer: str, attempts: int) -> None:
    assert len(read(answer, "hermes", quoted="What does <tool_call> mean?").attempts) == attempts


def test_final_special_tokens_are_found_however_many() -> None:
    text = "Hello." + "<|im_end|>\n" * 100
    assert read(text, "hermes").stop == len("Hello.")


def test_think_tags_inside_good_calls_are_not_reported() -> None:
    inside = '<tool_call>{"name": "f", "arguments": {"a": "<think>"}}</tool_call>'
    assert read(inside, "hermes").tags == ()
    assert [opens for _, opens in read(inside + "<think></think>", "hermes").tags] == [True, False]
