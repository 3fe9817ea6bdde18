"""`harness gate`: exit codes, one screen, and the files for a pipeline."""

from __future__ import annotations

import json
import os
from xml.etree import ElementTree as ET

import pytest

from harness.comparison import diff, gate
from harness.report.gates import gate_view, look_commands
from harness.report.junit import junit
from harness.report.markdown import markdown
from harness.runlog import HEADER as BEGINS
from harness.runlog import read_log
from harness.runner import load_results
from harness.suite import load_suite
from harness.testing import MockServer
from harness.testing.sample import CASES, HEADER, write_suite


@pytest.fixture
def run_of(place, harness, made_once):
    """A run of the sample suite with a miniature, in a folder; `gate` goes into its suite.yaml."""

    def go(name, miniature="gold", *, gate="", cases=CASES, mode="teacher_forced"):
        folder = place / f"suite-{name}"
        documents = [case.replace("id: ", f"id: {copy:02}-", 1) for copy in range(8) for case in cases.split("---\n")]
        write_suite(folder, "---\n".join(documents), header=HEADER + gate)

        def make():
            with MockServer(load_suite(folder), miniature, rollouts=mode == "rollout") as server:
                said = harness("run", folder.name, "--base-url", server.base_url, "--mode", mode, "--out", name)
            assert said.code in {0, 1}, said.err

        made_once(("gate", name, miniature, gate, cases, mode), place / name, make)
        return name

    return go


@pytest.fixture
def saved(run_of, harness):
    """A baseline `first` and a run `bad` that is worse."""
    assert harness("baseline", "save", run_of("good"), "--name", "first").code == 0
    return run_of("bad", "one_argument_off")


def lines(said):
    return said.out.splitlines()


@pytest.mark.usefixtures("saved")
def test_a_run_that_is_no_worse_passes(harness):
    said = harness("gate", "good", "--baseline", "first")
    assert (said.code, lines(said)[0]) == (0, "GATE PASSED: good against first")


def test_a_regression_is_told_on_one_screen(saved, harness):
    said = harness("gate", saved, "--baseline", "first")
    assert said.code == 1
    assert lines(said)[0].startswith("GATE FAILED: 3 of 9 checks: bad against first")
    assert len(lines(said)) <= 32
    assert "<0.001" in said.out
    assert "wrong_arguments" in said.out
    assert "harness diff first bad --transcripts 10" in said.out
    assert "harness show bad '00-table 2 für zwölf' 00-weather-1" in said.out
    shown = harness("show", saved, "00-table 2 für zwölf", "00-weather-1")
    assert (shown.code, "▶ decision" in shown.out) == (0, True)


def test_the_files_say_the_same(saved, harness, place):
    files = ["--markdown", "gate.md", "--json", "gate.json", "--junit", "gate.xml"]
    assert harness("gate", saved, "--baseline", "first", *files).code == 1
    value = json.loads((place / "gate.json").read_text())
    assert (value["verdict"], value["exit_code"]) == ("failed", 1)
    failing = [check for check in value["checks"] if check["state"] == "failed"]
    page = (place / "gate.md").read_text()
    assert page.startswith("# GATE FAILED: 3 of 9 checks: bad against first\n")
    top = ET.parse(place / "gate.xml").getroot()
    failures = [case for case in top.iter("testcase") if case.find("failure") is not None]
    messages = [case.find("failure").get("message") for case in failures]
    assert [check["words"] for check in failing] == messages[: len(failing)]
    assert len(failures) == len(failing) + len(value["broken"])
    assert page.count("wrong\\_arguments") == len(value["broken"]) == 24
    assert "expected  get_weather" in failures[-1].find("failure").text


def test_junit_counts_what_it_holds(saved, harness, place):
    for run, code in ((saved, 1), ("good", 0)):
        assert harness("gate", run, "--baseline", "first", "--junit", "gate.xml").code == code
        top = ET.parse(place / "gate.xml").getroot()
        assert top.tag == "testsuites"
        for holder in (top, *top):
            for name, tag in (
                ("tests", "testcase"),
                ("failures", "failure"),
                ("errors", "error"),
                ("skipped", "skipped"),
            ):
                assert int(holder.get(name)) == len(list(holder.iter(tag))), (holder.get("name"), name)
        names = [(case.get("classname"), case.get("name")) for case in top.iter("testcase")]
        assert len(set(names)) == len(names)
    assert int(top.get("failures")) == int(top.get("errors")) == 0


def test_what_broke_without_failing_a_check_is_skipped(saved, harness, place):
    (place / "policy.yaml").write_text("max_drop: 100\n")
    words = ["gate", saved, "--baseline", "first", "--policy", "policy.yaml", "--junit", "gate.xml"]
    assert harness(*words).code == 0
    top = ET.parse(place / "gate.xml").getroot()
    assert (top.get("failures"), top.get("skipped")) == ("0", "24")


def test_the_suites_policy_travels_with_the_run_and_a_file_goes_before_it(run_of, harness, place):
    assert harness("baseline", "save", run_of("good"), "--name", "first").code == 0
    run_of("bad", "one_argument_off", gate="gate: {max_drop: 100}\n")
    (place / "suite-bad" / "suite.yaml").unlink()  # no suite folder is needed
    said = harness("gate", "bad", "--baseline", "first")
    assert said.code == 0
    assert "the suite's own" in said.out
    (place / "policy.yaml").write_text("significance: 0.01\n")
    assert harness("gate", "bad", "--baseline", "first", "--policy", "policy.yaml").code == 1
    assert harness("baseline", "save", "bad", "--name", "second").code == 0
    assert harness("gate", "second", "--baseline", "first").code == 0
    assert harness("rescore", "bad").code == 0
    assert harness("gate", "bad", "--baseline", "first").code == 0


@pytest.mark.usefixtures("saved")
def test_a_log_and_a_baseline_without_a_policy_read_as_ever(place):
    header = (place / "good" / "run.jsonl").read_bytes().splitlines()[0]
    assert header.startswith(BEGINS)
    assert b'"gate"' not in header
    assert b'"gate"' not in (place / "baselines" / "first.jsonl").read_bytes()
    assert read_log(place / "good").header.gate is None


def test_a_policy_that_is_wrong_ends_with_2(saved, harness, place):
    (place / "policy.yaml").write_text("floors:\n  tool_acuracy: 0.9\n")
    said = harness("gate", saved, "--baseline", "first", "--policy", "policy.yaml")
    assert said.code == 2
    assert "policy.yaml:2: /floors/tool_acuracy: unknown metric" in said.err
    said = harness("gate", saved, "--baseline", "frist")
    assert (said.code, "baselines in baselines: first" in said.err) == (2, True)


@pytest.mark.usefixtures("saved")
def test_other_cases_end_with_3_and_the_files_say_so(run_of, harness, place):
    other = run_of("other", cases=CASES.replace("Good morning!", "Good evening!"))
    files = ["--markdown", "gate.md", "--json", "gate.json", "--junit", "gate.xml"]
    said = harness("gate", other, "--baseline", "first", *files)
    assert said.code == 3
    assert lines(said)[0] == "NOT COMPARABLE: other against first"
    assert "8 changed" in said.out
    assert (place / "gate.md").read_text().startswith("# NOT COMPARABLE")
    assert json.loads((place / "gate.json").read_text())["exit_code"] == 3
    top = ET.parse(place / "gate.xml").getroot()
    assert top.get("errors") == "1"
    (place / "policy.yaml").write_text("cases: shared\n")
    assert harness("gate", other, "--baseline", "first", "--policy", "policy.yaml").code == 0


@pytest.mark.usefixtures("saved")
def test_a_run_that_is_unfinished_or_was_edited_ends_with_3_and_the_files_say_so(harness, place):
    log = place / "bad" / "run.jsonl"
    whole = log.read_bytes()
    for spoilt in (b"".join(whole.splitlines(keepends=True)[:-1]), whole.replace(b"Oslo", b"Rome", 1)):
        log.write_bytes(spoilt)
        said = harness("gate", "bad", "--baseline", "first", "--junit", "gate.xml", "--markdown", "gate.md")
        assert (said.code, lines(said)[0]) == (3, "NOT COMPARABLE: bad against first")
        (case,) = ET.parse(place / "gate.xml").getroot().iter("testcase")
        assert case.find("error") is not None
        assert "NOT COMPARABLE" in (place / "gate.md").read_text()


@pytest.mark.usefixtures("saved")
def test_another_mode_ends_with_3(run_of, harness):
    played = run_of("played", mode="rollout")
    assert harness("gate", played, "--baseline", "first").code == 3
    said = harness("gate", played, "--baseline", played)
    assert said.code == 0
    assert "turn_accuracy" in said.out


def test_in_rollouts_the_suites_floors_are_not_held(run_of, harness):
    floors = "thresholds: {tool_call_accuracy: 1}\ngate: {floors: {case_pass_rate: 1}, max_fabrication_rate: 0}\n"
    played = run_of("played", "one_argument_off", mode="rollout", gate=floors)
    assert harness("gate", played, "--baseline", played).code == 0
    asked = run_of("asked", "one_argument_off", gate=floors)
    assert harness("gate", asked, "--baseline", asked).code == 1


@pytest.mark.usefixtures("saved")
def test_the_latest_run_is_gated_where_none_is_named(harness, place):
    said = harness("gate", "--baseline", "first")
    assert (said.code, "no run in reports/" in said.err) == (2, True)
    for number, name in enumerate(("good", "bad")):
        (place / "reports" / name).mkdir(parents=True)
        log = place / "reports" / name / "run.jsonl"
        log.write_bytes((place / name / "run.jsonl").read_bytes())
        os.utime(log, (number, number))
    assert lines(harness("gate", "--baseline", "first"))[0].endswith("reports/bad against first")
    (place / "reports" / "both" / "rollout").mkdir(parents=True)
    (place / "reports" / "both" / "rollout" / "run.jsonl").write_bytes(b'{"type":"header"')
    assert harness("gate", "--baseline", "first").code in {2, 3}, "the latest one is not passed over for another"


@pytest.mark.usefixtures("saved")
def test_what_a_model_or_a_suite_writes_stays_text():
    """Escape sequences, control characters, markup: shown on the terminal, in Markdown, in XML, and obeyed nowhere."""
    first, second = load_results("first"), load_results("bad")
    evil = "a\x1b[2J\x00\ufffe\u202e]]></failure>\n# GATE PASSED ```\n| x |<b>"

    def renamed(results):
        entries = [entry._replace(case=evil) if entry.case == "00-weather-1" else entry for entry in results.entries]
        return results._replace(entries=entries, tags={**results.tags, evil: {"critical": "yes"}})

    result = gate(diff(renamed(first), renamed(second)))
    texts = {one.pair.second.key: evil for one in result.broken}
    written = junit(result, texts)
    top = ET.fromstring(written)
    assert top.get("failures") == str(4 + len(result.broken))
    (text,) = {
        one.find("failure").text.split("\n\n", 1)[1]
        for one in top.iter("testcase")
        if one.get("classname") == "gate.decisions"
    }
    assert text == "a\\u001b[2J\\u0000\\ufffe\\u202e]]></failure>\n# GATE PASSED ```\n| x |<b>"
    page = markdown(gate_view(result, "p", [("look", f"harness show {evil}")], full=True))
    assert not {"\x1b", "\x00", "\u202e"} & set(page)
    assert "\n# GATE PASSED" not in page
    assert "````sh\nharness show a" in page


def test_the_transcripts_of_turns_played_through_are_in_the_test_report(run_of, harness, place):
    good, bad = run_of("played", mode="rollout"), run_of("worse", "one_argument_off", mode="rollout")
    assert harness("gate", bad, "--baseline", good, "--junit", "gate.xml").code == 1
    cases = [
        case
        for case in ET.parse(place / "gate.xml").getroot().iter("testcase")
        if case.get("classname") == "gate.decisions"
    ]
    assert cases
    assert all("expected  " in case.find("failure").text for case in cases)
    assert len({case.find("failure").text for case in cases}) == len(cases)


def test_a_file_that_cannot_be_written_is_no_green(saved, harness):
    said = harness("gate", saved, "--baseline", saved, "--junit", "nowhere/gate.xml")
    assert (said.code, "cannot write nowhere/gate.xml" in said.err) == (2, True)


def test_a_run_that_cannot_be_a_baseline_is_not_offered_as_one(saved, harness):
    assert "baseline save bad --name first --replace" in harness("gate", saved, "--baseline", "first").out
    results = load_results(saved)
    lost = [entry._replace(outcome="errored") for entry in results.entries[:9]]
    errors = gate(diff(load_results("first"), results._replace(entries=[*lost, *results.entries[9:]])))
    assert errors.exit_code == 3
    assert "baseline save" not in str(list(look_commands(errors, "bad", "first", None)))
