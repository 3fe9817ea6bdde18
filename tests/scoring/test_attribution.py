"""Where message and raw text disagree, it is told whose doing that is: the parser's or the model's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.records import Response
from harness.scorers.attribution import attribute
from harness.scorers.fabrication import Trajectory
from harness.scorers.verdict import score
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from harness.scorers.attribution import Attribution

PARIS = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>'
ROME = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Rome"}}\n</tool_call>'
COMMA = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris",}}\n</tool_call>'
TWICE = '<tool_call>\n{"name": "get_weather", "arguments": {}, "arguments": {"city": "Paris"}}\n</tool_call>'
CODER = "<tool_call>\n<function=get_weather>\n<parameter=city>\nParis\n</parameter>\n</function>\n</tool_call>"
IN_PARIS, IN_ROME = ("get_weather", '{"city": "Paris"}'), ("get_weather", '{"city": "Rome"}')
TEXT_IN_TEXT = ("get_weather", '"{\\"city\\": \\"Paris\\"}"')


def cause(
    raw: str | None, *calls: tuple[str, str], content: str = "", dialect: Any = "hermes", user: str = "Weather?"
) -> Attribution | None:
    entries = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls]
    message = {"role": "assistant", "content": content, "tool_calls": entries}
    response = Response(message=message, raw=raw and raw + "<|im_end|>", dialect=dialect)
    tools = Toolset([("get_weather", {"type": "object", "properties": {"city": {"type": "string"}}})])
    return attribute(
        response, score(None, tools, response, quoted=user, history=lambda: Trajectory([], [])), quoted=user
    )


@pytest.mark.parametrize(
    ("raw", "calls", "content", "expected"),
    [
        (PARIS, [IN_PARIS], "", None),
        ("Let me see.\n" + PARIS, [IN_PARIS], "Let me see.\n", None),
        ("<think>Which?</think>\n" + PARIS, [IN_PARIS], "", None),
        ("It is warm.", [], "It is warm.", None),
        (PARIS, [], "", "lost"),
        (PARIS, [], PARIS, "lost"),
        (PARIS + ROME, [IN_PARIS], "", "lost"),
        (PARIS + COMMA, [], PARIS + COMMA, "lost"),
        (COMMA, [IN_PARIS], "", "repaired"),
        (TWICE, [IN_PARIS], "", "repaired"),
        (PARIS[:-12], [IN_PARIS], "", "repaired"),
        (PARIS, [IN_ROME], "", "changed"),
        (PARIS, [TEXT_IN_TEXT], "", "changed"),
        (f"<think>{PARIS}</think>", [IN_PARIS], "", "changed"),
        (PARIS + "\n<tool_response>\nsunny\n</tool_response>", [IN_PARIS], "", "dropped"),
        (PARIS + " It is sunny. " + ROME, [IN_PARIS, IN_ROME], "", "dropped"),
        (f"<tool_calls>{PARIS}</tool_calls>", [IN_PARIS], "", None),
        (COMMA, [], COMMA, "broken"),
        (CODER, [], CODER, "broken"),
    ],
)
def test_whose_doing_it_is(raw: str, calls: Any, content: str, expected: str | None) -> None:
    assert cause(raw, *calls, content=content) == expected


def test_another_dialect_than_the_servers_is_read_by_its_own_name() -> None:
    """A model of the coder's format behind a hermes parser: its calls are well-formed, the parser loses them."""
    assert cause(CODER, content=CODER, dialect="qwen3_coder") == "lost"
    assert cause(CODER, IN_PARIS, dialect="qwen3_coder") is None


def test_without_a_dialect_nobody_is_blamed() -> None:
    assert cause(PARIS, content=PARIS, dialect=None) == "untold"
    assert cause(PARIS, IN_PARIS, dialect=None) is None


def test_one_channel_alone_disagrees_with_nothing() -> None:
    assert cause(None, content=COMMA) is None


def test_a_tag_that_the_user_wrote_is_no_attempt() -> None:
    said = "The tag <tool_call> opens a call."
    assert cause(said, content=said, user="What is <tool_call>?") is None
