"""What pytest collects: a file with cases, each case an item, and for each suite one item for its thresholds."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from harness.cli.saying import told
from harness.errors import HarnessError
from harness.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from harness.comparison import Verdict
    from harness.pytest_plugin.judged import JudgedSuite
    from harness.pytest_plugin.session import Session

_UNFIT = re.compile(r"[^\w.+\-/]+")
"""What an expression after -m cannot hold."""
_FLAGS = frozenset(("yes", "true"))


def _fail(text: str) -> NoReturn:
    """Ends an item with a text in which nothing is obeyed by a terminal."""
    pytest.fail(visible(text), pytrace=False)


class SuiteNode(pytest.File):
    """A file of a suite."""

    harness: Session
    folder: Path

    @classmethod
    def made(cls, parent: pytest.Collector, path: Path, harness: Session, folder: Path) -> SuiteNode:
        """The node of a file."""
        node: SuiteNode = cls.from_parent(parent, path=path)
        node.harness, node.folder = harness, folder
        return node

    def collect(self) -> Iterable[pytest.Item]:
        """The cases of the file, or of `suite.yaml` the item for the thresholds."""
        try:
            suite = self.harness.suite(self.folder)
        except HarnessError as error:
            raise self.CollectError(told(error)) from None
        if self.path.name == "suite.yaml":
            item = Thresholds.from_parent(self, name="thresholds")
            item.add_marker(self.harness.mark("thresholds", "the bounds of a suite"))
            yield item
            return
        here = self.path.resolve()
        for case in suite.cases:
            file, line = suite.places[case.id]
            if file.resolve() == here:
                yield CaseItem.made(self, case.id, line, case.tags)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], *_: Any) -> str | TerminalRepr:
        """Problems of the suite's files, each on its line."""
        return str(excinfo.value) if isinstance(excinfo.value, self.CollectError) else super().repr_failure(excinfo)


class _Item(pytest.Item):
    """An item whose failures are texts, without a traceback."""

    parent: SuiteNode

    @cached_property
    def judged(self) -> JudgedSuite:
        """The suite of the item, judged."""
        return self.parent.harness.judged(self.parent.folder)

    def setup(self) -> None:
        """Finds what the item is judged by; without it there is an error, and no failure."""
        try:
            self.prepare()
        except HarnessError as error:
            _fail(told(error))

    def prepare(self) -> None:
        """Raises HarnessError where there is nothing to judge the item by."""
        _ = self.judged


class CaseItem(_Item):
    """One case: passes where all its decisions are right, or were no better in the baseline."""

    case = ""
    line = 0
    _found: Sequence[Verdict] = ()

    @classmethod
    def made(cls, parent: SuiteNode, case: str, line: int, tags: Mapping[str, str]) -> CaseItem:
        """The item of a case, its tags as marks: `language.zh`, of a tag that says yes its name alone too."""
        item: CaseItem = cls.from_parent(parent, name=one_line(case))
        item.case, item.line = case, line
        for name, value in tags.items():
            marks = [f"{name}.{value}", *([name] if value in _FLAGS else [])]
            for mark in marks:
                item.add_marker(parent.harness.mark(_UNFIT.sub("_", mark), one_line(f"cases tagged {name}: {value}")))
        return item

    def prepare(self) -> None:
        """Finds the verdicts; a case that failed in the baseline too is expected to fail."""
        self._found = found = self.judged.verdicts(self.case)
        states = {verdict.state for verdict in found}
        self.user_properties += [
            ("decisions", len(found)),
            ("right", sum(verdict.state in ("right", "fixed") for verdict in found)),
        ]
        if not states & {"broken", "wrong"}:
            if "errored" in states:
                _fail(self.judged.errors_of(found))
            if states & {"known", "fixed"}:
                # Never strict, whatever xfail_strict says: a case that a model has learnt is no failure.
                self.add_marker(pytest.mark.xfail(reason=one_line(self.judged.reason(found)), strict=False))

    def runtest(self) -> None:
        """Fails with the transcript where a decision is wrong."""
        if any(verdict.state in ("broken", "wrong", "known") for verdict in self._found):
            _fail(self.judged.report(self.case, self._found))
        self.add_report_section("call", "decisions", visible(self.judged.lines(self._found)))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands."""
        return self.path, self.line - 1, self.name


class Thresholds(_Item):
    """The suite as a whole: its floors and ceilings, and held against a baseline everything that a gate looks at."""

    def runtest(self) -> None:
        """Fails with the gate's page where a bound is missed, or where nothing can be compared."""
        if self.judged.partial:  # of some cases no rate of the suite can be told, and a pass would be believed
            pytest.skip(f"{self.judged.partial}; thresholds are for the whole suite")
        failed, text = self.judged.thresholds()
        if failed:
            _fail(text)
        self.add_report_section("call", "thresholds", visible(text))

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The suite's file."""
        return self.path, None, self.name
