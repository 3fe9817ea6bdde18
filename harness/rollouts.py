"""From the judged turns of rollouts to numbers: what a model's own history does to it, turn by turn.

Also the self-imitation gap: the same turns with the scripted history and with the model's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import Rate, rate
from harness.paired import Counts, Difference, difference
from harness.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


class TurnFact(NamedTuple):
    """A judged user turn, as the numbers see it."""

    depth: int
    calls: bool
    """Whether it is a tool turn: calls are expected in it."""
    right: bool
    fabricated: bool
    steps: int = 1


class RolloutFact(NamedTuple):
    """One case played to its end."""

    case: str
    trial: int
    turns: Sequence[TurnFact]


class RolloutSummary(Record):
    """One case played to its end, in figures; turns are named by their depth, null where there is none."""

    case: str
    trial: int
    turns: int
    right: int
    steps: int
    first_bad: int | None
    """The first turn that is not right."""
    onset: int | None
    """The first turn in which a result was invented."""


class DepthMetrics(Record):
    """The turns of one depth."""

    depth: int
    right: Rate
    fabricated: Rate
    first_bad: int
    """Cases whose first wrong turn this is."""
    onset: int
    """Cases whose first turn with an invented result this is."""


class RolloutMetrics(Record):
    """What is counted about rollouts beside the metrics of their turns."""

    cases: int
    """Cases played to their end, each trial counted."""
    errored: int
    """Cases that an error ended; they are in no other figure here."""
    turns: int
    steps: int
    turn_accuracy: Rate
    fabrication_on_tool_turns: Rate
    first_bad: dict[str, int]
    """How many cases went wrong first at which turn; "none": not at all."""
    onset: dict[str, int]
    """How many cases held the first invented result at which turn; "none": not at all."""
    inertia: Difference
    """Tool turns with an invented result: the first rate is of those before which the case held none,
    the second of each tool turn that comes next after a turn with one."""
    depths: list[DepthMetrics]
    rollouts: list[RolloutSummary]


def rollout_metrics(rollouts: Iterable[RolloutFact], errored: int) -> RolloutMetrics:
    """The numbers of rollouts; those that an error ended are only counted."""
    found = sorted(rollouts, key=lambda rollout: (rollout.case, rollout.trial))
    turns = [turn for rollout in found for turn in rollout.turns]
    tool_turns = [turn for turn in turns if turn.calls]
    summaries = [_summary(rollout) for rollout in found]
    return RolloutMetrics(
        cases=len(found),
        errored=errored,
        turns=len(turns),
        steps=sum(turn.steps for turn in turns),
        turn_accuracy=_rate(turn.right for turn in turns),
        fabrication_on_tool_turns=_rate(turn.fabricated for turn in tool_turns),
        first_bad=_distribution(summary.first_bad for summary in summaries),
        onset=_distribution(summary.onset for summary in summaries),
        inertia=_inertia(found),
        depths=_depths(turns, summaries),
        rollouts=summaries,
    )


def _rate(found: Iterable[bool]) -> Rate:
    known = list(found)
    return rate(sum(known), len(known))


def _distribution(depths: Iterable[int | None]) -> dict[str, int]:
    counts = Counter(depths)
    never = {"none": counts.pop(None)} if None in counts else {}
    return {**{str(depth): counts[depth] for depth in sorted(depth for depth in counts if depth is not None)}, **never}


def _summary(rollout: RolloutFact) -> RolloutSummary:
    return RolloutSummary(
        case=rollout.case,
        trial=rollout.trial,
        turns=len(rollout.turns),
        right=sum(turn.right for turn in rollout.turns),
        steps=sum(turn.steps for turn in rollout.turns),
        first_bad=next((turn.depth for turn in rollout.turns if not turn.right), None),
        onset=next((turn.depth for turn in rollout.turns if turn.fabricated), None),
    )


def _depths(turns: Sequence[TurnFact], summaries: Sequence[RolloutSummary]) -> list[DepthMetrics]:
    by_depth: defaultdict[int, list[TurnFact]] = defaultdict(list)
    for turn in turns:
        by_depth[turn.depth].append(turn)
    return [
        DepthMetrics(
            depth=depth,
            right=_rate(turn.right for turn in by_depth[depth]),
            fabricated=_rate(turn.fabricated for turn in by_depth[depth]),
            first_bad=sum(summary.first_bad == depth for summary in summaries),
            onset=sum(summary.onset == depth for summary in summaries),
        )
        for depth in sorted(by_depth)
    ]


def _inertia(rollouts: Iterable[RolloutFact]) -> Difference:
    """How much likelier an invented result is at the next tool turn once there was one.

    A tool turn counts as *after* where a turn since the one before it, that one included, holds an invented
    result; as *before* where no earlier turn of the case does. One that follows an honest tool turn of a
    case that fabricated earlier still is neither.
    """
    cases: defaultdict[str, Counts] = defaultdict(lambda: Counts(0, 0, 0, 0))
    for rollout in rollouts:
        ever = lately = False
        for turn in rollout.turns:
            if turn.calls:
                before, after = not ever, lately
                added = (turn.fabricated and before, before, turn.fabricated and after, after)
                cases[rollout.case] = Counts(*map(sum, zip(cases[rollout.case], added, strict=True)))
                lately = False
            ever, lately = ever or turn.fabricated, lately or turn.fabricated
    return difference(cases.values())


class GapAtDepth(Record):
    """Turns of one depth under both histories; the first rate is the scripted history's."""

    depth: int | None
    """Null: all turns."""
    turns: int
    """Pairs: the same turn of the same case and trial, judged under both."""
    accuracy: Difference
    fabrication: Difference


class Gap(Record):
    """The self-imitation gap: what a model's own history changes, against the scripted one.

    Differences are own history less scripted history, over pairs of turns, with intervals by `paired`.
    """

    unpaired: int
    """Turns that only one of the two runs judged; they are left out."""
    overall: GapAtDepth
    depths: list[GapAtDepth]


def gap_of(scripted: Iterable[RolloutFact], own: Iterable[RolloutFact]) -> Gap:
    """The gap between two runs of the same cases.

    Args:
        scripted: the teacher-forced run; a turn is right where all its decisions are.
        own: the rollouts.
    """
    first, second = _by_turn(scripted), _by_turn(own)
    pairs = {key: (first[key], second[key]) for key in sorted(first.keys() & second.keys())}
    depths = sorted({depth for _, _, depth in pairs})
    return Gap(
        unpaired=len(first.keys() ^ second.keys()),
        overall=_at_depth(None, pairs),
        depths=[_at_depth(depth, {key: pair for key, pair in pairs.items() if key[2] == depth}) for depth in depths],
    )


_Key = tuple[str, int, int]


def _by_turn(rollouts: Iterable[RolloutFact]) -> dict[_Key, TurnFact]:
    return {(rollout.case, rollout.trial, turn.depth): turn for rollout in rollouts for turn in rollout.turns}


def _at_depth(depth: int | None, pairs: dict[_Key, tuple[TurnFact, TurnFact]]) -> GapAtDepth:
    return GapAtDepth(
        depth=depth,
        turns=len(pairs),
        accuracy=_paired(pairs, lambda turn: turn.right),
        fabrication=_paired(pairs, lambda turn: turn.fabricated),
    )


def _paired(pairs: dict[_Key, tuple[TurnFact, TurnFact]], holds: Callable[[TurnFact], bool]) -> Difference:
    cases: defaultdict[str, Counts] = defaultdict(lambda: Counts(0, 0, 0, 0))
    for (case, _, _), (scripted, own) in pairs.items():
        added = (holds(scripted), 1, holds(own), 1)
        cases[case] = Counts(*map(sum, zip(cases[case], added, strict=True)))
    return difference(cases.values())
