"""The trajectory as a small model of what is known: who said what, which tool returned what for which entity."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.lexicon import REWORK
from harness.scorers.fabrication.once import cached_property
from harness.scorers.fabrication.reading import Body, read
from harness.scorers.fabrication.slots import keys_of_call
from harness.scorers.fabrication.tools import ToolCard, tool_card
from harness.scorers.fabrication.values import keys_of, values_in
from harness.scorers.fabrication.words import supported, token_set

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.scorers.fabrication.forms import Value


_ADDRESSEES = re.compile(
    r"notif\w*|informed|alerted|paged|(?:e-?)?mail(?:ed|[_ ]?sent|[_ ]?to)\w*|messaged|message[_ ]?sent|sent[_ ]?to|recipients?|sms\w*|invited|told|通知\w*|收件人|抄送"
)
"""The name of a field that says who was told."""


class Observation:
    """What one call returned; `turn` is the number of user messages before it."""

    def __init__(self, tool: str, arguments: str, body: Body, turn: int) -> None:
        self.tool = tool
        self.arguments = arguments
        self.body = body
        self.turn = turn

    @cached_property
    def asked(self) -> str:
        """The arguments in normal form."""
        return normal(self.arguments)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The values of the call and of what it returned."""
        return self.body.keys | keys_of_call(self.arguments)

    def holds(self, keys: frozenset[str]) -> bool:
        """Whether one of some values is in it, or in its call."""
        return not (keys.isdisjoint(self.body.keys) and keys.isdisjoint(keys_of_call(self.arguments)))

    @cached_property
    def words(self) -> frozenset[str]:
        """The content words of the call and of what it returned."""
        return self.body.words | token_set(self.asked)


class Said(NamedTuple):
    """An assistant's text; `read` where it followed an observation of the same turn."""

    text: str
    read: bool


class Trajectory:
    """Everything that can ground a statement at one decision; what is costly is worked out when first asked for."""

    def __init__(self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> None:
        self.tools: list[ToolCard] = [tool_card(jsonvalue.dumps(tool)) for tool in tools]
        self.observations: list[Observation] = []
        self.users: list[str] = []
        self.system = ""
        self.said: list[Said] = []
        self.calls: list[str] = []
        pending: dict[str, tuple[str, str]] = {}
        waiting: list[tuple[str, str]] = []
        for message in messages:
            role, content = message.get("role"), message.get("content")
            text = content if isinstance(content, str) else _joined(content)
            if role in ("system", "developer"):
                self.system += text + "\n"
            elif role == "user":
                self.users.append(text)
                waiting = []
            elif role == "assistant":
                if text:
                    read_now = bool(self.observations) and self.observations[-1].turn == len(self.users)
                    self.said.append(Said(text, read_now))
                for call in message.get("tool_calls") or ():
                    made = _call_of(call)
                    pending[str(call.get("id"))] = made
                    waiting.append(made)
                    self.calls.append(made[1])
            elif role in ("tool", "function"):
                made = pending.get(str(message.get("tool_call_id"))) or (waiting[0] if waiting else ("", ""))
                if made in waiting:
                    waiting.remove(made)
                name = made[0] or str(message.get("name") or "")
                self.observations.append(Observation(name, made[1], read(text), len(self.users)))
        self.turn = len(self.users)
        self.last_user = self.users[-1] if self.users else ""

    @cached_property
    def fresh(self) -> list[Observation]:
        """What was returned after the latest user message."""
        return [seen for seen in self.observations if seen.turn == self.turn]

    @cached_property
    def tells(self) -> bool:
        """Whether a fresh observation has a filled field of who was told."""
        return any(
            _ADDRESSEES.fullmatch(normal(name)) is not None
            for seen in self.fresh
            if not seen.body.failed
            for name in seen.body.filled
        )

    @cached_property
    def observed_keys(self) -> frozenset[str]:
        """The values of every call and observation."""
        return frozenset().union(*[seen.body.keys for seen in self.observations], *map(keys_of_call, self.calls))

    def holding(self, keys: Iterable[str]) -> list[Observation]:
        """The observations, in order, that hold one of these values, or whose calls do."""
        wanted = self.observed_keys.intersection(keys)
        return [seen for seen in self.observations if seen.holds(wanted)] if wanted else []

    @cached_property
    def told_values(self) -> tuple[Value, ...]:
        """The values of the user messages and of the system text."""
        return values_in([*self.users, self.system])

    @cached_property
    def told_keys(self) -> frozenset[str]:
        """The values that the system text, the tools and the user hold."""
        return frozenset().union(*[one.keys for one in self.told_values], *(card.keys for card in self.tools))

    @cached_property
    def keys(self) -> frozenset[str]:
        """The values of the context, assistant text aside."""
        return self.observed_keys | self.told_keys

    @cached_property
    def observed_words(self) -> frozenset[str]:
        """The content words of every call and observation."""
        return token_set(self.observed_text)

    @cached_property
    def fresh_words(self) -> frozenset[str]:
        """The content words of the observations after the latest user message, and of their calls."""
        return frozenset().union(*(seen.words for seen in self.fresh))

    @cached_property
    def tool_words(self) -> frozenset[str]:
        """The content words with which the offered tools describe themselves."""
        return frozenset().union(*(card.words for card in self.tools))

    @cached_property
    def system_words(self) -> frozenset[str]:
        """The content words of the system text."""
        return token_set(normal(self.system))

    @cached_property
    def user_words(self) -> frozenset[str]:
        """The content words of the user's earlier messages."""
        return token_set(normal("\n".join(self.users[:-1])))

    @cached_property
    def reading_words(self) -> frozenset[str]:
        """The content words in which the assistant put observations earlier: its vocabulary, not its facts."""
        return token_set(normal("\n".join([said.text for said in self.said if said.read])))

    @cached_property
    def new_words(self) -> frozenset[str]:
        """The content words that the latest user message brings in."""
        known = self.observed_words | self.reading_words
        asked = REWORK.sub(" ", normal(self.last_user))
        return frozenset(word for word in token_set(asked) if not supported(word, known))

    @cached_property
    def new_keys(self) -> frozenset[str]:
        """The values that the latest user message brings in."""
        return keys_of(self.last_user) - self.observed_keys

    @cached_property
    def observed_text(self) -> str:
        """Every observation and call, in normal form."""
        return "\n".join([*(seen.body.text for seen in self.observations), self.call_text])

    @cached_property
    def call_text(self) -> str:
        """Every call, in normal form."""
        return normal("\n".join(self.calls))

    @cached_property
    def told_text(self) -> str:
        """System text, tools and user messages, in normal form."""
        return normal("\n".join([self.system, *self.users])) + "\n" + "\n".join(card.text for card in self.tools)

    @cached_property
    def user_text(self) -> str:
        """The user messages, in normal form."""
        return normal("\n".join(self.users))


def _joined(content: object) -> str:
    """The text of a message's parts; nothing where it has none."""
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def _call_of(call: dict[str, Any]) -> tuple[str, str]:
    function = call.get("function") or {}
    arguments = function.get("arguments")
    text = arguments if isinstance(arguments, str) else jsonvalue.dumps(arguments) if arguments is not None else ""
    return str(function.get("name") or ""), text
