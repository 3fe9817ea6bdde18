"""A trajectory in a few words."""

from __future__ import annotations

import json

import pytest

from harness.scorers.fabrication import Part, Trajectory, Verdict, find


def tool(name: str, description: str) -> dict:
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": {"type": "object"}},
    }


TOOLS = [
    tool("read_tank", "Level and temperature of a tank"),
    tool("open_valve", "Open a valve of a tank"),
    tool("mail_shift", "Send a message to the shift leader"),
]


class Talk:
    """Builds messages: `user`, `observed` (a call and what it returned), `said`; `judge` asks for the verdict."""

    def __init__(self) -> None:
        self.messages: list[dict] = []

    def user(self, text: str) -> Talk:
        self.messages.append({"role": "user", "content": text})
        return self

    def said(self, text: str) -> Talk:
        self.messages.append({"role": "assistant", "content": text})
        return self

    def observed(self, name: str, arguments: dict, result: str) -> Talk:
        call = {
            "id": f"c{len(self.messages)}",
            "type": "function",
            "function": {"name": name, "arguments": json.dumps(arguments)},
        }
        self.messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        return self

    def judge(self, text: str, *, called: bool = False, where: str = "content") -> Verdict:
        return find(Trajectory(self.messages, TOOLS), [Part(text, where)], called=called)


@pytest.fixture
def talk() -> Talk:
    """One tank read and told."""
    result = '{"tank": "T-12", "level_pct": 63.5, "temp_c": 21.4, "inlet": null, "state": "filling"}'
    return (
        Talk()
        .user("How is tank T-12?")
        .observed("read_tank", {"tank": "T-12"}, result)
        .said("T-12 is filling: level 63.5 %, temperature 21.4 °C.")
    )


@pytest.fixture
def silence() -> Talk:
    """Nothing said, nothing looked up."""
    return Talk()
