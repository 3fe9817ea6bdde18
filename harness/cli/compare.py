"""`harness compare`: one model against another: finished runs, baselines, or servers that are asked first."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from harness import jsonvalue
from harness.address import split_addresses
from harness.cli.diff import write
from harness.cli.folders import REPORTS, plain_name
from harness.cli.run import reached
from harness.comparison import Contender, compare, cost
from harness.errors import NotComparableError, UsageError
from harness.report.compare import compare_view
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.runner import load_results, served_models, spent_in
from harness.suite import load_suite
from harness.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.baseline import Results
    from harness.comparison import Comparison

_ENDPOINT = re.compile(r"(?:(.+?)@)?(https?://.+)", re.IGNORECASE)


class _Endpoint(NamedTuple):
    """A server that runs, and which of its models is meant."""

    model: str | None
    url: str


def execute(arguments: argparse.Namespace) -> int:
    """Asks the servers, where there are any, and prints the comparison."""
    if arguments.price is not None and arguments.gpus is None:
        raise UsageError("--price needs --gpus: how many GPUs served A and B, as --gpus 8,1")
    first, second = _results(arguments)
    found = compare(*(_contender(arguments, place, results) for place, results in enumerate((first, second))))
    out = console(sys.stdout)
    out.print()
    print_view(compare_view(found, currency=arguments.currency), out)
    # A baseline is called by its name, which says nothing of where its file is.
    named = [results.name if results.log is not None else str(results.path) for results in (first, second)]
    out.print(visible(f"\nthe decisions themselves: {shlex.join(['harness', 'diff', *named])}"))
    if arguments.markdown:
        write(arguments.markdown, markdown(compare_view(found, currency=arguments.currency, most=None)))
    if arguments.json:
        write(arguments.json, jsonvalue.dump_line(_plain(found, arguments.currency)).decode())
    return 0


def _contender(arguments: argparse.Namespace, place: int, results: Results) -> Contender:
    spent = spent_in(results)
    if spent is None or arguments.gpus is None:
        return Contender(results, spent)
    price = arguments.price[place] if arguments.price is not None else None
    return Contender(results, spent, cost(spent, arguments.gpus[place], price))


def _results(arguments: argparse.Namespace) -> list[Results]:
    """What both came to. What is at hand is read before any server is asked, and every server before the first run."""
    names = (arguments.first, arguments.second)
    endpoints = [_endpoint(name) for name in names]
    known = [None if at else load_results(name, arguments.folder) for name, at in zip(names, endpoints, strict=True)]
    if not any(endpoints):
        return [results for results in known if results is not None]
    for results in known:
        if results is not None:
            _require_mode(arguments, results)
    asked = iter(_ask(arguments, [endpoint for endpoint in endpoints if endpoint]))
    return [results or load_results(str(next(asked)), arguments.folder) for results in known]


def _endpoint(text: str) -> _Endpoint | None:
    found = _ENDPOINT.fullmatch(text)
    return _Endpoint(found[1], found[2]) if found else None


def _require_mode(arguments: argparse.Namespace, results: Results) -> None:
    if results.identity.mode != arguments.mode:
        raise NotComparableError(
            f"{results.name} is a run in mode {results.identity.mode}: ask the server in the same, "
            f"with --mode {results.identity.mode}"
        )


def _ask(arguments: argparse.Namespace, endpoints: list[_Endpoint]) -> list[Path]:
    """Runs the suite against each server, one after the other; the folder of each run."""
    if arguments.suite is None:
        raise UsageError("a server is asked with a suite: --suite suites/soc_triage")
    if arguments.resume and arguments.out is None:
        raise UsageError("--resume needs --out: the folder of the comparison that was stopped")
    suite = load_suite(arguments.suite)
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    above = arguments.out or REPORTS / f"{suite.name}-compare-{stamp}"
    ready: list[tuple[str, Callable[[Path], int]]] = []
    for endpoint in endpoints:
        _require_served(endpoint, os.environ.get(arguments.api_key_env))
        given = {**vars(arguments), "base_url": endpoint.url, "model": endpoint.model, "out": above}
        ready.append(reached(argparse.Namespace(**given), suite))
    folders = [plain_name(model) for model, _ in ready]
    if len(set(folders)) < len(folders):
        folders = [f"{letter}-{folder}" for letter, folder in zip("ab", folders, strict=True)]
    for (model, run), folder in zip(ready, folders, strict=True):
        if run(above / folder) == NotComparableError.exit_code:
            raise NotComparableError(
                f"{model} met too many errors to be compared. The same command with --out {above} --resume "
                "asks them again."
            )
    return [above / folder for folder in folders]


def _require_served(endpoint: _Endpoint, api_key: str | None) -> None:
    """An hour of one model should not end with the other's name misspelt."""
    if endpoint.model is not None:
        names = served_models(split_addresses(endpoint.url), api_key)
        if endpoint.model not in names:
            raise UsageError(f"{endpoint.model!r} is not served there; it serves: {', '.join(names) or 'nothing'}")


def _plain(found: Comparison, currency: str) -> dict[str, object]:
    return {
        "first": _side(found.first),
        "second": _side(found.second),
        "currency": currency,
        "differing": [one._asdict() for one in found.diff.differing],
        "metrics": [one.model_dump() for one in found.diff.changes],
        "together": found.together._asdict(),
        "first_ahead": [{**one._asdict(), "change": one.change.model_dump()} for one in found.first_ahead],
        "second_ahead": [{**one._asdict(), "change": one.change.model_dump()} for one in found.second_ahead],
    }


def _side(side: Contender) -> dict[str, object]:
    return {
        "name": side.results.name,
        "identity": side.results.identity.model_dump(),
        "spent": side.spent.model_dump() if side.spent else None,
        "cost": side.cost.model_dump() if side.cost else None,
    }
