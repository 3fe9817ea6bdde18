"""Rows that TRL's trainers take as they are, in its conversational format with tools."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from harness import jsonvalue
from harness.exporters.material import gold_message, history, is_wrong, wrong_message
from harness.suite import tool_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.exporters.material import Material
    from harness.suite import Decision

Kind: TypeAlias = Literal["sft", "dpo"]
Unit: TypeAlias = Literal["decision", "conversation"]

_ERROR = "met an error"
_GROUPS = ("outcome", "expect", "depth")
"""What rows are grouped by beside their tags."""


class Row(NamedTuple):
    """One row, with what it was made of."""

    case: tuple[str, str]
    """Suite and case."""
    value: dict[str, Any]


class Made(NamedTuple):
    """Rows, and what became of the rest."""

    rows: list[Row]
    left_out: Counter[str]
    """Decisions (cases) of which no row could be made, by the reason."""
    duplicates: int


def decision_rows(material: Iterable[Material]) -> Made:
    """For SFT: the prompt of each decision and the right message as its completion; loss is on that alone."""
    making = _Making()
    for one in material:
        gold = gold_message(one)
        if one.score is not None and one.score.state == "errored":
            # Whether the model is right there is not known, and balancing would count it.
            making.left_out[_ERROR] += 1
        elif isinstance(gold, str):
            making.left_out[gold] += 1
        else:
            making.add(one, {"prompt": history(one.decision), "completion": [gold]})
    return making.made()


def conversation_rows(material: Iterable[Material]) -> Made:
    """For SFT: each case of a suite as one conversation, all of its assistant messages being right.

    A case is left out where a right message is missing, or the tools change on the way: a row holds one set of tools.
    """
    making = _Making()
    by_case: dict[tuple[str, str], list[Material]] = {}
    for one in material:
        by_case.setdefault((one.source.name, one.decision.case_id), []).append(one)
    for decisions in by_case.values():
        last = decisions[-1]
        golds = [gold_message(one) for one in decisions]
        missing = next((gold for gold in golds if isinstance(gold, str)), None)
        if missing is not None:
            making.left_out[missing] += 1
        elif any(one.decision.tools != last.decision.tools for one in decisions):
            making.left_out["the tools change on the way"] += 1
        else:
            making.add(last, {"messages": [*history(last.decision), golds[-1]]})
    return making.made()


def preference_rows(material: Iterable[Material]) -> Made:
    """For DPO: the right message as chosen, what the model really did as rejected, wherever that was wrong."""
    making = _Making()
    for one in material:
        if one.score is None or one.score.state == "errored":
            making.left_out[_ERROR] += 1
            continue
        if not is_wrong(one.score):
            making.left_out["was right"] += 1
            continue
        gold, wrong = gold_message(one), wrong_message(one)
        if isinstance(gold, str) or isinstance(wrong, str):
            making.left_out[gold if isinstance(gold, str) else str(wrong)] += 1
        elif _acted(gold) == _acted(wrong):
            making.left_out["chosen and rejected are the same"] += 1
        else:
            making.add(one, {"prompt": history(one.decision), "chosen": [gold], "rejected": [wrong]})
    return making.made()


class _Making:
    """Rows as they are made, each content once."""

    def __init__(self) -> None:
        self.left_out: Counter[str] = Counter()
        self._rows: dict[bytes, Row] = {}
        self._duplicates = 0
        self._tools: dict[int, tuple[object, list[dict[str, Any]] | None]] = {}

    def add(self, one: Material, columns: dict[str, Any]) -> None:
        """Adds a row, with the tools and the metadata."""
        value = {**columns, "tools": self._offered(one.decision)}
        key = jsonvalue.canonical(_without_ids(value))
        if key in self._rows:
            self._duplicates += 1
            return
        self._rows[key] = Row((one.source.suite.name, one.decision.case_id), {**value, "metadata": _metadata(one)})

    def made(self) -> Made:
        """All of it, sorted by source, case, decision and trial."""
        return Made(list(self._rows.values()), self.left_out, self._duplicates)

    def _offered(self, decision: Decision) -> list[dict[str, Any]] | None:
        """The tools; None where there are none: of an empty list some templates make an empty chapter."""
        known = self._tools.get(id(decision.tools))
        if known is None or known[0] is not decision.tools:
            known = self._tools[id(decision.tools)] = decision.tools, [tool_json(tool) for tool in decision.tools]
        return known[1] or None


def _metadata(one: Material) -> dict[str, Any]:
    """What a row is made of; the same keys in every row, so that tables of columns can hold it."""
    decision, score = one.decision, one.score
    return {
        "suite": one.source.suite.name,
        "source": one.source.name,
        "model": one.source.model,
        "case": decision.case_id,
        "decision": decision.index,
        "depth": decision.depth,
        "trial": one.trial,
        "digest": decision.digest,
        "expect": decision.expect.kind,
        "outcome": score.outcome if score else None,
        "violations": sorted({violation.code for violation in score.violations}) if score else [],
        "fabrication": sorted({finding.signal for finding in score.fabrication}) if score else [],
        "quality_defects": list(score.quality_defects) if score else [],
        "tags": dict(decision.tags),
    }


def _acted(message: dict[str, Any]) -> tuple[str | None, bytes]:
    """What a message says and calls, ids aside."""
    calls = [(call["function"]["name"], call["function"]["arguments"]) for call in message.get("tool_calls", ())]
    return message.get("content") or None, jsonvalue.canonical(calls)


def _without_ids(value: Any) -> Any:
    """A row without the ids of calls, which are made up."""
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict) and ("role" in value or "function" in value):
        return {
            key: _without_ids(item) if key == "tool_calls" else item
            for key, item in value.items()
            if key not in ("id", "tool_call_id")
        }
    return {key: _without_ids(item) for key, item in value.items()} if isinstance(value, dict) else value


def balanced(rows: Sequence[Row], by: Sequence[str], most: int | None) -> list[Row]:
    """So many rows of each group at most (as many as the smallest group has), those kept chosen by their content.

    `by` names what rows are grouped by: `outcome`, `expect`, `depth`, or a tag.
    """
    groups: dict[tuple[str, ...], list[int]] = {}
    for place, row in enumerate(rows):
        groups.setdefault(tuple(group_value(row, name) for name in by), []).append(place)
    bound = most if most is not None else min(map(len, groups.values()), default=0)
    kept: set[int] = set()
    for places in groups.values():
        kept |= set(sorted(places, key=lambda place: _shuffled(rows[place]))[:bound])
    return [row for place, row in enumerate(rows) if place in kept]


def groupings(rows: Iterable[Row]) -> list[str]:
    """The names that rows can be grouped by: those for which some row has a value. Rows of a suite have no outcome."""
    found = [row.value["metadata"] for row in rows]
    own = [name for name in _GROUPS if any(one[name] is not None for one in found)]
    return [*own, *sorted({tag for one in found for tag in one["tags"]})]


def group_value(row: Row, name: str) -> str:
    """What a row has for a name to group by; `none` where it has nothing."""
    metadata = row.value["metadata"]
    found = metadata[name] if name in _GROUPS else metadata["tags"].get(name)
    return "none" if found is None else str(found)


def _shuffled(row: Row) -> bytes:
    """An order that has nothing to do with where a row stood."""
    return hashlib.sha256(jsonvalue.canonical(row.value)).digest()
