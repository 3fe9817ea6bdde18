"""Small sources of our own making, in the form of the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.importers import importer
from harness.importers.drafts import Draft, LeftOut, Request
from harness.importers.writing import write_suites
from harness.suite import load_suite
from importers.sources import read_lines

if TYPE_CHECKING:
    from pathlib import Path

    from harness.suite import Suite


class Made:
    """What an import made of a source."""

    def __init__(self, kind: str, source: Path, out: Path, **settings: Any) -> None:
        chosen = importer(kind)
        items = list(chosen.read(Request(source, **settings)))
        self.drafts = {item.item: item for item in items if isinstance(item, Draft)}
        self.left_out = {item.item: item.reason.rule for item in items if isinstance(item, LeftOut)}
        self.written = {suite.name: suite for suite in write_suites(items, chosen, out, "a test", replace=False)}
        self.out = out

    def suite(self, name: str) -> Suite:
        return load_suite(self.out / name)

    def report(self, name: str) -> dict[str, Any]:
        return {line["item"]: line for line in read_lines(self.out / name / "import-report.jsonl")}

    def quarantine(self, name: str) -> dict[str, list[str]]:
        path = self.out / name / "quarantine.jsonl"
        lines = read_lines(path) if path.is_file() else []
        return {line["item"]: [problem["rule"] for problem in line["problems"]] for line in lines}


@pytest.fixture
def made(tmp_path):
    """Imports a source of the test's own."""
    return lambda kind, source, **settings: Made(kind, source, tmp_path / "suites", **settings)
