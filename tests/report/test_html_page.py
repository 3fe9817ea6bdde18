"""The page as a document: it fetches nothing, runs nothing but its own script, says what Markdown says, and whatever a
model, a suite or a server writes is shown in it, never obeyed."""

from __future__ import annotations

import base64
import hashlib
import json
import re

import pytest

from harness import jsonvalue
from harness.cli import main
from harness.comparison import stages
from harness.replies import END, Reply, message_of
from harness.report.html.data import data_blocks
from harness.report.html.overview import Rated, tiles
from harness.report.html.packing import plain_json
from harness.report.html.report import full_run_view, run_page, stages_page
from harness.report.markdown import markdown
from harness.report.stages import stages_view
from harness.runlog import RunWriter, case_line, encode, read_log, suite_of
from harness.runner import load_results, numbers_of
from harness.suite import NullScores, load_suite
from harness.testing import MockServer, sample_suite
from harness.testing.inventors import invents_prose
from harness.testing.miniatures import gold
from harness.testing.sample import write_suite
from opened import Opened

EVIL = {
    "script": "<script>alert(1)</script>",
    "end of script": "</script><script>alert(2)</script>",
    "comment": "<!--<script>",
    "handler": "<img src=x onerror=alert(3)> \"onmouseover=\"alert(4)\" 'onclick='x'",
    "style": "</style><style>*{display:none}</style>",
    "entity": "&lt;b&gt; &#60; &amp;",
    "url": "javascript:alert(5) https://evil.example/x.png",
    "template": "{{ 7 * 7 }} {% raw %} {# #}",
    "bidi": "\u202egnp.exe\u202c \u2066x\u2069 \u061c\u200f",
    "control": "\x1b[31m\x07\b\r\x7f\x9b2J \x0b\x0c",
    "null": "a\0b",
    "lines": "a\u2028b\u2029c\x85d",
    "surrogate": "a\ud800b \udfff",
    "zero width": "a\u200bb\ufeffc\u2060",
    "astral": "👩\u200d💻 𝕏",
    "tags": "<tool_call>{}</tool_call><|im_end|>",
}
HOSTILE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
ALL = " ".join(EVIL.values())


def ran(folder, suite, reply, *words):
    with MockServer(suite, reply, rollouts="rollout" in words) as server:
        command = ["run", str(folder / "suite"), "--base-url", server.base_url, "--dialect", "hermes"]
        assert main([*command, "--out", str(folder / "out"), *words]) in (0, 1)
    return load_results(str(folder / "out"))


@pytest.fixture
def results(tmp_path):
    return ran(tmp_path, sample_suite(tmp_path / "suite"), "one_argument_off")


def unspoken(text):
    """A text without what only a lone surrogate would make unsendable to a test's own server."""
    return re.sub("[\ud800-\udfff]", "", text)


@pytest.fixture(params=["teacher_forced", "rollout"])
def evil(request, tmp_path):
    """A run in which everything that a suite, a model and a server say is hostile."""
    words = unspoken(ALL)
    tool = {"type": "function", "function": {"name": "look", "description": words, "parameters": {"type": "object"}}}
    header = f"name: |-\n  {EVIL['script']} {EVIL['handler']}\ndescription: x\nlicence: x\n"
    case = {
        "id": words,
        "tags": {"language": words, "kind": "</script>", words: words},
        "system": words,
        "turns": [
            {"user": words},
            {"expect": {"calls": [{"name": "look", "arguments": {words: words}}]}, "observations": [words]},
            {"expect": {"no_call": True}, "answer": words},
        ],
    }
    folder = write_suite(tmp_path / "suite", "", tools=[tool], header=header)
    (folder / "cases" / "cases.yaml").unlink()
    (folder / "cases" / "cases.jsonl").write_bytes(jsonvalue.dump_line(case))

    def reply(decision):
        calls = [(words, json.dumps({words: words}))] if decision.index == 0 else []
        return Reply(message_of(words, calls), words + END, "stop")

    return ran(tmp_path, load_suite(folder), reply, "--mode", request.param, "--model", "mock")


def hashes(policy, name):
    (found,) = (part for part in policy.split("; ") if part.startswith(name))
    return re.findall(r"'sha256-([^']+)'", found)


def digest(text):
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check_document(page):
    """What holds of every page, whatever is in it."""
    assert page.declarations == ["doctype html"]
    names = [name for name, _ in page.elements]
    (policy,) = (given["content"] for name, given in page.elements if given.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert len(page.scripts) == len(page.styles) == 1
    assert hashes(policy, "script-src") == [digest(page.scripts[0])]
    assert hashes(policy, "style-src") == [digest(page.styles[0])]
    assert names.count("style") == 1
    assert names.count("script") == 1 + len(page.blocks)
    assert not {"link", "iframe", "object", "embed", "base", "form", "img", "video", "audio", "foreignobject"} & set(
        names
    )
    ids = [given["id"] for _, given in page.elements if "id" in given]
    assert len(ids) == len(set(ids))
    for name, given in page.elements:
        assert not [key for key in given if key.startswith("on") or key in ("style", "src", "srcdoc", "action", "ping")]
        for key in ("href", "xlink:href"):
            assert (given.get(key) or "#").startswith("#"), (name, given)
    for kind, text in page.blocks.values():
        assert kind in ("application/json", "application/deflate-base64")
        assert not re.search("[<>&\u2028\u2029]", text)
    assert not HOSTILE.search(page.source)
    page.source.encode()


def test_the_page_of_a_run_is_one_document(results):
    check_document(Opened(run_page(results)))


def test_the_page_of_stages_is_one_document(results):
    check_document(Opened(stages_page([("a", results), ("b", results)])))


def test_hostile_content_stays_content(evil):
    page = Opened(run_page(evil))
    check_document(page)
    page_of_two = Opened(stages_page([(ALL, evil), ("b", evil)]))
    check_document(page_of_two)
    words = unspoken(ALL)
    assert words in page.index["cases"]
    (case,) = {name for chunk in page.chunks() for name in chunk["cases"]}
    assert case == words
    told = page.chunks()[0]["decisions"]["0"]["stages"][0]
    first = told["steps"][0] if "steps" in told else told
    assert first["message"]["content"] == words
    assert first["raw"] == words + END
    assert page.value("tools")["look"]["function"]["description"] == words


def test_half_a_character_reaches_the_script_as_it_came(tmp_path, results):
    """A server may send half a surrogate pair: no UTF-8 can say it, and the page is UTF-8."""
    log, half = results.log, "x\ud800y"
    writer = RunWriter(tmp_path / "half")
    suite = suite_of(log)
    tools = log.suite.model_copy(update={"tools": [tool.to_json() for tool in suite.tools]})
    writer.write(encode(log.header) + encode(tools) + b"".join(map(case_line, log.cases())))
    for row in log.rows():
        message = {**message_of(half), "tool_calls": [{"function": {"name": half, "arguments": {half: half}}}]}
        response = row.response.model_copy(update={"message": message, "raw": half})
        writer.write(encode(row.model_copy(update={"response": response})))
    writer.finish(log.footer)
    writer.close()
    text = run_page(load_results(str(tmp_path / "half")))
    check_document(Opened(text))
    done = Opened(text).decision("chat-3", 0)["stages"][0]
    assert (done["raw"], done["message"]["tool_calls"][0]["function"]["name"]) == (half, half)


def test_hostile_content_is_made_visible_in_the_static_part(evil):
    said = Opened(run_page(evil)).text
    assert "<script>alert(1)</script>" in said
    assert "\\u202egnp.exe" in said
    assert "\\u001b[31m" in said
    assert "{{ 7 * 7 }}" in said


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
def test_a_megabyte_of_one_character_makes_a_small_page(tmp_path):
    suite = sample_suite(tmp_path / "suite")
    long = "a" * 1_000_000

    def reply(decision):
        return Reply(message_of(long), long + END, "length") if decision.case_id == "chat-3" else gold(decision)

    page = Opened(run_page(ran(tmp_path, suite, reply)))
    check_document(page)
    assert len(page.source) < 700_000
    assert page.decision("chat-3", 0)["stages"][0]["message"]["content"] == long


@pytest.mark.parametrize("name", EVIL)
def test_json_in_a_page_is_the_same_to_both_readers(name):
    text = plain_json({EVIL[name]: [EVIL[name]]})
    assert json.loads(text) == {EVIL[name]: [EVIL[name]]}
    assert not re.search("[<>&\u2028\u2029\u202e\u200f\x7f-\x9f]", text)
    assert not HOSTILE.search(text)


def cells_of(document):
    """The tables of a Markdown document: their titles and rows, escapes taken away."""
    found = []
    for part in re.split(r"^## ", document, flags=re.MULTILINE)[1:]:
        title, *rows = part.splitlines()
        rows = [row for row in rows if row.startswith("|") and not re.fullmatch(r"[|:-]+", row)]
        if rows:
            split = [[_bare(cell) for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
            found.append((_bare(title), split))
    return found


def _bare(text):
    return re.sub(r"\\([\\`*_{}\[\]<>|#])", r"\1", text.strip())


def test_tables_hold_the_very_strings_of_the_markdown(evil):
    log = evil.log
    metrics, rollout = numbers_of(log)
    expected = cells_of(markdown(full_run_view(log.header, log.footer, metrics, str(log.path.parent), rollout)))
    assert len(expected) > 4
    assert Opened(run_page(evil)).tables[: len(expected)] == expected


def test_the_run_s_summary_and_its_page_hold_the_same_tables(tmp_path, results):
    expected = cells_of((tmp_path / "out" / "summary.md").read_text())
    page = Opened((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert page.tables[: len(expected)] == expected
    assert len(page.tables) == len(expected)
    assert results.identity.model in page.text


def test_stages_hold_the_very_strings_of_the_markdown(results):
    named = [("base", results), ("again", results)]
    page = Opened(stages_page(named))
    expected = cells_of(markdown(stages_view(stages(named), full=True)))
    assert page.tables[: len(expected)] == expected


def test_tiles_tell_value_interval_n_and_the_best_null_model(header, metrics):
    digest_of, version = header.identity.suite_digest, header.identity.scorer_version
    rates = {name: [1, 4] for name in metrics.metrics}
    better = {**rates, "tool_call_accuracy": [3, 4], "fabrication_rate": [3, 4]}
    scores = {"never_calls": rates, "calls_at_random": better}
    nulls = NullScores(suite_digest=digest_of, scorer_version=version, teacher_forced=scores, rollout=scores)
    known = header.model_copy(update={"nulls": nulls})
    made = {
        tile.name: tile
        for tile in tiles([Rated(None, metrics.metrics)], "teacher_forced", known, {"tool_call_accuracy": 1.0})
    }
    first = made["tool_call_accuracy"]
    assert first.lines[0][:4] == (None, "66.7 %", "20.8 to 93.9", "2/3")
    assert first.null == ("calls at random", "75.0 %")
    assert made["fabrication_rate"].null == ("never calls", "25.0 %")
    assert first.missed == "misses the suite's threshold of 100.0 %"
    assert made["response_quality"].missed is None
    other = known.model_copy(update={"nulls": nulls.model_copy(update={"scorer_version": "0"})})
    assert {tile.null for tile in tiles([Rated(None, metrics.metrics)], "teacher_forced", other)} == {None}
    assert "turn_accuracy" in {tile.name for tile in tiles([Rated(None, metrics.metrics)], "rollout", known)}


def test_a_change_is_told_with_its_certainty(tmp_path):
    suite = sample_suite(tmp_path / "suite", copies=6)
    worse = ran(tmp_path, suite, "never_calls")
    better = ran(tmp_path / "b", sample_suite(tmp_path / "b" / "suite", copies=6), "gold")
    assert suite.digest
    found = stages([("base", worse), ("sft", better)])
    rated = [
        Rated("base", found.stages[0].metrics.metrics),
        Rated("sft", found.stages[1].metrics.metrics, found.against[0].changes),
    ]
    made = {tile.name: tile for tile in tiles(rated, "teacher_forced")}
    accuracy = made["tool_call_accuracy"]
    assert [line.stage for line in accuracy.lines] == ["base", "sft"]
    assert accuracy.lines[0].change is None
    assert accuracy.lines[1].change == "+50.0"
    assert accuracy.lines[1].certainty.endswith(", p <0.001")
    assert made["fabrication_rate"].lines[1].certainty == "p 1.000"
    assert accuracy.lines[1].verdict == "better"
    assert made["fabrication_rate"].lines[1].verdict == "same"


def test_a_thousand_decisions_stay_below_a_megabyte_and_a_half(tmp_path):
    """Of a suite as rich as the shipped ones, that is by what a decision adds to the page."""
    suite = sample_suite(tmp_path / "suite", copies=25)
    results = ran(tmp_path, suite, invents_prose)
    page = run_page(results)
    assert len(results.entries) == 200
    assert len(page.encode()) < 450_000
    added = sum(len(one.text) for one in data_blocks([("x", results)]))
    assert added / 200 < 1000


def test_a_log_read_again_is_the_same_page(tmp_path, results):
    assert run_page(results) == (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert read_log(tmp_path / "out").footer.scored == 8
