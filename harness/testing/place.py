"""Where in a case's script a conversation stands that a model has had its own part in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.suite import Decision, Script


def place_in(script: Script, messages: Sequence[dict[str, Any]]) -> Decision | None:
    """The decision that a conversation asks for: the first of its user turn whose observations are not all there.

    Its messages are those of the conversation. None where no turn of the script has so many user messages.
    """
    said = [place for place, message in enumerate(messages) if message["role"] == "user"]
    turn = next((turn for turn in script.turns if turn.depth == len(said)), None)
    if turn is None:
        return None
    returned = [message["content"] for message in messages[said[-1] :] if message["role"] == "tool"]
    for decision, observations in zip(turn.decisions, turn.observations, strict=True):
        missing = [text for text in observations if text not in returned]
        for text in observations:
            if text in returned:
                returned.remove(text)
        if missing or not observations:
            return replace(decision, messages=tuple(messages))
    return replace(turn.decisions[-1], messages=tuple(messages))
