"""Two runs of one large suite with made-up verdicts: what `harness diff` and `harness gate` take of them.

    python tests/bench/scale.py FOLDER DECISIONS

writes FOLDER/first and FOLDER/second, as `harness run` writes them: whole logs, with what was said and generated.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.records import ToolSpec
from harness.runlog import Footer, Header, Identity, RunWriter, Sampling, ToolsRow, case_line, decision_line, encode
from harness.suite import Case, Toolbox, decisions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.suite import Decision

DECISIONS_IN_CASE = (1, 2, 3, 4, 6, 8)
_LANGUAGES, _FORMATS, _DESKS = ("en", "de", "zh"), ("json", "csv", "text"), 40
_SAID = "It was raised this morning by the mail gateway and nobody has looked at it yet. "
_NAMES = ("get_alert", "get_host", "lookup_ip", "query_logins", "list_files", "block_ip")


def tools() -> list[dict[str, Any]]:
    """The suite's tools as JSON."""
    parameters = {
        "type": "object",
        "properties": {"alert_id": {"type": "string", "description": "Id of the alert, A- and digits"}},
        "required": ["alert_id"],
        "additionalProperties": False,
    }
    return [
        {"type": "function", "function": {"name": name, "description": f"{name} of the desk", "parameters": parameters}}
        for name in _NAMES
    ]


def case(number: int, decisions: int) -> dict[str, Any]:
    """A case of so many decisions: a call, and what it found told, again and again."""
    alert = f"A-{100000 + number}"
    call = {"name": _NAMES[number % len(_NAMES)], "arguments": {"alert_id": alert}}
    turns: list[dict[str, Any]] = []
    for index in range(decisions):
        if index % 2:
            turns.append({"expect": {"no_call": True}, "answer": f"Alert {alert} is of the mail gateway, severity 3."})
        else:
            turns.append({"user": f"{_SAID}Show me alert {alert}, part {index // 2}."})
            found = '{"id": "' + alert + '", "severity": 3, "source": "mail gateway", "note": "' + _SAID + '"}'
            turns.append({"expect": {"calls": [call]}, "observations": [found]})
    if number % 25 == 0 and decisions % 2 == 0:
        turns[-1] = {"expect": {"any_call": True}}
    tags = {
        "language": _LANGUAGES[number % 3],
        "kind": f"turns_{decisions}",
        "observation_format": _FORMATS[number % 7 % 3],
        "desk": f"desk_{number % _DESKS:02}",
    }
    return {
        "id": f"desk-{number % _DESKS:02}-alert-{number:06}",
        "tags": tags,
        "tools": list(_NAMES[: 3 + number % 4]) if number % 4 < 3 else None,
        "system": "You work at the security desk.",
        "turns": turns,
    }


def cases(decisions: int) -> Iterator[dict[str, Any]]:
    """Cases of so many decisions together."""
    number = 0
    while decisions > 0:
        size = min(decisions, DECISIONS_IN_CASE[number % len(DECISIONS_IN_CASE)])
        found = case(number, size)
        if found["tools"] is not None and _NAMES[number % len(_NAMES)] not in found["tools"]:
            found["tools"].append(_NAMES[number % len(_NAMES)])
        yield {key: value for key, value in found.items() if value is not None}
        number, decisions = number + 1, decisions - size


def write(folder: Path, decisions: int) -> None:
    """Both runs; the second is a little worse than the first."""
    chance = random.Random(0)
    toolbox = Toolbox([ToolSpec.model_validate(tool) for tool in tools()])
    writers = []
    for name in ("first", "second"):
        writers.append(writer := RunWriter(folder / name))
        writer.write(encode(_header(name, decisions)))
        writer.write(encode(ToolsRow(licence="Apache-2.0", tools=tools())))
        for found in cases(decisions):
            writer.write(case_line(found))
    for found in cases(decisions):
        skill = chance.betavariate(6, 1)  # the decisions of a case depend on one another
        for decision in decisions_of(Case.from_json(found), toolbox):
            first = chance.random() < skill
            second = chance.random() < 0.97 if first else chance.random() < 0.1
            for writer, right in zip(writers, (first, second), strict=True):
                writer.write(decision_line(_row(decision, chance, right=right)))
    for writer in writers:
        writer.finish(Footer(rows=decisions, scored=decisions, errored=0, finished="-", elapsed=1.0, sha256=""))
        writer.close()


def _header(name: str, decisions: int) -> Header:
    identity = Identity(
        suite="desk",
        suite_digest="0" * 64,
        decisions=decisions,
        model=name,
        sampling=Sampling(max_tokens=256),
        dialect="hermes",
        harness_version="0",
        scorer_version="0",
    )
    return Header(
        identity=identity,
        thresholds={"tool_call_accuracy": 0.5},
        started="2026-01-01T00:00:00Z",
        command=["harness", "run"],
        base_urls=["http://127.0.0.1:8000/v1"],
    )


def _row(decision: Decision, chance: random.Random, *, right: bool) -> dict[str, Any]:
    """What a run writes of a decision, about as long as those of a small model without reasoning."""
    expected = decision.expect.calls
    called = (expected is not None) == right or (expected is not None and chance.random() < 0.7)
    name, arguments = "get_alert", '{"alert_id": "A-0"}'
    if expected is not None:
        name = expected[0].name
        arguments = f'{{"alert_id": "{expected[0].arguments["alert_id"] if right else "A-0"}"}}'
    text = None if called else f"Alert {decision.case_id} is of the mail gateway, severity 3; nobody has looked at it."
    call = {"id": "chatcmpl-tool-0", "type": "function", "function": {"name": name, "arguments": arguments}}
    raw = f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>' if called else text
    return {
        "case": decision.case_id,
        "index": decision.index,
        "trial": 0,
        "digest": decision.digest,
        "request_digest": decision.digest[::-1],
        "prompt_digest": decision.digest[::-1],
        "response": {
            "message": {
                "role": "assistant",
                "content": text,
                "refusal": None,
                "annotations": None,
                "audio": None,
                "function_call": None,
                "tool_calls": [call] if called else [],
                "reasoning": None,
            },
            "raw": f"{raw}<|im_end|>",
            "finish_reason": "tool_calls" if called else "stop",
            "prompt_think": "none",
            "dialect": "hermes",
            "error": None,
        },
        "token_ids": [chance.randrange(150_000) for _ in range(36)],
        "raw_fault": None,
        "prompt_tail": None,
        "fault": None,
        "score": _score(decision, chance, called=called, right=right),
        "usage": {"prompt_tokens": 900, "completion_tokens": 36},
        "timing": {"started": chance.random() * 9000, "latency": chance.random(), "attempts": 1},
        "url": 0,
    }


def _score(decision: Decision, chance: random.Random, *, called: bool, right: bool) -> dict[str, Any]:
    wanted = decision.expect.calls is not None
    invented = not called and not right and chance.random() < 0.2
    if right:
        outcome = "correct_call" if called else "correct_no_call"
    elif called:
        outcome = ("wrong_arguments" if chance.random() < 0.8 else "wrong_tool") if wanted else "spurious_call"
    else:
        outcome = "fabricated_observation" if invented else "missed_call"
    code = {"wrong_arguments": "value_mismatch", "wrong_tool": "unknown_tool", "spurious_call": "extra_call"}
    violation = {
        "code": code.get(outcome, "missing_call"),
        "path": "/0/arguments/alert_id",
        "message": "A-0 is not A-1",
    }
    return {
        "state": "called" if called else "answered",
        "outcome": outcome,
        "call_correct": right,
        "name_correct": outcome in ("correct_call", "wrong_arguments") if called else None,
        "args_correct": right if called else None,
        "violations": [] if right else [violation],
        "fabricated": invented,
        "fabrication": [],
        "ungrounded_claims": [],
        "in_reasoning": [],
        "quality_defects": ["too_short"] if not called and chance.random() < 0.05 else [],
        "channels_agree": True,
        "skipped": [],
    }


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
