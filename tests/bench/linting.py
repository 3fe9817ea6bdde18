"""How fast a suite is held against the linter's rules: 10,000 cases of 3 decisions, no two of them alike."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bench import Bars

_WORDS = (  # noqa: SIM905 - one word a line would fill a page
    "alert mail gateway login burst night shift backup printer kiosk badge proxy scanner vendor invoice laptop server "
    "owner ticket queue password reset storage tunnel agent patch review export folder audit session region cluster "
    "timer sensor cable office branch meeting report payroll contract partner customer release update driver rack "
    "lobby museum harbour orchard bakery theatre library station bridge garden kitchen cellar attic"
).split()


def _property(text: str, **more: object) -> dict[str, object]:
    return {"type": "string", "description": text, **more}


def _tool(name: str, description: str, properties: dict[str, object], required: list[str]) -> dict[str, object]:
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    _tool("get_alert", "Get one alert by its id.", {"alert_id": _property("Such as A-0412.")}, ["alert_id"]),
    _tool("get_host", "Get the record of a host.", {"host": _property("Host name.")}, ["host"]),
    _tool(
        "block_ip",
        "Block an address at the firewall.",
        {
            "ip": _property("IPv4 address."),
            "hours": {"type": "integer", "minimum": 1},
            "reason": _property("Free text."),
        },
        ["ip", "hours"],
    ),
]


def write_cases(folder: Path, cases: int) -> Path:
    """A suite whose cases are worded at random, from the same seed each time."""
    dice = random.Random(5)
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text("name: lint\ndescription: Made to be linted.\nlicence: Apache-2.0\n")
    (folder / "tools.json").write_text(json.dumps(TOOLS))
    with (folder / "cases" / "all.jsonl").open("w") as file:
        for number in range(cases):
            file.write(json.dumps(_case(number, dice)) + "\n")
    return folder


def _case(number: int, dice: random.Random) -> dict[str, object]:
    alert, host = f"A-{100000 + number}", f"{dice.choice(_WORDS)}-{number:05}"
    ip, hours = f"198.51.{number // 250}.{number % 250}", dice.choice((12, 24, 48, 72))
    words = [" ".join(dice.sample(_WORDS, count)) for count in (14, 12, 9)]
    record = {
        "alert_id": alert,
        "rule": words[2],
        "host": host,
        "src_ip": ip,
        "severity": "high",
        "count": number % 97 + 5,
    }
    asked = {"name": "get_alert", "arguments": {"alert_id": alert}}
    block = {"name": "block_ip", "arguments": {"ip": ip, "hours": hours}}
    return {
        "id": f"case-{number:06}",
        "tags": {"language": "en", "kind": "chain"},
        "turns": [
            {"user": f"Somebody spoke of {words[0]}. Show me alert {alert}, please."},
            {"expect": {"calls": [asked]}, "observations": [json.dumps(record)]},
            {
                "expect": {"no_call": True},
                "answer": f"{alert} is of severity high, on {host}, with {record['count']} events.",
            },
            {"user": f"So it was about {words[1]}. Block the source for {hours} hours."},
            {"expect": {"calls": [block]}, "observations": ['{"status": "blocked"}']},
        ],
    }


def seconds(folder: Path) -> tuple[float, float, int]:
    """Seconds of the processor to load a suite, and to hold it against all rules; errors found."""
    from harness.lint import lint
    from harness.suite import load_suite

    began = time.process_time()
    suite = load_suite(folder)
    loaded = time.process_time()
    report = lint(suite)
    return loaded - began, time.process_time() - loaded, report.counts["error"]


def linted(bars: Bars, folder: Path, cases: int) -> None:
    """How fast a suite is held against the linter's rules, mutants and all."""
    loading, linting, errors = seconds(write_cases(folder / "linted", cases))
    print(f"{cases} cases linted by every rule, {errors} errors found:")
    bars.check("loading and linting, one core", loading + linting, 60, " s")
