"""What is offered beside or around the tools that count: their order, unrelated ones, longer words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.stress.draft import mentions
from harness.stress.material import DISTRACTORS, FORMALITIES

if TYPE_CHECKING:
    from random import Random

    from harness.jsonvalue import JsonValue
    from harness.stress.draft import Draft

_MOST_DISTRACTORS = 5


def shuffle_tools(draft: Draft, chance: Random) -> str | None:
    """The tools are offered in another order."""
    changed = False
    for names in draft.offers:
        before = list(names)
        if len(names) > 1:
            while names == before:
                chance.shuffle(names)
            changed = True
    return None if changed else "fewer than two tools are offered"


def shuffle_properties(draft: Draft, chance: Random) -> str | None:
    """The members of parameter schemas are declared in another order."""
    changed = False
    for function in draft.functions:
        if "parameters" in function:
            before = _order(function["parameters"])
            function["parameters"] = _shuffled(function["parameters"], chance)
            changed = changed or _order(function["parameters"]) != before
    return None if changed else "no tool has two parameters, or chance left them in order"


def _shuffled(schema: JsonValue, chance: Random) -> JsonValue:
    if isinstance(schema, list):
        return [_shuffled(item, chance) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _shuffled(item, chance) for key, item in schema.items()}
    if isinstance(changed.get("properties"), dict):
        members = list(changed["properties"].items())
        chance.shuffle(members)
        changed["properties"] = dict(members)
    return changed


def _order(schema: JsonValue) -> list[str]:
    """Every key, in order: objects that differ in nothing else are equal in Python."""
    if isinstance(schema, list):
        return [key for item in schema for key in _order(item)]
    if not isinstance(schema, dict):
        return []
    return [word for key, item in schema.items() for word in (key, *_order(item))]


def distractor_tools(draft: Draft, chance: Random) -> str | None:
    """Tools of quite another field are offered as well; none whose field the case comes near."""
    texts = [*draft.said, *draft.arguments()]
    for function in draft.functions:
        texts += [function["name"].replace("_", " "), function.get("description", "")]
    taken = {function["name"] for function in draft.functions} | draft.tools.keys()
    free = [tool for words, tool in DISTRACTORS if tool["function"]["name"] not in taken and not mentions(texts, words)]
    if not free:
        return "it comes near the field of every unrelated tool"
    chosen = chance.sample(free, min(len(free), _MOST_DISTRACTORS))
    for names in draft.offers:
        for tool in chosen:
            names.insert(chance.randint(0, len(names)), tool["function"]["name"])
    draft.tools |= {tool["function"]["name"]: tool for tool in chosen}
    return None


def wordy_descriptions(draft: Draft, chance: Random) -> str | None:
    """Descriptions of tools are longer by formalities that say nothing about when to call them."""
    if not draft.tools:
        return "no tool is offered"
    for function in draft.functions:
        before, after = chance.choice(FORMALITIES)
        told: list[Any] = [before, function.get("description", "").strip(), after]
        function["description"] = " ".join(text for text in told if text)
    return None
