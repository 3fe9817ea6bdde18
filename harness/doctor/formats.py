"""Which dialect a text is written in: the calls of a rendered prompt, and those of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness.dialects import Scan, scan
from harness.dialects.markup import OPENING, THINK_CLOSE
from harness.doctor import conversations as known
from harness.scorers.channels import content_text, message_calls
from harness.toolschema import Toolset

if TYPE_CHECKING:
    from harness.doctor.probe import Exchange
    from harness.records import Dialect, PromptThink

TOOLSET = Toolset([(tool["function"]["name"], tool["function"]["parameters"]) for tool in known.TOOLS])
_STARTS = {"llama3_json": "{", "pythonic": "["}
"""Where the calls of dialects without delimiters begin, whatever a template writes before them."""


def read(text: str, dialect: Dialect | None, prompt_think: PromptThink = "none") -> Scan:
    """What a text holds, read as one dialect."""
    return scan(text, dialect, TOOLSET, prompt_think=prompt_think, quoted="")


def between(prompt: str, first: str, last: str) -> str:
    """The part of a prompt between two texts that occur in it once; empty where they do not."""
    _, found, rest = prompt.partition(first)
    inner, closed, _ = rest.partition(last)
    return inner if found and closed else ""


def dialect_in_prompt(prompt: str | None) -> Dialect | None:
    """The dialect in which the template writes the earlier call; None where it is none that the harness reads."""
    part = between(prompt or "", known.FIRST, known.RESULT)
    for dialect in known.WRITTEN:
        start = part.find(_STARTS[dialect]) if dialect in _STARTS else 0
        opening = OPENING.search(part, 0, max(start, 0))
        if opening is not None and opening[0] != "<|python_tag|>":
            continue  # a format that the harness does not read, its calls inside delimiters of its own
        calls = [attempt.call for attempt in read(part[max(start, 0) :], dialect).attempts]
        if any(call and call.name == "get_alert" and call.arguments == {"alert_id": known.VALUE} for call in calls):
            return dialect
    return None


def dialect_in_raw(answer: Exchange) -> Dialect | None:
    """The dialect in which an answer holds a well-formed call of a tool on offer; None where it holds none."""
    if answer.raw is None:
        return None
    for dialect in known.WRITTEN:
        calls = [attempt.call for attempt in read(answer.raw, dialect, answer.prompt_think).attempts]
        if any(call is not None and call.name in known.TOOL_NAMES for call in calls):
            return dialect
    return None


def reasoning_of(message: dict[str, Any]) -> str:
    """What a message holds as reasoning."""
    found = message.get("reasoning") or message.get("reasoning_content")
    return found if isinstance(found, str) else ""


def is_swallowed(answer: Exchange) -> bool:
    """Whether an answer that closes no think block came back as reasoning alone."""
    message = answer.message or {}
    if content_text(message).strip() or not reasoning_of(message).strip() or message_calls(message):
        return False
    return answer.finish_reason != "length" and THINK_CLOSE not in (answer.raw or "")
