"""Other names for the parameters of tools, the same everywhere in a case."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.jsonvalue import pointer
from harness.stress.draft import strings_in
from harness.stress.schemas import Words, described, members_in, told_in, values_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from random import Random

    from harness.jsonvalue import JsonValue
    from harness.stress.draft import Draft

# Keywords that name members of an object, or lay a second schema over one: such a schema stays as it is.
_NAMING = frozenset(
    {"$defs", "definitions", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
    | {"patternProperties", "propertyNames", "unevaluatedProperties", "dependentRequired", "dependentSchemas"}
    | {"dependencies", "prefixItems", "contains", "const", "enum", "default", "examples"}
)
_IDENTIFIER = re.compile(r"[A-Za-z0-9]_+[A-Za-z0-9]|[a-z][A-Z][a-z]")
"""What no word of prose holds: an underscore or a capital inside."""
_PROSE = re.compile(r"(?<=[A-Za-z][A-Za-z] )\w+|\w+(?= [A-Za-z]{2})", re.ASCII)
"""A word beside another, one blank between: no field of a record, no column of a table."""


@dataclass(slots=True)
class _Names:
    """New names of the members of an object, and of those below; of an array, `items` are its elements'."""

    here: dict[str, str] = field(default_factory=dict)
    below: dict[str, _Names] = field(default_factory=dict)
    items: _Names | None = None

    def old(self) -> Iterator[str]:
        """Every name that gives way to another, as often as it does."""
        yield from self.here
        for names in (*self.below.values(), *([self.items] if self.items else [])):
            yield from names.old()


def rename_parameters(draft: Draft, _: Random) -> str | None:
    """Parameters of tools get other names of the same meaning, in schemas, descriptions, arguments and leniency alike.

    One that the conversation speaks of by its name keeps it; so does one whose name is a word that descriptions hold,
    or may mean something else there; and so does a schema that names members elsewhere too.
    """
    members = Counter(name for function in draft.functions for name in members_in(function.get("parameters")))
    told = Words(text for function in draft.functions for text in told_in(function))
    kept = _spoken_of(draft, members) | _ambiguous(draft, [name for name in members if told.mention(name)])
    while True:
        by_tool = _by_tool(draft, kept)
        if by_tool is None:
            return "two versions of a tool would be renamed in two ways"
        old = Counter(name for names in by_tool.values() for name in names.old())
        # A description does not say which of several parameters of a name it means: all are renamed or none.
        halfway = {name for name, count in old.items() if count < members[name] and told.mention(name)}
        if not halfway:
            break
        kept |= halfway
    if not old:
        why = "the texts or descriptions hold its name" if kept else "how its schema names members"
        return f"no parameter can be renamed for sure: {why}"
    _rename(draft, by_tool, [name for name in old if told.mention(name)])
    return None


def _rename(draft: Draft, by_tool: dict[str, _Names], mentioned: list[str]) -> None:
    """Renames parameters, in descriptions those that are mentioned there."""
    longest = "|".join(re.escape(name) for name in sorted(mentioned, key=len, reverse=True))
    known = re.compile(rf"(?<!\w)(?:{longest})(?!\w)", re.ASCII)

    def change(text: str) -> str:
        return known.sub(lambda match: _other(match[0]), text) if mentioned else text

    for function in draft.functions:
        if "parameters" in function:
            function["parameters"] = _renamed_schema(function["parameters"], by_tool[function["name"]])
            function["parameters"] = described(function["parameters"], change)
        if "description" in function:
            function["description"] = change(function["description"])
    for call in draft.calls:
        names = by_tool[call["name"]]
        if "match" in call:
            call["match"] = dict(_renamed_rule(place, rule, names) for place, rule in call["match"].items())
        call["arguments"] = _renamed(call["arguments"], names)


def _spoken_of(draft: Draft, members: Collection[str]) -> set[str]:
    """What system text or users speak of by its name; and assistant or tools, where the name is no word of prose."""
    asked = Words([draft.case.get("system") or "", *(turn["user"] for turn in draft.turns if "user" in turn)])
    returned = [text for turn in draft.turns for text in turn.get("observations", ())]
    answered = Words([*(turn["answer"] for turn in draft.turns if "answer" in turn), *_prose(returned)])
    return {name for name in members if asked.mention(name) or (_IDENTIFIER.search(name) and answered.mention(name))}


def _prose(returned: list[str]) -> Iterator[str]:
    """What observations say in words; the names of their fields are no parameters."""
    for text in returned:
        try:
            value = jsonvalue.loads(text)
        except jsonvalue.JsonError:
            yield from _PROSE.findall(text)
        else:
            yield from strings_in(value)


def _ambiguous(draft: Draft, described_names: list[str]) -> set[str]:
    """Of the names that descriptions hold, those that may mean something else there: a word, a value, a field, a tool."""
    other: list[JsonValue] = [function["name"] for function in draft.functions]
    for function in draft.functions:
        other += values_in(function.get("parameters"))
    for call in draft.calls:
        other += [call["arguments"], *(list(rule.values()) for rule in call.get("match", {}).values())]
    meant = Words([*strings_in(other), *(text for turn in draft.turns for text in turn.get("observations", ()))])
    return {name for name in described_names if not _IDENTIFIER.search(name) or meant.mention(name)}


def _by_tool(draft: Draft, kept: Collection[str]) -> dict[str, _Names] | None:
    """The new names by tool; None where versions of one differ in them."""
    found: dict[str, _Names] = {}
    for function in draft.functions:
        schema = function.get("parameters")
        names = None if _refers(schema) else _new_names(schema, kept)
        names = names or _Names()
        if found.setdefault(function["name"], names) != names:
            return None
    return found


def _refers(schema: JsonValue) -> bool:
    """Whether some part of a schema leads to another by a path, in which names of members may stand."""
    if isinstance(schema, dict):
        return not {"$ref", "$dynamicRef"}.isdisjoint(schema) or any(map(_refers, schema.values()))
    return isinstance(schema, list) and any(map(_refers, schema))


def _new_names(schema: JsonValue, kept: Collection[str]) -> _Names | None:
    if not isinstance(schema, dict) or (_NAMING & schema.keys() and {"properties", "items"} & schema.keys()):
        return None
    found = _Names(items=_new_names(schema.get("items"), kept))
    members = schema.get("properties")
    for key, member in members.items() if isinstance(members, dict) else ():
        below = _new_names(member, kept)
        if below is not None:
            found.below[key] = below
        if key not in kept:
            found.here[key] = _other(key)
    taken = {*(members or ())} - found.here.keys() | set(found.here.values())
    if len(taken) < len(members or ()):
        found.here = {}
    return found


def _other(name: str) -> str:
    words = [word for word in name.split("_") if word]
    return words[0] + "".join(word.capitalize() for word in words[1:]) if len(words) > 1 else f"{name}_value"


def _renamed_schema(schema: dict[str, Any], names: _Names) -> dict[str, Any]:
    changed = dict(schema)
    if isinstance(schema.get("properties"), dict):
        changed["properties"] = {
            names.here.get(key, key): _renamed_schema(member, names.below[key]) if key in names.below else member
            for key, member in schema["properties"].items()
        }
    if isinstance(schema.get("required"), list):
        changed["required"] = [names.here.get(key, key) for key in schema["required"]]
    if names.items is not None:
        changed["items"] = _renamed_schema(schema["items"], names.items)
    return changed


def _renamed(value: JsonValue, names: _Names | None) -> JsonValue:
    """A value with its members renamed, at every depth."""
    if names is None:
        return value
    if isinstance(value, dict):
        return {names.here.get(key, key): _renamed(item, names.below.get(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names.items) for item in value]
    return value


def _renamed_rule(place: str, rule: dict[str, Any], names: _Names) -> tuple[str, dict[str, Any]]:
    """A rule at its new place; alternatives are values like the one there."""
    steps: list[str] = []
    here: _Names | None = names
    for token in (token.replace("~1", "/").replace("~0", "~") for token in place.split("/")[1:]):
        if here is not None and (here.here or here.below) and not (here.items and token.isdigit()):
            steps.append(here.here.get(token, token))
            here = here.below.get(token)
        else:
            steps.append(token)
            here = here.items if here is not None and token.isdigit() else None
    if "one_of" in rule:
        rule = {**rule, "one_of": [_renamed(item, here) for item in rule["one_of"]]}
    return pointer(*steps), rule
