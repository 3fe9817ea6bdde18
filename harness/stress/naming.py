"""Other names for tools and for their parameters, the same everywhere in a case."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.jsonvalue import pointer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from harness.jsonvalue import JsonValue
    from harness.stress.draft import Draft

_STYLES = ("camel", "kebab", "prefix")
_LONGEST = 64
# Keywords that name members of an object, or that lead to a schema from elsewhere: such a schema stays as it is.
_NAMING = frozenset(
    {"$ref", "$dynamicRef", "$defs", "definitions", "allOf", "anyOf", "oneOf", "not", "if", "then", "else"}
    | {"patternProperties", "propertyNames", "unevaluatedProperties", "dependentRequired", "dependentSchemas"}
    | {"dependencies", "prefixItems", "contains", "const", "enum", "default", "examples"}
)


def rename_tools(draft: Draft, chance: Random) -> str | None:
    """Every tool gets another name of the same meaning; where the old one is mentioned, the new one stands."""
    style = chance.choice(_STYLES)
    names = {function["name"]: _styled(function["name"], style) for function in draft.functions}
    if not names:
        return "no tool is offered"
    if len(set(names.values())) < len(names) or any(len(name) > _LONGEST for name in names.values()):
        return "two tools would share a name, or one would be too long"
    told = [name for name in names if not name.isalpha() or not name.islower()]

    def change(text: str) -> str:
        return _named(told).sub(lambda match: names[match[0]], text) if told else text

    for function in draft.functions:
        function["name"] = names[function["name"]]
        if "description" in function:
            function["description"] = change(function["description"])
        if "parameters" in function:
            function["parameters"] = _described(function["parameters"], change)
    for call in draft.calls:
        call["name"] = names[call["name"]]
    draft.rewrite(change)
    return None


def _styled(name: str, style: str) -> str:
    words = [word for word in re.split(r"[_\-.]+", name) if word]
    if style == "prefix" or len(words) < 2:
        return f"api_{name}"
    if style == "kebab":
        return "-".join(words)
    return words[0] + "".join(word[0].upper() + word[1:] for word in words[1:])


def _named(names: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest))})(?![\w-])")


def _described(schema: JsonValue, change: Any) -> JsonValue:
    """A schema with its descriptions changed."""
    if isinstance(schema, list):
        return [_described(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: change(item) if key == "description" and isinstance(item, str) else _described(item, change)
        for key, item in schema.items()
    }


@dataclass(slots=True)
class _Names:
    """New names of the members of an object, and of those below; of an array, `items` are its elements'."""

    here: dict[str, str] = field(default_factory=dict)
    below: dict[str, _Names] = field(default_factory=dict)
    items: _Names | None = None


def rename_parameters(draft: Draft, _: Random) -> str | None:
    """Parameters of tools get other names of the same meaning, in schemas, arguments and leniency alike.

    One that system text or user speak of by its name keeps it, and so does a schema that names members elsewhere too.
    """
    told = "\n".join([draft.case.get("system") or "", *(turn["user"] for turn in draft.turns if "user" in turn)])
    by_tool: dict[str, _Names] = {}
    for function in draft.functions:
        found = _new_names(function.get("parameters"), told)
        if found is not None and (found.here or found.below):
            function["parameters"] = _renamed_schema(function["parameters"], found)
            by_tool[function["name"]] = found
    if not by_tool:
        return "no parameter can be renamed for sure"
    for call in draft.calls:
        if (names := by_tool.get(call["name"])) is not None:
            if "match" in call:
                call["match"] = dict(_renamed_rule(place, rule, names) for place, rule in call["match"].items())
            call["arguments"] = _renamed(call["arguments"], names)
    return None


def _new_names(schema: JsonValue, told: str) -> _Names | None:
    if not isinstance(schema, dict) or (_NAMING & schema.keys() and "properties" in schema) or "$ref" in schema:
        return None
    found = _Names(items=_new_names(schema.get("items"), told))
    members = schema.get("properties")
    for key, member in members.items() if isinstance(members, dict) else ():
        below = _new_names(member, told)
        if below is not None:
            found.below[key] = below
        if not re.search(rf"(?<!\w){re.escape(key)}(?!\w)", told):
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
