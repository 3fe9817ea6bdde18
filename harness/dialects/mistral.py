"""Mistral: `[TOOL_CALLS]` with a JSON list of calls, or `[TOOL_CALLS]name[ARGS]{…}` / `[TOOL_CALLS]name{…}`."""

from __future__ import annotations

import re
from collections import defaultdict

from harness import jsonvalue
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect, call_of, json_defects

OPEN = "[TOOL_CALLS]"
_COMMA = re.compile(r"\s*,")
_NAMED = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*(?:\[CALL_ID\]\s*[\w\-]+\s*)?(?:\[ARGS\])?\s*(?=\S|\Z)")


def read_at(text: str, start: int, stop: int) -> list[Attempt]:
    """The attempts of the `[TOOL_CALLS]` at `start`: one a call; the generated text ends at `stop`, as `text`."""
    begin = start + len(OPEN)
    while begin < stop and text[begin].isspace():
        begin += 1
    if text.startswith("[", begin):
        return _read_list(text, start, begin, stop)
    named = _NAMED.match(text, begin, stop)
    if named is None:
        return [Attempt(start, begin, None, (UNPARSED,), begin)]
    reading = jsonvalue.read(text, named.end(), whole=False)
    if named.end() < stop and text[named.end()] != "{" and not reading.complete:
        return [Attempt(start, named.end(), None, (UNPARSED,), named.end())]
    if reading.defects:
        return [Attempt(start, reading.end, None, json_defects(reading.defects, "arguments"), reading.end)]
    if not isinstance(reading.value, dict):
        message = f"the arguments are {jsonvalue.kind(reading.value)}, not one object"
        return [Attempt(start, reading.end, None, (CallDefect("not_an_object", "/arguments", message),), reading.end)]
    return [Attempt(start, reading.end, Call(named[1], reading.value), (), reading.end)]


def _read_list(text: str, start: int, begin: int, stop: int) -> list[Attempt]:
    """A JSON list of calls, element by element: where it breaks off, the calls before are still attempts."""
    reading = jsonvalue.read(text, begin, whole=False)
    if reading.complete and not reading.value:
        return [Attempt(start, reading.end, None, (UNPARSED,), reading.end)]
    following = text.find(OPEN, begin, stop)
    end = reading.end if reading.complete else following if following >= 0 else stop
    values = reading.value if reading.complete else _whole_elements(text, begin)
    defects: dict[str, list[CallDefect]] = defaultdict(list)
    for defect in json_defects(reading.defects):
        place, under_call = _split(defect)
        defects[place].append(under_call)
    attempts: list[Attempt] = []
    for index, item in enumerate(values):
        call, wrong = call_of(item)
        found = tuple(defects[str(index)])
        first = start if index == 0 else end
        attempts.append(Attempt(first, end, None if found else call, (*found, *wrong), end))
    if not reading.complete:
        last = reading.defects[-1]
        if len(attempts) <= int(last.path[0] if last.path else 0):
            _, under_call = _split(json_defects((last,))[0])
            attempts.append(Attempt(end if attempts else start, end, None, (under_call,), reading.end))
    return attempts


def _whole_elements(text: str, begin: int) -> list[object]:
    """The elements that stand whole at the beginning of a list that does not."""
    elements, position = [], begin + 1
    while (reading := jsonvalue.read(text, position, whole=False)).complete:
        elements.append(reading.value)
        comma = _COMMA.match(text, reading.end)
        if comma is None:
            break
        position = comma.end()
    return elements


def _split(defect: CallDefect) -> tuple[str, CallDefect]:
    """The list element that a defect lies in, and the defect with its path counted from the call."""
    _, place, rest = (defect.path + "/").split("/", 2)
    return place, defect._replace(path="/" + rest.removesuffix("/") if rest else "")
