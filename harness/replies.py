"""Replies without a model: what one with the hermes format would write for a decision, and what vLLM's parser makes of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.leniency import rule_tree
from harness.records import Response

if TYPE_CHECKING:
    from harness.leniency import RuleTree
    from harness.records import ExpectedCall, ToolSpec
    from harness.suite import Decision

END = "<|im_end|>"

MadeCall: TypeAlias = tuple[str, dict[str, Any]]
"""Name and arguments of a call."""


class Reply(NamedTuple):
    """What comes back for a decision."""

    message: dict[str, Any]
    """The server's message object."""
    raw: str
    """What the model wrote, special tokens included."""
    finish_reason: str

    @property
    def response(self) -> Response:
        """The reply as it is judged."""
        return Response.trusted(
            message=self.message,
            raw=self.raw,
            finish_reason=self.finish_reason,
            prompt_think="none",
            dialect="hermes",
            error=None,
        )


Replier: TypeAlias = Callable[["Decision"], Reply]
"""A model that is a function: always the same reply to the same decision."""


def answering(text: str) -> Reply:
    """An answer in text."""
    return Reply(message_of(text), text + END, "stop")


def calling(calls: Sequence[MadeCall]) -> Reply:
    """Well-formed calls in one message."""
    texts = texts_of(calls)
    return Reply(message_of("", texts), markup(texts) + END, "tool_calls")


def gold_calls(decision: Decision) -> list[MadeCall]:
    """Calls that are right at a decision: those expected, or a plain one where any call is; none where none is."""
    if decision.expect.any_call:
        return [plain_call(decision.tools[0])]
    return [(call.name, gold_arguments(call)) for call in decision.expect.calls or ()]


def gold_arguments(call: ExpectedCall) -> dict[str, Any]:
    """The expected arguments; a value that is none of its alternatives gives way to the first of them."""
    rules = rule_tree(call)
    arguments: dict[str, Any] = _first_of(call.arguments, rules)
    return arguments


def _first_of(value: Any, rules: RuleTree | None) -> Any:
    if rules is None:
        return value
    if rules.rule is not None and rules.rule.one_of:
        among = any(jsonvalue.equal(value, other) for other in rules.rule.one_of)
        return value if among else rules.rule.one_of[0]
    if isinstance(value, dict):
        return {key: _first_of(item, rules.children.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_first_of(item, rules.children.get(index)) for index, item in enumerate(value)]
    return value


def plain_answer(words: int) -> str:
    """An answer of at least so many words that tells nothing, its end no repeat."""
    numbers = [f"point {number}," for number in range(1, (max(0, words - 8) + 1) // 2 + 1)]
    return " ".join(["This", *numbers, "is all that there is to say."])


def plain_call(tool: ToolSpec) -> MadeCall:
    """A tool with the plainest arguments that its schema allows."""
    return tool.function.name, plain_value({**(tool.function.parameters or {}), "type": "object"})


def plain_value(schema: Any) -> Any:
    """The plainest value that a schema allows; of schemas beyond types, enums and required members a guess."""
    if not isinstance(schema, dict):
        return "x"
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        members = schema.get("properties", {})
        return {key: plain_value(members.get(key)) for key in schema.get("required", ())}
    plain: dict[Any, Any] = {"array": [], "integer": 1, "number": 1, "boolean": True, "null": None}
    return plain.get(kind, "x") if isinstance(kind, str) else "x"


def texts_of(calls: Sequence[MadeCall]) -> list[tuple[str, str]]:
    """Calls with their arguments as JSON text."""
    return [(name, jsonvalue.dumps(arguments)) for name, arguments in calls]


def markup(calls: Sequence[tuple[str, str]]) -> str:
    """Calls as the hermes format writes them, the arguments given as JSON text."""
    return "\n".join(
        f'<tool_call>\n{{"name": {jsonvalue.dumps(name)}, "arguments": {arguments}}}\n</tool_call>'
        for name, arguments in calls
    )


def message_of(content: str, calls: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """A message as vLLM sends it: the key `tool_calls` only where there are some."""
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": None, "annotations": None}
    message |= {"audio": None, "function_call": None}
    if calls:
        message["tool_calls"] = [
            {"id": f"chatcmpl-tool-{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for number, (name, arguments) in enumerate(calls)
        ]
    return {**message, "reasoning": None}
