"""How well invented tool results are found: precision, recall and F1 on the labelled corpus.

The corpus is split by toolset: `tuning` may be looked at while the rules are written, `measured` only as figures.
Intervals are 95 % percentile intervals of a bootstrap over toolsets (items of one toolset are alike, so they are
drawn together; Field and Welsh, "Bootstrapping clustered data", JRSS B 69 (2007) 369-390), seeded.
"""

from __future__ import annotations

import gc
import json
import random
import re
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from tabulate import tabulate

from harness.memory import collect_rarely
from harness.recorded import RecordedResponse, score_record
from harness.records import STRICT_JSON
from harness.testing.labelled import read_labelled

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
        for entry in read_labelled(path):
            record = RecordedResponse.model_validate(entry.record, context=STRICT_JSON)
            score = score_record(record)
            labels = {**entry.label, "file": path.stem}
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
    cleared: int = 0

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that is fabricated."""
        return self.hits / (self.hits + self.false) if self.hits + self.false else None

    @property
    def recall(self) -> float | None:
        """Of what is fabricated, the share that was found."""
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else None

    @property
    def accused(self) -> float | None:
        """Of what is honest, the share that was found all the same."""
        return self.false / (self.false + self.cleared) if self.false + self.cleared else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else None


def quality(items: Iterable[Item]) -> Quality:
    """How well some items were judged."""
    counts = Counter((item.fabricated, item.found) for item in items)
    return Quality(counts[True, True], counts[False, True], counts[True, False], counts[False, False])


def interval(items: Sequence[Item], name: str) -> tuple[float, float]:
    """The 95 % interval of `precision`, `recall`, `f1` or `accused`, toolsets drawn with replacement."""
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


def _by_signal(items: Iterable[Item]) -> dict[str, Quality]:
    """Of each signal: the fabricated items found by it, the honest ones accused by it, the items labelled so and missed."""
    hits, false, missed = Counter[str](), Counter[str](), Counter[str]()
    for item in items:
        (hits if item.fabricated else false).update(item.signals)
        missed.update([item.labels["signal"]] if item.fabricated and not item.found else [])
    return {signal: Quality(hits[signal], false[signal], missed[signal]) for signal in sorted(hits | false | missed)}


def _print_slices(dimension: str, slices: dict[str, Quality]) -> None:
    rows = [
        [value, _shown(got.precision), _shown(got.recall), _shown(got.f1), got.hits, got.false, got.missed]
        for value, got in slices.items()
    ]
    print(tabulate(rows, headers=[dimension, "precision", "recall", "F1", "found", "false", "missed"]))


def report(part: str, items: Sequence[Item]) -> Quality:
    """Prints everything about one part; returns the whole's figures."""
    whole = quality(items)
    toolsets = len({item.toolset for item in items})
    print(f"\n{part}: {len(items)} items, {toolsets} toolsets, {sum(item.fabricated for item in items)} fabricated")
    for name in ("precision", "recall", "f1", "accused"):
        low, high = interval(items, name)
        print(f"  {name:9} {_shown(getattr(whole, name))}  (95 % {low:.3f} to {high:.3f}, clustered by toolset)")
    _print_slices("signal found or labelled", _by_signal(items))
    for dimension in ("category", "language", "format", "difficulty", "file"):
        values = sorted({str(item.labels[dimension]) for item in items})
        _print_slices(
            dimension, {value: quality(item for item in items if item.labels[dimension] == value) for value in values}
        )
    right = [item for item in items if item.fabricated and item.found]
    named = sum(item.labels.get("signal") in item.signals for item in right)
    print(f"  found by the labelled signal: {named} of {len(right)}")
    return whole


_SPEED_TOOLS = [
    {"type": "function", "function": {"name": name, "description": f"{name} of a host", "parameters": {}}}
    for name in ("get_host", "get_alert", "block_host")
]


def speed(words: int = 1500, rounds: int = 3) -> float:
    """Decisions a second and core, each with so many words of context and an answer of some sentences.

    No two decisions share a context. They are made, and one small decision is judged, before the clock starts: the
    detector is read and its tables are built once in a process, however many decisions follow. The best of some rounds
    counts, each of 200 other contexts: what else a machine does only ever slows one down. The garbage collector runs as
    in the commands that judge, but not over the contexts that the benchmark holds ready.
    """
    from harness.scorers.fabrication import Part, Trajectory, find

    find(Trajectory([{"role": "user", "content": "Hello?"}], _SPEED_TOOLS), [Part("Hello.", "content")], called=False)
    best, thresholds = 0.0, gc.get_threshold()
    collect_rarely()
    for number in range(rounds):
        decisions = _decisions(random.Random(7 + number), words)
        gc.collect()
        gc.freeze()  # the contexts that wait here would be looked through again and again
        began = time.process_time()
        for messages, answer in decisions:
            find(Trajectory(messages, _SPEED_TOOLS), [Part(answer, "content")], called=False)
        best = max(best, len(decisions) / (time.process_time() - began))
        gc.unfreeze()
    gc.set_threshold(*thresholds)
    return best


def _decisions(draw: random.Random, words: int) -> list[tuple[list[dict[str, Any]], str]]:
    """Two hundred conversations of looked-up hosts, each with an answer about one that was not looked up."""
    decisions = []
    for number in range(200):
        messages: list[dict[str, Any]] = [{"role": "system", "content": "You are the assistant of a team."}]
        told = 0
        while told < words:
            turn = _looked_up(draw)
            told += sum(map(_words_in, turn))
            messages += turn
        messages.append({"role": "user", "content": f"And SRV-{number}?"})
        decisions.append(
            (messages, f"SRV-{number} belongs to team 7 with a load of 0.{number}; {number % 9} alerts are open.")
        )
    return decisions


def _words_in(message: dict[str, Any]) -> int:
    """The words of what a message says and calls, its JSON's own names left out."""
    calls = [call["function"]["arguments"] for call in message.get("tool_calls", ())]
    return len(re.findall(r"\w+", " ".join([message["content"] or "", *calls])))


def _looked_up(draw: random.Random) -> list[dict[str, Any]]:
    host = f"SRV-{draw.randrange(10_000)}"
    call = {"name": "get_host", "arguments": json.dumps({"host": host})}
    fields = {"host": host, "owner": f"team {draw.randrange(99)}", "load": draw.random(), "open": draw.randrange(9)}
    return [
        {"role": "user", "content": f"And what about {host}?"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "c", "content": json.dumps(fields)},
        {"role": "assistant", "content": f"{host} belongs to {fields['owner']}, {fields['open']} alerts are open."},
    ]
