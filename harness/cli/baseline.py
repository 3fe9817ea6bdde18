"""`harness baseline`: what a run came to, kept beside the code: saved, listed, shown, verified."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.baseline import read, save, stored
from harness.cli.saying import complain
from harness.errors import HarnessError, NotComparableError
from harness.report.baselines import baseline_view, listing_view
from harness.report.terminal import console, print_view
from harness.report.view import percent
from harness.runlog import read_log
from harness.runner import load_results, results_of
from harness.visible import visible

if TYPE_CHECKING:
    import argparse


def execute(arguments: argparse.Namespace) -> int:
    """Does what the word after `baseline` says."""
    code: int = _DOINGS[arguments.doing](arguments)
    return code


def _save(arguments: argparse.Namespace) -> int:
    results = results_of(read_log(arguments.run), str(arguments.run))
    errored = sum(entry.errored for entry in results.entries)
    if errored > arguments.max_error_rate * len(results.entries):
        share = percent(errored / len(results.entries))
        raise NotComparableError(
            f"too many errors for a baseline: {errored} of {len(results.entries)} ({share}; "
            f"--max-error-rate {arguments.max_error_rate:g}). `harness run --resume` asks them again."
        )
    path = save(results, arguments.name, arguments.folder, replace=arguments.replace)
    size = f"{path.stat().st_size:,} bytes"
    print(visible(f"{path}: {len(results.entries)} {results.unit} of {len(results.tags)} cases, {size}"))
    return 0


def _list(arguments: argparse.Namespace) -> int:
    found = [read(path)._replace(name=path.stem) for path in stored(arguments.folder)]
    if found:
        print_view(listing_view(found, str(arguments.folder)), console(sys.stdout))
    else:
        print(visible(f"no baselines in {arguments.folder}; `harness baseline save RUN --name NAME` makes one"))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    results = load_results(arguments.name, arguments.folder)
    print_view(baseline_view(results), console(sys.stdout))
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    """Every baseline is looked at, whatever is wrong with one; the worst decides the exit code."""
    named = [Path(name) if Path(name).is_file() else arguments.folder / f"{name}.jsonl" for name in arguments.names]
    paths = named or list(stored(arguments.folder))
    worst = 0
    for path in paths:
        try:
            results = read(path)
        except HarnessError as error:
            complain(error)
            worst = max(worst, error.exit_code)
        else:
            print(visible(f"{path}: sound ({len(results.entries)} {results.unit})"))
    if not paths:
        print(visible(f"no baselines in {arguments.folder}"))
    return worst


_DOINGS = {"save": _save, "list": _list, "show": _show, "verify": _verify}
