"""The stage tables: what a published report shows, what is compared, what is left out, and in which forms it is printed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import pairwise

import pytest

import published as example
from harness.comparison import diff, stages
from harness.errors import NotComparableError
from harness.report.csv_tables import csv_tables
from harness.report.latex import latex
from harness.report.markdown import markdown
from harness.report.stages import stages_view
from harness.report.terminal import console, print_view
from published import published

REPORT = {
    "base": ("34.8 %", "44.2 %", "25.7 %", "100.0 %"),
    "sft": ("32.7 %", "42.2 %", "24.1 %", "100.0 %"),
    "dpo-v1": ("32.3 %", "40.1 %", "23.2 %", "100.0 %"),
    "dpo-v2": ("97.3 %", "99.3 %", "96.4 %", "100.0 %"),
}
CHANGES = {
    "sft": ("-2.1", "-2.0", "-1.6", "+0.0"),
    "dpo-v1": ("-2.5", "-4.1", "-2.5", "+0.0"),
    "dpo-v2": ("+62.5", "+55.1", "+70.7", "+0.0"),
}


@pytest.fixture(scope="module")
def report():
    return stages(published())


def stage(name):
    """40 of the 200 cases of one of them: 400 decisions."""
    whole = example.stage(name)
    tags = {case: tags for case, tags in whole.tags.items() if case < "case-040"}
    return whole._replace(entries=[entry for entry in whole.entries if entry.case in tags], tags=tags)


def table(view, title):
    (found,) = [one for one in view.tables if one.title.startswith(title)]
    return found


def printed(view, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    out = Terminal()
    print_view(view, console(out))
    return re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())


class Terminal(io.StringIO):
    def isatty(self):
        return True


def without(results, *places):
    """The same run without these decisions (case, index)."""
    return results._replace(
        entries=[entry for entry in results.entries if (entry.case, entry.index) not in places],
    )


def test_the_two_tables_of_the_published_report(report):
    view = stages_view(report)
    rates = table(view, "Stages")
    assert rates.columns[:5] == (
        "stage",
        "tool_call_accuracy",
        "tool_name_accuracy",
        "tool_args_accuracy",
        "response_quality",
    )
    for name, *cells in rates.rows:
        assert tuple(cell.partition(" (")[0] for cell in cells[:4]) == REPORT[name]
    assert rates.rows[0][1:4] == ("34.8 % (2000)", "44.2 % (1000)", "25.7 % (1000)")
    changes = table(view, "Change against base, in percentage points")
    assert {name: tuple(cell.rstrip("*") for cell in cells[:4]) for name, *cells in changes.rows} == CHANGES


def test_a_change_is_marked_as_the_diff_of_the_two_finds_it(report):
    base, *others = published()
    certainty = {row[0]: row for row in table(stages_view(report), "How sure").rows}
    marks = set()
    for (name, results), told in zip(others, report.against, strict=True):
        same = diff(base[1], results).changes
        assert list(told.changes) == same, "compared with nothing left out, it is the diff of the two"
        for change in same:
            row = certainty[f"{name} {change.metric}"]
            assert row[1].endswith("*") == change.significant
            assert row[3:5] == (str(change.pairs), f"{change.fixed}/{change.broken}")
            marks.add(change.significant)
    assert marks == {True, False}


def test_moves_and_flows_are_between_neighbours(report):
    for ((_, first), (_, second)), step in zip(pairwise(published()), report.steps, strict=True):
        both = list(zip(first.entries, second.entries, strict=True))
        kinds = Counter((one.right, other.right) for one, other in both)
        assert (step.right, step.broken, step.fixed, step.wrong) == (
            kinds[True, True],
            kinds[True, False],
            kinds[False, True],
            kinds[False, False],
        )
        flows = Counter((one.outcome, other.outcome) for one, other in both if one.outcome != other.outcome)
        assert {(flow.first, flow.second): flow.decisions for flow in step.flows} == flows
        counts = [flow.decisions for flow in step.flows]
        assert counts == sorted(counts, reverse=True)
    view = stages_view(report)
    assert [row[0] for row in table(view, "How decisions moved").rows] == [
        "base → sft",
        "sft → dpo-v1",
        "dpo-v1 → dpo-v2",
    ]
    short, whole = (table(stages_view(report, full=full), "base → sft: flows") for full in (False, True))
    assert sum(int(row[1]) for row in short.rows) == sum(int(row[1]) for row in whole.rows)
    assert short.rows[-1][0] == f"{len(whole.rows) - len(short.rows) + 1} rarer flows"


def test_what_not_all_stages_hold_is_in_no_paired_figure():
    """The third stage lacks a decision of one case, the second another: both are left out of both comparisons."""
    base, sft, dpo = (stage(name) for name in ("base", "sft", "dpo-v2"))
    cut = [("base", base), ("sft", without(sft, ("case-007", 3))), ("dpo", without(dpo, ("case-011", 0)))]
    found = stages(cut)
    assert found.shared == 398
    assert [one.unshared for one in found.stages] == [2, 1, 1]
    same = stages([(name, without(results, ("case-007", 3), ("case-011", 0))) for name, results in cut])
    for told, expected in zip(found.against, same.against, strict=True):
        for ours, theirs in zip(told.changes[:5], expected.changes[:5], strict=True):
            assert ours == theirs
        assert told.changes[5].pairs == 38, "a case of which not all is shared has no verdict as a whole"
    assert found.steps == same.steps
    view = stages_view(found)
    assert view.facts[-3:] == (
        ("left out", "of base 2 decisions that not all stages hold"),
        ("left out", "of sft 1 decision that not all stages hold"),
        ("left out", "of dpo 1 decision that not all stages hold"),
    )
    assert table(view, "Stages").rows[0][1].endswith(" % (400)"), "a stage's own rates are of all that it holds"
    assert table(view, "How decisions moved").rows[0][-1] == "398"
    assert "Not all stages hold the same" in view.notes[-1]


def test_a_case_that_one_stage_holds_longer_is_whole_in_no_comparison():
    base, sft, dpo = (stage(name) for name in ("base", "sft", "dpo-v2"))
    more = dpo.entries[0]._replace(index=99, digest="f" * 16)
    longer = dpo._replace(entries=sorted([*dpo.entries, more], key=lambda entry: entry.key))
    found = stages([("base", base), ("sft", sft), ("dpo", longer)])
    assert [told.changes[0].pairs for told in found.against] == [400, 400]
    assert [told.changes[5].pairs for told in found.against] == [39, 39]
    assert [one.unshared for one in found.stages] == [0, 0, 1]


def test_of_a_stage_that_never_calls_nothing_is_said_of_its_calls():
    base, sft = stage("base"), stage("sft")
    silent = [
        entry._replace(name=None, args=None, outcome="missed_call") if entry.name is not None else entry
        for entry in base.entries
    ]
    view = stages_view(stages([("base", base._replace(entries=silent)), ("sft", sft)]))
    assert table(view, "Stages").rows[0][2] == "n/a (0)"
    assert table(view, "Change").rows[0][2] == "n/a"
    sure = {row[0]: row[1:] for row in table(view, "How sure").rows}
    assert sure["sft tool_name_accuracy"] == ("n/a", "n/a", "0", "0/0", "n/a")


def test_decisions_that_moved_in_one_stage_are_shared_still():
    base, sft, dpo = (stage(name) for name in ("base", "sft", "dpo-v2"))
    entries = [entry._replace(case=f"x-{entry.case}") if entry.case == "case-007" else entry for entry in sft.entries]
    moved = sft._replace(
        entries=sorted(entries, key=lambda entry: entry.key), tags={**sft.tags, "x-case-007": {}}, name="moved"
    )
    found = stages([("base", base), ("sft", moved), ("dpo", dpo)])
    assert found.shared == 400
    assert found.steps == stages([("base", base), ("sft", sft), ("dpo", dpo)]).steps


def thrice(results, *, wrong=()):
    """Three trials of each decision; those of cases in `wrong` are wrong in the second."""
    entries = [
        entry._replace(**{"trial": trial, **({"outcome": "missed_call"} if trial == 1 and entry.case in wrong else {})})
        for entry in results.entries
        for trial in range(3)
    ]
    identity = results.identity.model_copy(update={"trials": 3})
    return results._replace(entries=sorted(entries, key=lambda entry: entry.key), identity=identity)


def test_several_trials_tell_how_reliable_a_stage_is():
    base, dpo = stage("base"), stage("dpo-v2")
    right = {entry.case: [] for entry in dpo.entries}
    for entry in dpo.entries:
        right[entry.case].append(entry.right)
    (whole, *_) = [case for case, verdicts in right.items() if all(verdicts)]
    found = stages([("base", base), ("dpo", thrice(dpo, wrong={whole}))])
    kept = found.stages[1].trials
    assert found.stages[0].trials is None
    assert kept is not None
    assert kept.trials == 3
    assert kept.decisions == pytest.approx((sum(entry.right for entry in dpo.entries) - 10) / 400)
    assert kept.cases == pytest.approx((sum(map(all, right.values())) - 1) / 40)
    assert kept.flips == pytest.approx(10 * (2 / 3) / 400)
    assert [one.repeated for one in found.stages] == [0, 800]
    assert found.shared == 400
    view = stages_view(found)
    assert table(view, "Right in all of k trials").rows == (
        ("dpo", "3", f"{100 * kept.decisions:.1f} %", f"{100 * kept.cases:.1f} %", "1.7 %"),
    )
    assert ("left out", "of dpo 800 in further trials") in view.facts
    assert not [one for one in stages_view(stages(published())).tables if "trials" in one.title]


def test_errors_are_told_and_in_no_move():
    base, sft = stage("base"), stage("sft")
    lost = [
        entry._replace(outcome="errored", name=None, args=None) if entry.case == "case-000" else entry
        for entry in sft.entries
    ]
    found = stages([("base", base), ("sft", sft._replace(entries=lost))])
    (step,) = found.steps
    assert step.errored == 10
    assert step.right + step.broken + step.fixed + step.wrong == 390
    view = stages_view(found)
    moves = table(view, "How decisions moved")
    assert moves.columns[-2:] == ("errored", "n")
    assert moves.rows[0][-2:] == ("10", "400")
    assert "2.5 % of the decisions of sft met an error" in " ".join(view.notes)
    assert dict(view.facts)["sft"] == "sft, 390 decisions scored, 10 errored, runs/sft"


def test_only_what_is_no_stage_of_its_own_differs():
    base, sft = stage("base"), stage("sft")
    identity = sft.identity.model_copy(
        update={
            "server": {"chat_template_sha256": "b" * 64, "parent": "small", "root": "out/sft"},
            "model_identity": {"adapters": [1], "adapter_sha256": "c" * 64},
        }
    )
    view = stages_view(stages([("base", base), ("sft", sft._replace(identity=identity))]))
    assert [text for name, text in view.facts if name == "sft differs"] == [f"chat template - → {'b' * 12}"]


def test_what_no_number_compares_is_refused():
    base, sft = stage("base"), stage("sft")
    other = sft._replace(identity=sft.identity.model_copy(update={"scorer_version": "2"}))
    with pytest.raises(NotComparableError, match="`harness rescore`"):
        stages([("base", base), ("mid", sft), ("sft", other)])
    strange = sft._replace(entries=[entry._replace(digest="f" * 16) for entry in sft.entries])
    with pytest.raises(NotComparableError, match="no scored decision in common that all stages hold"):
        stages([("base", base), ("mid", sft), ("sft", strange)])


def test_a_stage_that_is_worse_is_named_with_the_way_to_see_where(report):
    notes = stages_view(report).notes
    assert notes[0].startswith("sft is worse than base, beyond chance, in tool_call_accuracy")
    assert "tool_args_accuracy" not in notes[0], "that loss may be chance"
    assert "`harness diff runs/base runs/sft` shows where" in notes[0]
    assert not [note for note in notes if note.startswith("dpo-v2 is worse")]
    assert any("corrected by Holm over the 6 metrics of one stage, not over stages" in note for note in notes)
    smallest = [100 * told.changes[0].detectable for told in report.against]
    assert f"sft {smallest[0]:.1f}, dpo-v1 {smallest[1]:.1f}, dpo-v2 {smallest[2]:.1f}." in notes[-1]


def test_where_nothing_could_be_found_that_is_said():
    base, sft = (
        results._replace(entries=[entry for entry in results.entries if entry.case == "case-000"][:3])
        for results in (stage("base"), stage("sft"))
    )
    assert "in points: sft none (too few)." in " ".join(stages_view(stages([("base", base), ("sft", sft)])).notes)


def test_only_the_tables_asked_for(report):
    assert [one.title for one in stages_view(report, only=["rates", "moves"]).tables] == [
        "Stages",
        "How decisions moved from stage to stage",
    ]


@pytest.mark.parametrize(("width", "turned"), [(84, True), (160, False)])
def test_a_narrow_terminal_turns_the_tables_and_cuts_nothing(report, width, turned, monkeypatch):
    shown = printed(stages_view(report, only=["rates", "changes"]), width, monkeypatch)
    lines = shown.splitlines()
    start = lines.index(next(line for line in lines if line.startswith("Stages")))
    heads = lines[start + 1].split()
    assert heads[:2] == (["stage", "base"] if turned else ["stage", "tool_call_accuracy"])
    assert max(len(line.rstrip()) for line in lines[start : start + 7]) <= width
    for row in table(stages_view(report), "Stages").rows:
        assert all(cell in shown for cell in row)
    assert "+62.5*" in shown


def test_markdown_explains_the_metrics_that_head_its_columns(report):
    page = markdown(stages_view(report, only=["rates"]))
    assert "34.8 % (2000) |" in page
    assert "- `tool_args_accuracy`: right tools and arguments" in page
    assert "turn_accuracy" not in page


def test_csv_has_bare_figures_in_columns_of_their_own(report):
    one = list(csv.DictReader(io.StringIO(csv_tables(stages_view(report, only=["rates"])))))
    assert one[0]["stage"] == "base"
    assert one[0]["tool_call_accuracy (%)"] == "34.8"
    assert one[0]["tool_name_accuracy n"] == "1000"
    changes = list(csv.DictReader(io.StringIO(csv_tables(stages_view(report, only=["changes"])))))
    assert [row["tool_args_accuracy"] for row in changes] == ["-1.6", "-2.5", "+70.7"]
    marks = [other.changes[2].significant for other in report.against]
    assert [row["tool_args_accuracy significant"] for row in changes] == ["yes" if mark else "no" for mark in marks]
    sure = list(csv.DictReader(io.StringIO(csv_tables(stages_view(report, only=["certainty"])))))
    assert sure[0]["pairs"] == "2000"
    assert float(sure[0]["95 % interval low"]) < float(sure[0]["points"]) < float(sure[0]["95 % interval high"])
    assert int(sure[0]["fixed"]) - int(sure[0]["broken"]) == -42
    several = csv_tables(stages_view(report))
    assert several.count("\n\n") == len(stages_view(report).tables) - 1
    assert several.startswith("Stages\nstage,")


def test_latex_of_the_published_report(report):
    page = latex(stages_view(report, only=["rates", "changes"]))
    assert page.count(r"\begin{table}") == page.count(r"\end{table}") == 2
    assert r"tool\_call\_accuracy & 34.8\,\% (2000) & 32.7\,\% (2000) & 32.3\,\% (2000) & 97.3\,\% (2000) \\" in page
    assert r"tool\_args\_accuracy & $-$1.6" in page
    assert not re.search(r"(?<!\\)[_#]|→", re.sub(r"(?m)^%.*$", "", page))
    assert "{}* significant" in page, "behind a line's end the star would be an option of it"
    assert not re.search(r"\\\\\s*[*\[]", page)
    for rule in ("toprule", "midrule", "bottomrule"):
        assert page.count(f"\\{rule}") == 2
