"""Metrics of two runs over the decisions they share: differences, how sure they are, what could have been seen."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from harness.comparison.columns import columns_of
from harness.metrics import METRICS, Rate
from harness.paired import design_effect, detectable_drop, difference, holm, mcnemar
from harness.records import MetricName, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from harness.baseline import Entry
    from harness.comparison.columns import Columns, Units
    from harness.comparison.pairing import Pairing
    from harness.paired import Counts
    from harness.runlog import Mode

ALPHA = 0.05
"""Below it a difference counts as significant."""

_drop = lru_cache(10_000)(detectable_drop)
"""Slices and metrics of the same size ask the same again, and an answer takes milliseconds."""

_IN_ROLLOUTS: tuple[MetricName, ...] = ("tool_call_accuracy", "response_quality", "fabrication_rate", "case_pass_rate")


def metrics_in(mode: Mode) -> tuple[MetricName, ...]:
    """The metrics that are told of runs in a mode; of a turn played through only the whole is."""
    return _IN_ROLLOUTS if mode == "rollout" else METRICS


def counted(metric: MetricName, entry: Entry) -> bool | None:
    """What a decision adds to a metric's numerator; None where it is not in the denominator.

    Of `case_pass_rate` it is the decision's part in its case.
    """
    if entry.errored or (entry.expect == "any_call" and metric not in ("tool_call_accuracy", "fabrication_rate")):
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


def changes(found: Pairing, metrics: Sequence[MetricName], columns: Columns | None = None) -> list[Change]:
    """The differences of some metrics, tested together; `columns` are those of the pairs, where they are at hand.

    Intervals know that the decisions of a case depend on one another; the test takes units as they are. Of several
    trials of a decision the test counts one: what more than half of them come to, none where it is half.
    """
    known = columns_of(found.pairs) if columns is None else columns
    bare = [_change(metric, _units(metric, found, known)) for metric in metrics]
    adjusted = holm({one.metric: one.p for one in bare})
    return [one.model_copy(update={"p_adjusted": adjusted[one.metric]}) for one in bare]


def _units(metric: MetricName, found: Pairing, columns: Columns) -> Units:
    if metric == "case_pass_rate":
        return columns.cases(_partly(found))
    return columns.units(partial(counted, metric))


def _partly(found: Pairing) -> NDArray[np.bool_]:
    """The pairs in cases of which the two runs do not hold the same decisions."""
    import numpy as np

    gone = {entry.case for entry in found.removed} | {pair.first.case for pair in found.changed}
    new = {entry.case for entry in found.added} | {pair.second.case for pair in found.changed}
    if not (gone or new):
        return np.zeros(len(found.pairs), bool)
    return np.array([one.case in gone or other.case in new for one, other in found.pairs], bool)


def passes(entries: Iterable[Entry]) -> bool | None:
    """Whether a case passes, of which these are all decisions of one trial; None where one met an error or none counts."""
    known = list(entries)
    if any(entry.errored for entry in known):
        return None
    strict = [entry.right for entry in known if entry.expect != "any_call"]
    return all(strict) if strict else None


def _change(metric: MetricName, units: Units) -> Change:
    cases = units.counts()
    told = difference(cases)
    first, second = units.decided()
    gained, lost = int((second & ~first).sum()), int((first & ~second).sum())
    fixed, broken = (lost, gained) if metric == "fabrication_rate" else (gained, lost)
    return Change(
        metric=metric,
        first=told.first,
        second=told.second,
        value=told.value,
        low=told.low,
        high=told.high,
        pairs=len(first),
        fixed=fixed,
        broken=broken,
        p=(p := mcnemar(fixed, broken)),
        p_adjusted=p,
        detectable=_detectable(len(first), fixed, broken, cases),
    )


def _detectable(decided: int, fixed: int, broken: int, cases: Mapping[Counts, int]) -> float | None:
    """The smallest loss that would be found: as many flip each way by themselves as the rarer direction shows here."""
    if not decided:
        return None
    rights: Counter[tuple[int, int]] = Counter()
    for case, number in cases.items():
        rights[case.first, case.of_first] += number
    return _drop(decided, min(fixed, broken) / decided, design_effect(rights))


def by_slice(columns: Columns, slices: Mapping[tuple[str, str], NDArray[np.int64]]) -> dict[tuple[str, str], Change]:
    """tool_call_accuracy in slices, given as places of pairs, in which something flipped; not corrected.

    To look at, not to decide by.
    """
    found: dict[tuple[str, str], Change] = {}
    for key in sorted(slices):
        units = columns.units(partial(counted, "tool_call_accuracy"), slices[key])
        first, second = units.decided()
        if (first != second).any():
            found[key] = _change("tool_call_accuracy", units)
    return found
