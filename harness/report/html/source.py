"""A case as YAML, in pieces that are put together up to any of its decisions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from harness import jsonvalue

if TYPE_CHECKING:
    from harness.suite import Case

_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What YAML holds only as an escape."""


def source(case: Case) -> dict[str, Any]:
    """Its beginning, and each of its turns: one after another they are a suite's file."""
    value: dict[str, Any] = case.to_json()
    turns = value.pop("turns")
    return {"head": _block(value) + "turns:\n", "turns": [_turn(turn) for turn in turns]}


def _block(value: dict[str, Any]) -> str:
    return "".join(f"{key}: {_flow(item)}\n" for key, item in value.items())


def _turn(turn: dict[str, Any]) -> str:
    lines = [f"{key}: {_flow(item)}\n" for key, item in turn.items()]
    return "  - " + "    ".join(lines)


def _flow(value: Any) -> str:
    """A value in JSON, which is YAML as well."""
    return _UNPRINTABLE.sub(_escape, jsonvalue.dumps(value))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
