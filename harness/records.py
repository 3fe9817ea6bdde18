"""The records everything else is made of: tools, messages, expectations, responses, scores.

One frozen, strict, closed pydantic base serves files and memory alike. JSON values inside records
(arguments, schemas) are `JsonValue`: exact decimals, no NaN.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.jsonvalue import JsonValue

STRICT_JSON = "strict JSON"
"""Validation context for values that `jsonvalue.loads` gave: their JSON values need no second look."""


def _json(value: Any, info: ValidationInfo) -> Any:
    return value if info.context is STRICT_JSON else jsonvalue.checked(value)


Json: TypeAlias = Annotated[Any, BeforeValidator(_json)]
JsonObject: TypeAlias = Annotated[dict[str, Any], BeforeValidator(_json)]


def _only_true(value: bool) -> bool:  # noqa: FBT001 - pydantic calls it with the value alone
    if not value:
        raise ValueError("may only be true; leave it out otherwise")
    return value


Flag: TypeAlias = Annotated[bool, AfterValidator(_only_true), WithJsonSchema({"const": True})]
"""A switch that is either on or absent."""

State: TypeAlias = Literal["called", "malformed", "answered", "empty", "errored"]
Outcome: TypeAlias = Literal[
    "correct_call",
    "wrong_arguments",
    "wrong_tool",
    "malformed_call",
    "fabricated_observation",
    "missed_call",
    "correct_no_call",
    "spurious_call",
    "empty_response",
    "errored",
]
ViolationCode: TypeAlias = Literal[
    "missing_call",
    "extra_call",
    "unknown_tool",
    "missing_argument",
    "unexpected_argument",
    "type_mismatch",
    "value_mismatch",
    "schema_violation",
    "invalid_json",
    "duplicate_key",
    "not_an_object",
    "truncated",
    "unparsed_markup",
    "default_only",
]
QualityDefect: TypeAlias = Literal["leaked_markup", "repeated_ending", "think_mismatch", "too_short", "truncated"]
MetricName: TypeAlias = Literal[
    "tool_call_accuracy",
    "tool_name_accuracy",
    "tool_args_accuracy",
    "response_quality",
    "fabrication_rate",
    "case_pass_rate",
]
METRICS: tuple[MetricName, ...] = get_args(MetricName)
"""Every metric, in the order in which it is printed."""

PromptThink: TypeAlias = Literal["none", "open", "closed"]
Dialect: TypeAlias = Literal["hermes", "qwen3_coder", "qwen3_xml", "llama3_json", "mistral", "pythonic"]
FaultKind: TypeAlias = Literal["connection", "timeout", "http", "protocol", "context_length"]


class Record(BaseModel):
    """Base of every record: frozen, closed, strict."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True, defer_build=True
    )

    @classmethod
    def trusted(cls, **values: Any) -> Self:
        """A record from values that this program has just made itself: complete, and not validated again."""
        record = cls.__new__(cls)
        object.__setattr__(record, "__dict__", values)
        object.__setattr__(record, "__pydantic_fields_set__", _all_fields(cls))
        object.__setattr__(record, "__pydantic_extra__", None)
        object.__setattr__(record, "__pydantic_private__", None)
        return record

    def compact(self) -> Self:
        """This record, when it and the records inside it have forgotten which of their fields were given.

        Pydantic notes that for each record in a set of names, often larger than the record; nothing here asks for it.
        """
        _forget_given(self)
        return self


@cache
def _all_fields(record: type[Record]) -> set[str]:
    """The names of a record's fields, one set for all; a set, because a record's copy adds to a copy of it."""
    return set(record.model_fields)


def _forget_given(value: Any) -> None:
    kind = type(value)
    if kind is list:
        for item in value:
            _forget_given(item)
    elif kind is dict:
        for item in value.values():
            _forget_given(item)
    elif issubclass(kind, Record):
        object.__setattr__(value, "__pydantic_fields_set__", _all_fields(kind))
        for item in value.__dict__.values():
            _forget_given(item)


class FunctionSpec(Record):
    """The function of a tool, as OpenAI's API declares it."""

    name: str
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class ToolSpec(Record):
    """One offered tool."""

    type: Literal["function"] = "function"
    function: FunctionSpec


class MessageCall(Record):
    """A tool call inside a message of the history; `arguments` is JSON text, as it went over the wire."""

    class Function(Record):
        """Name and arguments of the call."""

        name: str
        arguments: str

    id: str | None = None
    type: Literal["function"] = "function"
    function: Function
    index: int | None = None


class Message(Record):
    """One message of the history, in OpenAI's form."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[JsonObject] | None = None
    tool_calls: list[MessageCall] | None = None
    tool_call_id: str | None = None
    name: str | None = None
    reasoning: str | None = None
    reasoning_content: str | None = None
    refusal: str | None = None
    function_call: Json = None
    annotations: Json = None
    audio: Json = None


class ToolCall(Record):
    """A well-formed call: a tool's name and one JSON object of arguments."""

    name: str
    arguments: JsonObject


def _without_nulls(schema: dict[str, Any]) -> None:
    """An absent key and null are the same in memory; in a file only the first is allowed."""
    for member in schema["properties"].values():
        member.pop("default", None)
        if kinds := [kind for kind in member.pop("anyOf", ()) if kind != {"type": "null"}]:
            member.update(kinds[0])


class MatchRule(Record):
    """Leniency that a case declares for one value; exactly one kind, `optional` beside it or alone."""

    model_config = ConfigDict(json_schema_extra=_without_nulls)

    one_of: Annotated[list[Json], Field(min_length=1)] | None = None
    casefold: Flag | None = None
    regex: str | None = None
    atol: Json = None
    unordered: Flag | None = None
    any: Flag | None = None
    optional: Flag | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict) and any(item is None for item in value.values()):
            raise ValueError("a rule's value may not be null")
        return value


class ExpectedCall(Record):
    """One call that is expected, with the leniency declared for it (keys: JSON pointers into `arguments`)."""

    name: str
    arguments: JsonObject
    match: dict[str, MatchRule] = {}


class Expectation(Record):
    """What the assistant must do at a decision: exactly one of `calls`, `no_call`, `any_call`."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["calls"]}, {"required": ["no_call"]}, {"required": ["any_call"]}]}
    )

    calls: Annotated[list[ExpectedCall], Field(min_length=1)] | None = None
    no_call: Flag | None = None
    any_call: Flag | None = None
    min_words: Annotated[int, Field(ge=0)] = 2
    defaults_equal: bool = False

    @model_validator(mode="after")
    def _exactly_one(self) -> Expectation:
        given = [name for name in ("calls", "no_call", "any_call") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of calls, no_call, any_call; has {', '.join(given) or 'none'}")
        return self

    @property
    def kind(self) -> Literal["calls", "no_call", "any_call"]:
        """Which of the three this is."""
        if self.calls is not None:
            return "calls"
        return "no_call" if self.no_call else "any_call"


class Response(Record):
    """What came back for a decision.

    `message` is the server's message object exactly as it came, `raw` the text decoded from the
    generated token ids with special tokens kept. `error` says why there is nothing to judge.
    """

    message: dict[str, Any] | None = None
    raw: str | None = None
    finish_reason: str | None = None
    prompt_think: PromptThink = "none"
    dialect: Dialect | None = None
    error: str | None = None


class Violation(Record):
    """One thing wrong with a response; `path` is a JSON pointer into the actual call list, or empty."""

    code: ViolationCode
    path: str
    message: str


class Finding(Record):
    """A span of the response's text that presents something no tool returned.

    `start` and `end` are character offsets in the text that `where` names: the message's content (of one that was not
    recorded, the raw text's), raw text before or after the calls, the reasoning. `reason` says in a sentence what
    was looked for, and where.
    """

    signal: Literal["tool_markup", "beside_call", "imitated_result", "claimed_lookup", "claimed_action"]
    start: int
    end: int
    text: str
    where: Literal["content", "before_call", "after_call", "reasoning"]
    reason: str = ""


class Score(Record):
    """The verdict on one response."""

    state: State
    outcome: Outcome | None
    call_correct: bool | None
    name_correct: bool | None
    args_correct: bool | None
    violations: list[Violation] = []
    fabricated: bool = False
    fabrication: list[Finding] = []
    ungrounded_claims: list[Finding] = []
    in_reasoning: list[Finding] = []
    quality_defects: list[QualityDefect] = []
    channels_agree: bool | None = None
    skipped: list[str] = []

    def to_json(self) -> dict[str, Any]:
        """The score as plain JSON values, keys in the order of the fields."""
        value = dict(self.__dict__)
        for name in ("violations", "fabrication", "ungrounded_claims", "in_reasoning"):
            if value[name]:
                value[name] = [item.__dict__ for item in value[name]]
        return value


_PLAIN_WORDS = {
    "extra_forbidden": "unknown key",
    "missing": "is missing",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def explain(error: ValidationError, value: JsonValue) -> list[tuple[str, str]]:
    """Each problem of `value` that a validation error names, as (JSON pointer, plain words).

    In few words, for files that programs write; `harness.suite.shape` has more to say to people who write cases.
    """
    problems = []
    for item in error.errors(include_url=False, include_context=True, include_input=False):
        kind, location = item["type"], item["loc"]
        steps = [*steps_within(value, location), *(location[-1:] if kind == "missing" else ())]
        message = _PLAIN_WORDS.get(kind) or item["msg"].removeprefix("Value error, ")
        if kind == "literal_error":
            message = f"must be {item['ctx']['expected']}"
        problems.append((jsonvalue.pointer(*steps), message))
    return problems


def steps_within(value: JsonValue, location: tuple[str | int, ...]) -> Iterator[str | int]:
    """The steps of an error's location that a value has: not pydantic's names for the branches of a union."""
    for step in location:
        held = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if step in held:
            value = value[step]
            yield step
