"""A baseline as a page: what was compared, and what it came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report.view import View, identity_facts, results_tables

if TYPE_CHECKING:
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
