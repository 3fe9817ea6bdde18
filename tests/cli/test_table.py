"""`harness table` from the command line: stages named and told apart, pages in every form."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from harness.baseline import save
from harness.testing import MockServer
from published import published
from selection import slow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.suite import Suite


@pytest.fixture
def stored() -> None:
    """The stages of the published report as baselines."""
    for name, results in published():
        save(results, name)


ALL = ("base=base", "sft=sft", "dpo-v1=dpo-v1", "dpo-v2=dpo-v2")


@pytest.mark.usefixtures("stored")
def test_baselines_side_by_side(harness: Callable[..., Any]) -> None:
    said = harness("table", *ALL)
    assert (said.code, said.err) == (0, "")
    assert "base → sft → dpo-v1 → dpo-v2 on agent" in said.out
    for shown in ("34.8 % (2000)", "97.3 % (2000)", "+62.5*", "dpo-v1 → dpo-v2: flows between outcomes"):
        assert shown in said.out


FORMS = [("csv", "csv", "Stages\n"), ("latex", "tex", "% base → dpo"), ("terminal", "txt", "base → dpo")]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(("form", "ending", "begins"), [("markdown", "md", "# base → dpo"), *slow(FORMS)])
def test_every_form_has_the_figures_and_its_ending_chooses_it(
    harness: Callable[..., Any], place: Path, form: str, ending: str, begins: str
) -> None:
    two = ALL[::3]
    printed = harness("table", *two, "--format", form).out
    written = harness("table", *two, "--out", f"stages.{ending}")
    assert (written.code, written.out) == (0, "")
    assert f"written: stages.{ending}" in written.err
    assert printed.startswith(begins)
    assert "97.3" in printed
    assert [line.rstrip() for line in (place / f"stages.{ending}").read_text().splitlines()] == [
        line.rstrip() for line in printed.splitlines()
    ]


@pytest.mark.usefixtures("stored")
def test_a_form_that_is_named_goes_before_the_ending(harness: Callable[..., Any], place: Path) -> None:
    two = ALL[::3]
    named = harness("table", *two, "--out", "stages.txt", "--format", "csv")
    assert named.code == 0
    assert (place / "stages.txt").read_text().startswith("Stages\n")
    assert harness("table", *two, "--out", "nowhere/stages.md").code == 2


@pytest.mark.usefixtures("stored")
def test_json_holds_what_the_tables_show(harness: Callable[..., Any], place: Path) -> None:
    assert harness("table", *ALL, "--json", "stages.json", "--only", "rates").code == 0
    value = json.loads((place / "stages.json").read_text())
    assert [stage["name"] for stage in value["stages"]] == ["base", "sft", "dpo-v1", "dpo-v2"]
    assert value["stages"][3]["metrics"]["tool_call_accuracy"]["value"] == 0.973
    last = value["against_first"][2]["metrics"][0]
    assert (last["metric"], round(last["value"], 3), last["p_adjusted"] < 0.001) == ("tool_call_accuracy", 0.625, True)
    moved = value["steps"][2]
    assert moved["right"] + moved["broken"] + moved["fixed"] + moved["wrong"] == value["shared"] == 2000
    assert moved["flows"][0]["decisions"] >= moved["flows"][1]["decisions"]


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["base"], 2, "two stages or more: harness table base=RUN sft=RUN"),
        (["base=base", "=sft"], 2, "'=sft' is no stage: NAME=RUN"),
        (["base=base", "sft="], 2, "'sft=' is no stage: NAME=RUN"),
        (["x=base", "x=sft"], 2, "several stages are called x: give each a name of its own"),
        (["base=base", "sft=nobody"], 2, "nobody: neither a run nor a baseline"),
    ],
)
def test_wrong_use(harness: Callable[..., Any], words: list[str], code: int, complaint: str) -> None:
    said = harness("table", *words)
    assert (said.code, said.out) == (code, "")
    assert complaint in said.err


@pytest.mark.usefixtures("stored")
def test_a_run_alone_is_named_by_its_model(harness: Callable[..., Any], run: Callable[..., Any], suite: Suite) -> None:
    for folder, miniature, model in (("a=1", "never_calls", "small"), ("b", "gold", "small"), ("c", "gold", "tuned")):
        with MockServer(suite, miniature, model=model) as server:
            assert run(server, "--out", folder, "--model", model).code == 0
    assert harness("table", "a=1", "c").out.startswith("small → tuned on sample\n"), "a=1 is a folder"
    twice = harness("table", "a=1", "b")
    assert (twice.code, "several stages are called small" in twice.err) == (2, True)
    assert harness("table", "a=1", "other=b").out.startswith("small → other on sample\n")
    older = harness("table", "first=a=1", "base=base")
    assert (older.code, "base by 1: `harness rescore`" in older.err) == (3, True)


def test_rollouts_have_their_own_metrics(harness: Callable[..., Any], run: Callable[..., Any], suite: Suite) -> None:
    for folder, miniature in (("a", "gold"), ("b", "one_argument_off")):
        with MockServer(suite, miniature, rollouts=True) as server:
            assert run(server, "--out", folder, "--mode", "rollout").code == 0
    said = harness("table", "base=a", "sft=b")
    assert said.code == 0
    assert "base → sft on sample, played through" in said.out
    assert "turn_accuracy" in said.out
    assert "tool_name_accuracy" not in said.out
    assert "turns that all stages hold" in said.out
    with MockServer(suite) as server:
        assert run(server, "--out", "c").code == 0
    assert harness("table", "base=a", "sft=c").code == 3
