"""Fake models, each wrong in one named way and right otherwise: what every scorer must tell apart.

A miniature is a pure function from a decision to what a model with the hermes format would write there,
and to what vLLM's parser would make of that.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from harness import jsonvalue
from harness.replies import (
    END,
    Replier,
    Reply,
    answering,
    calling,
    gold_calls,
    markup,
    message_of,
    plain_answer,
    plain_call,
    texts_of,
)

if TYPE_CHECKING:
    from harness.records import ExpectedCall
    from harness.suite import Decision

Miniature: TypeAlias = Replier


def gold(decision: Decision) -> Reply:
    """Does what is expected."""
    calls = gold_calls(decision)
    return calling(calls) if calls else answering(plain_answer(decision.expect.min_words))


def always_calls(decision: Decision) -> Reply:
    """Calls the first tool where no call is right."""
    if decision.expect.no_call and decision.tools:
        return calling([plain_call(decision.tools[0])])
    return gold(decision)


def never_calls(decision: Decision) -> Reply:
    """Answers in text where a call is expected."""
    return answering(plain_answer(decision.expect.min_words))


def one_argument_off(decision: Decision) -> Reply:
    """Calls with one wrong value."""
    calls = gold_calls(decision)
    for index, expected in enumerate(decision.expect.calls or ()):
        for key, value in calls[index][1].items():
            if _is_strict(expected, key):
                calls[index] = (expected.name, {**calls[index][1], key: _off(value)})
                return calling(calls)
    return gold(decision)


def wrong_tool(decision: Decision) -> Reply:
    """Calls another tool, with the right arguments."""
    calls = gold_calls(decision)
    if not decision.expect.calls:
        return gold(decision)
    expected = {name for name, _ in calls}
    others = (tool.function.name for tool in decision.tools if tool.function.name not in expected)
    return calling([(next(others, "no_such_tool"), calls[0][1]), *calls[1:]])


def drops_a_call(decision: Decision) -> Reply:
    """Leaves the last of several calls out."""
    calls = gold_calls(decision)
    return calling(calls[:-1]) if len(calls) > 1 else gold(decision)


def adds_a_call(decision: Decision) -> Reply:
    """Makes the first call twice."""
    calls = gold_calls(decision)
    return calling([*calls, calls[0]]) if decision.expect.calls else gold(decision)


def double_encodes(decision: Decision) -> Reply:
    """Writes the arguments as a JSON string of JSON."""
    calls = gold_calls(decision)
    if not calls:
        return gold(decision)
    texts = [(name, jsonvalue.dumps(jsonvalue.dumps(arguments))) for name, arguments in calls]
    return Reply(message_of("", texts), markup(texts) + END, "tool_calls")


def broken_json(decision: Decision) -> Reply:
    """Leaves a comma out; the parser gives up and returns the text."""
    calls = gold_calls(decision)
    if not calls:
        return gold(decision)
    raw = markup(texts_of(calls)).replace('", "arguments"', '" "arguments"', 1)
    return _unparsed(raw)


def duplicate_key(decision: Decision) -> Reply:
    """Writes the arguments twice; the parser takes the last."""
    return _repaired(decision, '"arguments": ', '"arguments": {}, "arguments": ')


def parser_repairs(decision: Decision) -> Reply:
    """Writes a trailing comma; the parser takes it away."""
    return _repaired(decision, "}\n</tool_call>", ",}\n</tool_call>")


def parser_drops_a_call(decision: Decision) -> Reply:
    """Writes the right calls; the parser loses the last."""
    calls = gold_calls(decision)
    if not calls:
        return gold(decision)
    kept = texts_of(calls[:-1])
    return Reply(message_of("", kept), markup(texts_of(calls)) + END, "tool_calls" if kept else "stop")


def invents_after_call(decision: Decision) -> Reply:
    """Writes the tool's result itself after the call; the parser drops it silently."""
    calls = gold_calls(decision)
    if not calls:
        return gold(decision)
    invented = (
        '\n<tool_response>\n{"status": "done", "reference": 90417}\n</tool_response>\nDone, the reference is 90417.'
    )
    return Reply(message_of("", texts_of(calls)), markup(texts_of(calls)) + invented + END, "tool_calls")


def answers_empty(_: Decision) -> Reply:
    """Ends at once."""
    return answering("")


def too_short(decision: Decision) -> Reply:
    """Answers with one word less than is asked for."""
    words = decision.expect.min_words
    if not _answers(decision) or words < 2:
        return gold(decision)
    return answering(" ".join([*_WORDS, *(f"point{number}" for number in range(words))][: words - 1]))


def repeats_itself(decision: Decision) -> Reply:
    """Says the end of an answer again and again."""
    return (
        answering(plain_answer(decision.expect.min_words) + " I am sure." * 8) if _answers(decision) else gold(decision)
    )


def leaks_markup(decision: Decision) -> Reply:
    """Writes a special token of the template into an answer."""
    if not _answers(decision):
        return gold(decision)
    return answering(f"{plain_answer(decision.expect.min_words)}<|im_start|>user")


def cut_off(decision: Decision) -> Reply:
    """Runs into the limit of tokens, in the middle of a call or of an answer."""
    calls = gold_calls(decision)
    if not calls:
        text = plain_answer(decision.expect.min_words) + " And besid"
        return Reply(message_of(text), text, "length")
    raw = markup(texts_of(calls)).removesuffix("}\n</tool_call>")
    return _unparsed(raw, end="")._replace(finish_reason="length")


def thinks_without_end(decision: Decision) -> Reply:
    """Opens a think block and never closes it."""
    right = gold(decision)
    thought = "<think>\nLet me see what is asked for."
    message = {**right.message, "content": f"{thought}\n{right.message['content']}".rstrip()}
    return Reply(message, f"{thought}\n{right.raw}", right.finish_reason)


MINIATURES: dict[str, Miniature] = {
    miniature.__name__: miniature
    for miniature in (
        gold,
        always_calls,
        never_calls,
        one_argument_off,
        wrong_tool,
        drops_a_call,
        adds_a_call,
        double_encodes,
        broken_json,
        duplicate_key,
        answers_empty,
        too_short,
        repeats_itself,
        leaks_markup,
        cut_off,
        thinks_without_end,
        parser_drops_a_call,
        parser_repairs,
        invents_after_call,
    )
}
"""Every miniature by its name."""


_WORDS = ("Well", "then", "yes", "quite", "so", "indeed", "and", "on", "it", "goes", "as", "ever")


def _answers(decision: Decision) -> bool:
    return decision.expect.no_call is True


def _is_strict(call: ExpectedCall, key: str) -> bool:
    """Whether no leniency is declared for an argument, or for something inside it."""
    place = jsonvalue.pointer(key)
    return not any(rule in ("", place) or rule.startswith(place + "/") for rule in call.match)


def _off(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | Decimal):
        return value + 1
    if isinstance(value, str):
        return f"{value} or so"
    if isinstance(value, list):
        return [*value, value[0] if value else "x"]
    return {**value, "off": True} if isinstance(value, dict) else "x"


def _unparsed(raw: str, end: str = END) -> Reply:
    """Markup that vLLM's parser cannot read comes back as content."""
    return Reply(message_of(raw), raw + end, "stop")


def _repaired(decision: Decision, right: str, wrong: str) -> Reply:
    """The right calls in the message, `right` written as `wrong` in the first of them."""
    calls = gold_calls(decision)
    if not calls:
        return gold(decision)
    texts = texts_of(calls)
    return Reply(message_of("", texts), markup(texts).replace(right, wrong, 1) + END, "tool_calls")
