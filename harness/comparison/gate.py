"""Whether a run may go through, held against its baseline: every bound of a policy as a check with its evidence.

A metric has dropped where it fell by more than the policy allows and where that is sure. It is sure where both say so:
the exact McNemar test after Holm's correction over all metrics of the mode (its p is below the level; it takes the
decisions of a case for independent) and the bootstrap over cases (the 95 % interval of the difference excludes 0; it
knows that they are not). Where cases leave no interval, because all came to the same or there is one only, the test
decides alone. A fall that is larger than allowed and not sure is noted and passes, with two exceptions: a policy without
a significance level, and a comparison of so few decisions that not even a drop by half would be found. Then it fails.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from harness.baseline import verdict_of
from harness.comparison.identity import is_part, known
from harness.comparison.measures import Change, counted
from harness.metrics import missed_thresholds, rate
from harness.suite import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from harness.baseline import Results
    from harness.comparison.diff import Diff
    from harness.comparison.pairing import Pair
    from harness.metrics import Rate
    from harness.records import MetricName

Group: TypeAlias = Literal["comparable", "critical", "drop", "floor"]
State: TypeAlias = Literal["passed", "failed", "noted"]
Verdict: TypeAlias = Literal["passed", "failed", "not_comparable"]
EXIT_CODES: dict[Verdict, int] = {"passed": 0, "failed": 1, "not_comparable": 3}
_BLIND = 0.5
"""Where only larger drops would be found, too few decisions are compared to excuse any as chance."""
_CLOSE = 1e-9
"""A difference of quotients that are meant to be equal."""


class Check(NamedTuple):
    """One bound, what was measured, and how sure that is."""

    group: Group
    name: str
    """The metric, or what was looked at."""
    state: State
    measured: float | None = None
    """A share; of a drop the points lost (negative: gained), of what is counted the count."""
    bound: float | None = None
    """What it may not be beyond: for a floor not below, else not above."""
    rate: Rate | None = None
    """Of a share: its counts and interval."""
    change: Change | None = None
    """Of a drop: both rates, the test, the interval, and what could have been found."""
    sure: bool = True
    """Whether what was measured is more than chance, as far as that can be told."""
    told: str = ""
    """What was found, where no number says it."""
    decisions: Sequence[Pair] = ()
    """Those that got worse in it."""

    @property
    def ceiling(self) -> bool:
        """Whether the bound is one from above."""
        return self.group != "floor" or self.name == "fabrication_rate"


class Broken(NamedTuple):
    """A decision that got worse in a check that failed."""

    pair: Pair
    checks: Sequence[str]
    """Those in which it counts."""
    critical: bool


class GateResult(NamedTuple):
    """What a gate came to."""

    run: str
    baseline: str
    policy: Policy
    checks: Sequence[Check]
    found: Diff | None = None
    """The comparison; None where there could be none."""
    broken: Sequence[Broken] = ()
    """The decisions behind the checks that failed, critical ones first, then as they stand in the suite."""

    @property
    def verdict(self) -> Verdict:
        """Not comparable goes before failed: of what cannot be compared no number counts."""
        failed = {check.group for check in self.checks if check.state == "failed"}
        if "comparable" in failed or not self.checks:
            return "not_comparable"
        return "failed" if failed else "passed"

    @property
    def exit_code(self) -> int:
        """0, 1 or 3."""
        return EXIT_CODES[self.verdict]


def refused(run: str, baseline: str, reason: str, policy: Policy | None = None) -> GateResult:
    """The gate of what cannot be compared at all."""
    check = Check("comparable", "runs", "failed", told=reason)
    return GateResult(run, baseline, policy or Policy(), [check])


def gate(found: Diff, policy: Policy | None = None) -> GateResult:
    """Holds a comparison (first: the baseline, second: the run) to a policy; without one, to the run's suite's own."""
    chosen = policy or found.second.gate or Policy()
    checks = [
        *_comparable(found, chosen),
        *_critical(found, chosen),
        *_drops(found, chosen),
        *_floors(found.second, chosen),
    ]
    return GateResult(found.second.name, found.first.name, chosen, checks, found, _broken(checks))


def alone(run: Results, policy: Policy | None = None) -> GateResult:
    """Holds a run to the bounds that need no baseline: its errors, and the floors of its suite and of the policy."""
    chosen = policy or run.gate or Policy()
    return GateResult(run.name, "", chosen, [_errors("errors in the run", run, chosen), *_floors(run, chosen)])


def _broken(checks: Iterable[Check]) -> list[Broken]:
    pairs: dict[tuple[str, int, int], Pair] = {}
    names: defaultdict[tuple[str, int, int], list[str]] = defaultdict(list)
    critical = set()
    for check in checks:
        for pair in check.decisions if check.state == "failed" else ():
            pairs[pair.second.key] = pair
            names[pair.second.key].append(check.name)
            if check.group == "critical":
                critical.add(pair.second.key)
    ordered = sorted(pairs, key=lambda key: (key not in critical, key))
    return [Broken(pairs[key], tuple(names[key]), key in critical) for key in ordered]


def _state(*, holds: bool) -> State:
    return "passed" if holds else "failed"


def _comparable(found: Diff, policy: Policy) -> Iterator[Check]:
    pairing = found.pairing
    lists = (("changed", pairing.changed), ("added", pairing.added), ("removed", pairing.removed))
    other = sum(len(listed) for _, listed in lists)
    told = f"{len(pairing.pairs)} in both" + "".join(f", {len(listed)} {name}" for name, listed in lists if listed)
    allowed: State = "noted" if policy.cases == "shared" else "failed"
    yield Check("comparable", "cases", allowed if other else "passed", float(other), 0.0, told=told)
    for name, results in (("errors in the run", found.second), ("errors in the baseline", found.first)):
        yield _errors(name, results, policy)
    for field in dict.fromkeys(policy.identity):
        differs = [one for one in found.differing if is_part(one.field, field)]
        told = "; ".join(f"{one.what}: {one.first} → {one.second}" if one.first else one.second for one in differs)
        unknown = [results.name for results in (found.first, found.second) if not known(results, field)]
        told = told or (f"not told by {' and '.join(unknown)}" if unknown else "")
        yield Check("comparable", f"identity: {field}", _state(holds=not told), told=told)


def _errors(name: str, results: Results, policy: Policy) -> Check:
    errors = rate(sum(entry.errored for entry in results.entries), len(results.entries))
    holds = errors.value is not None and errors.value <= policy.max_error_rate
    return Check("comparable", name, _state(holds=holds), errors.value, policy.max_error_rate, errors)


def _critical(found: Diff, policy: Policy) -> Iterator[Check]:
    """Decisions of cases that either run tags as critical: none may be right in fewer trials than before."""
    if not policy.critical:
        return
    first, second = found.first, found.second
    wanted = {
        name: {case for case, tags in results.tags.items() if policy.is_critical(dict(tags))}
        for name, results in (("first", first), ("second", second))
    }
    pairs = [pair for pair in found.pairing.pairs if _within(pair, wanted["first"], wanted["second"])]
    if not pairs:
        if policy.critical != Policy().critical:  # a tag that somebody named, and that protects nothing
            none = f"no decision that both hold is of a case tagged {_tagged(policy)}"
            yield Check("comparable", "critical cases", "failed", told=none)
        return
    lost = [pair for pair in pairs if pair.first.right and pair.second.errored]
    if lost:
        told = f"{len(lost)} met an error: `harness run --resume` asks again"
        yield Check("comparable", "critical verdicts", "failed", float(len(lost)), 0.0, told=told, decisions=lost)
    broken = list(_fewer_right(pairs))
    told = (
        f"in {len({pair.second.case for pair in broken})} of {len({pair.second.case for pair in pairs})} critical cases"
    )
    state = _state(holds=not broken)
    yield Check("critical", "critical decisions", state, float(len(broken)), 0.0, told=told, decisions=broken)


def _tagged(policy: Policy) -> str:
    return ", ".join(name if value is None else f"{name}: {value}" for name, value in policy.critical.items())


def _within(pair: Pair, first: set[str], second: set[str]) -> bool:
    return pair.first.case in first or pair.second.case in second


def _fewer_right(pairs: Iterable[Pair]) -> Iterator[Pair]:
    """The broken trials of decisions that are right in fewer trials than before."""
    places: defaultdict[tuple[str, int], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if pair.scored:
            places[pair.second.case, pair.second.index].append(pair)
    for trials in places.values():
        if sum(pair.second.right for pair in trials) < sum(pair.first.right for pair in trials):
            yield from (pair for pair in trials if pair.broken)


def _drops(found: Diff, policy: Policy) -> Iterator[Check]:
    level = policy.significance
    few = level is not None and _few(found, level)
    moved = [pair for pair in found.pairing.pairs if verdict_of(pair.first) != verdict_of(pair.second)]
    for one in found.changes:
        allowed = policy.drop(one.metric)
        if one.value is None:
            # A model that no longer calls has no arguments to be right or wrong: a bound of its own is missed then.
            lost = one.metric in policy.max_drop and one.first.denominator > 0
            nothing = f"nothing counts in it in the {'run' if one.first.denominator else 'baseline'}"
            yield Check("drop", one.metric, "failed" if lost else "noted", None, allowed, change=one, told=nothing)
            continue
        loss = 100 * (one.value if one.metric == "fabrication_rate" else -one.value) or 0.0
        sure = _sure(one, level)
        state: State = "passed"
        if loss > allowed + _CLOSE:
            state = "failed" if sure or few or level is None else "noted"
        told = "so few decisions that no drop is excused as chance" if few and state == "failed" and not sure else ""
        worse = list(_worse(one.metric, found, moved)) if state != "passed" else []
        yield Check("drop", one.metric, state, loss, allowed, change=one, sure=sure, told=told, decisions=worse)


def _few(found: Diff, level: float) -> bool:
    """Whether the test could hardly be sure of any drop: if all broke, or if half did."""
    head = found.changes[0]
    certain = 2.0 ** (1 - min(head.pairs, 1000)) * len(found.changes) < level
    return not certain or head.detectable is None or head.detectable > _BLIND


def _sure(one: Change, level: float | None) -> bool:
    """Whether a metric got worse by more than chance: by the test and, where there is one, by the interval."""
    if level is None:
        level = 0.05
    edge = one.low if one.metric == "fabrication_rate" else None if one.high is None else -one.high
    return one.p_adjusted < level and one.broken > one.fixed and (edge is None or edge > 0)


def _worse(metric: MetricName, found: Diff, moved: Iterable[Pair]) -> Iterator[Pair]:
    """The decisions, of those that moved, that a metric counts as worse; of the case rate, those that failed whole cases."""
    if metric == "case_pass_rate":
        failed = {(one.case, one.trial) for one, _ in found.pairing.pairs if not one.right and one.expect != "any_call"}
        yield from (pair for pair in found.broken if (pair.first.case, pair.first.trial) not in failed)
        return
    good = metric != "fabrication_rate"
    for pair in moved:
        before, now = counted(metric, pair.first), counted(metric, pair.second)
        if before is good and now is (not good):
            yield pair


def _floors(run: Results, policy: Policy) -> Iterator[Check]:
    """The run's own metrics, over all that it scored."""
    bounds = {**run.thresholds, **policy.floors}
    if policy.max_fabrication_rate is not None:
        bounds["fabrication_rate"] = policy.max_fabrication_rate
    if not bounds:
        return
    rates = run.rates()
    missed = missed_thresholds(rates, bounds)
    for metric, found in rates.items():
        if metric in bounds:
            yield Check("floor", metric, _state(holds=metric not in missed), found.value, bounds[metric], found)
