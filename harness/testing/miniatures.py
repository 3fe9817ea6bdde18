"""Fake models, each wrong in one named way and right otherwise: what every scorer must tell apart.

A miniature is a pure function from a decision to what a model with the hermes format would write there,
and to what vLLM's parser would make of that.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import ExpectedCall
    from harness.suite import Decision

END = "<|im_end|>"


class Reply(NamedTuple):
    """What comes back for a decision."""

    message: dict[str, Any]
    """The server's message object."""
    raw: str
    """What the model wrote, special tokens included."""
    finish_reason: str


Miniature: TypeAlias = Callable[["Decision"], Reply]
_Calls: TypeAlias = list[tuple[str, dict[str, Any]]]


def gold(decision: Decision) -> Reply:
    """Does what is expected."""
    calls = _expected_calls(decision)
    return _calling(calls) if calls else answering(_answer(decision.expect.min_words))


def always_calls(decision: Decision) -> Reply:
    """Calls the first tool where no call is right."""
    if decision.expect.no_call and decision.tools:
        return _calling([_plain_call(decision)])
    return gold(decision)


def never_calls(decision: Decision) -> Reply:
    """Answers in text where a call is expected."""
    return answering(_answer(decision.expect.min_words))


def one_argument_off(decision: Decision) -> Reply:
    """Calls with one wrong value."""
    calls = _expected_calls(decision)
    for index, expected in enumerate(decision.expect.calls or ()):
        for key, value in calls[index][1].items():
            if _is_strict(expected, key):
                calls[index] = (expected.name, {**calls[index][1], key: _off(value)})
                return _calling(calls)
    return gold(decision)


def wrong_tool(decision: Decision) -> Reply:
    """Calls another tool, with the right arguments."""
    calls = _expected_calls(decision)
    if not decision.expect.calls:
        return gold(decision)
    expected = {name for name, _ in calls}
    others = (tool.function.name for tool in decision.tools if tool.function.name not in expected)
    return _calling([(next(others, "no_such_tool"), calls[0][1]), *calls[1:]])


def drops_a_call(decision: Decision) -> Reply:
    """Leaves the last of several calls out."""
    calls = _expected_calls(decision)
    return _calling(calls[:-1]) if len(calls) > 1 else gold(decision)


def adds_a_call(decision: Decision) -> Reply:
    """Makes the first call twice."""
    calls = _expected_calls(decision)
    return _calling([*calls, calls[0]]) if decision.expect.calls else gold(decision)


def double_encodes(decision: Decision) -> Reply:
    """Writes the arguments as a JSON string of JSON."""
    calls = _expected_calls(decision)
    if not calls:
        return gold(decision)
    texts = [(name, jsonvalue.dumps(jsonvalue.dumps(arguments))) for name, arguments in calls]
    return Reply(_message("", texts), _markup(texts) + END, "tool_calls")


def broken_json(decision: Decision) -> Reply:
    """Leaves a comma out; the parser gives up and returns the text."""
    calls = _expected_calls(decision)
    if not calls:
        return gold(decision)
    raw = _markup(_texts(calls)).replace('", "arguments"', '" "arguments"', 1)
    return _unparsed(raw)


def duplicate_key(decision: Decision) -> Reply:
    """Writes the arguments twice; the parser takes the last."""
    return _repaired(decision, '"arguments": ', '"arguments": {}, "arguments": ')


def parser_repairs(decision: Decision) -> Reply:
    """Writes a trailing comma; the parser takes it away."""
    return _repaired(decision, "}\n</tool_call>", ",}\n</tool_call>")


def parser_drops_a_call(decision: Decision) -> Reply:
    """Writes the right calls; the parser loses the last."""
    calls = _expected_calls(decision)
    if not calls:
        return gold(decision)
    kept = _texts(calls[:-1])
    return Reply(_message("", kept), _markup(_texts(calls)) + END, "tool_calls" if kept else "stop")


def invents_after_call(decision: Decision) -> Reply:
    """Writes the tool's result itself after the call; the parser drops it silently."""
    calls = _expected_calls(decision)
    if not calls:
        return gold(decision)
    invented = (
        '\n<tool_response>\n{"status": "done", "reference": 90417}\n</tool_response>\nDone, the reference is 90417.'
    )
    return Reply(_message("", _texts(calls)), _markup(_texts(calls)) + invented + END, "tool_calls")


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
    return answering(_answer(decision.expect.min_words) + " I am sure." * 8) if _answers(decision) else gold(decision)


def leaks_markup(decision: Decision) -> Reply:
    """Writes a special token of the template into an answer."""
    if not _answers(decision):
        return gold(decision)
    return answering(f"{_answer(decision.expect.min_words)}<|im_start|>user")


def cut_off(decision: Decision) -> Reply:
    """Runs into the limit of tokens, in the middle of a call or of an answer."""
    calls = _expected_calls(decision)
    if not calls:
        text = _answer(decision.expect.min_words) + " And besid"
        return Reply(_message(text), text, "length")
    raw = _markup(_texts(calls)).removesuffix("}\n</tool_call>")
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


def _answer(words: int) -> str:
    """An answer of at least so many words, its end no repeat."""
    numbers = [f"point {number}," for number in range(1, (max(0, words - 8) + 1) // 2 + 1)]
    return " ".join(["This", *numbers, "is all that there is to say."])


def _expected_calls(decision: Decision) -> _Calls:
    """Calls that are right here: those expected, or a plain one where any call is."""
    if decision.expect.any_call:
        return [_plain_call(decision)]
    return [(call.name, _replaced(call)) for call in decision.expect.calls or ()]


def _replaced(call: ExpectedCall) -> dict[str, Any]:
    """The expected arguments; a value with alternatives is the first of these."""
    arguments = dict(call.arguments)
    for key in arguments:
        rule = call.match.get(jsonvalue.pointer(key))
        if rule is not None and rule.one_of:
            arguments[key] = rule.one_of[0]
    return arguments


def _plain_call(decision: Decision) -> tuple[str, dict[str, Any]]:
    """The first tool, with the plainest arguments that its schema allows."""
    function = decision.tools[0].function
    found = _plain_value({"type": "object", **(function.parameters or {})})
    return function.name, found


def _plain_value(schema: Any) -> Any:
    if not isinstance(schema, dict):
        return "x"
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {})
        return {key: _plain_value(members.get(key)) for key in schema.get("required", ())}
    plain: dict[Any, Any] = {"array": [], "integer": 1, "number": 1, "boolean": True, "null": None}
    return plain.get(kind, "x") if isinstance(kind, str) else "x"


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


def _texts(calls: _Calls) -> list[tuple[str, str]]:
    return [(name, jsonvalue.dumps(arguments)) for name, arguments in calls]


def _markup(calls: Sequence[tuple[str, str]]) -> str:
    """Calls as the hermes format writes them, the arguments given as JSON text."""
    return "\n".join(
        f'<tool_call>\n{{"name": {jsonvalue.dumps(name)}, "arguments": {arguments}}}\n</tool_call>'
        for name, arguments in calls
    )


def _message(content: str, calls: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """A message as vLLM sends it: the key `tool_calls` only where there are some."""
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None, "annotations": None}
    message |= {"audio": None, "function_call": None}
    if calls:
        message["tool_calls"] = [
            {"id": f"chatcmpl-tool-{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls)
        ]
    return {**message, "reasoning": None}


def _calling(calls: _Calls) -> Reply:
    texts = _texts(calls)
    return Reply(_message("", texts), _markup(texts) + END, "tool_calls")


def answering(text: str) -> Reply:
    """An answer in text."""
    return Reply(_message(text), text + END, "stop")


def _unparsed(raw: str, end: str = END) -> Reply:
    """Markup that vLLM's parser cannot read comes back as content."""
    return Reply(_message(raw), raw + end, "stop")


def _repaired(decision: Decision, right: str, wrong: str) -> Reply:
    """The right calls in the message, `right` written as `wrong` in the first of them."""
    calls = _expected_calls(decision)
    if not calls:
        return gold(decision)
    texts = _texts(calls)
    return Reply(_message("", texts), _markup(texts).replace(right, wrong, 1) + END, "tool_calls")
