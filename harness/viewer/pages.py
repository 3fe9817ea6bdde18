"""The pages as HTML. Figures are printed by what prints the summary of a run; nothing is computed here."""

from __future__ import annotations

import shlex
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.address import redacted
from harness.report.nulls import with_nulls
from harness.report.rollouts import with_rollouts
from harness.report.terminal import visible
from harness.report.view import identity_facts, metric_name, run_view, short_names
from harness.viewer import trends
from harness.viewer.chart import chart, mark
from harness.viewer.manner import ASSETS, CHOICES, link
from harness.viewer.rows import baseline_row, columns, in_bytes, run_row
from harness.viewer.runs import FILES
from harness.viewer.shelf import address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.metrics import MetricName
    from harness.report.view import View
    from harness.runlog import Identity
    from harness.viewer.manner import Manner
    from harness.viewer.rows import Row
    from harness.viewer.runs import Run, Summary
    from harness.viewer.shelf import Baseline, Listing

PER_PAGE = 100


class _File(NamedTuple):
    """A file that is served."""

    name: str
    link: str
    size: str


class _Section(NamedTuple):
    """The trends of runs that may be drawn together."""

    found: trends.Alike
    legend: list[tuple[Markup, str]]
    charts: list[tuple[str, Markup]]
    rows: list[tuple[Row, str]]
    """Each run, newest first, with the version that judged it."""
    heads: Mapping[MetricName, str]


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: object) -> object:
    """Texts with hostile characters made visible; what is markup already is ours."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _page(template: str, manner: Manner, **values: Any) -> str:
    made = _environment().get_template(template)
    return made.render(manner=manner, word=manner.word, link=link, choices=CHOICES, **values)


def index_page(manner: Manner, listing: Listing, folder: str) -> str:
    """The index of runs and baselines, filtered and turned to a page as the query says."""
    asked = {name: manner.query.get(name, "") for name in ("suite", "model")}
    runs = [run for run in listing.runs if _matches(run.identity, asked)]
    pages = max(1, -(-len(runs) // PER_PAGE))
    number = manner.query.get("page", "1")
    page = max(1, min(int(number), pages)) if number.isascii() and number.isdigit() and len(number) < 9 else 1
    known = listing.identities
    shown = columns(known)
    return _page(
        "index.html.j2",
        manner,
        listing=listing,
        folder=folder,
        rows=[run_row(run, run.key or folder, shown, manner) for run in runs[(page - 1) * PER_PAGE : page * PER_PAGE]],
        baselines=[baseline_row(one, shown) for one in listing.baselines if _matches(one.identity, asked)],
        columns=shown,
        asked=asked,
        suites=sorted({identity.suite for identity in known}),
        models=sorted({identity.model for identity in known}),
        found=len(runs),
        page=page,
        pages=pages,
    )


def _matches(identity: Identity | None, asked: Mapping[str, str]) -> bool:
    if identity is None:
        return not any(asked.values())
    return asked["suite"] in ("", identity.suite) and asked["model"] in ("", identity.model)


def run_page(manner: Manner, run: Run, summary: Summary | None, above: Mapping[str, int], command: str | None) -> str:
    """One run: its summary where it is finished, where it stands where it is not.

    Args:
        manner: how to show it.
        run: the run.
        summary: all its numbers, where it is finished and sound.
        above: sizes of the files of the folder above that are about it as well.
        command: what makes its report, where there is none and none is made when it is asked for.
    """
    identity = run.identity
    view = None if summary is None else summary_view(run, summary)
    facts = view.facts if view is not None else identity_facts(identity) if identity is not None else ()
    ours = [_File(name, address(run.key, name), in_bytes(run.files[name])) for name in FILES if name in run.files]
    key = run.key.rpartition("/")[0]
    return _page(
        "run.html.j2",
        manner,
        row=run_row(run, run.key or str(run.folder), short_names(identity.mode) if identity else (), manner),
        view=view,
        title=view.title if view is not None else _title(run),
        names={metric: metric_name(metric, identity.mode) for metric in run.rates} if identity is not None else {},
        facts=facts,
        files=[*ours, *(_File(f"../{name}", address(key, name), in_bytes(size)) for name, size in above.items())],
        command=command,
        resume=_resume(run),
        trends=link("/trends", suite=identity.suite) if identity is not None and run.state == "finished" else "",
    )


def _title(run: Run) -> str:
    """What a run is called that has no summary (yet)."""
    return f"{run.identity.model} on {run.identity.suite}" if run.identity is not None else run.key or str(run.folder)


def summary_view(run: Run, summary: Summary) -> View:
    """A run's summary, just as summary.md holds it."""
    view = run_view(summary.header, summary.footer, summary, str(run.folder))
    if summary.rollout is not None:
        view = with_rollouts(view, summary.rollout, summary.header.identity.max_steps)
    return with_nulls(view, summary.header)


def _resume(run: Run) -> str:
    """What goes on with a run that stopped: what it was started with, and --resume."""
    words = [redacted(word) for word in run.command if word != "--resume"]
    if not words:
        return ""
    end = words.index("--") if "--" in words else len(words)
    return shlex.join([*words[:end], "--resume", *words[end:]])


def baseline_page(manner: Manner, found: Baseline) -> str:
    """One baseline: what was compared, and what it came to."""
    return _page("baseline.html.j2", manner, found=found, title=found.view.title if found.view else found.name)


def trends_page(manner: Manner, listing: Listing, suite: str) -> str:
    """The metrics of a suite's runs over time."""
    together = trends.alike(listing, suite)
    sections = [_section(number, found, manner) for number, found in enumerate(together)]
    return _page("trends.html.j2", manner, suite=suite, suites=trends.suites(listing), sections=sections)


def _section(number: int, found: trends.Alike, manner: Manner) -> _Section:
    names = short_names(found.mode)
    charts = []
    for metric in names:
        known = [(one.name, one.rates[metric]) for one in found.baselines if metric in one.rates]
        levels = [(name, rate) for name, rate in known if rate.value is not None]
        shown = metric_name(metric, found.mode)
        lines = trends.lines(found, metric)
        charts.append((shown, chart(f"chart-{number}-{metric}", shown, len(found.runs), lines, levels)))
    rows = [
        (run_row(run, run.key or str(run.folder), names, manner), run.identity.scorer_version)
        for run in reversed(found.runs)
        if run.identity is not None
    ]
    legend = [(mark(place), model) for place, model in enumerate(found.models)]
    return _Section(found, legend, charts, rows, names)


def message_page(manner: Manner, status: int, text: str = "") -> str:
    """A page that says why there is no other; without a text that there is none at all."""
    return _page("message.html.j2", manner, status=status, text=text or manner.word("not_found"))


def missing_report_page(manner: Manner, command: str) -> str:
    """Says how a report is made that is not there yet."""
    return _page("missing.html.j2", manner, command=command)
