"""The linter's report on cases of a library's desk."""

from __future__ import annotations

import itertools

import pytest

from desk import HEADER, TOOLS
from harness.lint import RULES, lint
from harness.suite import load_suite
from harness.testing import write_suite

UNSTORED = tuple(rule.name for rule in RULES if rule.name != "nulls")


@pytest.fixture
def linted(tmp_path):
    """The linter's report on some cases; without null scores, which such suites have not."""
    numbers = itertools.count()

    def report(*cases, tools=TOOLS, rules=UNSTORED, header=HEADER):
        folder = write_suite(tmp_path / f"s{next(numbers)}", "\n---\n".join(cases), tools=tools, header=header)
        return lint(load_suite(folder), rules)

    return report


@pytest.fixture
def found(linted):
    """Rule, decision and path of everything found but hints about mutants."""

    def findings(*cases, **options):
        report = linted(*cases, **options)
        return [
            (one.rule, one.decision, one.path)
            for one in report.findings
            if (one.rule, one.severity) != ("mutants", "hint")
        ]

    return findings
