"""Hermes: `<tool_call>` around one JSON object with `name` and `arguments` (Qwen2.5, Qwen3, Hermes)."""

from __future__ import annotations

import re

from harness import jsonvalue
from harness.dialects.attempt import Attempt, CallDefect, call_of, json_defects

OPEN = "<tool_call>"
CLOSE = "</tool_call>"
_TAG = re.compile(f"{OPEN}|{CLOSE}")
_BETWEEN_CALLS = re.compile(rf"{CLOSE}(?=\s*{OPEN})")
_SPACE = re.compile(r"\s*")
# No possessive group: Python before 3.11.5 matches a nested one wrongly. Nothing follows, so nothing is tried twice.
_WHOLE_TOKENS = re.compile(r'(?:[^"]++|"(?:[^"\\]++|\\.)*")*', re.DOTALL)
_UNCLOSED = CallDefect("truncated", "", "the text ends before </tool_call>")


def read_at(text: str, start: int, stop: int) -> Attempt:
    """The attempt whose `<tool_call>` stands at `start`; the generated text ends at `stop`, and so does `text`."""
    begin = start + len(OPEN)
    tag = _TAG.search(text, begin)
    if tag is not None and tag[0] == CLOSE:
        # Decoded from a copy: an error costs the C scanner the length of the text before it.
        body = text[begin : tag.start()]
        decoded = jsonvalue.loads_plain(body) or jsonvalue.decode_at(body, 0)
        if decoded is not None and (len(decoded) == 1 or _skip_space(body, decoded[1]) == len(body)):
            call, defects = call_of(decoded[0])
            return Attempt(start, tag.end(), call, defects, tag.start())
    return _careful(text, start, begin, stop)


def _skip_space(text: str, index: int) -> int:
    match = _SPACE.match(text, index)
    return match.end() if match else index


def _careful(text: str, start: int, begin: int, stop: int) -> Attempt:
    """An attempt whose first tag does not end one JSON value: a tag inside a string, or something wrong."""
    value = jsonvalue.read(text, begin, whole=False)
    after = _skip_space(text, value.end) if value.complete else value.end
    if value.complete:
        call, defects = call_of(value.value)
        defects = (*json_defects(value.defects), *defects)
        if text.startswith(CLOSE, after):
            return Attempt(start, after + len(CLOSE), None if defects else call, defects, after)
        if after >= stop or text.startswith(OPEN, after):
            return Attempt(start, after, None, (*defects, _UNCLOSED), after)
    unread = _unread(text, begin, value.end)
    tag = None if value.complete else _BETWEEN_CALLS.search(text, begin, unread)
    tag = tag or _TAG.search(text, unread)
    inner_end = tag.start() if tag else stop
    end = inner_end + len(CLOSE) if text.startswith(CLOSE, inner_end) else inner_end
    reading = jsonvalue.read(text[begin:inner_end])
    return Attempt(start, end, None, json_defects(reading.defects), begin + reading.end)


def _unread(text: str, begin: int, stopped: int) -> int:
    """Where to look for a tag once reading has stopped: there, or where the string it stopped in opens.

    A tag inside a string that was read to its end is part of the value; inside one that never ends it is a tag.
    (A quote left out may end a string in the next call, so where one call follows another, the first is over.)
    """
    tokens = _WHOLE_TOKENS.match(text, begin, stopped)
    return tokens.end() if tokens else stopped
