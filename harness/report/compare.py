"""One model against another as a page: who decides better, where, and what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.report.diffs import Heads, changes_table, not_compared, p_value, slices_table
from harness.report.rollouts import points
from harness.report.view import Table, View, counted, interval, metric_name, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.comparison import Comparison, Contender, Cost, Slice, Spent

_HEADS = Heads("A", "B", "better in B/A")
_MOST_SLICES = 8
_UNEVEN = 1.25
"""Above it requests in flight count as other conditions for latency and throughput."""


class _Figure(NamedTuple):
    """A figure of both models; null where it is not known."""

    label: str
    first: float | None
    second: float | None

    @property
    def ratio(self) -> str:
        """The second as a multiple of the first."""
        if self.first is None or self.second is None or self.first == 0:
            return "n/a"
        return f"×{_shown(self.second / self.first)}"


def compare_view(found: Comparison, *, currency: str = "", most: int | None = _MOST_SLICES) -> View:
    """Two models side by side; of the slices in which each is ahead at most so many are shown."""
    first, second = found.first.results, found.second.results
    facts = [
        ("A", f"{first.identity.model} ({first.name})"),
        ("B", f"{second.identity.model} ({second.name})"),
        ("result", _result(found)),
        *_shares(found),
        (second.unit, _together(found)),
        *(
            (one.what, f"{one.first} → {one.second}" if one.first else one.second)
            for one in found.diff.differing
            if one.what != "model"
        ),
    ]
    return View(
        f"{second.identity.model} (B) against {first.identity.model} (A) on {second.identity.suite}",
        tuple(facts),
        (
            changes_table(found.diff.changes, first.identity.mode, _HEADS),
            *_ahead(found, "A", found.first_ahead, most),
            *_ahead(found, "B", found.second_ahead, most),
            *_took(found, currency),
        ),
        tuple(_notes(found)),
    )


def _result(found: Comparison) -> str:
    """Who is right more often, and how sure that is: the test has to say so, and the interval, which knows of cases."""
    one = found.diff.changes[0]
    name = metric_name(one.metric, found.second.results.identity.mode)
    measured = f"B has {points(one.value)} points of {name} (95 % interval {interval(one, '+.1f')}, p {p_value(one.p_adjusted)})"
    apart = one.significant if one.low is None or one.high is None else one.low > 0 or one.high < 0
    if one.significant != apart:
        return f"unsure: {measured}; test and interval disagree, for few decisions or few cases differ"
    if one.significant:
        return f"{'A' if one.worse else 'B'} is better: {measured}"
    seen = "" if one.detectable is None else f"; a loss of {100 * one.detectable:.1f} points would have been seen"
    return f"no difference shown: {measured}{seen}"


def _shares(found: Comparison) -> list[tuple[str, str]]:
    """What B takes, in a line, where it is known of both."""
    one = found.second.results.unit.removesuffix("s")
    tokens = _of_runs(found, f"the completion tokens of a correct {one}", lambda run: run.completion_per_correct)
    latency = _of_runs(found, "the median latency", lambda run: run.latency_p50)
    hours = _of_costs(found, f"the GPU hours of a correct {one}", lambda cost: cost.gpu_hours_per_1000)
    money = _of_costs(found, f"the cost of a correct {one}", lambda cost: cost.per_1000)
    known = [figure for figure in (tokens, latency, hours if money.ratio == "n/a" else money) if figure.ratio != "n/a"]
    text = ", ".join(f"{figure.ratio} {figure.label}" for figure in known)
    return [("B against A", text)] if text else []


def _together(found: Comparison) -> str:
    both, only_a, only_b, neither = found.together
    text = f"{sum(found.together)} scored in both: {both} right in both, {only_a} only in A, {only_b} only in B"
    return ", ".join([f"{text}, {neither} in neither", *not_compared(found.diff)])


def _ahead(found: Comparison, letter: str, slices: Sequence[Slice], most: int | None) -> list[Table]:
    if not slices:
        return []
    shown = slices[:most]
    name = metric_name("tool_call_accuracy", found.second.results.identity.mode)
    title = f"Where {letter} is ahead ({name}), surest first"
    title += f" (the first {len(shown)} of {len(slices)})" if len(shown) < len(slices) else ""
    return [slices_table(title, shown, _HEADS)]


def _took(found: Comparison, currency: str) -> list[Table]:
    """What each took, a figure a row; none where nothing is known of either."""
    if found.first.spent is None and found.second.spent is None:
        return []
    cached = _of_runs(found, "prompt tokens the server had cached", lambda run: run.cached)
    rows = [
        *((one.label, _shown(one.first), _shown(one.second), one.ratio) for one in _figures(found)),
        (cached.label, percent(cached.first), percent(cached.second), ""),
        *((one.label, _shown(one.first), _shown(one.second), one.ratio) for one in _costs(found, currency)),
    ]
    return [Table(f"What each took (of its own {found.second.results.unit})", ("", "A", "B", "B/A"), tuple(rows))]


def _figures(found: Comparison) -> Iterator[_Figure]:
    unit = found.second.results.unit
    one = unit.removesuffix("s")
    first, second = found.first.verdicts, found.second.verdicts
    yield _Figure(f"scored {unit}", first.scored, second.scored)
    yield _Figure(f"correct {unit}", first.correct, second.correct)
    yield _of_runs(found, f"prompt tokens a {one}", lambda run: run.prompt_per_decision)
    yield _of_runs(found, f"completion tokens a {one}", lambda run: run.completion_per_decision)
    yield _of_runs(found, f"prompt tokens a correct {one}", lambda run: run.prompt_per_correct)
    yield _of_runs(found, f"completion tokens a correct {one}", lambda run: run.completion_per_correct)
    yield _of_runs(found, "latency of a request, p50 (s)", lambda run: run.latency_p50)
    yield _of_runs(found, "latency of a request, p95 (s)", lambda run: run.latency_p95)
    yield _of_runs(found, f"{unit} a second", lambda run: run.decisions_per_second)
    yield _of_runs(found, "completion tokens a second", lambda run: run.completion_per_second)
    yield _of_runs(found, "requests in flight, mean", lambda run: run.in_flight)
    yield _of_runs(found, "requests in flight, most", lambda run: run.most_in_flight)
    yield _of_runs(found, "wall time (s)", lambda run: run.elapsed)


def _costs(found: Comparison, currency: str) -> Iterator[_Figure]:
    unit = found.second.results.unit
    costs = [side.cost for side in (found.first, found.second) if side.cost is not None]
    if costs:
        yield _of_costs(found, "GPUs", lambda cost: cost.gpus)
        yield _of_costs(found, "GPU hours", lambda cost: cost.gpu_hours)
        yield _of_costs(found, f"GPU hours of 1,000 correct {unit}", lambda cost: cost.gpu_hours_per_1000)
    if any(cost.price is not None for cost in costs):
        money = f" ({currency})" if currency else ""
        yield _of_costs(found, f"price of a GPU hour{money}", lambda cost: cost.price)
        yield _of_costs(found, f"cost of the run{money}", lambda cost: cost.total)
        yield _of_costs(found, f"cost of 1,000 correct {unit}{money}", lambda cost: cost.per_1000)


def _of_runs(found: Comparison, label: str, figure: Callable[[Spent], float | None]) -> _Figure:
    runs = (found.first.spent, found.second.spent)
    return _Figure(label, *(None if run is None else figure(run) for run in runs))


def _of_costs(found: Comparison, label: str, figure: Callable[[Cost], float | None]) -> _Figure:
    costs = (found.first.cost, found.second.cost)
    return _Figure(label, *(None if cost is None else figure(cost) for cost in costs))


def _shown(value: float | None) -> str:
    """A figure with as many digits as it is worth."""
    if value is None:
        return "n/a"
    if value >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.2f}" if value >= 1 else f"{value:#.3g}"


def _notes(found: Comparison) -> Iterator[str]:
    tested = len(found.diff.changes)
    yield f"* significant at 5 % over {tested} metrics tested together (exact McNemar, Holm)."
    if found.first_ahead or found.second_ahead:
        yield "Slices: p is not corrected for how many there are. Look there; do not decide by them."
    for letter, side in (("A", found.first), ("B", found.second)):
        yield from _notes_on(letter, side)
    if found.first.spent is not None or found.second.spent is not None:
        yield from _assumptions(found)
    if found.first.cost is not None or found.second.cost is not None:
        yield (
            "Cost of 1,000 correct = GPUs × wall time in hours × price of a GPU hour / correct × 1,000. Wall time is the "
            "run's, the harness's own work and what errors took included; starting the server, loading the model and "
            "idle hours are not. Too few requests in flight leave GPUs idle and make each answer dearer."
        )


def _notes_on(letter: str, side: Contender) -> Iterator[str]:
    """What is particular to one run."""
    run, unit = side.spent, side.results.unit
    if run is None:
        yield f"{letter} ({side.results.name}) is a baseline: tokens and times are in a run's log alone, so n/a here."
        return
    if run.without_usage:
        told = counted(run.without_usage, "responses")
        yield f"{letter}: the server told no token counts for {told}, so nothing is made of its tokens."
    if run.correct == 0:
        yield f"{letter} has no correct {unit.removesuffix('s')}: nothing can be had for 1,000 of them."
    if run.processes > 1:
        yield (
            f"{letter} was resumed: its wall time is that of {run.processes} processes, of those that were stopped up "
            "to their last answer."
        )
    if run.failed:
        yield f"{letter}: errored {unit} ({counted(run.failed, 'requests')}) count in wall time alone."
    if run.retried:
        yield (
            f"{letter}: {counted(run.retried, 'requests')} needed more than one attempt; "
            "the latency told is the last one's."
        )


def _assumptions(found: Comparison) -> Iterator[str]:
    unit = found.second.results.unit
    yield (
        f"Tokens, latency and throughput are of each run's own scored {unit}. Completion tokens include thinking; tokens "
        "of a correct one are all tokens by correct ones, so those of wrong ones too."
    )
    yield (
        "Latency is from sending a request to the end of its answer, waiting in the server's queue included: what one user "
        "alone would wait shows with --concurrency 1. Percentiles are linear between neighbours."
    )
    if not found.diff.pairing.same or found.diff.pairing.repeated:
        yield f"The runs are not over the same {unit}: what each took is for other work."
    most = {
        letter: side.spent.most_in_flight for letter, side in (("A", found.first), ("B", found.second)) if side.spent
    }
    known = " and ".join(f"{count} in {letter}" for letter, count in most.items())
    yield f"Latency and throughput depend on how many requests are in flight (at most {known}) and on what else the server did."
    if max(most.values()) > _UNEVEN * min(most.values()):
        yield "That is not alike here: compare latency and throughput again at one --concurrency."
