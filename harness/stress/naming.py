"""Other names for tools, the same everywhere in a case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.stress.schemas import Words, described, members_in, texts_in, values_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from random import Random

    from harness.jsonvalue import JsonValue
    from harness.stress.draft import Draft

_STYLES = ("camel", "kebab", "prefix")
_LONGEST = 64


def rename_tools(draft: Draft, chance: Random) -> str | None:
    """Every tool gets another name of the same meaning; where the old one is mentioned, the new one stands.

    A name that is a plain word is mentioned only between backticks. Where a name is also a value, as an argument or a
    choice, it may mean the tool or anything else: then nothing is renamed.
    """
    style = chance.choice(_STYLES)
    names = {function["name"]: _styled(function["name"], style) for function in draft.functions}
    if not names:
        return "no tool is offered"
    if len(set(names.values())) < len(names) or any(len(name) > _LONGEST for name in names.values()):
        return "two tools would share a name, or one would be too long"
    plain = [name for name in names if name.isalpha() and name.islower()]
    values = list(_values(draft))
    if not names.keys().isdisjoint(values) or any(map(Words(values).mention, names.keys() - plain)):
        return "an argument, or a value or member of a schema, has a tool's name"
    mentioned = _mentions(names.keys() - plain, plain)

    def change(text: str) -> str:
        return mentioned.sub(lambda match: names[match[0]], text)

    for function in draft.functions:
        function["name"] = names[function["name"]]
        if "description" in function:
            function["description"] = change(function["description"])
        if "parameters" in function:
            function["parameters"] = described(function["parameters"], change)
    for call in draft.calls:
        call["name"] = names[call["name"]]
    draft.rewrite(change)
    return None


def _values(draft: Draft) -> Iterator[str]:
    """Every text and key that is a value: such a one cannot be renamed, or not for sure."""
    values: list[JsonValue] = []
    for call in draft.calls:
        values += [call["arguments"], *(list(rule.values()) for rule in call.get("match", {}).values())]
    for function in draft.functions:
        values += values_in(function.get("parameters"))
        values += members_in(function.get("parameters"))
    return texts_in(values)


def _styled(name: str, style: str) -> str:
    words = [word for word in re.split(r"[_\-.]+", name) if word]
    joined = "-".join(words)
    if style == "prefix" or len(words) < 2 or (style == "kebab" and joined == name):
        return f"api_{name}"
    if style == "kebab":
        return joined
    return words[0] + "".join(word[0].upper() + word[1:] for word in words[1:])


def _mentions(names: Iterable[str], plain: Collection[str]) -> re.Pattern[str]:
    """Finds names wherever they stand, the plain words among them between backticks."""
    longest = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    ways = [rf"(?<![\w-])(?:{longest})(?![\w-])"] if longest else []
    ways += [rf"(?<=`)(?:{'|'.join(map(re.escape, plain))})(?=`)"] if plain else []
    return re.compile("|".join(ways), re.ASCII)
