"""Null models: what nothing scores. Each is a pure function from a decision to a reply, and knows no expectation.

A number of a real model means something only above what these come to: a suite in which half of the decisions
need no call gives half of them to whoever never calls.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.judging import Judge
from harness.replies import answering, calling, plain_answer, plain_call, plain_value
from harness.runner.offline import metrics_offline
from harness.scorers.verdict import SCORER_VERSION
from harness.suite import NullScores

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from harness.records import ToolSpec
    from harness.replies import Replier, Reply
    from harness.suite import Decision, Suite

_WORD = re.compile(r"[A-Za-z0-9][\w.\-]*|[\u4e00-\u9fff]+", re.ASCII)
_SYLLABLES = ("ba", "ko", "ri", "tuse", "mel", "onga", "fip", "dru", "wex", "lanto", "qua", "zim")


class Dice:
    """Draws that are always the same for the same seed, on every machine and Python."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._thrown = 0

    def below(self, limit: int) -> int:
        """A number from 0 to less than `limit`."""
        self._thrown += 1
        return int.from_bytes(hashlib.sha256(f"{self._seed} {self._thrown}".encode()).digest()[:8]) % limit

    def one_of(self, items: Sequence[Any]) -> Any:
        """One of some items."""
        return items[self.below(len(items))]


def never_calls(_: Decision) -> Reply:
    """Answers every message with the same sentence."""
    return answering(plain_answer(8))


def calls_first_tool(decision: Decision) -> Reply:
    """Calls the first tool, with the plainest arguments that its schema allows."""
    return calling([plain_call(decision.tools[0])]) if decision.tools else never_calls(decision)


def calls_at_random(decision: Decision) -> Reply:
    """Throws a coin, then calls any tool, with values at random: members of enums, numbers, words of the user."""
    dice = Dice(f"random {decision.digest} {len(decision.messages)}")
    if not decision.tools or dice.below(2):
        return never_calls(decision)
    tool = dice.one_of(decision.tools)
    return calling([(tool.function.name, _random_arguments(tool, dice, _WORD.findall(_latest_user(decision))))])


def echoes_user(decision: Decision) -> Reply:
    """Says what the user has just said."""
    return answering(_latest_user(decision))


def gibberish(decision: Decision) -> Reply:
    """Says a sentence of words that are none."""
    dice = Dice(f"gibberish {decision.digest}")
    words = ["".join(dice.one_of(_SYLLABLES) for _ in range(2 + dice.below(3))) for _ in range(12)]
    return answering(f"{' '.join(words).capitalize()}.")


def repeats_last_call(decision: Decision) -> Reply:
    """Makes the latest calls of the conversation again, yesterday's; where there is none, answers as one who never calls."""
    for message in reversed(decision.messages):
        if message.get("tool_calls"):
            made = [call["function"] for call in message["tool_calls"]]
            return calling([(call["name"], _arguments(call["arguments"])) for call in made])
    return never_calls(decision)


NULL_MODELS: dict[str, Replier] = {
    model.__name__: model
    for model in (never_calls, calls_first_tool, calls_at_random, echoes_user, gibberish, repeats_last_call)
}
"""Every null model by its name."""


def null_scores(suite: Suite) -> NullScores:
    """What the null models come to on a suite, decision by decision and played through."""
    judge = Judge()

    def counts(model: Replier, *, rollout: bool) -> dict[str, list[int]]:
        found = metrics_offline(suite, model, judge, rollout=rollout).metrics
        return {name: [rate.numerator, rate.denominator] for name, rate in found.items()}

    return NullScores(
        suite_digest=suite.digest,
        scorer_version=SCORER_VERSION,
        teacher_forced={name: counts(model, rollout=False) for name, model in NULL_MODELS.items()},
        rollout={name: counts(model, rollout=True) for name, model in NULL_MODELS.items()},
    )


def _latest_user(decision: Decision) -> str:
    said = (message["content"] for message in reversed(decision.messages) if message["role"] == "user")
    text: str = next(said, "")
    return text


def _arguments(text: str) -> dict[str, Any]:
    value = jsonvalue.loads(text)
    return value if isinstance(value, dict) else {}


def _random_arguments(tool: ToolSpec, dice: Dice, words: Sequence[str]) -> dict[str, Any]:
    parameters = tool.function.parameters or {}
    required = parameters.get("required", ())
    return {
        key: _random_value(schema, dice, words)
        for key, schema in parameters.get("properties", {}).items()
        if key in required or not dice.below(4)
    }


def _random_value(schema: Any, dice: Dice, words: Sequence[str]) -> Any:
    if not isinstance(schema, dict) or not isinstance(kind := schema.get("type"), str):
        return plain_value(schema)
    if schema.get("enum"):
        return dice.one_of(schema["enum"])
    draw: dict[str, Callable[[], Any]] = {
        "integer": lambda: _random_integer(schema, dice),
        "boolean": lambda: bool(dice.below(2)),
        "string": lambda: dice.one_of(words) if words else "x",
        "array": lambda: [_random_value(schema.get("items"), dice, words)],
        "object": lambda: {
            key: _random_value(schema.get("properties", {}).get(key), dice, words) for key in schema.get("required", ())
        },
    }
    return draw[kind]() if kind in draw else plain_value(schema)


def _random_integer(schema: dict[str, Any], dice: Dice) -> int:
    bounds = [schema.get(name) for name in ("minimum", "maximum")]
    least = bounds[0] if isinstance(bounds[0], int) else 1
    most = bounds[1] if isinstance(bounds[1], int) else least + 99
    return least + dice.below(max(1, most - least + 1))
