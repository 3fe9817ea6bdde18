"""A sample suite, and runs of it against mock servers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from harness.client import Policy
from harness.runlog import DecisionRow, RolloutRow, Sampling, decision_rows, log_path, rollout_rows
from harness.runner import RunOptions, RunResult, Target, run
from harness.testing import MockServer, sample_suite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.suite import Suite


@dataclass
class Done:
    """A finished run, its rows by (case, index) or (case, index, trial)."""

    result: RunResult
    folder: Path

    @property
    def rows(self) -> list[DecisionRow]:
        return list(decision_rows(log_path(self.folder)))

    @property
    def rollouts(self) -> dict[str, RolloutRow]:
        return {row.case: row for row in rollout_rows(log_path(self.folder))}

    @property
    def by_key(self) -> dict[tuple[str, int], DecisionRow]:
        return {(row.case, row.index): row for row in self.rows}


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return sample_suite(tmp_path / "suite")


@pytest.fixture(scope="session")
def go_in() -> Callable[..., Done]:
    """Runs a suite against servers into a folder of a place, quick to give up; keywords go to the target or to the run."""

    def go_on(place: Path, suite: Suite, *servers: MockServer, folder: str = "run", **changes: Any) -> Done:
        policy = changes.pop("policy", Policy(timeout=5.0, retries=2, backoff=0.001))
        names = ("trials", "mode", "max_steps", "resume", "alive", "on_notice", "on_progress")
        options = {name: changes.pop(name) for name in names if name in changes}
        known: dict[str, Any] = {
            "base_urls": [server.base_url for server in servers],
            "model": "mock",
            "sampling": Sampling(max_tokens=64).model_dump(),
            "dialect": "hermes",
            "policy": policy,
        }
        path = place / folder
        target = Target(**{**known, **changes})
        return Done(run(RunOptions(suite=suite, target=target, folder=path, command=["test"], **options)), path)

    return go_on


@pytest.fixture
def go(tmp_path: Path, go_in: Callable[..., Done]) -> Callable[..., Done]:
    """The same, into a folder of the test's own place."""
    return partial(go_in, tmp_path)


@pytest.fixture
def roll(go: Callable[..., Done]) -> Callable[..., Done]:
    """Plays the cases of a suite through."""
    return partial(go, mode="rollout")


@pytest.fixture
def histories() -> Callable[[MockServer], dict[str, list[list[dict[str, Any]]]]]:
    """The messages of every request that a server got, by case, in the order they came."""

    def of(server: MockServer) -> dict[str, list[list[dict[str, Any]]]]:
        found: dict[str, list[list[dict[str, Any]]]] = {}
        for request in server.chats:
            assert request.decision is not None
            found.setdefault(request.decision.case_id, []).append(json.loads(request.body)["messages"])
        return found

    return of
