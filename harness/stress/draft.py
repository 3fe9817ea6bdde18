"""A case on its way to a variant: plain JSON that a transform changes, tools included."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from harness.suite import Case, SuiteTool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from harness.jsonvalue import JsonValue

HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(slots=True)
class Draft:
    """One case, its own copy: a transform may change anything in it.

    `case` is what `Case.to_json` gives, but that every offer of tools is written out; `tools` are the definitions by
    the keys that these offers list, in the order of the suite. A definition that is changed gets a key of its own when
    the draft is `finished`, so that a transform need not think of other cases. `others` are the suite's cases, `all_keys`
    what a case offers that names no tools.
    """

    case: dict[str, Any]
    tools: dict[str, dict[str, Any]]
    others: Sequence[Case] = ()
    all_keys: Sequence[str] = ()
    _given: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, case: Case, tools: Sequence[SuiteTool], others: Sequence[Case] = ()) -> Draft:
        """A case and its suite's tools, copied."""
        value = copy.deepcopy(case.to_json(lint=True))
        all_keys = [tool.key for tool in tools]
        value.setdefault("tools", list(all_keys))
        listed = {key for names in _offers(value) for key in names}
        known = {tool.key: copy.deepcopy(tool.to_json()) for tool in tools if tool.key in listed}
        return cls(value, known, others, all_keys, copy.deepcopy(known))

    @property
    def turns(self) -> list[dict[str, Any]]:
        """The script."""
        turns: list[dict[str, Any]] = self.case["turns"]
        return turns

    @property
    def calls(self) -> Iterator[dict[str, Any]]:
        """Every expected call."""
        return (call for turn in self.turns for call in turn.get("expect", {}).get("calls", ()))

    @property
    def functions(self) -> Iterator[dict[str, Any]]:
        """Of every tool what a model is told: name, description, parameters."""
        return (tool["function"] for tool in self.tools.values())

    @property
    def offers(self) -> Iterator[list[str]]:
        """Every list of tools offered: the case's, then those of its turns."""
        return _offers(self.case)

    @property
    def language(self) -> Literal["en", "zh"]:
        """The language that the user writes."""
        return "zh" if any(HAN.search(turn["user"]) for turn in self.turns if "user" in turn) else "en"

    @property
    def said(self) -> list[str]:
        """Everything that is said in the conversation: system, users, observations, answers."""
        texts = [self.case["system"]] if self.case.get("system") else []
        for turn in self.turns:
            texts += [turn[key] for key in ("user", "answer") if key in turn]
            texts += turn.get("observations", ())
        return texts

    def rewrite(self, change: Callable[[str], str]) -> None:
        """Changes everything that is said."""
        if self.case.get("system") is not None:
            self.case["system"] = change(self.case["system"])
        for turn in self.turns:
            for key in ("user", "answer"):
                if key in turn:
                    turn[key] = change(turn[key])
            if "observations" in turn:
                turn["observations"] = [change(text) for text in turn["observations"]]

    def rewrite_arguments(self, change: Callable[[str], str]) -> None:
        """Changes every text in the expected arguments and in what is declared about them; keys stay."""
        for call in self.calls:
            call["arguments"] = in_strings(call["arguments"], change)
            if "match" in call:
                call["match"] = {place: in_strings(rule, change) for place, rule in call["match"].items()}

    def arguments(self) -> Iterator[str]:
        """Every text and number in the expected arguments and in the alternatives to them."""
        for call in self.calls:
            yield from strings_in(call["arguments"])
            for rule in call.get("match", {}).values():
                yield from strings_in(list(rule.values()))

    def finished(self, key: Callable[[dict[str, Any]], str]) -> tuple[Case, list[SuiteTool]]:
        """The case, and its tools; one whose definition changed has the id that `key` makes of it.

        Raises:
            pydantic.ValidationError: it is no case any more.
        """
        keys: dict[str, str] = {}
        tools: list[SuiteTool] = []
        for name, tool in self.tools.items():
            if tool != self._given.get(name):
                tool = {"id": key(tool), "type": tool["type"], "function": tool["function"]}  # noqa: PLW2901 - as it is kept
            tools.append(SuiteTool.model_validate(tool))
            keys[name] = tools[-1].key
        for names in self.offers:
            names[:] = [keys[name] for name in names]
        return Case.from_json(self.case), tools


def _offers(case: dict[str, Any]) -> Iterator[list[str]]:
    yield case["tools"]
    yield from (turn["tools"] for turn in case["turns"] if "tools" in turn)


def in_strings(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """A value with every text in it changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [in_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: in_strings(item, change) for key, item in value.items()}
    return value


def strings_in(value: JsonValue) -> Iterator[str]:
    """Every text and number in a value, as text."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from strings_in(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def mentions(texts: Iterable[str], words: Iterable[str]) -> bool:
    """Whether some text holds one of these (in lower case); a word of letters only where it stands alone."""
    whole = "\n".join(texts).lower()
    return any(
        re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", whole) if word.isascii() else word in whole
        for word in words
    )
