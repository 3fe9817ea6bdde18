"""Base and adapters that ran on one server end with their stage tables."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from harness.cli import main, run
from harness.testing import Faults, MockServer, sample_suite, status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.suite import Suite

STAGES = ["run", "suite", "--serve", "me/base", "--retries", "0", "--out", "x"]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """The sample suite, in the folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return sample_suite(tmp_path / "suite")


@pytest.fixture
def serving(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has `harness run --serve` find these models: name and miniature, which of them answers nothing, whether cases are played through."""
    with ExitStack() as servers:

        def serve(models: dict[str, str], *, broken: str = "", rollouts: bool = False) -> list[str]:
            def served(*_: object) -> list[Any]:
                found = []
                for name, miniature in models.items():
                    faults = Faults(always=status(403) if name == broken else None)
                    server = MockServer(suite, miniature, model=name, faults=faults, rollouts=rollouts)
                    url = servers.enter_context(server).base_url
                    found.append(run._Served(name, [url], "hermes", {}, {}, {}, lambda: None))
                return found

            monkeypatch.setattr(run, "_serve", served)
            return [word for name in list(models)[1:] for word in ("--adapter", f"{name}=somewhere")]

        yield serve


def test_several_models_end_with_their_tables(
    serving: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    adapters = serving({"me/base": "never_calls", "sft": "one_argument_off", "dpo": "gold"})
    assert main([*STAGES, *adapters]) == 0
    shown = capsys.readouterr().out
    tables = shown[shown.index("base → sft → dpo on sample") :]
    assert "Change against base, in percentage points" in tables
    assert "base → sft: flows between outcomes" in tables
    assert "sft → dpo: flows between outcomes" in tables
    (again,) = [line for line in tables.splitlines() if line.startswith("again")]
    words = again.partition("harness table ")[2].split()
    assert words == ["base=x/me-base", "sft=x/sft", "dpo=x/dpo"]
    assert main(["table", *words]) == 0
    assert capsys.readouterr().out.strip() == tables.partition("\nagain")[0].strip()


def test_one_model_has_no_stage_table(serving: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    serving({"me/base": "gold"})
    assert main(STAGES) == 0
    assert "Change against" not in capsys.readouterr().out


def test_each_mode_has_tables_of_its_own(serving: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    adapters = serving({"me/base": "gold", "base": "one_argument_off"}, rollouts=True)
    assert main([*STAGES, *adapters, "--mode", "rollout"]) == 0
    shown = capsys.readouterr().out
    assert "me/base → base on sample, played through" in shown, "an adapter called base: the base goes by its own name"
    assert "turn_accuracy" in shown[shown.index("Change against me/base") :]


def test_a_model_of_which_nothing_was_scored_is_said_and_changes_no_exit_code(
    serving: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    adapters = serving({"me/base": "gold", "sft": "gold"}, broken="sft")
    assert main([*STAGES, *adapters]) == 3
    said = capsys.readouterr()
    assert "no stage table: x/me-base and x/sft have no scored decision in common" in said.err
    assert "Change against" not in said.out
