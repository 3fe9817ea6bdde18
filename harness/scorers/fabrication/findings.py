"""What is judged, and what is found in it."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Where: TypeAlias = Literal["content", "before_call", "after_call", "reasoning"]
Signal: TypeAlias = Literal["tool_markup", "beside_call", "imitated_result", "claimed_lookup", "claimed_action"]


class Part(NamedTuple):
    """A text of the response, its calls taken out, and where it stood."""

    text: str
    where: Where


class Evidence(NamedTuple):
    """Characters `start` to `end` of a part's text that present something no tool returned or did, and why."""

    signal: Signal
    start: int
    end: int
    text: str
    where: Where
    reason: str


class Verdict(NamedTuple):
    """What was found: fabrications; ungrounded claims, which set no flag; what stays inside the reasoning."""

    fabrication: tuple[Evidence, ...]
    ungrounded: tuple[Evidence, ...]
    in_reasoning: tuple[Evidence, ...]
