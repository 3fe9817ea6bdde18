"""Cases: scripted conversations, as a suite's files and a run's log hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import Discriminator, Field, Tag

from harness.records import Expectation, Record, ToolSpec

if TYPE_CHECKING:
    from harness.jsonvalue import JsonValue

MIN_WORDS = 2
"""The fewest words an answer in text needs where neither case nor suite says otherwise."""

VARIANT_OF, STRESS, UNCHANGED = "variant_of", "stress", "unchanged"
"""Tags of a variant: the id of the case it was made of, and by which change; the case itself bears `UNCHANGED`."""
NO_SLICE = frozenset(("depth", "tools", "expect", VARIANT_OF))
"""Tags that make no slice of the numbers: what is counted anyway, and what is another for each case."""


class SuiteTool(ToolSpec):
    """A tool of a suite. Several may share a function's name, as versions of it do: then all but one have an `id`."""

    id: Annotated[str, Field(min_length=1)] | None = None

    @property
    def key(self) -> str:
        """What cases list it by: its id, else its function's name."""
        return self.function.name if self.id is None else self.id

    @property
    def offered(self) -> ToolSpec:
        """The tool as a model is offered it."""
        return self if self.id is None else ToolSpec.trusted(type=self.type, function=self.function)

    def to_json(self) -> dict[str, JsonValue]:
        """The tool as `tools.json` and a run's log hold it, what is not declared left out."""
        own: dict[str, JsonValue] = {} if self.id is None else {"id": self.id}
        return own | tool_json(self)


def tool_json(tool: ToolSpec) -> dict[str, JsonValue]:
    """A tool in OpenAI's form, as a model is offered it: what is not declared left out."""
    function = {name: value for name, value in tool.function if value is not None}
    return {"type": tool.type, "function": function}


Silenced: TypeAlias = dict[str, Annotated[str, Field(min_length=1)]]
"""Rules of the linter that are silenced at a place, each with the reason: for readers of the files, no part of a case."""


class UserTurn(Record):
    """A user's message; `tools` are the tools (by name or id) offered from here on."""

    user: str
    tools: list[str] | None = None


class ExpectTurn(Record):
    """A decision, and how the script goes on: the observations of its calls, or the answer in text."""

    expect: Expectation
    tools: list[str] | None = None
    observations: list[str] | None = None
    answer: str | None = None
    lint: Silenced | None = None


def _branch(turn: Any) -> str | None:
    """The tag of a turn's kind; tags hold a space so that no key is mistaken for one in error paths."""
    keys = turn if isinstance(turn, dict) else type(turn).model_fields if isinstance(turn, Record) else ()
    return "expect turn" if "expect" in keys else "user turn" if "user" in keys else None


Turn: TypeAlias = Annotated[
    Annotated[UserTurn, Tag("user turn")] | Annotated[ExpectTurn, Tag("expect turn")], Discriminator(_branch)
]


class Case(Record):
    """One scripted conversation, complete in itself: the suite's defaults are filled in.

    `tools` names the suite's tools that are offered (an id where one has it), in this order; None offers all of them.
    """

    id: Annotated[str, Field(min_length=1)]
    tags: dict[str, str] = {}
    tools: list[str] | None = None
    system: str | None = None
    min_words: Annotated[int, Field(ge=0)] = MIN_WORDS
    turns: Annotated[list[Turn], Field(min_length=1)]
    lint: Silenced | None = None

    def to_json(self, *, lint: bool = False) -> dict[str, JsonValue]:
        """The case as one JSON object, what is at its default left out; `from_json` reads it.

        What the linter is told is no part of what a model is judged by: it is there only where it is asked for.
        """
        value: dict[str, JsonValue] = {"id": self.id}
        if self.tags:
            value["tags"] = dict(self.tags)
        if self.tools is not None:
            value["tools"] = list(self.tools)
        if self.system is not None:
            value["system"] = self.system
        if self.min_words != MIN_WORDS:
            value["min_words"] = self.min_words
        value["turns"] = [_turn_json(turn, lint=lint) for turn in self.turns]
        if lint and self.lint:
            value["lint"] = dict(self.lint)
        return value

    @classmethod
    def from_json(cls, value: JsonValue) -> Case:
        """The case that `to_json` gave.

        Raises:
            pydantic.ValidationError: the value is not a case.
        """
        return cls.model_validate(value).compact()


def expectation_json(expect: Expectation) -> dict[str, JsonValue]:
    """An expectation as a JSON object, every setting written out: equal expectations give equal objects."""
    value: dict[str, JsonValue] = {"min_words": expect.min_words, "defaults_equal": expect.defaults_equal}
    if expect.calls is None:
        value[expect.kind] = True
        return value
    calls = value["calls"] = []
    for call in expect.calls:
        item: dict[str, JsonValue] = {"name": call.name, "arguments": call.arguments}
        if call.match:
            item["match"] = {
                place: {name: setting for name, setting in rule if setting is not None}
                for place, rule in call.match.items()
            }
        calls.append(item)
    return value


def _turn_json(turn: UserTurn | ExpectTurn, *, lint: bool) -> dict[str, JsonValue]:
    value: dict[str, JsonValue] = {}
    if isinstance(turn, UserTurn):
        value["user"] = turn.user
    else:
        value["expect"] = expectation_json(turn.expect)
        if turn.observations is not None:
            value["observations"] = list(turn.observations)
        if turn.answer is not None:
            value["answer"] = turn.answer
        if lint and turn.lint:
            value["lint"] = dict(turn.lint)
    if turn.tools is not None:
        value["tools"] = list(turn.tools)
    return value
