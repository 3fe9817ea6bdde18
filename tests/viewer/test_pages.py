"""The pages: what they say, in both languages, of runs in any state; nothing that a model wrote becomes markup."""

from __future__ import annotations

import json
import re
import shutil
from html import escape
from html.parser import HTMLParser

import pytest

from harness.errors import UsageError
from harness.report.view import interval, results_tables, with_n
from harness.runlog import LOG_NAME, RunWriter, encode, read_log, read_unfinished
from harness.viewer import pages
from harness.viewer.access import REPORT_POLICY
from harness.viewer.manner import ASSETS, words
from harness.viewer.runs import Summary
from harness.viewer.server import Options


class Page(HTMLParser):
    """A page's texts, tags and addresses."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data.strip())

    @property
    def links(self):
        return [attributes["href"] for tag, attributes in self.tags if tag == "a"]


def summary_of(place, key):
    return Summary.model_validate_json((place / "reports" / key / "summary.json").read_bytes())


def test_the_index_says_of_each_run_what_its_summary_says(place, ask):
    (answer,) = ask("/")
    page = Page(answer.text)
    for key in ("plain", "both/teacher_forced", "both/rollout"):
        summary = summary_of(place, key)
        assert f"/run/{key}/" in page.links
        for name, rate in summary.metrics.items():
            if summary.header.identity.mode == "teacher_forced" or name not in (
                "tool_name_accuracy",
                "tool_args_accuracy",
            ):
                assert with_n(rate) in page.texts
                assert f'title="{interval(rate)}"' in answer.text
    assert "/baseline/first/" in page.links
    assert "tool_call / turn" in page.texts


def test_the_index_is_filtered_by_suite_and_model(place, ask):
    text = (place / "reports" / "plain" / LOG_NAME).read_bytes()
    (place / "reports" / "other").mkdir()
    shorter = text[: text.rindex(b'{"type":"footer"')].replace(b'"model":"mock"', b'"model":"a&b"', 1)
    (place / "reports" / "other" / LOG_NAME).write_bytes(shorter)
    for query, shown, hidden in (
        ("?model=a%26b", ["other"], ["plain", "both/rollout"]),
        ("?model=mock", ["plain", "both/rollout"], ["other"]),
        ("?suite=sample", ["plain", "other"], []),
        ("?suite=none", [], ["plain", "other"]),
        ("?suite=sample&model=", ["plain", "other"], []),
    ):
        (answer,) = ask("/" + query)
        links = Page(answer.text).links
        assert [key for key in shown if f"/run/{key}/" not in links] == [], query
        assert [key for key in hidden if f"/run/{key}/" in links] == [], query
    assert '<option value="a&amp;b">a&amp;b</option>' in ask("/")[0].text


def test_many_runs_are_shown_page_by_page(ask, monkeypatch):
    monkeypatch.setattr(pages, "PER_PAGE", 2)
    first, second, beyond, none, odd = ask("/", "/?page=2", "/?page=99", "/?page=-1", "/?page=²")
    runs = [link for text in (first.text, second.text) for link in Page(text).links if re.match("/run/.*/$", link)]
    assert len(runs) == len(set(runs)) == 3
    assert "/?page=2" in first.text
    assert Page(beyond.text).links[-3:] == Page(second.text).links[-3:]
    assert none.status == odd.status == 200


def test_an_empty_folder_says_how_to_fill_it(place, ask):
    shutil.rmtree(place / "reports")
    (place / "reports").mkdir()
    index, trends = ask("/", "/trends")
    assert "harness run SUITE --serve MODEL" in index.text
    assert (trends.status, index.status) == (200, 200)


def test_a_run_has_every_table_of_its_summary(place, ask):
    for key in ("plain", "both/rollout"):
        (answer,) = ask(f"/run/{key}/")
        texts = Page(answer.text).texts
        summary = summary_of(place, key)
        for table in results_tables(summary, summary.header.identity.mode):
            assert table.title in texts
            assert not {cell for row in table.rows for cell in row if cell} - set(texts)


def test_a_baseline_has_its_tables(ask):
    (answer,) = ask("/baseline/first/")
    assert "first: mock on sample" in Page(answer.text).texts
    assert "tool_call_accuracy" in Page(answer.text).texts


def test_a_run_says_where_its_report_is_or_how_to_make_it(place, ask):
    folder = place / "reports" / "plain"
    index, run, report = ask("/", "/run/plain/", "/run/plain/report.html")
    command = f"harness report {folder}"
    assert "no report yet" in index.text
    assert command in run.text
    assert (report.status, command in report.text) == (200, True)
    (folder / "report.html").write_text("it")
    run, report = ask("/run/plain/", "/run/plain/report.html")
    assert command not in run.text
    assert ("/run/plain/report.html" in Page(run.text).links, report.text) == (True, "it")


def test_a_report_is_made_when_it_is_asked_for(options, ask):
    made = []

    def make(folder):
        made.append(folder)
        return "<p>made"

    ready = Options(options.folder, options.baselines, make_report=make)
    run, report = ask("/run/plain/", "/run/plain/report.html", options=ready)
    assert "/run/plain/report.html" in Page(run.text).links
    assert "harness report" not in run.text
    assert (report.text, report.headers["Content-Security-Policy"]) == ("<p>made", REPORT_POLICY)
    assert made == [options.folder / "plain"]


def test_a_report_that_cannot_be_made_says_why(options, ask):
    def make(_):
        raise UsageError("not <today>")

    (answer,) = ask("/run/plain/report.html", options=Options(options.folder, options.baselines, make_report=make))
    assert (answer.status, "not &lt;today&gt;" in answer.text) == (404, True)


def test_a_run_that_stopped_says_where_and_how_to_go_on(place, ask):
    log = place / "reports" / "plain" / LOG_NAME
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:8]))
    run, live, report = ask("/run/plain/", "/live.json", "/run/plain/report.html")
    header = read_unfinished(log).header
    assert "stopped" in Page(run.text).texts
    assert escape(" ".join(header.command)) in run.text
    assert "--resume</code>" in run.text
    assert '"state":"stopped"' in live.text
    assert report.status == 404


def test_a_run_under_way_is_told_as_it_goes(place, ask):
    folder = place / "reports" / "plain"
    log = folder / LOG_NAME
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(lines[:8]))
    writer = RunWriter.resume(folder, read_unfinished(log))
    index, run, live = ask("/", "/run/plain/", "/live.json")
    zh = ask("/live.json?lang=zh")[0]
    writer.close()
    done = re.search(r'"done":"(\d+/\d+ decisions)"', live.text)[1]
    assert done in Page(index.text).texts
    assert done in Page(run.text).texts
    assert "running" in Page(index.text).texts
    assert list(json.loads(live.text)["runs"]) == ["/run/plain/"]
    assert '"state":"进行中"' in zh.text


def test_a_damaged_run_says_what_is_wrong(place, ask):
    log = place / "reports" / "plain" / LOG_NAME
    log.write_bytes(log.read_bytes().replace(b"Oslo", b"Rome", 1))
    run, index = ask("/run/plain/", "/")
    assert "edited after the run" in run.text
    assert "edited after the run" in index.text
    assert "damaged" in Page(index.text).texts


def test_what_is_not_there_is_said_in_a_page(ask):
    for answer in ask("/nothing", "/run/none/", "/run/plain/none", "/baseline/none/"):
        assert (answer.status, "Nothing is served at this address." in answer.text) == (404, True)


def test_the_language_is_the_browser_s_or_the_one_chosen(ask):
    for header, language in (
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-US,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.5", "zh"),
        ("de", "en"),
        ("", "en"),
    ):
        assert f'<html lang="{language}"' in ask("/", headers={"Accept-Language": header})[0].text
    chosen, kept, back, still = ask("/?lang=zh", "/trends", "/?lang=en&theme=dark", "/trends")
    assert all('<html lang="zh"' in answer.text for answer in (chosen, kept))
    assert all('<html lang="en" data-theme="dark"' in answer.text for answer in (back, still))
    assert '<html lang="en">' in ask("/?lang=xx&theme=<b>")[0].text


def test_a_switch_keeps_what_was_asked_for(ask):
    (answer,) = ask("/?suite=sample&page=1")
    assert escape("/?suite=sample&page=1&theme=dark") in answer.text
    assert escape("/?suite=sample&page=1&lang=zh") in answer.text


@pytest.mark.parametrize("key", sorted(words()))
def test_every_word_is_there_in_both_languages_and_used(key):
    english, chinese = words()[key]["en"], words()[key]["zh"]
    assert english != chinese
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    sources = "".join(path.read_text() for path in [*ASSETS.glob("*.j2"), *ASSETS.parent.glob("*.py")])
    said = re.search(f"['\"]{key}['\"]", sources)
    assert said, "nobody says it"


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u202egpj\x1b[31m\x00{{7*7}}"


def test_nothing_that_others_wrote_becomes_markup(place, ask):
    """Names of models, suites, folders and baselines, the command and what is wrong with a log."""
    log = place / "reports" / "plain" / LOG_NAME
    found = read_log(log)
    identity = found.header.identity.model_copy(update={"model": HOSTILE, "suite": HOSTILE})
    header = found.header.model_copy(update={"identity": identity, "command": ["harness", HOSTILE]})
    folder = place / "reports" / "<script>alert(2)<"
    writer = RunWriter(folder)
    for line in (header, found.suite, *found.rows()):
        writer.write(encode(line))
    writer.close()
    shutil.copytree(folder, place / "reports" / "done")
    log = place / "reports" / "done" / LOG_NAME
    writer = RunWriter.resume(log.parent, read_unfinished(log))
    writer.finish(found.footer)
    writer.close()
    (place / "reports" / "bad").mkdir()
    (place / "reports" / "bad" / LOG_NAME).write_text('{"type":"header","<script>":5}\n')
    (place / "baselines" / "<script>.jsonl").write_text('{"type":"<script>"}\n')
    index, *others = ask("/", "/trends", "/run/bad/", "/run/done/")
    inner = [link for link in Page(index.text).links if link.startswith(("/run/", "/baseline/"))]
    for answer in (index, *others, *ask(*inner)):
        assert answer.status == 200
        tags = Page(answer.text).tags
        assert [attributes for tag, attributes in tags if tag == "script"] == [
            {"src": "/assets/view.js", "defer": None}
        ]
        assert not [
            tag for tag, attributes in tags if tag == "img" or any(name.startswith("on") for name in attributes)
        ]
        assert not re.search("[\u202e\x1b\x00]", answer.text)
        assert not [attributes for _, attributes in tags if "style" in attributes]
    assert "\\u202egpj\\u001b[31m\\u0000{{7*7}}" in index.text


def test_no_page_holds_a_style_or_script_that_its_policy_forbids(ask):
    for answer in ask("/", "/trends?suite=sample", "/run/both/rollout/", "/baseline/first/", "/nothing"):
        assert "style=" not in answer.text
        assert not re.search(r"<script(?! src=)|<style|\son\w+=|javascript:|https?://", answer.text)


@pytest.mark.parametrize(
    "odd", ["%ff", "%ed%b3%bf", "%00", "%0d%0aX: y", "%7B%7B7*7%7D%7D", "a" * 5000, "%", "%zz", "=", "&&"]
)
def test_odd_questions_get_a_page(ask, odd):
    found = ask(*(f"{path}{odd}" for path in ("/?suite=", "/?page=", "/trends?suite=", "/?lang=", "/?", "/live.json?")))
    assert {answer.status for answer in found} == {200}
    assert not [answer for answer in found if "X" in answer.headers]
