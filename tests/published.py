"""Verdicts, made up, that come to the accuracies of a published report: a base model, SFT, a DPO that failed, one that worked.

| stage | tool_call | tool_name | tool_args | response_quality |
| --- | --- | --- | --- | --- |
| base | 34.8 % | 44.2 % | 25.7 % | 100.0 % |
| SFT | 32.7 % | 42.2 % | 24.1 % | 100.0 % |
| DPO v1 | 32.3 % | 40.1 % | 23.2 % | 100.0 % |
| DPO v2 | 97.3 % | 99.3 % | 96.4 % | 100.0 % |
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

from harness.baseline import Entry, Results
from harness.runlog import Identity, Sampling

if TYPE_CHECKING:
    from harness.records import Outcome
    from harness.suite import Expected

CASES, EACH = 200, 10
"""2,000 decisions; half of them expect a call, and half of them are met with one."""
RIGHT = {"base": 348, "sft": 327, "dpo-v1": 323, "dpo-v2": 973}
NAMES = {"base": 442, "sft": 422, "dpo-v1": 401, "dpo-v2": 993}
ARGS = {"base": 257, "sft": 241, "dpo-v1": 232, "dpo-v2": 964}
"""Thousandths, as the report has them."""


def published() -> list[tuple[str, Results]]:
    """The four stages in their order."""
    return [(name, stage(name)) for name in RIGHT]


def stage(name: str) -> Results:
    """One of them."""
    keys = [(f"case-{case:03}", index) for case in range(CASES) for index in range(EACH)]
    random.Random(0).shuffle(keys)
    calls, silences = _outcomes(name)
    half = len(keys) // 2
    entries = [
        _entry(key, "calls", outcome) for key, outcome in zip(keys[:half], _stirred(calls, name), strict=True)
    ] + [_entry(key, "no_call", outcome) for key, outcome in zip(keys[half:], _stirred(silences, name), strict=True)]
    return Results(
        name=f"runs/{name}",
        path=Path("runs") / name,
        identity=Identity(
            suite="agent",
            suite_digest="0" * 64,
            decisions=len(keys),
            model="small" if name == "base" else name,
            sampling=Sampling(max_tokens=64),
            harness_version="0",
            scorer_version="1",
        ),
        thresholds={},
        tags={case: {} for case, _ in keys},
        entries=sorted(entries, key=lambda entry: entry.key),
    )


def _outcomes(name: str) -> tuple[list[Outcome], list[Outcome]]:
    """Of the 1,000 decisions that expect a call, and of those that expect none; the best first."""
    right, names, arguments = 2 * RIGHT[name], NAMES[name], ARGS[name]
    others = 1000 - names
    """Attempts with a wrong tool: some of them where no call was expected."""
    spurious = min(others // 2, 1000 - (right - arguments))
    calls: list[Outcome] = ["correct_call"] * arguments + ["wrong_arguments"] * (names - arguments)
    calls += ["wrong_tool"] * (others - spurious)
    calls += ["missed_call"] * (1000 - len(calls))
    silences: list[Outcome] = ["correct_no_call"] * (right - arguments) + ["spurious_call"] * spurious
    return calls, silences + ["fabricated_observation"] * (1000 - len(silences))


def _stirred(outcomes: list[Outcome], name: str) -> list[Outcome]:
    """Hard decisions stay hard for the most part, and a few of each stage change places."""
    chance = random.Random(name)
    places = chance.sample(range(len(outcomes)), 60)
    mixed = list(outcomes)
    for one, other in zip(places[::2], places[1::2], strict=True):
        mixed[one], mixed[other] = mixed[other], mixed[one]
    return mixed


def _entry(key: tuple[str, int], expect: Expected, outcome: Outcome) -> Entry:
    attempted = outcome in ("correct_call", "wrong_arguments", "wrong_tool", "spurious_call")
    return Entry(
        case=key[0],
        index=key[1],
        trial=0,
        digest=f"{key[0][5:]}{key[1]:013}",
        depth=1 + key[1] // 2,
        tools=3,
        expect=expect,
        outcome=outcome,
        name=outcome in ("correct_call", "wrong_arguments") if attempted else None,
        args=outcome == "correct_call" if attempted else None,
        fabricated=outcome == "fabricated_observation",
    )
