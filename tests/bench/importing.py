"""Sources of many items of our own making, for `harness import`."""

from __future__ import annotations

import json
import random
import sys
from typing import TYPE_CHECKING, Any

from account import account

if TYPE_CHECKING:
    from pathlib import Path

    from bench import Bars

TOOL = {
    "type": "object",
    "properties": {"order_id": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["order_id"],
}
CITIES = ("Oslo", "Rome", "Lima", "Cairo", "Delhi", "Quito", "Perth", "Turin", "Porto", "Kyoto")


def write_log(path: Path, items: int) -> Path:
    """Conversations of two questions, each with a call, its result and an answer."""
    drawn = random.Random(7)
    tools = [
        {"type": "function", "function": {"name": "get_order", "description": "Read an order.", "parameters": TOOL}}
    ]
    with path.open("w", encoding="utf-8") as lines:
        for number in range(items):
            messages: list[dict[str, Any]] = [{"role": "system", "content": "You help customers."}]
            for turn in range(2):
                order, place = f"A-{number}-{turn}", drawn.choice(CITIES)
                call = {"id": "c", "type": "function"}
                call["function"] = {"name": "get_order", "arguments": json.dumps({"order_id": order})}  # type: ignore[assignment]
                messages += [
                    {
                        "role": "user",
                        "content": f"{' '.join(drawn.sample(CITIES, 4))}: where is {order}? I am p{number}@corp.test",
                    },
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": "c", "content": json.dumps({"order_id": order, "place": place})},
                    {"role": "assistant", "content": f"Order {order} is in {place}."},
                ]
            lines.write(json.dumps({"messages": messages, "tools": tools}) + "\n")
    return path


def write_bfcl(folder: Path, items: int) -> Path:
    """Single-turn items, every fifth with a version of the tool that no other has."""
    drawn = random.Random(11)
    (folder / "possible_answer").mkdir(parents=True)
    name = "BFCL_v4_simple_python.json"
    with (folder / name).open("w") as questions, (folder / "possible_answer" / name).open("w") as truths:
        for number in range(items):
            schema = {
                "type": "dict",
                "properties": {"city": {"type": "string"}, "n": {"type": "float"}},
                "required": ["city"],
            }
            described = f"Read it{number if number % 5 == 0 else ''}."
            tool = {"name": f"weather.get_{number % 50}", "description": described, "parameters": schema}
            city, other = drawn.sample(CITIES, 2)
            text = f"{' '.join(drawn.sample(CITIES, 5))}: what of {city}, {number}?"
            item = {"id": f"x_{number}", "question": [[{"role": "user", "content": text}]], "function": [tool]}
            questions.write(json.dumps(item) + "\n")
            call = {tool["name"]: {"city": [city, f"{city}, {other}"], "n": ["", float(number)]}}
            truths.write(json.dumps({"id": item["id"], "ground_truth": [call]}) + "\n")
    return folder


def imported(bars: Bars, folder: Path, items: int) -> None:
    """How fast other people's cases and one's own conversations become suites; CPU of all its processes."""
    print(f"{items} items imported, checked and linted:")
    sources = (("conversations of a log", "openai-log", write_log), ("items of BFCL", "bfcl", write_bfcl))
    for what, kind, write in sources:
        source, out = write(folder / f"{kind}.jsonl", items), folder / f"{kind}-suites"
        command = [sys.executable, "-m", "harness", "import", kind, str(source), "--out", str(out)]
        bars.check(f"{what}, CPU", account(command).cpu, 60, " s")
