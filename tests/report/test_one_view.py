"""Computed once, printed many times: each form of a page says what its view says, all of it and nothing else.

The pages are of real runs: every outcome, errors, trials, rollouts, stages, a gate, a comparison, variants.
"""

from __future__ import annotations

from contextlib import chdir
from pathlib import Path
from typing import get_args

import pytest

from harness.baseline import FOLDER, read, stored
from harness.comparison import Contender, compare, cost, diff, gate, stages, variants
from harness.records import Outcome
from harness.report.baselines import baseline_view, listing_view
from harness.report.compare import compare_view
from harness.report.csv_tables import csv_tables
from harness.report.diffs import diff_view
from harness.report.gates import gate_view, look_commands
from harness.report.nulls import with_nulls
from harness.report.rollouts import gap_view, with_rollouts
from harness.report.stages import stages_view
from harness.report.variants import variants_view
from harness.report.view import run_view
from harness.runlog import read_log
from harness.runner import load_results, numbers_of, self_imitation_gap, spent_in
from harness.suite import Policy
from printed import PRINTERS, figures, in_csv, rest_of
from selection import slow

POLICY = Policy(
    floors={"tool_call_accuracy": 0.9}, max_drop={"all": 1.0}, max_fabrication_rate=0.01, max_error_rate=0.5
)


def summary(folder):
    log = read_log(Path(folder))
    metrics, rollout = numbers_of(log)
    view = run_view(log.header, log.footer, metrics, folder)
    if rollout is not None:
        view = with_rollouts(view, rollout, log.header.identity.max_steps)
    return with_nulls(view, log.header)


def gated(first, second, *, full=True):
    result = gate(diff(load_results(first), load_results(second), by_tag=False), POLICY)
    return gate_view(result, "a file", list(look_commands(result, second, first, None)), full=full)


def compared(first, second):
    sides = [load_results(name) for name in (first, second)]
    spent = [(results, spent_in(results)) for results in sides]
    return compare_view(compare(*(Contender(one, used, cost(used, 2.0, 2.5)) for one, used in spent)), currency="USD")


def gap():
    own = read_log(Path("both/rollout"))
    found = self_imitation_gap(read_log(Path("both/teacher_forced")), own)
    return gap_view(own.header, found, "both/teacher_forced", "both/rollout")


def staged(*names):
    return stages_view(stages([(name.rpartition("/")[2], load_results(name)) for name in names]), full=True)


PAGES = {
    "run": lambda: summary("base"),
    "run of rollouts": lambda: summary("both/rollout"),
    "self-imitation gap": gap,
    "stages": lambda: staged("base", "sft", "dpo"),
    "stages of rollouts": lambda: staged("both/rollout", "worse"),
    "variants": lambda: variants_view(load_results("varied"), variants(load_results("varied"))),
    "gate": lambda: gated("first", "sft"),
    "gate on one screen": lambda: gated("first", "sft", full=False),
    "gate passed": lambda: gated("base", "base"),
    "gate of rollouts": lambda: gated("both/rollout", "worse"),
    "diff": lambda: diff_view(diff(load_results("base"), load_results("sft"))),
    "compare": lambda: compared("base", "sft"),
    "baseline": lambda: baseline_view(load_results("first")),
    "baselines": lambda: listing_view([read(path) for path in stored(FOLDER)], "baselines"),
}


@pytest.fixture(scope="session")
def views(mixed_place):
    with chdir(mixed_place):
        return {name: page() for name, page in PAGES.items()}


def test_every_outcome_is_there(views):
    (table,) = [table for table in views["run"].tables if table.title == "Outcomes"]
    assert {row[0] for row in table.rows} == set(get_args(Outcome))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [100, *slow([60, 400])])
@pytest.mark.parametrize("printer", PRINTERS)
def test_a_page_says_what_its_view_says_and_nothing_else(views, printer, page, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    printed, read_back = PRINTERS[printer]
    view = views[page]
    assert rest_of(read_back(printed(view)), view, commands=printer != "latex") == ""


@pytest.mark.parametrize("page", PAGES)
def test_csv_has_every_figure_of_the_tables_row_by_row(views, page):
    tables = in_csv(csv_tables(views[page]))
    assert len(tables) == len(views[page].tables)
    heads = 2 if len(tables) > 1 else 1
    for table, rows in zip(views[page].tables, tables, strict=True):
        assert rows[heads:] == [figures(*row) for row in table.rows], table.title
