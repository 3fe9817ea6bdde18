"""From verdicts to numbers: rates with their n and intervals, overall and by slice.

A `Tally` takes one decision at a time and keeps counts only, so a run of any length is summed up in
memory that does not grow with it. An empty denominator gives no rate (null, printed `n/a`), never 0 or 1.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.records import METRICS, MetricName, Record, Score
from harness.scorers.attribution import ATTRIBUTIONS, Attribution

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "METRICS",
    "Confusion",
    "Judged",
    "MetricName",
    "Metrics",
    "Rate",
    "SliceMetrics",
    "Tally",
    "metrics_of",
    "missed_thresholds",
    "rate",
    "rates_of",
    "wilson_interval",
]

Z_95 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution: a two-sided 95 % interval."""


class Rate(Record):
    """A share of decisions (or cases): numerator, denominator, and the 95 % Wilson score interval."""

    numerator: int
    denominator: int
    value: float | None
    low: float | None
    high: float | None


def rate(numerator: int, denominator: int) -> Rate:
    """A rate with its interval; without a denominator there is neither."""
    if denominator == 0:
        return Rate(numerator=numerator, denominator=0, value=None, low=None, high=None)
    low, high = wilson_interval(numerator, denominator)
    return Rate(numerator=numerator, denominator=denominator, value=numerator / denominator, low=low, high=high)


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a proportion, without continuity correction.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927);
    method 3 of R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872.

    Args:
        successes: 0 to `trials`.
        trials: at least 1.
        z: normal quantile of the wanted coverage.
    """
    share = successes / trials
    square = z * z / trials
    centre = (share + square / 2) / (1 + square)
    half = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials)) / (1 + square)
    return (0.0 if successes == 0 else max(0.0, centre - half)), (
        1.0 if successes == trials else min(1.0, centre + half)
    )


class Judged(NamedTuple):
    """One decision as the tallies see it."""

    case: tuple[str, int]
    """Case id and trial."""
    kind: Literal["calls", "no_call", "any_call"]
    score: Score
    slices: tuple[tuple[str, str], ...] = ()
    """(dimension, value) pairs the decision belongs to, such as ("language", "en")."""
    confusion: tuple[str, str] | None = None
    """(expected, actual) in words, where the outcome is wrong."""
    attribution: Attribution | None = None
    """Whose doing it is where message and raw text disagree."""


class _Counts:
    """Numerators and denominators of one slice."""

    __slots__ = ("args", "attempted", "cases", "clean", "errored", "fabricated", "names", "rated", "right", "scored")

    def __init__(self) -> None:
        self.scored = self.errored = self.right = self.attempted = self.names = self.args = 0
        self.rated = self.clean = self.fabricated = 0
        self.cases: dict[tuple[str, int], str] = {}

    def add(self, judged: Judged) -> None:
        score = judged.score
        strict = judged.kind != "any_call"
        if score.state == "errored":
            self.errored += 1
            self.cases[judged.case] = "errored"
            return
        self.scored += 1
        right = score.call_correct is True
        self.right += right
        self.fabricated += score.fabricated
        if not strict:  # counts in tool_call_accuracy and fabrication_rate only
            return
        self.rated += 1
        self.clean += not score.quality_defects
        if score.name_correct is not None:
            self.attempted += 1
            self.names += score.name_correct
            self.args += score.args_correct is True
        so_far = self.cases.get(judged.case)
        if not right:
            self.cases[judged.case] = so_far if so_far == "errored" else "failed"
        elif so_far is None:
            self.cases[judged.case] = "passed"

    def rates(self) -> dict[MetricName, Rate]:
        passed = Counter(self.cases.values())
        return {
            "tool_call_accuracy": rate(self.right, self.scored),
            "tool_name_accuracy": rate(self.names, self.attempted),
            "tool_args_accuracy": rate(self.args, self.attempted),
            "response_quality": rate(self.clean, self.rated),
            "fabrication_rate": rate(self.fabricated, self.scored),
            "case_pass_rate": rate(passed["passed"], passed["passed"] + passed["failed"]),
        }


class SliceMetrics(Record):
    """The metrics of the decisions that share one property."""

    dimension: str
    value: str
    scored: int
    metrics: dict[MetricName, Rate]


class Confusion(Record):
    """How often one thing was expected and another done."""

    expected: str
    actual: str
    count: int


class Metrics(Record):
    """Everything that is counted about a run."""

    decisions: int
    scored: int
    errored: int
    metrics: dict[MetricName, Rate]
    outcomes: dict[str, int]
    states: dict[str, int]
    violations: dict[str, int]
    """Decisions in which each code occurs."""
    quality_defects: dict[str, int]
    """Decisions with each defect."""
    channels_disagree: int
    """Decisions whose message and raw text hold different calls."""
    attribution: dict[Attribution, int]
    """Decisions whose message and raw text disagree in any way, by whose doing that is."""
    confusions: list[Confusion]
    slices: list[SliceMetrics]


class Tally:
    """Counts decisions as they are judged."""

    def __init__(self) -> None:
        self._all = _Counts()
        self._slices: defaultdict[tuple[str, str], _Counts] = defaultdict(_Counts)
        self._outcomes: Counter[str] = Counter()
        self._states: Counter[str] = Counter()
        self._violations: Counter[str] = Counter()
        self._defects: Counter[str] = Counter()
        self._confusions: Counter[tuple[str, str]] = Counter()
        self._disagree = 0
        self._attributed: Counter[Attribution] = Counter()

    def add(self, judged: Judged) -> None:
        """Counts one decision."""
        score = judged.score
        self._all.add(judged)
        for key in judged.slices:
            self._slices[key].add(judged)
        self._states[score.state] += 1
        if score.outcome is not None:
            self._outcomes[score.outcome] += 1
        if score.violations:
            self._violations.update({violation.code for violation in score.violations})
        if score.quality_defects:
            self._defects.update(score.quality_defects)
        if judged.confusion is not None:
            self._confusions[judged.confusion] += 1
        self._disagree += score.channels_agree is False
        if judged.attribution is not None:
            self._attributed[judged.attribution] += 1

    @property
    def done(self) -> int:
        """Decisions counted so far."""
        return self._all.scored + self._all.errored

    @property
    def errored(self) -> int:
        """Decisions without a response."""
        return self._all.errored

    @property
    def accuracy(self) -> float | None:
        """Running tool_call_accuracy."""
        return self._all.right / self._all.scored if self._all.scored else None

    def metrics(self, top_confusions: int = 12) -> Metrics:
        """All numbers so far."""
        return Metrics(
            decisions=self.done,
            scored=self._all.scored,
            errored=self._all.errored,
            metrics=self._all.rates(),
            outcomes=dict(sorted(self._outcomes.items())),
            states=dict(sorted(self._states.items())),
            violations=dict(self._violations.most_common()),
            quality_defects=dict(self._defects.most_common()),
            channels_disagree=self._disagree,
            attribution={cause: count for cause in ATTRIBUTIONS if (count := self._attributed[cause])},
            confusions=[
                Confusion(expected=expected, actual=actual, count=count)
                for (expected, actual), count in sorted(self._confusions.items(), key=lambda item: (-item[1], item[0]))[
                    :top_confusions
                ]
            ],
            slices=[
                SliceMetrics(dimension=dimension, value=value, scored=counts.scored, metrics=counts.rates())
                for (dimension, value), counts in sorted(self._slices.items(), key=lambda item: _natural(item[0]))
            ],
        )


def _natural(key: tuple[str, str]) -> tuple[str, int, str]:
    dimension, value = key
    return (dimension, int(value) if value.isdigit() else -1, value)


def metrics_of(decisions: Iterable[Judged]) -> Metrics:
    """The metrics of decisions that are all at hand."""
    tally = Tally()
    for judged in decisions:
        tally.add(judged)
    return tally.metrics()


def rates_of(decisions: Iterable[Judged]) -> dict[MetricName, Rate]:
    """The rates alone of decisions that are all at hand."""
    counts = _Counts()
    for judged in decisions:
        counts.add(judged)
    return counts.rates()


def missed_thresholds(metrics: Mapping[MetricName, Rate], thresholds: Mapping[str, float]) -> dict[MetricName, Rate]:
    """The metrics that miss the floor a suite sets for them (`fabrication_rate`: its ceiling).

    One without a value (nothing counts in it: a model that never calls has no argument right) misses it too.
    """
    missed: dict[MetricName, Rate] = {}
    for name, found in metrics.items():
        if name not in thresholds:
            continue
        bound, value = thresholds[name], found.value
        if value is None or (value > bound if name == "fabrication_rate" else value < bound):
            missed[name] = found
    return missed
