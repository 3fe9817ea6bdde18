"""Llama 3: text that starts with a JSON object with `name` and `parameters` or `arguments`; `;` separates calls."""

from __future__ import annotations

import re

from harness import jsonvalue
from harness.dialects.attempt import Attempt, call_of, json_defects

_KEYS = ("parameters", "arguments")
_NAME = re.compile(r'"name"\s*:')
_ARGUMENTS = re.compile(r'"(?:parameters|arguments)"\s*:')
_SEPARATOR = re.compile(r"\s*;\s*")


def read_start(text: str, start: int, stop: int) -> list[Attempt]:
    """The calls that the text, which ends at `stop`, consists of from `start` on; none where it starts otherwise."""
    attempts: list[Attempt] = []
    position = start
    while text.startswith("{", position):
        reading = jsonvalue.read(text, position, whole=False)
        if not reading.complete:
            name = _NAME.search(text, position, stop)
            # Behind a `;` that follows a call another one was begun, however little of it there is.
            if attempts or (name and _ARGUMENTS.search(text, name.end(), stop)):
                attempts.append(Attempt(position, stop, None, json_defects(reading.defects), reading.end))
            break
        value = reading.value
        if not isinstance(value, dict) or "name" not in value or not any(key in value for key in _KEYS):
            break
        call, defects = call_of(value, _KEYS)
        if reading.defects:
            call, defects = None, (*json_defects(reading.defects), *defects)
        attempts.append(Attempt(position, reading.end, call, defects, reading.end))
        separator = _SEPARATOR.match(text, reading.end, stop)
        if separator is None:
            break
        position = separator.end()
    return attempts
