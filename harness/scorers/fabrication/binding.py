"""Whether what a clause tells of an entity belongs to that entity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.words import supported, token_set

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.scorers.fabrication.clauses import Clause
    from harness.scorers.fabrication.grounding import Placed
    from harness.scorers.fabrication.trajectory import Observation, Trajectory


def binding(trajectory: Trajectory, clause: Clause, values: Sequence[Placed]) -> dict[str, float]:
    """Whether the entity that a clause names was looked up, and whether its other values belong to it."""
    signs: dict[str, float] = {}
    entities = [one for one in values if one.value.kind == "identifier" or set(one.value.keys) & trajectory.new_keys]
    others = [
        one for one in values if one not in entities and one.status in ("observed", "derived", "counted", "novel")
    ]
    if not trajectory.observations or not entities:
        return signs
    strange = [one for one in entities if one.status in ("told", "novel")]
    if strange and (others or len(entities) > 1 or clause.kind == "row"):
        signs["unlooked.entity"] = 1.0
    held_by = set(trajectory.holding(key for one in entities for key in one.value.keys))
    texts = {normal(one.value.text) for one in entities}
    looked = [
        seen for seen in trajectory.observations if seen in held_by or any(text in seen.body.text for text in texts)
    ]
    if looked and not strange:
        held = frozenset().union(*(seen.keys for seen in looked))
        stray = [
            one
            for one in others
            if one.status == "observed"
            and one.value.kind != "month"
            and not held & set(one.value.keys)
            and not any(normal(one.value.text) in seen.body.text for seen in looked)
        ]
        if stray:
            signs["misbound"] = 1.0
    signs |= _stray_words(trajectory, clause, entities, looked) if looked and not strange else {}
    if clause.kind == "row" and len(values) > 1 and not strange:
        row = {key for one in values for key in one.value.keys}
        entries = [entry for seen in trajectory.observations for entry in seen.body.entries]
        if any(row & entry.keys == row for entry in entries):
            signs["row.held"] = 1.0
        else:
            names = {key for one in entities for key in one.value.keys}
            rest = {key for one in values if one not in entities and one.status != "free" for key in one.value.keys}
            own = frozenset().union(*(entry.keys for entry in entries if names & entry.keys))
            if own and rest - own:
                signs["row.altered"] = 1.0
    return signs


def _stray_words(
    trajectory: Trajectory, clause: Clause, entities: Sequence[Placed], looked: Sequence[Observation]
) -> dict[str, float]:
    """Whether the clause tells of its entity what only observations of other entities hold."""
    own = set(looked)
    elsewhere = [seen for seen in trajectory.observations if seen not in own]
    if not elsewhere or trajectory.fresh:
        return {}
    names = frozenset().union(*(token_set(normal(one.value.text)) for one in entities))
    words = token_set(normal(clause.text)) - names
    stray = [
        word
        for word in words
        if not any(supported(word, seen.body.words) for seen in looked)
        and any(supported(word, seen.body.words) for seen in elsewhere)
    ]
    return {"stray.word": min(2.0, len(stray))} if stray else {}
