"""What the options of the command line ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILES = ("suite.yaml", "tools.json", "cases")


def is_suite(folder: Path) -> bool:
    """Whether a folder holds what a suite is made of."""
    return all((folder / name).exists() for name in _FILES)


def suite_above(path: Path) -> Path | None:
    """The suite that a file belongs to: its `suite.yaml`, or a file with cases."""
    if path.name == "suite.yaml":
        return path.parent if is_suite(path.parent) else None
    if path.suffix not in (".yaml", ".yml", ".jsonl"):
        return None
    return next((one.parent for one in path.parents if one.name == "cases" and is_suite(one.parent)), None)


def holds_suites(path: Path) -> bool:
    """Whether somebody who names this path means a suite: it is one, a file of one, or a folder of some."""
    if not path.is_dir():
        return suite_above(path) is not None
    return is_suite(path) or any(is_suite(below) for below in path.iterdir())


class Choice(NamedTuple):
    """The options, checked against each other."""

    runs: Sequence[str]
    base_url: str | None
    model: str | None
    baselines: Sequence[str]
    folder: Path
    """Where baselines are."""
    policy: Path | None
    out: Path | None
    suite: Path | None
    arguments: str

    @property
    def given(self) -> bool:
        """Whether there is anything to judge cases by."""
        return bool(self.runs or self.base_url or self.model)

    @classmethod
    def of(cls, config: pytest.Config) -> Choice:
        """Those of one session.

        Raises:
            pytest.UsageError: two exclude each other, or one needs another.
        """
        option = config.getoption

        def path(name: str) -> Path | None:
            return Path(option(name)) if option(name) else None

        choice = cls(
            runs=option("--harness-run"),
            base_url=option("--harness-base-url"),
            model=option("--harness-model"),
            baselines=option("--harness-baseline"),
            folder=Path(option("--harness-baselines")),
            policy=path("--harness-policy"),
            out=path("--harness-out"),
            suite=path("--harness-suite"),
            arguments=option("--harness-args"),
        )
        asks = choice.base_url or choice.model
        if choice.runs and asks:
            raise pytest.UsageError("--harness-run judges by a run that is there; it asks no --harness-model")
        if not asks and (choice.out or choice.arguments):
            raise pytest.UsageError("--harness-out and --harness-args are for --harness-base-url or --harness-model")
        if not choice.given and (choice.baselines or choice.policy):
            raise pytest.UsageError(
                "--harness-baseline and --harness-policy need something to hold against them: --harness-run, "
                "--harness-base-url or --harness-model"
            )
        return choice
