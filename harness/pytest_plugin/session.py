"""One session of pytest with the harness: suites loaded, runs read or made once, whatever items ask for them."""

from __future__ import annotations

import fcntl
import hashlib
import io
import itertools
import shlex
import tempfile
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.address import Address, redacted, split_addresses
from harness.api import Run
from harness.cli.arguments import parsed
from harness.cli.folders import REPORTS
from harness.cli.run import carry_out
from harness.cli.saying import told
from harness.errors import HarnessError, NotComparableError, UsageError
from harness.pytest_plugin.choice import suite_above
from harness.pytest_plugin.items import CaseItem, SuiteNode, Thresholds
from harness.pytest_plugin.judged import JudgedSuite
from harness.report.view import measured, percent
from harness.runlog import LOG_NAME
from harness.runner import load_results
from harness.suite import load_policy, load_suite
from harness.visible import unbroken

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from harness.baseline import Results
    from harness.pytest_plugin.choice import Choice
    from harness.suite import Policy, Suite

_STAMP, _SUMMARY = "harness_stamp", "harness_summary"
_MADE = "-pytest-"
FIXTURE = "harness_run"


class Session:
    """Everything that the items of one process share; registered as a plugin where an option asks for it."""

    def __init__(self, config: pytest.Config, choice: Choice) -> None:
        self.config = config
        self.choice = choice
        self._given = getattr(config, "workerinput", {})
        self.stamp = str(self._given.get(_STAMP) or _new_stamp())
        self._arguments = self._parsed("SUITE") if not choice.runs else None
        self._suites: dict[Path, Suite] = {}
        self._wanted: dict[Path, set[str] | None] = {}
        """Of each suite with an item, the cases to ask; None for all."""
        self._judged: dict[Path, JudgedSuite | HarnessError] = {}
        self._lines: list[str] = []
        try:
            for url in split_addresses(choice.base_url) if choice.base_url else ():
                Address.parse(url)
            self._policy: Policy | None = load_policy(choice.policy) if choice.policy else None
            self._runs = [load_results(name, choice.folder) for name in choice.runs]
            self._baselines = [load_results(name, choice.folder) for name in choice.baselines]
        except HarnessError as error:
            raise pytest.UsageError(told(error)) from None
        if choice.out is not None and not self._is_worker and (choice.out / LOG_NAME).exists():
            raise pytest.UsageError(f"--harness-out: {choice.out} holds a run already; choose another folder")

    def pytest_report_header(self) -> str:
        """What cases are judged by."""
        by = ", ".join(self.choice.runs) or self.choice.model or redacted(self.choice.base_url or "")
        against = f", against {', '.join(self.choice.baselines)}" if self.choice.baselines else ""
        return unbroken(f"harness: {by}{against}")

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """A file of a suite."""
        folder = suite_above(file_path)
        return None if folder is None else SuiteNode.made(parent, file_path, self, folder)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Notes which cases the chosen items are about."""
        for item in session.items:
            if isinstance(item, CaseItem | Thresholds):
                folder = item.parent.folder
                wanted = self._wanted.setdefault(folder, set())
                if wanted is not None and isinstance(item, CaseItem):
                    wanted.add(item.case)
        if any(FIXTURE in getattr(item, "fixturenames", ()) for item in session.items):
            for folder in self._for_fixture():
                self._wanted[folder] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Makes the runs before the first item: all requests at once, and no item's time limit holds for them."""
        stopped = session.testsfailed and not session.config.option.continue_on_collection_errors
        if session.config.option.collectonly or stopped or self._is_controller:
            return
        for folder in self._wanted:
            try:
                self._judged[folder] = self._judge(folder)
            except HarnessError as error:
                self._judged[folder] = error

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tells a worker of pytest-xdist which run is the session's."""
        node.workerinput[_STAMP] = self.stamp

    def pytest_sessionfinish(self) -> None:
        """Gathers what the session came to; a worker of pytest-xdist sends it to the process that prints."""
        for folder, found in self._judged.items():
            self._lines += self._summary(folder, found)
        if self._is_worker:
            # pytest-xdist gives the configuration of its workers this attribute; pytest's own type has none.
            self.config.workeroutput[_SUMMARY] = self._lines  # type: ignore[attr-defined]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Takes what a worker came to; all of them say the same of the same run."""
        lines = getattr(node, "workeroutput", {}).get(_SUMMARY, [])
        self._lines += [line for line in lines if line not in self._lines]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Where the run is, and what it came to."""
        if self._lines:
            terminalreporter.section("harness")
        for line in self._lines:
            terminalreporter.write_line(unbroken(line))

    def suite(self, folder: Path) -> Suite:
        """The suite in a folder, loaded once."""
        if folder not in self._suites:
            self._suites[folder] = load_suite(folder)
        return self._suites[folder]

    def mark(self, name: str, description: str) -> pytest.MarkDecorator:
        """A mark, made known first: --strict-markers would refuse it."""
        self.config.addinivalue_line("markers", f"{name}: {description}")
        made: pytest.MarkDecorator = getattr(pytest.mark, name)
        return made

    def judged(self, folder: Path) -> JudgedSuite:
        """The suite in a folder, judged.

        Raises:
            HarnessError: there is no run of it, or none could be made.
        """
        found = self._judged[folder]
        if isinstance(found, HarnessError):
            raise found
        return found

    def only_run(self) -> Run:
        """The run that the fixture gives."""
        if self._runs:
            if len(self._runs) > 1:
                pytest.fail(f"the fixture {FIXTURE} needs one --harness-run, not {len(self._runs)}", pytrace=False)
            return Run(self._runs[0], self.choice.folder)
        folders = self._for_fixture()
        if len(folders) != 1:
            pytest.fail(f"the fixture {FIXTURE} needs --harness-suite DIR: {len(folders)} are collected", pytrace=False)
        try:
            return Run(self.judged(folders[0]).run, self.choice.folder)
        except HarnessError as error:
            pytest.fail(told(error), pytrace=False)

    @property
    def _is_worker(self) -> bool:
        return bool(self._given)

    @property
    def _is_controller(self) -> bool:
        """Whether other processes run the items."""
        return not self._is_worker and self.config.getoption("dist", "no") != "no"

    def _for_fixture(self) -> list[Path]:
        if self.choice.runs:
            return []
        return [self.choice.suite] if self.choice.suite is not None else list(self._wanted)

    def _parsed(self, suite: str, out: Path | None = None) -> argparse.Namespace:
        """The arguments of the `harness run` that makes a session's run."""
        choice = self.choice
        words = ["run", suite, *(["--out", str(out)] if out is not None else [])]
        if choice.base_url is None:
            words += ["--serve", str(choice.model)]
        else:
            words += ["--base-url", choice.base_url, *(["--model", choice.model] if choice.model else [])]
        try:
            arguments = parsed([*words, *shlex.split(choice.arguments)])
        except SystemExit:
            raise pytest.UsageError("--harness-args: not options of `harness run`, see above") from None
        if arguments.mode == "both" or arguments.adapter or arguments.resume:
            raise pytest.UsageError("--harness-args: a session makes one run; no --mode both, --adapter or --resume")
        if out is None and arguments.out is not None:
            raise pytest.UsageError("--harness-args: the folder of the run is --harness-out")
        return arguments

    def _judge(self, folder: Path) -> JudgedSuite:
        """A suite by the run that is given or made for it."""
        suite, wanted = self.suite(folder), self._wanted[folder]
        baseline = _of_suite(self._baselines, suite)
        if self.choice.baselines and baseline is None:
            raise NotComparableError(f"no --harness-baseline is of {suite.name}")
        if self.choice.runs:
            run = _of_suite(self._runs, suite)
            if run is None:
                raise NotComparableError(f"no --harness-run is of {suite.name}")
            return JudgedSuite(suite, run, baseline, self._policy, self.choice.folder)
        if wanted is None or len(wanted) in (0, len(suite.cases)):
            wanted = {case.id for case in suite.cases}
        asked = replace(suite, cases=tuple(case for case in suite.cases if case.id in wanted))
        judged = JudgedSuite(suite, self._made(folder, asked), baseline, self._policy, self.choice.folder)
        if len(wanted) < len(suite.cases):
            judged.partial = f"{len(wanted)} of {len(suite.cases)} cases were asked"
        return judged

    def _made(self, folder: Path, suite: Suite) -> Results:
        """The session's run of a suite: made by the process that comes first, read by all."""
        out = self.choice.out or REPORTS / f"{suite.name}{_MADE}{self.stamp}"
        if not self._is_worker:
            return self._run(folder, suite, out)
        with _alone(out) as failed:
            if failed.read_text():
                raise UsageError(failed.read_text())
            if (out / LOG_NAME).exists():
                return load_results(str(out))
            try:
                return self._run(folder, suite, out)
            except HarnessError as error:
                failed.write_text(str(error))
                raise

    def _run(self, folder: Path, suite: Suite, out: Path) -> Results:
        with redirect_stdout(io.StringIO()):  # the summary of a run is not what a person reads here
            carry_out(self._parsed(str(folder), out), suite)
        return load_results(str(out))

    def _summary(self, folder: Path, found: JudgedSuite | HarnessError) -> Iterator[str]:
        if isinstance(found, HarnessError):
            yield f"{folder.name}: {found}"
            return
        metrics = found.run.metrics()
        shown = (one for one in measured(metrics, found.run.identity.mode) if one.dimension is None)
        rates = ", ".join(f"{one.metric} {percent(one.rate.value)}" for one in shown if one.rate.denominator)
        yield f"{found.suite.name}: {found.run.identity.model}, {metrics.scored} {found.run.unit} scored, {metrics.errored} errors"
        yield f"  {rates}"
        yield f"  run: {found.run.name}"
        if accept := found.accept():
            yield f"  as the new baseline: {accept}"


def _new_stamp() -> str:
    """The time, with a number behind it where another session took that second."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    stamps = itertools.chain([now], (f"{now}-{number}" for number in itertools.count(2)))
    return next(stamp for stamp in stamps if not any(REPORTS.glob(f"*{_MADE}{stamp}")))


def _of_suite(results: list[Results], suite: Suite) -> Results | None:
    return next((one for one in results if one.identity.suite == suite.name), None)


@contextmanager
def _alone(out: Path) -> Iterator[Path]:
    """Keeps other processes of the session waiting; gives a file for what kept the first from making the run."""
    name = f"harness-{hashlib.sha256(str(out.absolute()).encode()).hexdigest()[:16]}"
    path = Path(tempfile.gettempdir()) / name
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield path
