"""A case as a script to play: what the user says, turn by turn, and what is expected and returned until they go on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.suite.cases import ExpectTurn, UserTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from harness.suite.cases import Case
    from harness.suite.decisions import Decision
    from harness.suite.load import Suite


@dataclass(frozen=True, slots=True)
class ScriptTurn:
    """A user turn: what the user says, and the decisions until they speak again."""

    depth: int
    """Number of the turn's last user message in the case, from 1: the depth of its decisions."""
    users: tuple[str, ...]
    """The user messages, nearly always one."""
    decisions: tuple[Decision, ...]
    """At least one; only the last may expect no call, or any."""
    observations: tuple[tuple[str, ...], ...]
    """For each decision what its expected calls return, in their order; empty where the script does not go on."""

    @property
    def expects_calls(self) -> bool:
        """Whether this is a tool turn."""
        return not self.decisions[0].expect.no_call


@dataclass(frozen=True, slots=True)
class Script:
    """One case, ready to be played."""

    case_id: str
    system: str | None
    turns: tuple[ScriptTurn, ...]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the canonical JSON of its decisions' digests, in order."""
        digests = [decision.digest for turn in self.turns for decision in turn.decisions]
        return hashlib.sha256(jsonvalue.canonical(digests)).hexdigest()

    @property
    def observations(self) -> Iterator[str]:
        """Everything that its tools return."""
        return (text for turn in self.turns for texts in turn.observations for text in texts)


def scripts_of(suite: Suite) -> dict[str, Script]:
    """The cases of a suite as scripts, by id."""
    decisions = {case_id: list(group) for case_id, group in groupby(suite.decisions, key=lambda d: d.case_id)}
    return {case.id: script_of(case, decisions[case.id]) for case in suite.cases if case.id in decisions}


def script_of(case: Case, decisions: Iterable[Decision]) -> Script:
    """A case and its decisions as a script."""
    coming = iter(decisions)
    turns: list[ScriptTurn] = []
    users: list[str] = []
    asked: list[tuple[Decision, tuple[str, ...]]] = []
    for turn in (*case.turns, None):
        if isinstance(turn, ExpectTurn):
            asked.append((next(coming), tuple(turn.observations or ())))
            continue
        if asked:
            found, observations = zip(*asked, strict=True)
            turns.append(ScriptTurn(found[0].depth, tuple(users), found, observations))
            users, asked = [], []
        if isinstance(turn, UserTurn):
            users.append(turn.user)
    return Script(case.id, case.system, tuple(turns))
