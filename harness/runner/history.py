"""The history of a rollout: what stays in it of a model's message, as an agent in production would carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.jsonreader import read
from harness.scorers.channels import content_text, message_calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.channels import MessageCall


def carried(message: dict[str, Any], first_id: int) -> tuple[dict[str, Any], list[MessageCall]]:
    """A server's message as it stays in the history, and its calls as they are to be answered.

    Content and calls stay as they came; reasoning does not, for chat templates expect none. Arguments stay as
    text where that is JSON, and become an empty object where it is not: a server would make that of them
    silently. An entry without a name is no call that anything could answer, and is left out. An id
    that is missing or stands twice in the message is replaced by one made of `first_id` and its place.
    """
    calls: list[dict[str, Any]] = []
    answered: list[MessageCall] = []
    ids: set[str] = set()
    for place, item in enumerate(message_calls(message)):
        if item.name is None:
            continue
        entry = message["tool_calls"][place]
        given = entry.get("id")
        # Nine letters and digits: Mistral's template refuses any other id.
        identifier = given if isinstance(given, str) and given and given not in ids else f"r{first_id + place:08d}"
        ids.add(identifier)
        function = {"name": item.name, "arguments": _argument_text(entry["function"].get("arguments"))}
        calls.append({"id": identifier, "type": "function", "function": function})
        answered.append(item)
    text = content_text(message)
    if not calls:
        return {"role": "assistant", "content": text}, []
    content = text if message.get("content") is not None else None
    return {"role": "assistant", "content": content, "tool_calls": calls}, answered


def _argument_text(arguments: Any) -> str:
    if isinstance(arguments, dict):
        return jsonvalue.dumps(arguments)
    if not isinstance(arguments, str):
        return "{}"
    reading = read(arguments)
    # A key that stands twice is bad form, but JSON; everything else that is found is not.
    whole = reading.complete and all(defect.code == "duplicate_key" for defect in reading.defects)
    return arguments if whole else "{}"


def observed(calls: Sequence[dict[str, Any]], observations: Sequence[str | None]) -> list[dict[str, Any]]:
    """The tools' answers to the calls of a message, in their order; none where the script ends with the call."""
    return [
        {"role": "tool", "tool_call_id": call["id"], "content": text}
        for call, text in zip(calls, observations, strict=True)
        if text is not None
    ]
