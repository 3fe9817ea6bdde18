"""Decisions: a case unrolled into the points at which the assistant must act, each with its scripted history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.suite.cases import UserTurn, expectation_json, tool_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from harness.jsonvalue import JsonValue
    from harness.records import Expectation, ExpectedCall, ToolSpec
    from harness.suite.cases import Case, SuiteTool


@dataclass(frozen=True, slots=True)
class Decision:
    """A point where the assistant must act.

    `index` counts a case's decisions from 0, `depth` its user messages so far from 1. `messages` is the
    scripted history in OpenAI's form; the decisions of a case share its messages, so they are read-only.
    `digest` is the SHA-256 (hex) of the canonical JSON of [tools, history, expectation]: it knows neither
    case id, tags nor call ids, nor the order of keys.
    """

    case_id: str
    index: int
    depth: int
    tools: tuple[ToolSpec, ...]
    messages: tuple[dict[str, Any], ...]
    expect: Expectation
    digest: str
    tags: Mapping[str, str]

    @property
    def key(self) -> tuple[str, int]:
        """Case and number: unique in a suite."""
        return self.case_id, self.index


Expected: TypeAlias = Literal["calls", "no_call", "any_call"]


class Asked(NamedTuple):
    """What a decision is of, its contents apart."""

    depth: int
    """User messages so far."""
    tools: int
    """How many tools are offered."""
    expect: Expected


def asked_in(case: Mapping[str, Any], offered: int) -> tuple[Asked, ...]:
    """The decisions of a case as `Case.to_json` writes it, in a suite of so many tools; their contents are not read.

    Raises:
        KeyError, TypeError, AttributeError: it is no such case.
    """
    found: list[Asked] = []
    depth, tools = 0, _count(case, offered)
    for turn in case["turns"]:
        tools = _count(turn, tools)
        if "expect" in turn:
            expect = turn["expect"]
            kind: Expected = "calls" if "calls" in expect else "no_call" if "no_call" in expect else "any_call"
            found.append(Asked(depth, tools, kind))
        else:
            depth += 1
    return tuple(found)


def _count(named: Mapping[str, Any], otherwise: int) -> int:
    names = named.get("tools")
    return otherwise if names is None else len(names)


class Offer:
    """The tools offered at a decision, and the beginning of its digest, worked out once for each set."""

    __slots__ = ("_hash", "names", "tools")

    def __init__(self, tools: tuple[ToolSpec, ...], texts: Iterable[bytes]) -> None:
        self.tools = tools
        self.names = frozenset(tool.function.name for tool in tools)
        self._hash = hashlib.sha256(b"[[" + b",".join(texts) + b"],[")

    def hash_of(self, messages: Sequence[bytes]) -> hashlib._Hash:
        """A running digest of these tools and the canonical messages so far."""
        running = self._hash.copy()
        running.update(b",".join(messages))
        return running


class Toolbox:
    """A suite's tools by what cases list them by, and the offers made of them."""

    def __init__(self, tools: Iterable[SuiteTool]) -> None:
        """Of tools of one key the first counts."""
        self.tools: dict[str, ToolSpec] = {}
        for tool in tools:
            self.tools.setdefault(tool.key, tool.offered)
        self._texts = {name: jsonvalue.canonical(tool_json(tool)) for name, tool in self.tools.items()}
        self._offers: dict[tuple[str, ...], Offer] = {}
        self._all = self._offer(tuple(self.tools))

    def offer(self, names: Sequence[str] | None) -> Offer:
        """The offer of the tools of these names or ids, in this order; of all tools for None.

        Raises:
            KeyError: one is unknown.
        """
        return self._all if names is None else self._offer(tuple(names))

    def _offer(self, names: tuple[str, ...]) -> Offer:
        offer = self._offers.get(names)
        if offer is None:
            tools = tuple(self.tools[name] for name in names)
            offer = self._offers[names] = Offer(tools, [self._texts[name] for name in names])
        return offer


def decisions_of(case: Case, toolbox: Toolbox) -> list[Decision]:
    """The decisions of a case that a loaded suite or a run's log holds (its tool names known).

    Raises:
        KeyError: the case names a tool that `toolbox` lacks.
    """
    return _Unrolling(case, toolbox).decisions()


class _Unrolling:
    """One case on its way: the history so far, in wire form and as digests see it."""

    def __init__(self, case: Case, toolbox: Toolbox) -> None:
        self._case = case
        self._toolbox = toolbox
        self._offer = toolbox.offer(case.tools)
        self._messages: list[dict[str, Any]] = []
        self._canonical: list[bytes] = []
        self._running = self._offer.hash_of(())
        self._calls = 0
        if case.system is not None:
            self._say({"role": "system", "content": case.system})

    def decisions(self) -> list[Decision]:
        """Walks the turns."""
        found: list[Decision] = []
        depth, last = 0, self._case.turns[-1]
        for turn in self._case.turns:
            if turn.tools is not None:
                self._offer = self._toolbox.offer(turn.tools)
                self._running = self._offer.hash_of(self._canonical)
            if isinstance(turn, UserTurn):
                depth += 1
                self._say({"role": "user", "content": turn.user})
                continue
            found.append(self._decide(turn.expect, len(found), depth))
            if turn is last:
                break
            if turn.expect.calls is not None and turn.observations is not None:
                self._call(turn.expect.calls, turn.observations)
            elif turn.answer is not None:
                self._say({"role": "assistant", "content": turn.answer})
        return found

    def _decide(self, expect: Expectation, index: int, depth: int) -> Decision:
        digest = self._running.copy()
        text = jsonvalue.canonical(expectation_json(expect))
        digest.update(b"]," + text + b"]")
        return Decision(
            case_id=self._case.id,
            index=index,
            depth=depth,
            tools=self._offer.tools,
            messages=tuple(self._messages),
            expect=expect,
            digest=digest.hexdigest(),
            tags=self._case.tags,
        )

    def _call(self, calls: Sequence[ExpectedCall], observations: Sequence[str]) -> None:
        """The scripted calls and what the tools answered."""
        wire: list[dict[str, Any]] = []
        plain: list[dict[str, JsonValue]] = []
        for call in calls:
            self._calls += 1
            function = {"name": call.name, "arguments": jsonvalue.dumps(call.arguments)}
            # Nine letters and digits: Mistral's template refuses any other id.
            wire.append({"id": f"c{self._calls:08d}", "type": "function", "function": function})
            plain.append({"name": call.name, "arguments": call.arguments})
        said = {"role": "assistant", "content": None, "tool_calls": wire}
        self._say(said, {"role": "assistant", "content": None, "tool_calls": plain})
        for item, observation in zip(wire, observations, strict=True):
            answer = {"role": "tool", "content": observation}
            self._say({"role": "tool", "tool_call_id": item["id"], "content": observation}, answer)

    def _say(self, message: dict[str, Any], judged: dict[str, JsonValue] | None = None) -> None:
        """Adds a message; `judged` is the form that the digest sees, where that is another."""
        text = jsonvalue.canonical(message if judged is None else judged)
        self._messages.append(message)
        self._running.update(b"," + text if self._canonical else text)
        self._canonical.append(text)
