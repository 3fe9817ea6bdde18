"""Hermes: `<tool_call>` around one JSON object with `name` and `arguments` (Qwen2.5, Qwen3, Hermes)."""

from __future__ import annotations

from harness import jsonvalue
from harness.dialects.attempt import Attempt, CallDefect, call_of, json_defects

OPEN = "<tool_call>"
CLOSE = "</tool_call>"
_UNCLOSED = CallDefect("truncated", "", "the text ends before </tool_call>")


def read_at(text: str, start: int, stop: int) -> Attempt:
    """The attempt whose `<tool_call>` stands at `start`; the generated text ends at `stop`."""
    begin = start + len(OPEN)
    decoded = jsonvalue.decode_at(text, begin)
    if decoded is not None:
        value, end = decoded
        end = _skip_space(text, end, stop)
        if text.startswith(CLOSE, end):
            call, defects = call_of(value)
            return Attempt(start, end + len(CLOSE), call, defects, end)
    return _malformed(text, start, begin, stop)


def _skip_space(text: str, index: int, stop: int) -> int:
    while index < stop and text[index].isspace():
        index += 1
    return index


def _malformed(text: str, start: int, begin: int, stop: int) -> Attempt:
    """An attempt that is not JSON up to its closing tag: what is wrong, and how far it reaches."""
    value = jsonvalue.read(text[:stop], begin, whole=False)
    after = _skip_space(text, value.end, stop) if value.complete else value.end
    if value.complete and (after >= stop or text.startswith(OPEN, after)):
        _, defects = call_of(value.value)
        return Attempt(start, after, None, (*json_defects(value.defects), *defects, _UNCLOSED), after)
    if value.complete and text.startswith(CLOSE, after):
        _, defects = call_of(value.value)
        return Attempt(start, after + len(CLOSE), None, (*json_defects(value.defects), *defects), after)
    close = text.find(CLOSE, begin, stop)
    following = text.find(OPEN, begin, stop)
    inner_end = min(index for index in (close, following, stop) if index >= 0)
    reading = jsonvalue.read(text[begin:inner_end])
    end = close + len(CLOSE) if inner_end == close else inner_end
    return Attempt(start, end, None, json_defects(reading.defects), begin + reading.end)
