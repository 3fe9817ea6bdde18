"""Metrics of two runs over the decisions they share: differences, how sure they are, what could have been seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from harness.metrics import METRICS, Rate
from harness.paired import Counts, design_effect, detectable_drop, difference, holm, mcnemar
from harness.records import MetricName, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from harness.baseline import Entry
    from harness.comparison.pairing import Pair, Pairing
    from harness.runlog import Mode

ALPHA = 0.05
"""Below it a difference counts as significant."""

_IN_ROLLOUTS: tuple[MetricName, ...] = ("tool_call_accuracy", "response_quality", "fabrication_rate", "case_pass_rate")


def metrics_in(mode: Mode) -> tuple[MetricName, ...]:
    """The metrics that are told of runs in a mode; of a turn played through only the whole is."""
    return _IN_ROLLOUTS if mode == "rollout" else METRICS


def counted(metric: MetricName, entry: Entry) -> bool | None:
    """What a decision adds to a metric's numerator; None where it is not in the denominator.

    Of `case_pass_rate` it is the decision's part in its case.
    """
    if entry.errored or (entry.expect == "any_call" and metric in ("response_quality", "case_pass_rate")):
        return None
    found: dict[MetricName, bool | None] = {
        "tool_call_accuracy": entry.right,
        "tool_name_accuracy": entry.name,
        "tool_args_accuracy": entry.args,
        "response_quality": not entry.defects,
        "fabrication_rate": entry.fabricated,
        "case_pass_rate": entry.right,
    }
    return found[metric]


class Change(Record):
    """A metric in two runs over the decisions (of `case_pass_rate`: the cases) that they share."""

    metric: MetricName
    first: Rate
    second: Rate
    value: float | None
    """Second less first."""
    low: float | None
    high: float | None
    """The 95 % interval of the difference: bootstrap over cases."""
    pairs: int
    """Units that count in both runs: what the test is about."""
    fixed: int
    """Of them, those that were wrong and are right (fabrication_rate: invented and are honest)."""
    broken: int
    p: float
    """Exact two-sided McNemar test of fixed against broken."""
    p_adjusted: float
    """By Holm, over the metrics tested together."""
    detectable: float | None
    """The smallest loss that a test of so many would find at 80 % power, as a share; null where none."""

    @property
    def significant(self) -> bool:
        """Whether the difference stands after the correction."""
        return self.p_adjusted < ALPHA

    @property
    def worse(self) -> bool:
        """Whether the second run is worse."""
        return self.value is not None and (self.value > 0 if self.metric == "fabrication_rate" else self.value < 0)


_Unit: TypeAlias = tuple[str, bool | None, bool | None]
"""Case, and what a unit adds to the metric in the first and in the second run."""


def changes(found: Pairing, metrics: Sequence[MetricName]) -> list[Change]:
    """The differences of some metrics, tested together.

    Intervals know that the decisions of a case depend on one another; the test takes units as they are. Of several
    trials of a decision the test counts one: what more than half of them come to, none where it is half.
    """
    bare = [_change(metric, _units(metric, found)) for metric in metrics]
    adjusted = holm({one.metric: one.p for one in bare})
    return [one.model_copy(update={"p_adjusted": adjusted[one.metric]}) for one in bare]


def change(metric: MetricName, pairs: Iterable[Pair]) -> Change:
    """The difference of one metric over some pairs, not corrected; not for `case_pass_rate`."""
    return _change(metric, _of_pairs(metric, pairs))


_Place: TypeAlias = tuple[str, int]
"""A decision whatever the trial: case and index. Of a case: index -1."""


def _units(metric: MetricName, found: Pairing) -> dict[_Place, list[_Unit]]:
    return _of_cases(found) if metric == "case_pass_rate" else _of_pairs(metric, found.pairs)


def _of_pairs(metric: MetricName, pairs: Iterable[Pair]) -> dict[_Place, list[_Unit]]:
    units: defaultdict[_Place, list[_Unit]] = defaultdict(list)
    for pair in pairs:
        place = pair.first.case, pair.first.index
        units[place].append((pair.first.case, counted(metric, pair.first), counted(metric, pair.second)))
    return units


def _of_cases(found: Pairing) -> dict[_Place, list[_Unit]]:
    """The cases of which both runs hold the same decisions; an error anywhere takes a case out, as in the metric."""
    partly = {entry.case for entry in found.removed} | {pair.first.case for pair in found.changed}
    new = {entry.case for entry in found.added} | {pair.second.case for pair in found.changed}
    cases: defaultdict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in found.pairs:
        cases[pair.first.case, pair.first.trial].append(pair)
    units: defaultdict[_Place, list[_Unit]] = defaultdict(list)
    for (case, _), pairs in cases.items():
        if case not in partly and not any(pair.second.case in new for pair in pairs):
            first, second = (passes(entries) for entries in zip(*pairs, strict=True))
            units[case, -1].append((case, first, second))
    return units


def passes(entries: Iterable[Entry]) -> bool | None:
    """Whether a case passes, of which these are all decisions of one trial; None where one met an error or none counts."""
    known = list(entries)
    if any(entry.errored for entry in known):
        return None
    strict = [entry.right for entry in known if entry.expect != "any_call"]
    return all(strict) if strict else None


def _change(metric: MetricName, units: Mapping[_Place, list[_Unit]]) -> Change:
    cases: defaultdict[str, Counts] = defaultdict(lambda: Counts(0, 0, 0, 0))
    for case, first, second in (unit for trials in units.values() for unit in trials):
        added = (first is True, first is not None, second is True, second is not None)
        cases[case] = Counts(*map(sum, zip(cases[case], added, strict=True)))
    told = difference(cases.values())
    decided = [verdict for trials in units.values() if (verdict := _decided(trials)) is not None]
    gained = sum(second and not first for first, second in decided)
    lost = sum(first and not second for first, second in decided)
    fixed, broken = (lost, gained) if metric == "fabrication_rate" else (gained, lost)
    return Change(
        metric=metric,
        first=told.first,
        second=told.second,
        value=told.value,
        low=told.low,
        high=told.high,
        pairs=len(decided),
        fixed=fixed,
        broken=broken,
        p=(p := mcnemar(fixed, broken)),
        p_adjusted=p,
        detectable=_detectable(decided, fixed, broken, cases.values()),
    )


def _decided(trials: Sequence[_Unit]) -> tuple[bool, bool] | None:
    """What most trials of a unit come to in each run, of those that count in both; None where half of them do."""
    known = [(first, second) for _, first, second in trials if first is not None and second is not None]
    verdicts = [_most(column) for column in zip(*known, strict=True)] if known else [None]
    if any(verdict is None for verdict in verdicts):
        return None
    return bool(verdicts[0]), bool(verdicts[1])


def _most(values: Sequence[bool]) -> bool | None:
    right = sum(values)
    return None if 2 * right == len(values) else 2 * right > len(values)


def _detectable(decided: Sequence[tuple[bool, bool]], fixed: int, broken: int, cases: Iterable[Counts]) -> float | None:
    """The smallest loss that would be found: as many flip each way by themselves as the rarer direction shows here."""
    if not decided:
        return None
    effect = design_effect((case.first, case.of_first) for case in cases if case.of_first)
    return detectable_drop(len(decided), min(fixed, broken) / len(decided), effect)


def by_slice(
    pairs: Sequence[Pair], slices: Callable[[Pair], Iterable[tuple[str, str]]]
) -> dict[tuple[str, str], Change]:
    """tool_call_accuracy by slice, not corrected: to look at, not to decide by."""
    groups: defaultdict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        for key in slices(pair):
            groups[key].append(pair)
    return {key: change("tool_call_accuracy", group) for key, group in sorted(groups.items())}
