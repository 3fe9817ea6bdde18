"""Several stages of one model side by side: what each came to, what changed since the first, what moved in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from harness.comparison.diff import Flips, noise
from harness.comparison.identity import Differing, differing, require_comparable
from harness.comparison.measures import Change, changes, metrics_in, passes
from harness.comparison.pairing import Pair, Pairing, pairing
from harness.errors import NotComparableError
from harness.paired import pass_hat_k

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.baseline import Entry, Results
    from harness.metrics import Metrics
    from harness.runlog import Mode

_THE_STAGE_ITSELF = ("model", "adapter", "model identity", "server: parent", "server: root")
"""What is not the same because it is another stage."""


class Trials(NamedTuple):
    """How reliable a stage was over repeats of the same decisions."""

    trials: int
    decisions: float | None
    """pass^k of decisions: the probability that all k trials of one are right."""
    cases: float | None
    """The same of cases."""
    flips: float | None
    """The probability that two trials of a decision have different outcomes."""


class Stage(NamedTuple):
    """One of the models, over everything that its run holds."""

    name: str
    results: Results
    metrics: Metrics
    trials: Trials | None
    """None where every decision was asked once."""
    unshared: int
    """Decisions (turns) that not all stages hold; in no paired figure."""
    repeated: int
    """Further trials than all stages have; in no paired figure either."""


class Against(NamedTuple):
    """A later stage held against the first, over what all stages share."""

    name: str
    differing: Sequence[Differing]
    """What else than the model was not the same."""
    changes: Sequence[Change]
    """Of every metric; corrected (Holm) over the metrics of this stage alone."""


class Step(NamedTuple):
    """How decisions (turns) moved between two neighbouring stages; of what all stages share."""

    first: str
    second: str
    right: int
    """Right in both."""
    broken: int
    fixed: int
    wrong: int
    """Wrong in both."""
    errored: int
    """Without a response in one of the two."""
    flows: Sequence[Flips]
    """Between different outcomes, commonest first."""


class Stages(NamedTuple):
    """Everything that the stage tables tell."""

    mode: Mode
    stages: Sequence[Stage]
    shared: int
    """Decisions (turns) that all stages hold, once for each trial."""
    against: Sequence[Against]
    steps: Sequence[Step]

    @property
    def unit(self) -> str:
        """What is counted."""
        return self.stages[0].results.unit


def stages(named: Sequence[tuple[str, Results]]) -> Stages:
    """Lines up stages, the first of which the others are held against.

    Decisions are matched by content, as in a diff. Paired figures are over those that every stage holds, so that those
    of different stages are about the same.

    Args:
        named: at least two stages, each with its name, in their order.

    Raises:
        NotComparableError: they have different modes or scorers, or share not one scored decision.
    """
    names, runs = zip(*named, strict=True)
    first = runs[0]
    for other in runs[1:]:
        require_comparable(first, other)
    rows = list(_shared(runs))
    trials = min(run.identity.trials for run in runs)
    columns = list(zip(*rows, strict=True)) or [()] * len(runs)
    alone = [_alone(run, column, trials) for run, column in zip(runs, columns, strict=True)]
    cut = _cut(rows, alone)
    against = [
        _against(name, first, run, _lined_up(columns[0], column, cut))
        for name, run, column in zip(names[1:], runs[1:], columns[1:], strict=True)
    ]
    return Stages(
        mode=first.identity.mode,
        stages=[
            Stage(name, run, run.metrics(), _trials(run), len(left), _repeated(run, trials))
            for name, run, left in zip(names, runs, alone, strict=True)
        ],
        shared=len(rows),
        against=against,
        steps=[
            _step(one, other, [Pair(*pair) for pair in zip(before, after, strict=True)])
            for (one, before), (other, after) in pairwise(zip(names, columns, strict=True))
        ],
    )


def _shared(runs: Sequence[Results]) -> Iterator[tuple[Entry, ...]]:
    """The decisions that every run holds, each as all of them judged it."""
    found = [{pair.first.key: pair.second for pair in pairing(runs[0], other).pairs} for other in runs[1:]]
    for entry in runs[0].entries:
        if all(entry.key in others for others in found):
            yield (entry, *(others[entry.key] for others in found))


def _alone(run: Results, shared: Iterable[Entry], trials: int) -> list[Entry]:
    known = {entry.key for entry in shared}
    return [entry for entry in run.entries if entry.trial < trials and entry.key not in known]


def _repeated(run: Results, trials: int) -> int:
    return sum(entry.trial >= trials for entry in run.entries)


def _cut(rows: Sequence[Sequence[Entry]], alone: Sequence[Iterable[Entry]]) -> list[Entry]:
    """The first run's decisions in cases of which some run holds more, or other, decisions than all share."""
    partly = [{entry.case for entry in left} for left in alone]
    cases = {row[0].case for row in rows if any(entry.case in left for entry, left in zip(row, partly, strict=True))}
    return [row[0] for row in rows if row[0].case in cases]


def _lined_up(ours: Sequence[Entry], theirs: Sequence[Entry], cut: Sequence[Entry]) -> Pairing:
    """A pairing that knows only what all stages share; a case that is cut counts as one that lacks a decision."""
    pairs = [Pair(*pair) for pair in zip(ours, theirs, strict=True)]
    return Pairing(pairs=pairs, changed=[], added=[], removed=cut, repeated=0)


def _against(name: str, first: Results, second: Results, found: Pairing) -> Against:
    if not any(pair.scored for pair in found.pairs):
        raise NotComparableError(
            f"{first.name} and {second.name} have no scored decision in common that all stages hold. "
            "Run every stage on the same suite."
        )
    told = [one for one in differing(first, second, found) if not one.what.startswith(_THE_STAGE_ITSELF)]
    return Against(name, told, changes(found, metrics_in(first.identity.mode)))


def _step(first: str, second: str, pairs: Sequence[Pair]) -> Step:
    flows = Counter((pair.first.outcome, pair.second.outcome) for pair in pairs if pair.flipped)
    scored = [pair for pair in pairs if pair.scored]
    return Step(
        first,
        second,
        right=sum(pair.first.right and pair.second.right for pair in scored),
        broken=sum(pair.broken for pair in scored),
        fixed=sum(pair.fixed for pair in scored),
        wrong=sum(not (pair.first.right or pair.second.right) for pair in scored),
        errored=len(pairs) - len(scored),
        flows=[Flips(*outcomes, count) for outcomes, count in sorted(flows.items(), key=lambda one: (-one[1], one[0]))],
    )


def _trials(run: Results) -> Trials | None:
    trials = run.identity.trials
    if trials < 2:
        return None
    decisions: defaultdict[tuple[str, int], list[bool]] = defaultdict(list)
    played: defaultdict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in run.entries:
        played[entry.case, entry.trial].append(entry)
        if not entry.errored:
            decisions[entry.case, entry.index].append(entry.right)
    cases: defaultdict[str, list[bool]] = defaultdict(list)
    for (case, _), entries in played.items():
        if (verdict := passes(entries)) is not None:
            cases[case].append(verdict)
    of_decisions, of_cases = (
        pass_hat_k([(sum(verdicts), len(verdicts)) for verdicts in found.values()], trials)
        for found in (decisions, cases)
    )
    return Trials(trials, of_decisions, of_cases, noise(run))
