"""What a raw reader reports: attempts at calls, each read strictly and with the place where it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from harness.jsonreader import Defect
    from harness.records import ViolationCode


class CallDefect(NamedTuple):
    """Why an attempt is not a well-formed call; `path` is a JSON pointer inside the call (`/arguments/x`)."""

    code: ViolationCode
    path: str
    message: str


class Call(NamedTuple):
    """A well-formed call, as judged: a name and one object of arguments."""

    name: str
    arguments: dict[str, Any]


class Attempt(NamedTuple):
    """One attempt at a call: characters `start` to `end` of the text; `call` is None where it is malformed.

    `stopped` is the index at which strict reading stopped (`end` for a well-formed call).
    """

    start: int
    end: int
    call: Call | None
    defects: tuple[CallDefect, ...] = ()
    stopped: int = -1


def json_defects(defects: tuple[Defect, ...], *base: str) -> tuple[CallDefect, ...]:
    """JSON defects as defects of a call, their paths put under `base`."""
    return tuple(CallDefect(d.code, jsonvalue.pointer(*base, *d.path), d.message) for d in defects)


def call_of(value: Any, keys: tuple[str, ...] = ("arguments",)) -> tuple[Call | None, tuple[CallDefect, ...]]:
    """Name and arguments of a JSON call object; `keys` are the names that the arguments may go by."""
    if not isinstance(value, dict):
        return None, (CallDefect("not_an_object", "", f"a call must be one object, not {jsonvalue.kind(value)}"),)
    defects = []
    name = value.get("name")
    if not isinstance(name, str):
        what = "has no name" if name is None else f"has a name of type {jsonvalue.kind(name)}"
        defects.append(CallDefect("type_mismatch", "/name", f"the call {what}"))
    key = next((key for key in keys if key in value), None)
    arguments = value[key] if key else None
    if not isinstance(arguments, dict):
        what = f"are {jsonvalue.kind(arguments)}, not one object" if key else "are missing"
        defects.append(CallDefect("not_an_object", "/arguments", f"the arguments {what}"))
    if defects or not isinstance(name, str) or not isinstance(arguments, dict):
        return None, tuple(defects)
    return Call(name, arguments), ()


UNPARSED = CallDefect("unparsed_markup", "", "call markup that yields no call")
