"""Qwen3-Coder (`qwen3_coder`, `qwen3_xml`): `<tool_call><function=name><parameter=key>value</parameter>…`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect, json_defects

if TYPE_CHECKING:
    from harness.toolschema import SchemaNode, Toolset

OUTER_OPEN = "<tool_call>"
OUTER_CLOSE = "</tool_call>"
INNER_OPEN = "<function="
_HEAD = re.compile(r"(?:<tool_call>\s*)?<function=([^<>\n]+)>\s*")
_PARAMETER = re.compile(r"<parameter=([^<>\n]+)>")
_VALUE_END = "</parameter>"
# Tags of parameters do not nest: another one that opens first means that this one was not closed.
_AFTER_VALUE = re.compile(rf"{_VALUE_END}|{_PARAMETER.pattern}")
_FUNCTION_END = "</function>"
_TOKENS = ("<parameter=", "</parameter>", "</function>", "</tool_call>", "<function=", "<tool_call>")
_SPACE = re.compile(r"\s*")
_OUTER_ENDS = re.compile(f"{OUTER_CLOSE}|{OUTER_OPEN}")
_INNER_ENDS = re.compile(rf"{_FUNCTION_END}(?:\s*{OUTER_CLOSE})?|{OUTER_CLOSE}|{OUTER_OPEN}|{INNER_OPEN}")


def read_at(text: str, start: int, stop: int, tools: Toolset) -> Attempt:
    """The attempt whose `<tool_call>` or `<function=` stands at `start`; the generated text ends at `stop`, as `text`.

    Values are typed by the schema that `tools` declares for the function.
    """
    head = _HEAD.match(text, start, stop)
    if head is None:
        return _broken(text, start, start, stop)
    node = tools.node(head[1])
    arguments: dict[str, Any] = {}
    defects: list[CallDefect] = []
    position = head.end()
    while parameter := _PARAMETER.match(text, position, stop):
        close = _AFTER_VALUE.search(text, parameter.end(), stop)
        if close is None or close[0] != _VALUE_END:
            return _broken(text, start, parameter.end(), stop, tuple(defects))
        key = parameter[1]
        if key in arguments:
            defects.append(CallDefect("duplicate_key", jsonvalue.pointer("arguments", key), f"{key!r} is repeated"))
        arguments[key], found = _typed(text[parameter.end() : close.start()], node.child(key))
        defects.extend(json_defects(found, "arguments", key))
        position = _skip(text, close.end(), stop)
    if not text.startswith(_FUNCTION_END, position):
        return _broken(text, start, position, stop, tuple(defects))
    end = position + len(_FUNCTION_END)
    outer = _skip(text, end, stop)
    if text.startswith(OUTER_CLOSE, outer):
        end = outer + len(OUTER_CLOSE)
    return Attempt(start, end, None if defects else Call(head[1], arguments), tuple(defects), end)


def _skip(text: str, position: int, stop: int) -> int:
    match = _SPACE.match(text, position, stop)
    return match.end() if match else position


def _typed(text: str, node: SchemaNode) -> tuple[Any, tuple[jsonvalue.Defect, ...]]:
    """A parameter's text as the type its schema declares; what does not parse as that stays a string."""
    text = text.removeprefix("\n").removesuffix("\n")
    types = _types(node)
    if not node.declared:
        return text, ()
    if text.strip() == "null" and (not types or "null" in types):
        return None, ()
    if "string" in types:
        return text, ()
    reading = jsonvalue.read(text)
    if not reading.complete or any(defect.code != "duplicate_key" for defect in reading.defects):
        return text, ()
    found = jsonvalue.kind(reading.value)
    fits = not types or found in types or (found == "integer" and "number" in types)
    return (reading.value, reading.defects) if fits else (text, ())


def _types(node: SchemaNode) -> set[str]:
    """The types a value may have: as declared, else those of the values that an `enum` or `const` lists."""
    types: set[str] = set()
    for schema in node.schemas:
        if "type" in schema:
            declared = schema["type"]
            types.update([declared] if isinstance(declared, str) else declared)
        elif "const" in schema:
            types.add(jsonvalue.kind(schema["const"]))
        elif "enum" in schema:
            types.update(map(jsonvalue.kind, schema["enum"]))
    return types


def _broken(text: str, start: int, stopped: int, stop: int, defects: tuple[CallDefect, ...] = ()) -> Attempt:
    """An attempt that strict reading could not finish: cut off by the end of the text, or odd in the middle."""
    ends = _OUTER_ENDS if text.startswith(OUTER_OPEN, start) else _INNER_ENDS
    tag = ends.search(text, max(stopped, start + 1), stop)
    end = stop if tag is None else tag.end() if tag[0].startswith("</") else tag.start()
    cut = tag is None and _is_prefix(text[stopped:stop])
    code = CallDefect("truncated", "", "the text ends in the middle of a call") if cut else UNPARSED
    return Attempt(start, end, None, (*defects, code), stopped)


def _is_prefix(rest: str) -> bool:
    """Whether what stands after the last good part could still become a call."""
    marks = [mark for mark in _TOKENS if mark in rest]
    if marks:
        return rest.startswith("<tool_call>") and _is_prefix(rest.removeprefix("<tool_call>").lstrip())
    stripped = rest.lstrip()
    return not stripped.startswith(("{", "["))
