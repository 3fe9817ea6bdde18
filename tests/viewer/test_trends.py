"""Metrics over runs: who is drawn with whom, and the pictures."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.metrics import rate
from harness.report.view import interval, with_n
from harness.runlog import Identity, Sampling
from harness.viewer import trends
from harness.viewer.chart import COLOURS, chart
from harness.viewer.runs import Run
from harness.viewer.shelf import Baseline, Listing
from harness.viewer.trends import Line


def identity(**changes):
    known = {
        "suite": "s",
        "suite_digest": "d1",
        "decisions": 100,
        "model": "m",
        "sampling": Sampling(max_tokens=5),
        "harness_version": "0",
        "scorer_version": "4",
    }
    return Identity(**{**known, **changes})


def run(day, right=50, of=100, state="finished", **changes):
    found = identity(**changes)
    rates = {"tool_call_accuracy": rate(right, of), "tool_name_accuracy": rate(0, 0)}
    return Run(f"r{day:03}", Path(f"r{day:03}"), state, {}, 0.0, f"2026-01-{day:02}", found, rates)


def listing(*runs, baselines=()):
    newest_first = tuple(sorted(runs, key=lambda run: run.started, reverse=True))
    return Listing(newest_first, tuple(baselines), 0, "")


def test_only_runs_of_the_same_content_and_mode_are_together():
    found = trends.alike(
        listing(
            run(1, suite_digest="d0"),
            run(2),
            run(3, mode="rollout"),
            run(4, suite="other"),
            run(5),
            run(6, state="running"),
            run(7, state="damaged"),
        ),
        "s",
    )
    assert [(one.digest, one.mode, [run.key for run in one.runs]) for one in found] == [
        ("d1", "teacher_forced", ["r002", "r005"]),
        ("d1", "rollout", ["r003"]),
        ("d0", "teacher_forced", ["r001"]),
    ]


def test_each_model_is_a_line_with_its_runs_in_their_places():
    (found,) = trends.alike(listing(run(1, 10), run(2, 90, model="n"), run(3, 20), run(4, 0, 0, model="n")), "s")
    assert found.models == ("m", "n")
    lines = trends.lines(found, "tool_call_accuracy")
    assert [(line.model, [(place, point.numerator) for place, point in line.points]) for line in lines] == [
        ("m", [(0, 10), (2, 20)]),
        ("n", [(1, 90)]),
    ]


def test_baselines_of_the_same_content_are_levels():
    ours = Baseline("b", 1, 0.0, identity(), {"tool_call_accuracy": rate(1, 4)})
    others = [Baseline("c", 1, 0.0, identity(suite_digest="d0")), Baseline("d", 1, 0.0)]
    (found,) = trends.alike(listing(run(1), baselines=[ours, *others]), "s")
    assert found.baselines == (ours,)


def test_of_many_runs_the_latest_are_drawn(monkeypatch):
    monkeypatch.setattr(trends, "MOST_RUNS", 3)
    (found,) = trends.alike(listing(*(run(day) for day in range(1, 8))), "s")
    assert [run.key for run in found.runs] == ["r005", "r006", "r007"]
    assert found.left_out == 4


def test_different_scorers_are_told():
    (found,) = trends.alike(listing(run(1, scorer_version="3"), run(2)), "s")
    assert found.scorers == ("3", "4")


def test_suites_are_counted_by_their_finished_runs():
    assert trends.suites(listing(run(1), run(2, suite="a"), run(3), run(4, state="stopped"))) == {"a": 1, "s": 2}


def drawn(lines, levels=(), runs=3):
    text = str(chart("c", "tool_call_accuracy", runs, lines, levels))
    return text, ET.fromstring(text)


def heights(root, name):
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", root.find(f".//path[@class='{name}']").get("d"))]


def test_a_picture_says_in_words_what_it_shows():
    lines = [Line("m", ((0, rate(1, 4)), (2, rate(3, 4)))), Line("n", ((1, rate(2, 4)),))]
    text, root = drawn(lines, [("first", rate(1, 2))])
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "c-title c-desc"
    assert root.find("title").text == "tool_call_accuracy"
    assert root.find("desc").text == "m: 25.0 %, 75.0 %; n: 50.0 %; first: 50.0 %"
    points = [title.text for title in root.iter("title")][1:]
    assert f"m: {with_n(rate(1, 4))}, {interval(rate(1, 4))}" in points
    assert "style=" not in text


def test_more_is_higher_and_nothing_leaves_the_picture():
    _, root = drawn([Line("m", tuple((place, rate(place * 50, 100)) for place in range(3)))])
    y = heights(root, "line")
    assert y == sorted(y, reverse=True)
    assert all(0 <= value <= 200 for value in y)
    width, height = (float(size) for size in root.get("viewBox").split()[2:])
    for x, at in re.findall(r"[ML ]([\d.]+) ([\d.]+)", root.find(".//path[@class='line']").get("d")):
        assert 0 <= float(x) <= width
        assert 0 <= float(at) <= height


@pytest.mark.parametrize("value", [0, 1, 50, 99, 100])
def test_a_small_change_does_not_fill_the_picture(value):
    _, root = drawn([Line("m", ((0, rate(value * 1000, 100_000)),))], runs=1)
    ticks = [int(text.text.removesuffix(" %")) for text in root.iter("text")]
    assert ticks[-1] - ticks[0] >= 20
    assert ticks[0] <= value <= ticks[-1]
    assert 0 <= ticks[0] < ticks[-1] <= 100


def test_lines_differ_by_their_marks_too_and_begin_again_after_the_last():
    lines = [Line(f"m{number}", ((0, rate(number, 10)),)) for number in range(COLOURS + 1)]
    _, root = drawn(lines)
    groups = [group for group in root.iter("g") if group.find("path[@class='line']") is not None]
    shapes = [group.find("g/path").get("d") for group in groups]
    assert len(set(shapes)) == COLOURS
    assert shapes[0] == shapes[-1]


def test_without_a_value_there_is_no_picture():
    assert str(chart("c", "t", 2, [Line("m", ())], [("b", rate(1, 2))])) == ""


def test_hostile_names_stay_text():
    _, root = drawn([Line('<b onload="x">\x1b\u202e&', ((0, rate(1, 2)),))], [("<i>", rate(1, 2))])
    assert '<b onload="x">\\u001b\\u202e&' in root.find("desc").text
    assert {element.tag for element in root.iter()} <= {"svg", "title", "desc", "g", "path", "text"}


def test_the_page_keeps_runs_of_another_mode_apart_and_says_so(place, ask):
    (page,) = ask("/trends")
    assert "2 groups" in page.text
    pictures = [ET.fromstring(text) for text in re.findall('<svg class="chart".*?</svg>', page.text, re.DOTALL)]
    titles = [picture.find("title").text for picture in pictures]
    assert titles.count("tool_call_accuracy") == titles.count("turn_accuracy") == 1
    for key in ("plain", "both/teacher_forced", "both/rollout"):
        assert f'href="/run/{key}/"' in page.text
    told = pictures[titles.index("tool_call_accuracy")].find("desc").text
    summaries = [(place / "reports" / key / "summary.md").read_text() for key in ("plain", "both/teacher_forced")]
    values = [re.search(r"\| tool\\_call\\_accuracy +\| +([\d.]+ %)", text)[1] for text in summaries]
    assert told.startswith(f"mock: {', '.join(values)}; first: ")


def test_a_suite_without_finished_runs_says_so(ask):
    assert "No finished run of this suite is here." in ask("/trends?suite=none")[0].text
