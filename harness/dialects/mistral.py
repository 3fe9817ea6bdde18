"""Mistral: `[TOOL_CALLS]` with a JSON list of calls, or `[TOOL_CALLS]name[ARGS]{…}` / `[TOOL_CALLS]name{…}`."""

from __future__ import annotations

import re

from harness import jsonvalue
from harness.dialects.attempt import UNPARSED, Attempt, Call, CallDefect, call_of, json_defects

OPEN = "[TOOL_CALLS]"
_NAMED = re.compile(r"\s*([A-Za-z_][\w.\-]*)\s*(?:\[CALL_ID\]\s*[\w\-]+\s*)?(?:\[ARGS\])?\s*(?=\S|\Z)")


def read_at(text: str, start: int, stop: int) -> list[Attempt]:
    """The attempts of the `[TOOL_CALLS]` at `start`: one a call; the generated text ends at `stop`."""
    begin = start + len(OPEN)
    while begin < stop and text[begin].isspace():
        begin += 1
    if text.startswith("[", begin):
        return _read_list(text, start, begin, stop)
    named = _NAMED.match(text, begin, stop)
    if named is None:
        return [Attempt(start, begin, None, (UNPARSED,), begin)]
    reading = jsonvalue.read(text[:stop], named.end(), whole=False)
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
    reading = jsonvalue.read(text[:stop], begin, whole=False)
    if reading.complete and not reading.value:
        return [Attempt(start, reading.end, None, (UNPARSED,), reading.end)]
    following = text.find(OPEN, begin, stop)
    end = reading.end if reading.complete else following if following >= 0 else stop
    last = reading.defects[-1] if not reading.complete else None
    broken = last.path[0] if last is not None and last.path else 0 if last is not None else None
    values = reading.value if reading.complete else _whole_elements(text[:stop], begin)
    attempts: list[Attempt] = []
    for index, item in enumerate(values):
        call, defects = call_of(item)
        found = tuple(_under_call(d) for d in json_defects(reading.defects) if d.path.split("/")[1:2] == [str(index)])
        first = start if index == 0 else end
        attempts.append(Attempt(first, end, None if found else call, (*found, *defects), end))
    if broken is not None and len(attempts) <= int(broken):
        defects = tuple(_under_call(d) for d in json_defects(reading.defects))[-1:]
        attempts.append(Attempt(end if attempts else start, end, None, defects, reading.end))
    return attempts


def _whole_elements(text: str, begin: int) -> list[object]:
    """The elements that stand whole at the beginning of a list that does not."""
    elements, position = [], begin + 1
    while (decoded := jsonvalue.decode_at(text, position)) is not None:
        element, position = decoded
        elements.append(element)
        following = text[position:].lstrip()[:1]
        if following != ",":
            break
        position = text.index(",", position) + 1
    return elements


def _under_call(defect: CallDefect) -> CallDefect:
    """The defect of a list element, its path counted from the call."""
    tokens = defect.path.split("/")[2:]
    return defect._replace(path="".join("/" + token for token in tokens))
