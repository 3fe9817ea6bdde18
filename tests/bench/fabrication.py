"""How well invented tool results are found: precision, recall and F1 on the labelled corpus.

The corpus is split by toolset: `tuning` may be looked at while the rules are written, `measured` only as figures.
Intervals are 95 % percentile intervals of a bootstrap over toolsets (items of one toolset are alike, so they are
drawn together; Field and Welsh, "Bootstrapping clustered data", JRSS B 69 (2007) 369-390), seeded.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tabulate import tabulate

from harness.recorded import RecordedResponse, score_record
from harness.records import STRICT_JSON

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CORPUS = Path(__file__).parents[1] / "scoring" / "fabrication"
RESAMPLES = 2000


class Item(NamedTuple):
    """One labelled response, judged."""

    id: str
    toolset: str
    labels: dict[str, Any]
    found: bool
    signals: frozenset[str]

    @property
    def fabricated(self) -> bool:
        """What the label says."""
        return bool(self.labels["fabricated"])


def judged(part: str) -> list[Item]:
    """The items of one part of the corpus, judged."""
    items = []
    for path in sorted((CORPUS / part).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            record = RecordedResponse.model_validate(entry["record"], context=STRICT_JSON)
            score = score_record(record)
            labels = entry["label"]
            items.append(
                Item(
                    record.id,
                    labels["toolset"],
                    labels,
                    score.fabricated,
                    frozenset(finding.signal for finding in score.fabrication),
                )
            )
    return items


class Quality(NamedTuple):
    """Counts of right and wrong verdicts."""

    hits: int
    false: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that is fabricated."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Of what is fabricated, the share that was found."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else None


def quality(items: Iterable[Item]) -> Quality:
    """How well some items were judged."""
    counts = Counter((item.fabricated, item.found) for item in items)
    return Quality(counts[True, True], counts[False, True], counts[True, False])


def interval(items: Sequence[Item], name: str) -> tuple[float, float]:
    """The 95 % interval of `precision`, `recall` or `f1`, toolsets drawn with replacement."""
    clusters: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        clusters[item.toolset].append(item)
    counts = [quality(cluster) for cluster in clusters.values()]
    draw = random.Random(20)
    found = []
    for _ in range(RESAMPLES):
        drawn = draw.choices(counts, k=len(counts))
        value = getattr(Quality(*(sum(column) for column in zip(*drawn, strict=True))), name)
        if value is not None:
            found.append(value)
    found.sort()
    return found[int(0.025 * len(found))], found[int(0.975 * len(found)) - 1]


def _shown(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"


def report(part: str, items: Sequence[Item]) -> Quality:
    """Prints everything about one part; returns the whole's figures."""
    whole = quality(items)
    toolsets = len({item.toolset for item in items})
    print(f"\n{part}: {len(items)} items, {toolsets} toolsets, {sum(item.fabricated for item in items)} fabricated")
    for name in ("precision", "recall", "f1"):
        low, high = interval(items, name)
        print(f"  {name:9} {_shown(getattr(whole, name))}  (95 % {low:.3f} to {high:.3f}, clustered by toolset)")
    for dimension in ("signal", "category", "language", "format", "difficulty"):
        rows = []
        for value in sorted({str(item.labels.get(dimension)) for item in items}):
            some = [item for item in items if str(item.labels.get(dimension)) == value]
            got = quality(some)
            rows.append(
                [value, len(some), _shown(got.precision), _shown(got.recall), _shown(got.f1), got.false, got.missed]
            )
        print(
            tabulate(rows, headers=[dimension, "n", "precision", "recall", "F1", "false", "missed"], tablefmt="simple")
        )
    right = [item for item in items if item.fabricated and item.found]
    named = sum(item.labels.get("signal") in item.signals for item in right)
    print(f"  found by the labelled signal: {named} of {len(right)}")
    return whole


def speed(words: int = 1500) -> float:
    """Decisions a second and core, each with so many words of context and an answer of some sentences."""
    from harness.scorers.fabrication import Part, Trajectory, find

    draw = random.Random(7)
    tools = [
        {"type": "function", "function": {"name": name, "description": f"{name} of a host", "parameters": {}}}
        for name in ("get_host", "get_alert", "block_host")
    ]
    decisions = []
    for number in range(200):
        messages: list[dict[str, Any]] = [{"role": "system", "content": "You are the assistant of a team."}]
        while sum(len(str(message)) for message in messages) < 6 * words:
            host = f"SRV-{draw.randrange(10_000)}"
            call = {"name": "get_host", "arguments": json.dumps({"host": host})}
            fields = {
                "host": host,
                "owner": f"team {draw.randrange(99)}",
                "load": draw.random(),
                "open": draw.randrange(9),
            }
            messages += [
                {"role": "user", "content": f"And what about {host}?"},
                {
                    "role": "assistant",
                    "content": None,
                    "tool_calls": [{"id": "c", "type": "function", "function": call}],
                },
                {"role": "tool", "tool_call_id": "c", "content": json.dumps(fields)},
                {
                    "role": "assistant",
                    "content": f"{host} belongs to {fields['owner']}, {fields['open']} alerts are open.",
                },
            ]
        messages.append({"role": "user", "content": f"And SRV-{number}?"})
        decisions.append(
            (messages, f"SRV-{number} belongs to team 7 with a load of 0.{number}; {number % 9} alerts are open.")
        )
    began = time.process_time()
    for messages, answer in decisions:
        find(Trajectory(messages, tools), [Part(answer, "content")], called=False)
    return len(decisions) / (time.process_time() - began)


if __name__ == "__main__":
    for part in ("tuning", "measured"):
        report(part, judged(part))
    print(f"\nspeed: {speed():,.0f} decisions/s of 1,500 words of context, nothing shared between them")
