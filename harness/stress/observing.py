"""What tools return, in another form: the same values, in the same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from harness import jsonvalue
from harness.stress.draft import mentions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from random import Random

    from harness.jsonvalue import JsonValue
    from harness.stress.draft import Draft

_FORMAT_TAG = "observation_format"


def observation_format(draft: Draft, chance: Random) -> str | None:
    """What tools return as JSON, they return as YAML, XML, key and value, or indented JSON."""
    found = [text for turn in draft.turns for text in turn.get("observations", ())]
    readable = [text for text in found if _container(text) is not None]
    if not readable:
        return "no tool returns JSON"
    if mentions((text for text in draft.said if text not in found), ("json",)):
        return "the conversation speaks of JSON"
    name = chance.choice(sorted(_WRITERS))
    write = _WRITERS[name]

    def change(text: str) -> str:
        value = _container(text)
        return text if value is None else write(value)

    for turn in draft.turns:
        if "observations" in turn:
            turn["observations"] = [change(text) for text in turn["observations"]]
    tags = draft.case.setdefault("tags", {})
    if _FORMAT_TAG in tags:
        tags[_FORMAT_TAG] = name if len(readable) == len(found) else "mixed"
    return None


def observation_envelope(draft: Draft, chance: Random) -> str | None:
    """What tools return comes inside an envelope that says nothing of their success."""
    changed = False
    for turn in draft.turns:
        for index, text in enumerate(turn.get("observations", ())):
            value, took = _container(text), chance.randint(11, 480)
            if value is None:
                wrapped = f"--- tool output (gateway v1, {took} ms) ---\n{text}\n--- end of tool output ---"
            else:
                wrapped = jsonvalue.dumps({"gateway": "v1", "took_ms": took, "result": value})
            turn["observations"][index] = wrapped
            changed = True
    return None if changed else "no tool returns anything"


def _container(text: str) -> JsonValue:
    """The object or array that a text is; None where it is something else, or an empty one."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return jsonvalue.loads(text) or None
    except jsonvalue.JsonError:
        return None


def _indented(value: JsonValue, depth: int = 0) -> str:
    """JSON over several lines."""
    if not isinstance(value, dict | list) or not value:
        return jsonvalue.dumps(value)
    if isinstance(value, dict):
        inner = [f"{jsonvalue.dumps(key)}: {_indented(item, depth + 1)}" for key, item in value.items()]
    else:
        inner = [_indented(item, depth + 1) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    lines = ",\n".join("  " * (depth + 1) + line for line in inner)
    return f"{opening}\n{lines}\n{'  ' * depth}{closing}"


def _yaml(value: JsonValue) -> str:
    return "\n".join(_yaml_lines(value))


def _yaml_lines(value: JsonValue) -> Iterator[str]:
    """Block style; texts are in quotes wherever YAML could take them for something else."""
    if not isinstance(value, dict | list) or not value:
        yield _yaml_scalar(value)
        return
    if isinstance(value, list):
        for item in value:
            first, *others = _yaml_lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
        return
    for key, item in value.items():
        if isinstance(item, dict | list) and item:
            yield f"{_yaml_scalar(key)}:"
            yield from (f"  {line}" for line in _yaml_lines(item))
        else:
            yield f"{_yaml_scalar(key)}: {_yaml_scalar(item)}"


def _yaml_scalar(value: JsonValue) -> str:
    if not isinstance(value, str):
        return jsonvalue.dumps(value)
    plain = value and value.replace("_", "").replace("-", "").isalpha() and value[0].isalpha()
    if plain and value.lower() not in ("true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"):
        return value
    return jsonvalue.dumps(value)


def _xml(value: JsonValue) -> str:
    return "\n".join(_xml_lines("result", value, 0))


def _xml_lines(name: str, value: JsonValue, depth: int) -> Iterator[str]:
    """An element for each member and each item; keys that are no names of elements stand in an attribute."""
    tag = name if name.replace("_", "a").isalnum() and name.isascii() and name[0].isalpha() else None
    opening = f"<{tag}>" if tag else f"<member name={quoteattr(name)}>"
    closing, space = f"</{tag or 'member'}>", "  " * depth
    if isinstance(value, dict | list) and value:
        yield space + opening
        members = value.items() if isinstance(value, dict) else (("item", item) for item in value)
        for key, item in members:
            yield from _xml_lines(key, item, depth + 1)
        yield space + closing
    else:
        yield f"{space}{opening}{escape(_plain(value))}{closing}"


def _key_value(value: JsonValue) -> str:
    return "\n".join(f"{path or 'value'}: {_plain(item)}" for path, item in _paths(value, ""))


def _paths(value: JsonValue, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _paths(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _paths(item, f"{path}[{index}]")
    else:
        yield path, value


def _plain(value: JsonValue) -> str:
    """A scalar without quotes; what is empty or null says so as in JSON."""
    return value if isinstance(value, str) and value else jsonvalue.dumps(value)


_WRITERS: dict[str, Callable[[Any], str]] = {"json": _indented, "yaml": _yaml, "xml": _xml, "key_value": _key_value}
