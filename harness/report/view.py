"""What every printer shows: computed once, as words and figures, so that no two outputs can differ."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from harness.metrics import METRICS, Metrics, Rate, missed_thresholds
from harness.scorers.attribution import PARSERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.comparison import Change
    from harness.metrics import MetricName
    from harness.paired import Difference
    from harness.runlog import Footer, Header, Identity, Mode

EXPLANATIONS = {
    "turn_accuracy": "user turns whose calls are exactly those expected, in the script's order, and which end in the "
    "answer that is expected / turns of the cases played to their end",
    "tool_call_accuracy": "right decisions / scored: called as expected with exactly the right names and arguments, "
    "or rightly did not call",
    "tool_name_accuracy": "right tools / decisions in which a call was attempted",
    "tool_args_accuracy": "right tools and arguments / decisions in which a call was attempted",
    "response_quality": "responses without a format defect / scored",
    "fabrication_rate": "decisions with an invented tool result / scored",
    "case_pass_rate": "cases whose decisions are all right / cases without an error",
}
_SLICE_ORDER = ("expect", "kind", "language", "observation_format", "depth", "tools")
_MAX_SLICES = 40
_SHORT = {
    "turn_accuracy": "turn",
    "tool_call_accuracy": "tool_call",
    "tool_name_accuracy": "tool_name",
    "tool_args_accuracy": "tool_args",
    "response_quality": "quality",
    "fabrication_rate": "fabricated",
    "case_pass_rate": "case_pass",
}
"""Metrics as the heads of narrow columns."""


class Table(NamedTuple):
    """A titled table of texts; the first column is words, the others figures."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    turns: bool = False
    """Whether it reads as well with rows and columns exchanged, where that fits a narrow page better."""

    def turned(self) -> Table:
        """The same with its rows as columns."""
        corner, *heads = self.columns
        names, *columns = zip(*self.rows, strict=True)
        rows = tuple((head, *column) for head, column in zip(heads, columns, strict=True))
        return Table(self.title, (corner, *names), rows)


class Measured(NamedTuple):
    """A metric of a run, over all of it or in a slice; called as it is in the run's mode."""

    dimension: str | None
    """What the slice is by; None for the whole run."""
    value: str
    metric: str
    rate: Rate


class View(NamedTuple):
    """A run's summary, ready to print."""

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...]
    commands: tuple[tuple[str, str], ...] = ()
    """What to type to see more: what for, and the command."""


def percent(value: float | None) -> str:
    """A share as the tables print it; `n/a` where there is none."""
    return "n/a" if value is None else f"{100 * value:.1f} %"


def interval(found: Rate | Difference | Change, form: str = ".1f") -> str:
    """The 95 % interval of a share or of a difference of shares, in percent or points."""
    if found.low is None or found.high is None:
        return "n/a"
    return f"{100 * found.low:{form}} to {100 * found.high:{form}}"


def run_view(header: Header, footer: Footer, metrics: Metrics, folder: str) -> View:
    """The summary of one run."""
    identity = header.identity
    return View(
        f"{identity.model} on {identity.suite}" + (", played through" if identity.mode == "rollout" else ""),
        tuple(_facts(header, footer, metrics, folder)),
        results_tables(metrics, identity.mode),
        tuple(_notes(header, footer, metrics)),
    )


def unit_of(header: Header) -> str:
    """What the metrics of a run count."""
    return unit_in(header.identity.mode)


def unit_in(mode: Mode) -> str:
    """What the metrics of a run in one mode count."""
    return "turns" if mode == "rollout" else "decisions"


def results_tables(metrics: Metrics, mode: Mode) -> tuple[Table, ...]:
    """What verdicts alone come to: metrics, outcomes, violations, defects, slices."""
    unit = unit_in(mode)
    return (
        _metric_table(metrics, mode),
        _count_table("Outcomes", "outcome", metrics.outcomes, metrics.decisions, unit),
        *_optional(f"Violations ({unit} with each)", "code", metrics.violations, metrics.scored, unit),
        *_optional(f"Quality defects ({unit} with each)", "defect", metrics.quality_defects, metrics.scored, unit),
        *_confusions(metrics, unit),
        *_slices(metrics, mode),
    )


def counted(count: int, unit: str) -> str:
    """A count and what it counts, in the singular where it is one; `unit` is a plural in s."""
    return f"{count} {unit if count != 1 else unit.removesuffix('s')}"


_NAMES: dict[Mode, dict[MetricName, str]] = {
    "teacher_forced": {name: name for name in METRICS},
    # Of a turn only the whole is told: which of its calls were right, the transcript says.
    "rollout": {
        "tool_call_accuracy": "turn_accuracy",
        "response_quality": "response_quality",
        "fabrication_rate": "fabrication_rate",
        "case_pass_rate": "case_pass_rate",
    },
}
"""The metrics that are shown of a run in each mode, and what they are called there."""


def _facts(header: Header, footer: Footer, metrics: Metrics, folder: str) -> list[tuple[str, str]]:
    scored = f"{metrics.scored} scored, {metrics.errored} errored, in {footer.elapsed:.1f} s"
    facts = [*identity_facts(header.identity), (unit_of(header), scored)]
    queries, hits = (footer.server_metrics.get(f"prefix_cache_{name}", 0) for name in ("queries", "hits"))
    if queries:
        facts.append(("prefix cache", f"{percent(hits / queries)} of prompt tokens were cached"))
    return [*facts, ("log", f"{folder}/run.jsonl")]


def identity_facts(identity: Identity) -> list[tuple[str, str]]:
    """What was compared, in words."""
    sampling = identity.sampling
    version = identity.server.get("vllm_version")
    parser = identity.server.get("tool_call_parser")
    facts = [
        ("model", identity.model + (f" (adapter of {parent})" if (parent := identity.server.get("parent")) else "")),
        (
            "server",
            ", ".join(filter(None, [f"vLLM {version}" if version else "", f"parser {parser}" if parser else ""])),
        ),
        ("suite", f"{identity.suite} ({identity.decisions} decisions, digest {identity.suite_digest[:12]})"),
        (
            "sampling",
            f"temperature {sampling.temperature}, seed {sampling.seed}, max_tokens {sampling.max_tokens}, "
            f"thinking {_thinking(identity)}, dialect {identity.dialect or 'unknown'}"
            + (f", {identity.trials} trials" if identity.trials > 1 else ""),
        ),
    ]
    return [(name, text) for name, text in facts if text]


def _thinking(identity: Identity) -> str:
    if identity.thinking is None:
        return "as the template has it"
    return "on" if identity.thinking else "off"


def measured(metrics: Metrics, mode: Mode) -> Iterator[Measured]:
    """Every metric that is shown of a run, in the order in which it is shown: of the whole, then by slice."""
    for name, shown in _NAMES[mode].items():
        yield Measured(None, "", shown, metrics.metrics[name])
    dimensions = {found.dimension for found in metrics.slices}
    ordered = [name for name in _SLICE_ORDER if name in dimensions] + sorted(dimensions - set(_SLICE_ORDER))
    for dimension in ordered:
        for entry in metrics.slices:
            if entry.dimension == dimension:
                for name, shown in _NAMES[mode].items():
                    if name != "case_pass_rate":  # of some decisions of a case it says nothing
                        yield Measured(dimension, entry.value, shown, entry.metrics[name])


def _metric_table(metrics: Metrics, mode: Mode) -> Table:
    rows = tuple(
        (one.metric, percent(one.rate.value), interval(one.rate), f"{one.rate.numerator}/{one.rate.denominator}")
        for one in measured(metrics, mode)
        if one.dimension is None
    )
    return Table("Metrics", ("metric", "value", "95 % interval", "n"), rows)


def _count_table(title: str, first: str, counts: dict[str, int], total: int, unit: str) -> Table:
    rows = [
        (name, str(count), percent(count / total if total else None))
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
    return Table(title, (first, unit, "share"), tuple(rows))


def _optional(title: str, first: str, counts: dict[str, int], total: int, unit: str) -> list[Table]:
    return [_count_table(title, first, counts, total, unit)] if counts else []


def _confusions(metrics: Metrics, unit: str) -> list[Table]:
    if not metrics.confusions:
        return []
    rows = tuple((found.expected, found.actual, str(found.count)) for found in metrics.confusions)
    return [Table("Top confusions", ("expected", "done instead", unit), rows)]


def _slices(metrics: Metrics, mode: Mode) -> list[Table]:
    tables = []
    for dimension, within in groupby(measured(metrics, mode), key=attrgetter("dimension")):
        if dimension is None:
            continue
        found = [list(rates) for _, rates in groupby(within, key=attrgetter("value"))]
        rows = tuple((rates[0].value, *(with_n(one.rate) for one in rates)) for rates in found[:_MAX_SLICES])
        title = f"By {dimension.replace('_', ' ')}"
        title += f" (the first {_MAX_SLICES} of {len(found)})" if len(found) > _MAX_SLICES else ""
        tables.append(Table(title, (dimension, *(_SHORT[one.metric] for one in found[0])), rows))
    return tables


def short_names(mode: Mode) -> dict[MetricName, str]:
    """The metrics that are shown of a run in a mode, each as the head of a narrow column."""
    return {name: _SHORT[shown] for name, shown in _NAMES[mode].items()}


def names_in(mode: Mode) -> dict[MetricName, str]:
    """The metrics that are shown of a run in a mode, and what each is called there."""
    return _NAMES[mode]


def metric_name(metric: MetricName, mode: Mode) -> str:
    """What a metric is called in a mode."""
    return _NAMES[mode].get(metric, metric)


def with_n(rate: Rate) -> str:
    """A rate and its denominator."""
    return f"{percent(rate.value)} ({rate.denominator})"


_WITHOUT_RAW = {
    "no_token_ids": "because the server returns no token ids",
    "no_detokenize": "because the server has no /detokenize",
    "detokenize_failed": "because /detokenize failed; --resume asks for it again",
}


_DOINGS = {
    "lost": "well-formed calls lost",
    "repaired": "broken calls repaired",
    "changed": "calls changed",
    "dropped": "text beside calls dropped",
}


def attribution_line(metrics: Metrics, unit: str) -> str:
    """Where message and raw text disagree: how often that is the parser's doing, and how often the model's."""
    found = metrics.attribution
    doings = [f"{_DOINGS[cause]} {found[cause]}" for cause in PARSERS if cause in found]
    whose = [f"the server's parser's {sum(found.get(cause, 0) for cause in PARSERS)}"]
    if doings:
        whose[0] += f" ({', '.join(doings)})"
    whose.append(f"the model's {found.get('broken', 0)}" + (" (broken call markup)" if "broken" in found else ""))
    if "untold" in found:
        whose.append(f"not to be told {found['untold']} (unknown dialect)")
    line = f"Message and raw text disagree in {counted(sum(found.values()), unit)}: {', '.join(whose)}."
    return f"{line} `harness doctor` probes the server's parsers." if doings else line


def _notes(header: Header, footer: Footer, metrics: Metrics) -> list[str]:
    notes = [
        f"Judged without raw text: {counted(count, 'steps' if header.identity.mode == 'rollout' else 'decisions')}, "
        f"{_WITHOUT_RAW[reason]}."
        for reason, count in footer.without_raw.items()
    ]
    if metrics.attribution:
        notes.append(attribution_line(metrics, unit_of(header)))
    floors = {name: float(value) for name, value in header.thresholds.items()}
    for name, rate in missed_thresholds(metrics.metrics, floors).items():
        notes.append(f"{name} {percent(rate.value)} misses the suite's threshold of {percent(floors[name])}.")
    if metrics.errored:
        notes.append(
            f"{counted(metrics.errored, unit_of(header))} met an error: in no denominator; --resume asks again."
        )
    return notes
