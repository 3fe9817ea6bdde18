"""Pictures: they tell the figures they are given, no label touches another, and no name can do anything in them."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import published as example
from harness.comparison import ByChange, Stages, Variants, stages
from harness.comparison.diff import Flips
from harness.comparison.stages import Step
from harness.metrics import rate
from harness.paired import Counts, difference
from harness.report.html.pictures import (
    Cell,
    Curve,
    Heat,
    Mix,
    Point,
    Repeats,
    curve_of,
    curves_of_gap,
    depth,
    heat,
    heat_of,
    noise,
    outcomes,
    pictures_of,
    repeats_of,
    variants,
)
from harness.report.html.pictures.labels import BOLD, SIZE, SMALL, cut, width
from harness.report.view import interval, percent, with_n
from harness.rollouts import RolloutFact, TurnFact, gap_of

LONG = "Qwen3-235B-A22B-Instruct-2507-FP8-with-an-adapter-of-a-very-long-name-v17-final"
CHINESE = "通义千问三代小模型（监督微调后再做直接偏好优化，第十七版）最终发布候选"
EVIL = "</title></svg><script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp\x1b[31m\"' style='x' \ud800"
NAMES = ["base", "sft", LONG, CHINESE, EVIL, "dpo-v2", "dpo-v3", "rl"]
ALLOWED = {
    "div",
    "figure",
    "figcaption",
    "ul",
    "li",
    "span",
    "p",
    "svg",
    "title",
    "desc",
    "g",
    "text",
    "line",
    "polyline",
    "polygon",
    "circle",
    "rect",
    "path",
}


def tagged(results, kinds=("chain", "parallel", LONG), formats=("csv", "json", CHINESE)):
    tags = {
        case: {
            "kind": kinds[place % len(kinds)],
            "language": ("en", "zh")[place % 2],
            "observation_format": formats[place % 7 % len(formats)],
        }
        for place, case in enumerate(sorted(results.tags))
    }
    entries = [entry._replace(depth=1 + entry.index % 4) for entry in results.entries]
    return results._replace(tags=tags, entries=entries)


def repeated(name, trials):
    """The same decisions several times; in each trial a tenth of the right ones go wrong."""
    once = example.stage(name)
    entries = [
        entry._replace(trial=trial)
        if not entry.right or (place + trial) % 10
        else entry._replace(trial=trial, outcome="missed_call" if entry.expect == "calls" else "spurious_call")
        for trial in range(trials)
        for place, entry in enumerate(once.entries)
    ]
    identity = once.identity.model_copy(update={"trials": trials})
    return once._replace(entries=sorted(entries, key=lambda entry: entry.key), identity=identity)


def curve(name, depths=6, n=100, history="scripted", right=0.8, fabricated=0.1):
    points = [Point(at, rate(round(n * right), n), rate(round(n * fabricated), n)) for at in range(1, depths + 1)]
    return Curve(name, history, "turns", points)


def changed(name, change="typos", p=0.001, broken=30, n=100):
    counts = [Counts(1, 1, int(place >= broken), 1) for place in range(n)]
    one = ByChange(change, n, difference(counts), broken, 0, p)
    return name, Variants("decisions", [one], rate(n, n), rate(n - broken, n), rate(40, 50), rate(20, 50), 0)


def told_trials(name, trials=5):
    agreement = [10 * right for right in range(trials + 1)]
    by_trial = [rate(90 + place % 50, 150) for place in range(trials)]
    return Repeats(
        name, "tool_call_accuracy", "decisions", trials, agreement, 3, rate(460, 750), by_trial, 0.333, 0.125
    )


def mapped(name, rows, columns, metric="tool_call_accuracy"):
    cells = [Cell(row, column, rate(place % 41, 40)) for place, (row, column) in enumerate(pairs(rows, columns))]
    return Heat(name, metric, metric, "decisions", "kind", "language", cells)


def pairs(rows, columns):
    return [(row, column) for row in rows for column in columns if (row, column) != (rows[0], columns[-1])]


EXTREMES = {
    "one stage": depth([curve("sft")]),
    "two histories": depth([curve("sft"), curve("sft", history="own", right=0.3, fabricated=0.6)]),
    "eight stages, 14 depths": depth([curve(name, 14, 1200 + place) for place, name in enumerate(NAMES)]),
    "60 depths": depth([curve("sft", 60, 99_999)]),
    "one decision": depth([curve("sft", 1, 1, right=1, fabricated=0)]),
    "nothing and all": depth([curve("none", right=0, fabricated=0), curve("all", right=1, fabricated=1)]),
    "outcomes of one": outcomes([Mix(LONG, "decisions", {"correct_call": 1}, 1)]),
    "outcomes of eight": outcomes(
        [
            Mix(name, "decisions", {"correct_call": 1 + place, "missed_call": 99_999, "errored": 1}, 100_001 + place)
            for place, name in enumerate(NAMES)
        ],
        [Step(one, other, 99_990, 0, 3, 1, 4, []) for one, other in pairwise(NAMES)],
    ),
    "all broken": outcomes(
        [Mix("a", "turns", {"correct_call": 1}, 1), Mix("b", "turns", {"missed_call": 1}, 1)],
        [Step("a", "b", 0, 1, 0, 0, 0, [Flips("correct_call", "missed_call", 1)])],
    ),
    "map of long names": heat([mapped(name, NAMES, [*NAMES, "日志"]) for name in (LONG, EVIL)]),
    "map of very many": heat(
        [
            mapped(
                "sft",
                [f"kind {place}" for place in range(40)],
                [f"c{place}" for place in range(30)],
                "fabrication_rate",
            )
        ]
    ),
    "trials": noise([told_trials(name) for name in NAMES]),
    "two trials": noise([told_trials("sft", 2)]),
    "many trials": noise([told_trials("sft", 64)]),
    "variants": variants([changed(name, other) for name, other in zip(NAMES, reversed(NAMES), strict=True)]),
    "variant of one": variants([changed("sft", broken=1, n=1)]),
}


def parsed(drawn):
    return ET.fromstring(f"<div>{drawn}</div>")


def svgs(drawn):
    return [node for node in parsed(drawn).iter("svg") if node.get("role") == "img"]


def descriptions(drawn):
    return " ".join(node.findtext("desc") for node in svgs(drawn))


def placed(svg):
    """The boxes of all texts, as wide as they are estimated to be."""

    def walk(node, classes):
        for child in node:
            own = (child.get("class") or "").split()
            if child.tag == "text":
                text = "".join([child.text or "", *(part.tail or "" for part in child)])
                size = SMALL if "small" in own else SIZE
                wide = width(text, size) * (BOLD if "head" in own else 1)
                anchor = child.get("text-anchor") or ("middle" if "cell" in classes else "start")
                start = float(child.get("x")) - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
                bottom = float(child.get("y")) + size * 0.2
                yield text, start, start + wide, bottom - size, bottom
            yield from walk(child, own)

    return list(walk(svg, []))


@pytest.mark.parametrize("drawn", EXTREMES.values(), ids=EXTREMES)
def test_no_label_touches_another_or_leaves_its_picture(drawn):
    for svg in svgs(drawn):
        _, _, wide, high = map(float, svg.get("viewBox").split())
        boxes = placed(svg)
        for text, left, right, top, bottom in boxes:
            assert -1 <= left <= right <= wide + 1, (text, left, right, wide)
            assert -1 <= top <= bottom <= high, (text, top, bottom, high)
        for (text, left, right, top, bottom), (other, *box) in combinations(boxes, 2):
            apart = right <= box[0] + 1 or box[1] <= left + 1 or bottom <= box[2] + 1 or box[3] <= top + 1
            assert apart, (text, other)


@pytest.mark.parametrize("drawn", EXTREMES.values(), ids=EXTREMES)
def test_nothing_in_a_picture_runs_loads_or_styles_itself(drawn):
    for node in parsed(drawn).iter():
        assert node.tag in ALLOWED
        for name, value in node.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert "href" not in name
            assert "url(" not in value
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", drawn)


@pytest.mark.parametrize("drawn", EXTREMES.values(), ids=EXTREMES)
def test_every_picture_has_a_title_and_says_what_it_shows(drawn):
    found = svgs(drawn)
    assert found
    for svg in found:
        title, description = svg.find("title"), svg.find("desc")
        assert title.text
        assert description.text
        assert svg.get("aria-labelledby") == title.get("id")
        assert svg.get("aria-describedby") == description.get("id")
    ids = [node.get("id") for node in parsed(drawn).iter() if node.get("id")]
    assert len(ids) == len(set(ids))


name = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), max_size=60)


@settings(max_examples=30)
@given(st.lists(name, min_size=1, max_size=4), name, st.integers(1, 40), st.integers(0, 2000))
def test_whatever_a_name_is_the_markup_stays_the_same(names, tag, depths, n):
    drawn = [
        depth([curve(one, depths, n) for one in names]),
        outcomes(
            [Mix(one, "turns", {"correct_call": n}, n) for one in names], [Step(names[0], tag, n, 1, 2, 3, 0, [])]
        ),
        heat([mapped(one, [*names, "x"], [tag, "y"]) for one in names]),
        noise([told_trials(one) for one in names]),
        variants([changed(one, tag) for one in names]),
    ]
    for one in filter(None, drawn):
        assert {node.tag for node in parsed(one).iter()} <= ALLOWED


def test_empty_input_draws_nothing():
    assert depth([]) == outcomes([]) == heat([]) == noise([]) == variants([]) == ""
    assert depth([curve("sft", n=0)]) == outcomes([Mix("sft", "turns", {}, 0)]) == ""
    assert pictures_of([]) == ""


def test_a_cut_name_has_the_whole_as_its_tooltip():
    assert width(cut(LONG, 100), SIZE) <= 100
    assert cut("short", 100) == "short"
    texts = [
        node
        for svg in svgs(EXTREMES["outcomes of eight"])
        for node in svg.iter("text")
        if node.find("title") is not None
    ]
    assert any(node.findtext("title") == LONG and (node.find("title").tail or "").endswith("…") for node in texts)


def test_depth_tells_both_metrics_of_both_histories_with_n_and_interval():
    scripted, own = curve("sft", 2, 40), curve("sft", 2, 30, "own", 0.5, 0.4)
    text = descriptions(depth([scripted, own]))
    for one in (scripted, own):
        for point in one.points:
            for found in (point.right, point.fabricated):
                told = f"turn {point.depth} {percent(found.value)} (n {found.denominator}, 95 % interval {interval(found)})"
                assert told in text
    assert "sft, scripted history, turns" in text
    assert "sft, own history, turns" in text


def test_n_stands_under_the_axis_once_where_all_have_the_same():
    def rows(drawn):
        texts = [text for text, *_ in placed(svgs(drawn)[0])]
        return texts.count("100"), texts.count("90")

    assert rows(depth([curve("a", 3), curve("b", 3)])) == (3, 0)
    assert rows(depth([curve("a", 3), curve("b", 3, 90)])) == (3, 3)


def test_points_of_few_decisions_are_faint_and_said_to_be():
    few = depth([Curve("sft", "own", "turns", [Point(at, rate(1, n), rate(0, n)) for at, n in ((1, 9), (2, 4))])])
    assert len([node for node in svgs(few)[0].iter("g") if node.get("class") == "few"]) == 1
    assert "n below 5" in few
    assert "n below 5" not in depth([curve("sft")])


def test_outcomes_tell_counts_and_shares_as_the_table_does():
    mix = Mix("sft", "decisions", {"correct_call": 30, "missed_call": 10}, 40)
    assert "sft, 40 decisions: correct_call 30 (75.0 %), missed_call 10 (25.0 %)." in descriptions(outcomes([mix]))
    assert "30 · 75.0 %" in [text for text, *_ in placed(svgs(outcomes([mix]))[0])]


def test_flows_tell_each_way_and_between_which_outcomes():
    flows = [Flips("missed_call", "correct_call", 5), Flips("correct_call", "wrong_tool", 2)]
    mixes = [Mix(name, "decisions", {"correct_call": 50}, 50) for name in ("base", "sft")]
    drawn = outcomes(mixes, [Step("base", "sft", 20, 2, 5, 21, 2, flows)])
    text = svgs(drawn)[1].findtext("desc")
    assert "Of 48 scored in both: right in both 20; right → wrong 2 (correct_call → wrong_tool 2)" in text
    assert "wrong → right 5 (missed_call → correct_call 5); wrong in both 21. 2 met an error" in text
    ribbons = list(svgs(drawn)[1].iter("path"))
    assert len(ribbons) == 4


def test_a_map_says_empty_cells_and_tells_the_others_with_n():
    found = mapped("sft", ["chain", "parallel"], ["en", "zh"])
    text = descriptions(heat([found]))
    assert "chain: en 0.0 % (n 40), zh none." in text
    assert [box[0] for box in placed(svgs(heat([found]))[0])].count("–") == 1


def test_shades_rise_with_the_share():
    cells = [Cell("a", str(share), rate(share, 100)) for share in (0, 19, 20, 59, 80, 100)]
    found = Heat("sft", "tool_call_accuracy", "x", "turns", "kind", "part", cells)
    shades = [node.get("class") for node in svgs(heat([found]))[0].iter("g") if "cell" in node.get("class")]
    assert shades == [f"cell share h{step}" for step in (0, 4, 0, 1, 2, 4)]  # columns by name: 0 100 19 20 59 80


def test_noise_tells_agreement_and_the_spread_over_trials():
    text = descriptions(noise([told_trials("sft", 3)]))
    assert "Of 60 decisions asked 3 times: 0 right in 0, 10 right in 1, 20 right in 2, 30 right in 3." in text
    assert "pass^3 33.3 % · flip rate 12.5 %" in text
    assert "3 met an error" in text
    assert "trial 1 60.0 % (n 150" in text
    assert "From 60.0 % to 61.3 %; all trials together 61.3 %." in text


def test_variants_tell_every_change_and_the_worst_case():
    name, found = changed("sft", broken=30)
    text = descriptions(variants([(name, found)]))
    one = found.changes[0].accuracy
    assert (
        f"typos: 100.0 % as they are, 70.0 % changed (n 100, 95 % interval {interval(one.second)}), -30.0* points"
        in text
    )
    assert "cases right in every variant: 40.0 % (n 50" in text
    assert "-30.0 points" in descriptions(variants([changed("sft", p=0.5)]))


def test_figures_from_results_are_those_of_the_tables():
    results = tagged(example.stage("sft"))
    metrics = results.metrics()
    by_depth = {found.value: found.metrics for found in metrics.slices if found.dimension == "depth"}
    assert [(point.right, point.fabricated) for point in curve_of("sft", metrics, "teacher_forced").points] == [
        (by_depth[at]["tool_call_accuracy"], by_depth[at]["fabrication_rate"]) for at in sorted(by_depth)
    ]
    cells = heat_of("sft", results, "kind", "language").cells
    by_kind = {found.value: found.metrics for found in metrics.slices if found.dimension == "kind"}
    for kind, rates in by_kind.items():
        parts = [cell.rate for cell in cells if cell.row == kind]
        assert sum(part.numerator for part in parts) == rates["tool_call_accuracy"].numerator
        assert sum(part.denominator for part in parts) == rates["tool_call_accuracy"].denominator


def test_trials_from_results_are_those_of_the_stage_tables():
    named = [("base", repeated("base", 3)), ("sft", repeated("sft", 3))]
    for stage in stages(named).stages:
        found = repeats_of(stage.name, stage.results)
        assert (found.all_right, found.flips) == (pytest.approx(stage.trials.decisions), stage.trials.flips)
        assert sum(found.agreement) + found.left_out == example.CASES * example.EACH
        assert sum(part.numerator for part in found.by_trial) == found.overall.numerator
    assert repeats_of("base", example.stage("base")) is None


def test_a_gap_gives_a_curve_for_each_history():
    def played(right):
        return [
            RolloutFact(f"c{case}", 0, [TurnFact(at, calls=True, right=right, fabricated=not right) for at in (1, 2)])
            for case in range(3)
        ]

    gap = gap_of(played(right=True), played(right=False))
    scripted, own = curves_of_gap("sft", gap)
    assert [with_n(point.right) for point in scripted.points] == ["100.0 % (3)"] * 2
    assert [with_n(point.fabricated) for point in own.points] == ["100.0 % (3)"] * 2
    assert (scripted.history, own.history) == ("scripted", "own")


@pytest.fixture(scope="module")
def report() -> tuple[list, Stages]:
    named = [(name, tagged(results)) for name, results in example.published()]
    return named, stages(named)


def test_a_page_has_all_pictures_that_have_something_to_show(report):
    named, found = report
    drawn = parsed(pictures_of(named, found))
    assert [node.get("class") for node in drawn] == [
        f"picture {name}" for name in ("outcomes", "depth", "heat", "heat")
    ]
    assert "base → sft" in [node.findtext("title") for node in drawn.iter("svg")]
    trials = parsed(pictures_of([("base", repeated("base", 2))]))
    assert [node.get("class") for node in trials] == [f"picture {name}" for name in ("outcomes", "depth", "noise")]


def test_templates_take_pictures_for_markup(report):
    named, _ = report
    drawn = pictures_of(named[:1])
    assert drawn.__html__() == drawn


STYLE = (files("harness.report.html") / "pictures.css").read_text(encoding="utf-8")


def colours(place):
    """The value of every colour variable, light (0) or dark (1)."""
    found = {name: both[place] for name, *both in re.findall(r"(--p-\S+): light-dark\((#\w+), (#\w+)\);", STYLE)}
    return found | dict(re.findall(r"(--p-\S+): (#\w+);", STYLE))


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
def test_every_text_and_mark_stands_out_from_what_is_behind_it(place):
    known = colours(place)
    for name in ("ink", "quiet", "better", "worse"):
        assert contrast(known[f"--p-{name}"], known["--p-surface"]) >= 4.5, name
    for name in (*(f"s{stage}" for stage in range(8)), "plain", "better", "worse"):
        assert contrast(known[f"--p-{name}"], known["--p-surface"]) >= 3, name
    pairs = re.findall(r"--c: var\((\S+)\); --on: (?:light-dark\(var\((\S+)\), var\((\S+)\)\)|var\((\S+)\))", STYLE)
    assert len(pairs) == 20
    for fill, light, dark, both in pairs:
        assert contrast(known[fill], known[both or (light, dark)[place]]) >= 4.5, fill


def test_every_word_of_ours_is_among_the_words_of_the_page():
    words = json.loads((files("harness.report.html") / "words.json").read_text(encoding="utf-8"))
    shown = [node for drawn in EXTREMES.values() for node in parsed(drawn).iter() if node.get("data-word")]
    assert shown
    for node in shown:
        assert words[node.get("data-word")]["en"] == node.text
        assert words[node.get("data-word")]["zh"]
