"""`harness lint` and `harness nulls` from the command line: exit codes, lines, the file of all findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from desk import CLEAN, HEADER, TOOLS
from harness.lint import RULES
from harness.suite import NULLS, load_suite
from harness.testing import MockServer, sample_suite, write_suite

if TYPE_CHECKING:
    from collections.abc import Callable

SUITES = sorted(path.parent for path in Path(__file__).parents[2].glob("suites/*/suite.yaml"))
WRONG = CLEAN.replace("Lend it to card 40417", "Lend it to her").replace('"card": "40417", ', "")


def suite(place: Path, case: str = CLEAN) -> Path:
    return write_suite(place / "desk", case, tools=TOOLS, header=HEADER)


def test_a_clean_suite(harness: Callable[..., Any], place: Path) -> None:
    said = harness("lint", suite(place))
    assert (said.code, said.err) == (0, "")
    assert "warning: nulls: what null models score is not known" in said.out
    assert "desk: clean" in said.out
    assert "distinct     1 scenario (100.0 % of the cases)" in said.out
    assert "gold         4/4 decisions right, played through 2/2 turns" in said.out
    assert "mutants      100.0 % caught" in said.out


def test_an_error_names_file_line_decision_path_and_what_to_do(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place, WRONG)
    said = harness("lint", folder, "--rule", "grounded")
    assert said.code == 1
    line = (
        WRONG.splitlines().index(
            "  - expect: {calls: [{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}}]}"
        )
        + 1
    )
    where = (
        f"{folder}/cases/cases.yaml:{line}: error: grounded: lend, decision 2, /turns/4/expect/calls/0/arguments/card: "
    )
    assert where + '"40417" of lend_book stands nowhere' in said.out
    assert "declare it free with match" in said.out


def test_rules_are_chosen_by_name(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place, WRONG)
    assert (
        harness("lint", folder, "--no-rule", "grounded", "--no-rule", "honest_answer", "--no-rule", "gold_replay").code
        == 0
    )
    said = harness("lint", folder, "--rule", "groundd")
    assert said.code == 2
    assert "did you mean 'grounded'?" in said.err


def test_a_choice_that_leaves_no_rule_is_wrong_use(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place, WRONG)
    said = harness("lint", folder, "--rule", "grounded,tags", "--no-rule", "tags,grounded")
    assert (said.code, "no rule is left" in said.err, said.out) == (2, True, "")
    assert harness("lint", folder, "--no-rule", ",".join(rule.name for rule in RULES)).code == 2


def test_all_findings_go_to_a_file(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place, WRONG)
    assert harness("lint", folder, "--json", "found.json").code == 1
    (found,) = json.loads((place / "found.json").read_text())["suites"]
    assert found["rules"] == [rule.name for rule in RULES]
    assert (found["clean"], found["cases"], found["decisions"], found["distinct"]) == (False, 1, 4, 1)
    assert sum(found["counts"].values()) == len(found["findings"])
    assert {"rule", "severity", "file", "line", "case", "decision", "path", "message"} <= found["findings"][0].keys()
    assert {kind["kind"] for kind in found["mutants"]} > {"argument changed", "result invented"}


def test_a_suite_that_cannot_be_loaded(harness: Callable[..., Any], place: Path) -> None:
    assert harness("lint", place / "nowhere").code == 2
    said = harness("lint", suite(place, CLEAN.replace("kind: chain}", "kind: [chain]}")))
    assert said.code == 2
    assert "/tags/kind" in said.err


def test_many_findings_of_a_rule_are_cut_short(harness: Callable[..., Any], place: Path) -> None:
    cases = "\n---\n".join(CLEAN.replace("id: lend", f"id: lend-{number:03}") for number in range(50))
    said = harness("lint", suite(place, cases), "--rule", "near_duplicate")
    assert said.out.count("error: near_duplicate") == 40
    assert "... and 9 errors more of near_duplicate; --json FILE writes all" in said.out


def test_null_scores_are_stored_and_told(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place)
    said = harness("nulls", folder)
    assert said.code == 0
    assert "What nothing scores" in said.out
    assert (folder / NULLS).is_file()
    said = harness("lint", folder)
    assert "nulls:" not in said.out
    assert "What nothing scores" in said.out
    cases = folder / "cases" / "cases.yaml"
    cases.write_text(cases.read_text().replace("called?", "called again?"))
    said = harness("lint", folder)
    assert said.code == 1
    assert "error: nulls: nulls.json is of another version of the suite; run: harness nulls" in said.out


@pytest.mark.parametrize("broken", ['{"suite', "[]", '{"suite_digest": "x"}', "\xff"])
def test_broken_null_scores_are_written_anew_by_their_own_command(
    harness: Callable[..., Any], place: Path, broken: str
) -> None:
    folder = suite(place)
    (folder / NULLS).write_text(broken, encoding="latin-1")
    said = harness("lint", folder)
    assert said.code == 2
    assert f"{folder / NULLS}: holds no scores of null models; delete it, or run: harness nulls {folder}" in said.err
    assert harness("nulls", folder).code == 0
    assert harness("lint", folder).code == 0


def test_null_scores_without_a_metric_say_that_it_is_not_known(harness: Callable[..., Any], place: Path) -> None:
    folder = suite(place)
    assert harness("nulls", folder).code == 0
    stored = json.loads((folder / NULLS).read_text())
    for scores in stored["teacher_forced"].values():
        del scores["tool_call_accuracy"]
    (folder / NULLS).write_text(json.dumps(stored))
    said = harness("lint", folder)
    assert (said.code, "n/a (0)" in said.out) == (0, True)


def test_parameters_that_may_be_null_are_called_all_the_same(harness: Callable[..., Any], place: Path) -> None:
    case = "id: any\ntags: {language: en, kind: any}\nturns:\n  - user: Look it up.\n  - expect: {any_call: true}\n"
    function = {"name": "look_up", "parameters": {"type": ["object", "null"]}}
    folder = write_suite(place / "open", case, tools=[{"type": "function", "function": function}], header=HEADER)
    said = harness("lint", folder, "--rule", "gold_replay,mutants")
    assert (said.code, "1/1 decisions right" in said.out) == (0, True)


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
def test_a_run_tells_what_nothing_scores(
    harness: Callable[..., Any], run: Callable[..., Any], place: Path, mode: str
) -> None:
    sample_suite(place / "suite")
    assert harness("nulls", "suite").code == 0
    with MockServer(load_suite(place / "suite"), rollouts=mode == "rollout") as server:
        said = run(server, "--mode", mode)
    assert said.code == 0, said.err
    assert said.out.index("Metrics") < said.out.index("What nothing scores")
    assert "What nothing scores" in (place / "out" / "summary.md").read_text()
    (place / "suite").rename(place / "gone")  # the log is enough
    assert "What nothing scores" in harness("rescore", "out").out


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_shipped_suites_are_clean(harness: Callable[..., Any], path: Path) -> None:
    said = harness("lint", path, "--json", "found.json")
    assert said.code == 0, said.out
    (found,) = json.loads(Path("found.json").read_text())["suites"]
    gold = found["gold"]
    assert (gold["right"], gold["turns_right"]) == (gold["decisions"], gold["turns"])
    assert all(kind["caught"] == kind["mutants"] > 0 for kind in found["mutants"])
    assert found["distinct"] >= 0.9 * found["cases"]
    assert found["counts"]["warning"] == 0
