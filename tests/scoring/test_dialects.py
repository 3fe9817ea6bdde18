"""Each reader says where an attempt begins and ends, and where strict reading stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import jsonvalue
from harness.dialects import Attempt, Scan, _Scanner, scan
from harness.toolschema import Toolset
from strategies import json_values

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
                "level": {"enum": [1, 2, None]},
                "version": {"const": "2"},
                "mixed": {"anyOf": [{"enum": ["1"]}, {"type": "integer"}]},
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
    # A tag inside a string that was read is part of the value, whatever is wrong after it.
    (
        "hermes",
        '«<tool_call>{"name": "f", "arguments": {"x": "</tool_call>"}} ‖junk</tool_call>» b',
        ("invalid_json",),
    ),
    (
        "hermes",
        '«<tool_call>{"name": "f", "arguments": {"x": "<tool_call></tool_call>", ‖oops}}</tool_call>» b',
        ("invalid_json",),
    ),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {"x": "a\\"</tool_call>"}‖</tool_call>» b', ("truncated",)),
    # Inside a string that never ends it is a tag.
    ("hermes", '«<tool_call>{"name": "f", "arguments": {"x": "a</tool_call> "‖b»', ("invalid_json",)),
    ("hermes", '«<tool_call>{"name": "f", "arguments": {"x": "a‖</tool_call>»\nb', ("truncated",)),
    # The value of a parameter ends with its own closing tag, not with another parameter's.
    (
        "qwen3_coder",
        "«<tool_call><function=f><parameter=city>‖Paris<parameter=days>5</parameter></function></tool_call>» b",
        ("unparsed_markup",),
    ),
    ("qwen3_coder", "«<function=f><parameter=city>‖Paris</function>» b", ("unparsed_markup",)),
    ("qwen3_coder", "«<function=f>‖oops</function>\n</tool_call>» b", ("unparsed_markup",)),
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


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call><function=f><parameter=city>Paris</tool_call><function=f><parameter=city>Rome</parameter></function>",
        "<function=f><parameter=city>Paris</function><function=f><parameter=city>Rome</parameter></function>",
        "<function=f><parameter=city>Paris\n<function=f><parameter=city>Rome</parameter></function>",
        "<tool_call><function=f><parameter=city>Paris\n<tool_call><function=f><parameter=city>Rome</parameter></function>",
    ],
)
def test_a_value_left_open_swallows_no_second_call(text: str) -> None:
    first, second = read(text, "qwen3_coder").attempts
    assert first.call is None
    assert text[: first.stopped] == text[: text.index("Paris")]
    assert second.call is not None
    assert second.call.arguments == {"city": "Rome"}


def test_a_value_may_hold_every_other_tag() -> None:
    value = "</function></tool_call><tool_call><function=f><parameter= <|x|>"
    attempt = only(f"<function=f><parameter=city>{value}</parameter></function>", "qwen3_coder")
    assert attempt.call is not None
    assert attempt.call.arguments == {"city": value}


@pytest.mark.parametrize(
    ("dialect", "call"),
    [
        ("hermes", f"<tool_call>{GOOD}</tool_call>"),
        ("qwen3_coder", "<tool_call><function=f></function></tool_call>"),
        ("qwen3_coder", "<function=f></function>"),
        ("mistral", f"[TOOL_CALLS][{GOOD}]"),
    ],
)
@pytest.mark.parametrize(
    ("before", "after"),
    [("<function_call>", "</function_call>"), ("<tool_calls>\n", "\n</tool_calls>"), ("<|tool_call|> <TOOLCALL>", "")],
)
def test_markup_of_another_dialect_around_an_own_call_hides_it_not(
    dialect: Dialect, call: str, before: str, after: str
) -> None:
    found = read(f"{before}{call}{call}{after}", dialect)
    assert [attempt.call is not None for attempt in found.attempts] == [True, True]
    assert found.without(calls=True, final_tokens=True) == before + after


def test_markup_of_another_dialect_around_a_broken_call_is_one_attempt() -> None:
    (attempt,) = read(f"<function_call><tool_call>{GOOD}", "hermes").attempts
    assert [defect.code for defect in attempt.defects] == ["truncated"]


def test_a_quote_left_out_swallows_no_second_call() -> None:
    first, second = read(f'<tool_call>{{"name": "f}}</tool_call><tool_call>{GOOD}</tool_call>', "hermes").attempts
    assert first.call is None
    assert second.call is not None


def test_markup_of_another_dialect_that_holds_words_too_is_an_attempt_beside_an_own_call() -> None:
    text = f"<function_call>f() <tool_call>{GOOD}</tool_call></function_call>"
    assert [attempt.call is not None for attempt in read(text, "hermes").attempts] == [False, True]


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
        '<|tool_call_start|>[f(city="Paris")]<|tool_call_end|>',
        '<|START_ACTION|>[{"tool_call_id": "0", "tool_name": "f", "parameters": {}}]<|END_ACTION|>',
        '<|FunctionCallBegin|>[{"name": "f", "parameters": {}}]<|FunctionCallEnd|>',
        '<functioncall> {"name": "f", "arguments": {}} <|endoftext|>',
        "<|python_start|>[f()]<|python_end|>",
        '<|tools_prefix|>[{"f": {}}]<|tools_suffix|>',
        '<|function_call|>{"name": "f", "arguments": {}}',
        "<｜tool_calls_begin｜><｜tool_call_begin｜>function<｜tool_sep｜>",
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
        ("mode", "1", "1"),
        ("mode", "null", "null"),
        ("level", "1", 1),
        ("level", "null", None),
        ("level", "one", "one"),
        ("version", "2", "2"),
        ("mixed", "1", "1"),
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


@pytest.mark.parametrize(
    ("text", "quoted", "kept"),
    [
        ("Use `<think>` and `</think>` around it.", "", None),
        ("Use <think> and </think> around it.", "what are <think> and </think>?", None),
        ("- <think> opens\n- </think> closes", "what are <think> and </think>?", None),
        ("`<think>` opens, `</think>` closes.", "", None),
        ("Use <think> and </think> around it.", "", "Use  around it."),
        ("<think>so</think> It is fine.", "what are <think> and </think>?", " It is fine."),
        ("\n<think>so</think>It is fine.", "what are <think> and </think>?", "\nIt is fine."),
        ("Well.\n<think>so</think>\nFine.", "what is <think>?", "Well.\n\nFine."),
        (
            "<|x|><think>a</think> <think>b</think>Use <think> and </think>.",
            "<think>",
            "<|x|> Use <think> and </think>.",
        ),
        ("<think>I write `</think>` Fine.", "", "` Fine."),
    ],
)
def test_think_tags_that_are_talked_about_hide_nothing(text: str, quoted: str, kept: str | None) -> None:
    found = read(text, "hermes", quoted=quoted)
    assert found.without(calls=False, final_tokens=True) == (text if kept is None else kept)


def test_a_call_between_think_tags_that_are_talked_about_is_an_attempt() -> None:
    assert len(read(f"Between `<think>` and <tool_call>{GOOD}</tool_call> `</think>`", "hermes").attempts) == 1
    assert len(read(f"<think> and <tool_call>{GOOD}</tool_call> `</think>`", "hermes").attempts) == 0


@pytest.mark.parametrize(("before", "after"), [("<|tool_call_start|>", "<|tool_call_end|>"), ("<|python_start|>", "")])
def test_tokens_before_a_list_of_python_calls_are_no_attempt_of_their_own(before: str, after: str) -> None:
    attempt = only(f"{before}[f(a=1)]{after}<|im_end|>", "pythonic")
    assert attempt.call is not None


@pytest.mark.parametrize(
    "text",
    [
        *("[f(x=1e", "[f(x=1e-", "[f(x=-1.5E+", "[f(x=0x", "[f(x=0b", "[f(x=1_", "[f(x=[1, 2e", "[f(x=-", "[f(x=1."),
        *(
            "[f(x=Tru",
            "[f(x",
            "[f(",
            "[f(x=1, ",
            "[f(x=1), ",
            "[f(x=1), g",
            "[f(x=1), g.",
            "[f(x=1), g.h(",
            "[f(x={'a'",
        ),
        *("[f(x='a", "[f(x='a\\", "[f(x='a\\\\", "[f(x='\\x4", "[f(x='\\u00e", "[f(x='\\U0001f6", "[f(x='\\N{DASH"),
        *("[f(x='''a", "[f(x='''a''", "[f(x={'a': 1e", "[f(x={'\\x", "[f.g(x='a'"),
    ],
)
def test_a_python_call_cut_off_is_truncated(text: str) -> None:
    attempt = read(text, "pythonic").attempts[-1]
    assert attempt.call is None
    assert [defect.code for defect in attempt.defects] == ["truncated"]


@pytest.mark.parametrize("text", ["[f(x=1 2", "[f(x=01", "[f(x='a\n", "[f(x=1e5e", "[f(x=)", "[f(x=1e-x", "[f(x=1]"])
def test_a_python_call_that_no_ending_mends_is_broken(text: str) -> None:
    attempt = only(text, "pythonic")
    assert attempt.call is None
    assert [defect.code for defect in attempt.defects] == ["invalid_json"]


@given(
    json_values | st.fixed_dictionaries({"name": st.text(max_size=3), "arguments": json_values}),
    st.sampled_from(["", " ", "\n", "<think>a</think>", "x", "[", "<tool_call>"]),
    st.sampled_from(
        ["", "\n", "<|im_end|>", " <|im_end|>\n", "x", "}", "</think>", "<tool_call>{}</tool_call>", "</tool_call>"]
    ),
)
def test_a_call_alone_is_read_as_any_text_is(value: Any, before: str, after: str) -> None:
    """The quick way for the commonest response finds what the long way finds."""
    for text in (f"{before}<tool_call>{after}", f"{before}<tool_call>\n{jsonvalue.dumps(value)}\n</tool_call>{after}"):
        whole = _Scanner(text, "hermes", TOOLS, "").scan("none")
        assert scan(text, "hermes", TOOLS, prompt_think="none", quoted="") == whole
