"""What every command leaves that has a run to sum up: files in its folder and a table on the terminal."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.cli.report import PAGE, write_page
from harness.comparison import stages
from harness.errors import UsageError
from harness.report.html.report import Known, full_run_view, run_page
from harness.report.markdown import markdown
from harness.report.rollouts import gap_view
from harness.report.stages import stages_view
from harness.report.terminal import console, print_view
from harness.runlog import read_log
from harness.runner import results_of, self_imitation_gap
from harness.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.metrics import Metrics
    from harness.report.view import View
    from harness.rollouts import RolloutMetrics
    from harness.runlog import Footer, Header

_TERMINAL_TABLES = 6


def publish(
    header: Header, footer: Footer, metrics: Metrics, folder: Path, rollout: RolloutMetrics | None = None
) -> None:
    """Writes summary.json and summary.md beside the log and prints the summary's first tables."""
    view = full_run_view(header, footer, metrics, str(folder), rollout)
    value = {"header": header.model_dump(), "footer": footer.model_dump(), **metrics.model_dump()}
    if rollout is not None:
        value["rollout"] = rollout.model_dump()
    _write(folder, "summary", value, view)
    out = console(sys.stdout)
    out.print()
    print_view(view, out, most_tables=_TERMINAL_TABLES)
    out.print(visible(f"\nslices by tag, depth and tools: {folder}/summary.md   transcripts: harness show {folder}"))


def publish_page(folder: Path, known: Known) -> int:
    """Writes report.html beside a log; returns the exit code."""
    results = results_of(read_log(folder), str(folder))
    return _page(folder, run_page(results, known=known))


def _page(folder: Path, text: str) -> int:
    """Writes a page; where it cannot be written, that is said, and what else there is to do goes on."""
    try:
        write_page(folder / PAGE, text)
    except UsageError as error:
        print(f"harness: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def publish_gap(scripted: Path, own: Path, folder: Path) -> int:
    """Writes gap.json, gap.md and report.html above the two runs of a suite, and prints the gap; returns the exit code."""
    first, second = read_log(scripted), read_log(own)
    gap = self_imitation_gap(first, second)
    view = gap_view(second.header, gap, str(scripted), str(own))
    identities = {"scripted": first.header.identity.model_dump(), "own": second.header.identity.model_dump()}
    _write(folder, "gap", {**identities, **gap.model_dump()}, view)
    out = console(sys.stdout)
    out.print()
    print_view(view, out)
    runs = [results_of(log, str(path)) for log, path in ((first, scripted), (second, own))]
    return _page(folder, run_page(runs[1], scripted=runs[0]))


def publish_stages(runs: Sequence[tuple[str, Path]]) -> None:
    """Prints the tables of several stages, each a finished run with its name, and the command that makes them again.

    Raises:
        NotComparableError: they share no scored decision.
    """
    found = stages([(name, results_of(read_log(folder), str(folder))) for name, folder in runs])
    out = console(sys.stdout)
    out.print()
    print_view(stages_view(found), out)
    words = shlex.join(f"{name}={folder}" for name, folder in runs)
    out.print(visible(f"\nagain, or as Markdown, CSV, LaTeX (--out FILE): harness table {words}"))
    out.print(visible(f"as a page, with every decision: harness report {words}"))


def _write(folder: Path, name: str, value: dict[str, Any], view: View) -> None:
    try:
        (folder / f"{name}.json").write_bytes(jsonvalue.dump_line(value))
        (folder / f"{name}.md").write_text(markdown(view), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write the summary into {folder}: {error.strerror}") from error
