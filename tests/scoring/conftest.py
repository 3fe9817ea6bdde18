"""Judging one response in one line: records, messages and calls without the ceremony."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

import pytest

from harness.recorded import RecordedResponse, parse_record, score_record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.records import Score

WEATHER = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}


class MakeRecord(Protocol):
    def __call__(self, **parts: Any) -> dict[str, Any]: ...


class Judge(Protocol):
    def __call__(self, **parts: Any) -> Score: ...


def _record(
    *,
    schema: Any = None,
    tools: Sequence[str] = ("get_weather", "save_note"),
    user: str = "What is the weather in Paris?",
    expect: Any = None,
    content: Any = None,
    calls: Sequence[tuple[str, str]] | None = None,
    message: Any = ...,
    **response: Any,
) -> dict[str, Any]:
    """A record; `content` and `calls` (name, arguments as text) make its message unless that is given."""
    if message is ...:
        message = None
        if content is not None or calls is not None:
            entries = [{"function": {"name": name, "arguments": arguments}} for name, arguments in calls or ()]
            message = {"role": "assistant", "content": content, "tool_calls": entries}
    record = {
        "id": "r",
        "tools": [
            {"type": "function", "function": {"name": name, "parameters": WEATHER if schema is None else schema}}
            for name in tools
        ],
        "messages": [{"role": "user", "content": user}],
        "response": {"message": message, "raw": None, **response},
    }
    if expect is not None:
        record["expect"] = expect
    return record


@pytest.fixture(scope="session")
def make_record() -> MakeRecord:
    return _record


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Scores a response; raises what an invalid record raises."""

    def judge(**parts: Any) -> Score:
        record: RecordedResponse = parse_record(json.dumps(_record(**parts)).encode())
        return score_record(record)

    return judge
