"""What a tool's definition says beside its structure: descriptions, values, names of members."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from harness.jsonvalue import JsonValue

_TOLD = ("description", "title")
_VALUES = frozenset({"const", "default", "enum", "example", "examples"})
_BY_NAME = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords under which keys are names, whatever keywords they look like."""
_WORD = re.compile(r"\w+", re.ASCII)


class Words:
    """Texts, asked for names: one is mentioned where neither a letter, digit nor underscore of ASCII adjoins it.

    Chinese is written without blanks: a name between its letters is mentioned as well.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = "\n".join(texts)
        self._words = frozenset(_WORD.findall(self._whole))

    def mention(self, name: str) -> bool:
        """Whether a name stands there."""
        if _WORD.fullmatch(name):
            return name in self._words
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self._whole, re.ASCII) is not None


def described(schema: JsonValue, change: Callable[[str], str]) -> JsonValue:
    """A schema with its descriptions and titles changed; values stay."""
    if isinstance(schema, list):
        return [described(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed: dict[str, Any] = {}
    for key, item in schema.items():
        if key in _TOLD and isinstance(item, str):
            changed[key] = change(item)
        elif key in _BY_NAME and isinstance(item, dict):
            changed[key] = {name: described(member, change) for name, member in item.items()}
        else:
            changed[key] = item if key in _VALUES else described(item, change)
    return changed


def told_in(function: dict[str, Any]) -> list[str]:
    """Every description and title of a tool."""
    found = [function["description"]] if function.get("description") else []

    def keep(text: str) -> str:
        found.append(text)
        return text

    described(function.get("parameters"), keep)
    return found


def members_in(schema: JsonValue) -> Iterator[str]:
    """The name of every member that a schema declares, as often as it does."""
    if isinstance(schema, list):
        for item in schema:
            yield from members_in(item)
    elif isinstance(schema, dict):
        for key, item in schema.items():
            if key in _BY_NAME and isinstance(item, dict):
                if key == "properties":
                    yield from item
                yield from members_in(list(item.values()))
            elif key not in _VALUES:
                yield from members_in(item)


def values_in(schema: JsonValue) -> Iterator[JsonValue]:
    """What a schema gives as values: choices, constants, defaults, examples."""
    if isinstance(schema, list):
        for item in schema:
            yield from values_in(item)
    elif isinstance(schema, dict):
        for key, item in schema.items():
            if key in _VALUES:
                yield item
            elif key in _BY_NAME and isinstance(item, dict):
                yield from values_in(list(item.values()))
            else:
                yield from values_in(item)


def texts_in(value: JsonValue) -> Iterator[str]:
    """Every text in a value, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)
