"""Which requests a run makes, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from harness.suite import Decision, Script


class Job(NamedTuple):
    """One request to make: a decision, which repeat of it, and the replica that its case is sent to."""

    decision: Decision
    trial: int
    replica: int

    @property
    def key(self) -> tuple[str, int, int]:
        """Case, decision and trial: unique in a run."""
        return self.decision.case_id, self.decision.index, self.trial


class RolloutJob(NamedTuple):
    """A case to play through, which repeat of it, and the replica that it is sent to."""

    script: Script
    trial: int
    replica: int

    @property
    def key(self) -> tuple[str, int, int]:
        """As the log's row has it."""
        return self.script.case_id, 0, self.trial


def in_prefix_order(decisions: Iterable[Decision]) -> list[Decision]:
    """Decisions ordered so that prompts with a common beginning follow one another.

    Prompts begin with the tools, then the system text, then the history. So cases that offer the same
    tools come together, among them those with the same system text, and a case's decisions stay in a
    row, each prompt the beginning of the next: the server's prefix cache meets what it has just computed.
    """
    names: dict[int, tuple[str, ...]] = {}

    def key(decision: Decision) -> tuple[tuple[str, ...], str, str, int]:
        offered = names.get(id(decision.tools))
        if offered is None:
            offered = names[id(decision.tools)] = tuple(tool.function.name for tool in decision.tools)
        first = decision.messages[0]
        return offered, first["content"] if first["role"] == "system" else "", decision.case_id, decision.index

    return sorted(decisions, key=key)


def jobs_of(
    decisions: Sequence[Decision], *, trials: int, replicas: int, done: Collection[tuple[str, int, int]] = ()
) -> list[Job]:
    """The jobs of a run in the order given, less those already done; trials of a decision follow one another.

    Cases go to the replicas in turn, whole, so that each case meets its own prefixes in one cache.
    """
    homes: dict[str, int] = {}
    jobs: list[Job] = []
    for decision in decisions:
        replica = homes.setdefault(decision.case_id, len(homes) % replicas)
        jobs += [job for trial in range(trials) if (job := Job(decision, trial, replica)).key not in done]
    return jobs


def rollout_jobs_of(
    scripts: Sequence[Script], *, trials: int, replicas: int, done: Collection[tuple[str, int, int]] = ()
) -> list[RolloutJob]:
    """The cases to play in the order given, less those already played; trials of a case follow one another."""
    jobs = [
        RolloutJob(script, trial, place % replicas) for place, script in enumerate(scripts) for trial in range(trials)
    ]
    return [job for job in jobs if job.key not in done]
