"""A baseline as a page: what was compared, and what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.view import Table, View, identity_facts, results_tables, with_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.baseline import Results


def baseline_view(results: Results) -> View:
    """The summary of a run that is known by its verdicts alone."""
    metrics, identity = results.metrics(), results.identity
    facts = [
        *identity_facts(identity),
        (results.unit, f"{metrics.scored} scored, {metrics.errored} errored, of {len(results.tags)} cases"),
        ("file", str(results.path)),
    ]
    return View(
        f"{results.name}: {identity.model} on {identity.suite}",
        tuple(facts),
        results_tables(metrics, identity.mode),
        (),
    )


def listing_view(found: Sequence[Results], folder: str) -> View:
    """The baselines there are, a row each; `accuracy` is of decisions, of those that were played through of turns."""
    rows = tuple(
        (
            results.name,
            results.identity.model,
            results.identity.suite,
            results.identity.mode,
            with_n(results.rates()["tool_call_accuracy"]),
        )
        for results in found
    )
    return View(
        f"Baselines in {folder}",
        (),
        (Table("Baselines", ("name", "model", "suite", "mode", "accuracy (n)"), rows),),
        (),
    )
