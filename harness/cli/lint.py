"""`harness lint`: suites held against the rules that make gold beyond dispute."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.cli.diff import write
from harness.documents import Document, read_jsonl, read_yaml
from harness.errors import UsageError
from harness.lint import RULES, lint
from harness.report.lint import finding_lines, lint_view
from harness.report.terminal import console, print_view
from harness.suite import load_suite
from harness.suite.shape import near
from harness.visible import one_line

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from harness.lint import Finding, Report

_READERS = {".jsonl": read_jsonl}


def execute(arguments: argparse.Namespace) -> int:
    """Prints what is found, suite by suite, and writes the file asked for; 1 where an error was found."""
    rules = _chosen(arguments.rule, arguments.no_rule)
    out = console(sys.stdout)
    reports = []
    for folder in arguments.suites:
        suite = load_suite(folder)
        report = lint(suite, rules)
        report = report._replace(findings=_exact(report.findings), silenced=_exact(report.silenced))
        for line in finding_lines(report, arguments.json):
            out.print(one_line(line))
        print_view(lint_view(report), out)
        reports.append((folder, report))
    if arguments.json:
        write(arguments.json, jsonvalue.dump_line({"suites": [_plain(*one) for one in reports]}).decode())
    return 0 if all(report.clean for _, report in reports) else 1


def _chosen(only: list[str], without: list[str]) -> list[str]:
    known = [rule.name for rule in RULES]
    for name in (*only, *without):
        if name not in known:
            raise UsageError(f"no rule is called {name!r}; {near(name, known)}")
    chosen = [name for name in only or known if name not in without]
    if not chosen:
        raise UsageError("no rule is left: --no-rule takes away all that there would be")
    return chosen


def _exact(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with the lines that their paths lead to, not only those at which their cases begin."""
    found: list[Finding] = []
    for file, group in groupby(findings, key=lambda finding: finding.file):
        documents = {document.line: document for document in _documents(file)} if file else {}
        for one in group:
            document = documents.get(one.line)
            found.append(one if document is None else one._replace(line=document.line_of(one.path)))
    return tuple(found)


def _documents(file: str) -> Iterator[Document]:
    path = Path(file)
    return (one for one in _READERS.get(path.suffix, read_yaml)(path) if isinstance(one, Document))


def _plain(folder: Path, report: Report) -> dict[str, object]:
    return {
        "suite": report.suite.name,
        "path": str(folder),
        "suite_digest": report.suite.digest,
        "cases": len(report.suite.cases),
        "decisions": len(report.suite.decisions),
        "distinct": report.distinct,
        "rules": list(report.rules),
        "clean": report.clean,
        "counts": dict(report.counts),
        "findings": [finding._asdict() for finding in report.findings],
        "silenced": [finding._asdict() for finding in report.silenced],
        "gold": report.gold._asdict() if report.gold else None,
        "mutated": report.mutated,
        "mutants": [kind._asdict() for kind in report.mutants],
    }
