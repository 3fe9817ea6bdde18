"""Terminal, Markdown and JSON say the same, and none of them says more than was counted."""

from __future__ import annotations

import io
import json
import re

import pytest

from harness.cli.summary import publish
from harness.metrics import METRICS, Confusion, metrics_of
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view
from harness.report.view import interval, percent, run_view
from harness.suite import NullScores


@pytest.fixture
def view(header, footer, metrics):
    return run_view(header, footer, metrics, "reports/x")


def printed(view, **options):
    out = io.StringIO()
    print_view(view, console(out), **options)
    return out.getvalue()


def cells(text):
    """The words of a text, its frames and escapes taken away."""
    return re.sub(r"[*`|]|-{3,}|-+:|:-+", " ", text.replace("\\", "")).split()


def test_metric_table(view):
    assert view.tables[0].rows == (
        ("tool_call_accuracy", "66.7 %", "20.8 to 93.9", "2/3"),
        ("tool_name_accuracy", "100.0 %", "34.2 to 100.0", "2/2"),
        ("tool_args_accuracy", "50.0 %", "9.5 to 90.5", "1/2"),
        ("response_quality", "66.7 %", "20.8 to 93.9", "2/3"),
        ("fabrication_rate", "0.0 %", "0.0 to 56.1", "0/3"),
        ("case_pass_rate", "50.0 %", "9.5 to 90.5", "1/2"),
    )


def test_facts(view):
    facts = dict(view.facts)
    assert view.title == "mock on sample"
    assert facts["server"] == "vLLM 0.32.0, parser hermes"
    assert facts["decisions"] == "3 scored, 1 errored, in 9.0 s"
    assert facts["prefix cache"] == "75.0 % of prompt tokens were cached"
    assert "temperature 0, seed 0, max_tokens 64" in facts["sampling"]


def test_notes_on_what_wants_attention(view):
    notes = "\n".join(view.notes)
    assert "Message and raw text disagree in 1 decision: the server's parser's 1 (broken calls repaired 1), " in notes
    assert "the model's 0. `harness doctor` probes the server's parsers." in notes
    assert "tool_call_accuracy 66.7 % misses the suite's threshold of 100.0 %." in notes
    assert "response_quality" not in notes
    assert "1 decision met an error: in no denominator" in notes


def test_all_tables_in_terminal_and_markdown_hold_the_same_cells(view):
    terminal, document = cells(printed(view)), cells(markdown(view))
    for table in view.tables:
        for row in table.rows:
            for cell in row:
                words = cell.split()
                assert any(terminal[i : i + len(words)] == words for i in range(len(terminal))), cell
                assert any(document[i : i + len(words)] == words for i in range(len(document))), cell


def test_json_holds_the_numbers_that_the_tables_show(tmp_path, header, footer, metrics, view, capsys):
    publish(header, footer, metrics, tmp_path)
    value = json.loads((tmp_path / "summary.json").read_text())
    assert value["metrics"].keys() == set(METRICS)
    for name, shown, between, n in view.tables[0].rows:
        rate = value["metrics"][name]
        assert shown == percent(rate["value"])
        assert between == f"{100 * rate['low']:.1f} to {100 * rate['high']:.1f}"
        assert n == f"{rate['numerator']}/{rate['denominator']}"
    outcomes = {row[0]: int(row[1]) for row in view.tables[1].rows}
    assert value["outcomes"] == outcomes == dict.fromkeys(outcomes, 1)
    assert len(outcomes) == 4
    assert value["footer"] == footer.model_dump()
    assert (tmp_path / "summary.md").read_text() == markdown(run_view(header, footer, metrics, str(tmp_path)))
    assert "66.7 %" in capsys.readouterr().out


def test_the_attribution_line_tells_the_parser_from_the_model_everywhere(tmp_path, header, footer, metrics, capsys):
    found = {"lost": 2, "dropped": 1, "broken": 1, "untold": 1}
    line = (
        "Message and raw text disagree in 5 decisions: the server's parser's 3 (well-formed calls lost 2, text beside "
        "calls dropped 1), the model's 1 (broken call markup), not to be told 1 (unknown dialect)."
    )
    publish(header, footer, metrics.model_copy(update={"attribution": found}), tmp_path)
    for text in (capsys.readouterr().out, (tmp_path / "summary.md").read_text()):
        assert line in " ".join(text.split())
    value = json.loads((tmp_path / "summary.json").read_text())
    assert value["attribution"] == found


def test_channels_that_agree_have_no_attribution_line(header, footer, metrics):
    view = run_view(header, footer, metrics.model_copy(update={"attribution": {}}), "x")
    assert not [note for note in view.notes if "disagree" in note]


def test_violations_count_decisions_not_occurrences(view):
    violations = next(table for table in view.tables if table.title.startswith("Violations"))
    assert violations.rows == (("missing_argument", "1", "33.3 %"), ("value_mismatch", "1", "33.3 %"))


def test_an_empty_denominator_has_no_value(header, footer):
    view = run_view(header, footer, metrics_of([]), "x")
    assert {row[1:] for row in view.tables[0].rows} == {("n/a", "n/a", "0/0")}
    assert "n/a" in printed(view)
    assert "n/a" in markdown(view)


def test_every_metric_shown_is_explained(view):
    document = markdown(view)
    for name, *_ in view.tables[0].rows:
        assert f"- `{name}`: " in document


def test_most_tables(view):
    assert "By language" in printed(view)
    assert "By language" not in printed(view, most_tables=2)


@pytest.mark.parametrize("terminal", [False, True])
def test_figures_survive_a_narrow_terminal_and_long_names(header, footer, metrics, terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    long = [Confusion(expected=f"expected_{'x' * 90}_end", actual=f"actual_{'y' * 150}_end", count=41527)]
    view = run_view(header, footer, metrics.model_copy(update={"confusions": long}), "x")
    out = Terminal() if terminal else io.StringIO()
    print_view(view, console(out))
    shown = out.getvalue()
    assert "41527" in shown
    assert "66.7 %" in shown
    assert "20.8 to 93.9" in shown
    assert "…" not in shown


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_interval_of_nothing(metrics):
    assert interval(metrics_of([]).metrics["case_pass_rate"]) == "n/a"
    assert interval(metrics.metrics["case_pass_rate"]) == "9.5 to 90.5"


def test_what_nothing_scores_stands_beside_the_metrics(tmp_path, header, footer, metrics, capsys):
    counts = {"never_calls": {name: [1, 4] for name in METRICS} | {"tool_name_accuracy": [0, 0]}}
    identity = header.identity
    nulls = NullScores(
        suite_digest=identity.suite_digest,
        scorer_version=identity.scorer_version,
        teacher_forced=counts,
        rollout={"never_calls": {name: [2, 4] for name in METRICS}},
    )
    publish(header.model_copy(update={"nulls": nulls}), footer, metrics, tmp_path)
    found = capsys.readouterr().out
    assert found.index("Metrics") < found.index("What nothing scores") < found.index("Outcomes")
    assert re.search(r"never calls +25\.0 % \(4\) +n/a \(0\) +25\.0 % \(4\)", found)


@pytest.mark.parametrize("other", [{"suite_digest": "other"}, {"scorer_version": "other"}])
def test_scores_of_another_suite_or_by_other_rules_are_not_shown(tmp_path, header, footer, metrics, capsys, other):
    known = {"suite_digest": header.identity.suite_digest, "scorer_version": header.identity.scorer_version}
    nulls = NullScores(**{**known, **other}, teacher_forced={}, rollout={})
    publish(header.model_copy(update={"nulls": nulls}), footer, metrics, tmp_path)
    assert "What nothing scores" not in capsys.readouterr().out
