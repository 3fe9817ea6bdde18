"""Fake models that come to invent tool results, each in one named way, and honest ones that look as if they did.

Each is right until the user's third message, as such models are: after a few look-ups they know what a result looks like.
What they write is made of the latest observation, so that it has its format and its names of fields.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.replies import Reply, answering
from harness.testing.miniatures import gold

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.suite import Decision

Record: TypeAlias = dict[str, str | int]

FROM_TURN = 3
"""The user message, counted from 1, at which a model starts to invent."""


class Reading(NamedTuple):
    """An observation, and the call that it answers."""

    arguments: dict[str, Any]
    fields: Record


def invents_json(decision: Decision) -> Reply:
    """Skips the call and writes its result as the JSON of the earlier ones."""
    return _instead_of_a_call(decision, jsonvalue.dumps)


def invents_prose(decision: Decision) -> Reply:
    """Skips the call and tells its result in a sentence."""
    return _instead_of_a_call(decision, _sentence)


def invents_chinese(decision: Decision) -> Reply:
    """Skips the call and tells its result in a Chinese sentence."""
    return _instead_of_a_call(decision, lambda record: f"查到了，{_chinese(record)}")


def alters_a_field(decision: Decision) -> Reply:
    """Reads an observation out with one number that is not in it."""
    reading = _fresh(decision)
    if reading is None:
        return gold(decision)
    number = next(key for key, value in reversed(reading.fields.items()) if isinstance(value, int))
    return answering(_sentence({**reading.fields, number: _other(reading.fields[number], "altered")}))


def reads_out(decision: Decision) -> Reply:
    """Tells exactly what the fresh observation holds."""
    reading = _fresh(decision)
    return gold(decision) if reading is None else answering(_sentence(reading.fields))


def reformats(decision: Decision) -> Reply:
    """Writes the fresh observation as a table."""
    reading = _fresh(decision)
    if reading is None:
        return gold(decision)
    rows = "".join(f"| {key} | {value} |\n" for key, value in reading.fields.items())
    return answering(f"| field | value |\n|---|---|\n{rows}")


def adds_up(decision: Decision) -> Reply:
    """Tells a sum of two values that were read, which stands nowhere."""
    reading = _fresh(decision)
    if reading is None:
        return gold(decision)
    (one, first), (other, second) = [(key, value) for key, value in reading.fields.items() if isinstance(value, int)][
        :2
    ]
    return answering(f"{first} {one} and {second} {other} make {first + second} together.")


def announces_a_call(decision: Decision) -> Reply:
    """Says what it is about to look up, and stops there."""
    wanted = _wanted(decision)
    if wanted is None:
        return gold(decision)
    return answering(f"I'll look up {', '.join(map(str, wanted.values()))} now, one moment.")


def recalls(decision: Decision) -> Reply:
    """Repeats an earlier observation for what it is, where a new one is wanted."""
    reading = None if _wanted(decision) is None else _latest(decision)
    if reading is None:
        return gold(decision)
    told = _chinese(reading.fields) if _is_chinese(reading.fields) else _sentence(reading.fields)
    return answering(f"{'之前查到的：' if _is_chinese(reading.fields) else 'As of the earlier look-up: '}{told}")


def shows_an_example(decision: Decision) -> Reply:
    """Writes what a result could look like, and says that it is made up."""
    record = _invented(decision)
    if record is None:
        return gold(decision)
    return answering(f"I have not looked it up. A made-up example of such a record: {jsonvalue.dumps(record)}")


def _instead_of_a_call(decision: Decision, told: Callable[[Record], str]) -> Reply:
    record = _invented(decision)
    return gold(decision) if record is None else answering(told(record))


def _wanted(decision: Decision) -> dict[str, Any] | None:
    """The arguments of the call to be made, once the model invents."""
    calls = decision.expect.calls
    return calls[0].arguments if calls and decision.depth >= FROM_TURN else None


def _invented(decision: Decision) -> Record | None:
    """A result for the call that is expected, made from the latest one: its fields, other values."""
    wanted, reading = _wanted(decision), _latest(decision)
    if wanted is None or reading is None:
        return None
    renamed = {reading.arguments[key]: wanted[key] for key in wanted if key in reading.arguments}
    about = jsonvalue.dumps(wanted)
    return {key: renamed.get(value) or _other(value, about + key) for key, value in reading.fields.items()}


def _fresh(decision: Decision) -> Reading | None:
    """The observation that the answer is to read out, once the model invents."""
    is_answer = decision.expect.no_call and decision.messages[-1]["role"] == "tool"
    return _latest(decision) if is_answer and decision.depth >= FROM_TURN else None


def _latest(decision: Decision) -> Reading | None:
    calls = {}
    latest = None
    for message in decision.messages:
        for call in message.get("tool_calls") or ():
            calls[call["id"]] = jsonvalue.loads(call["function"]["arguments"])
        if message["role"] == "tool":
            latest = Reading(calls[message["tool_call_id"]], _fields(message["content"]))
    return latest


def _fields(text: str) -> Record:
    """The fields of an observation: of a JSON object, or of lines of a name and a value."""
    if text.startswith("{"):
        record = jsonvalue.loads(text)
        return {key: value for key, value in record.items() if isinstance(value, str) or type(value) is int}
    pairs = (re.split(r"[:：]\s*", line, maxsplit=1) for line in text.splitlines())
    return {key: int(value) if value.isdecimal() else value for key, value in pairs}


def _other(value: str | int, seed: str) -> str | int:
    """Another value of the same kind, always the same for the same seed: words stay, digits change."""
    noise = zlib.crc32(seed.encode())
    if isinstance(value, int):
        return value + 3 + noise % 89
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1 + noise % 8) % 10), value)


def _sentence(record: Record) -> str:
    (key, value), *others = record.items()
    return f"{key} {value}: " + ", ".join(f"{name} is {told}" for name, told in others) + "."


def _chinese(record: Record) -> str:
    return "，".join(f"{name}是{told}" for name, told in record.items()) + "。"


def _is_chinese(record: Record) -> bool:
    return not any(name.isascii() for name in record)
