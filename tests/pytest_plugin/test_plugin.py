"""The plugin, through pytest itself: what it collects, asks, passes and fails."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from harness.cli import main
from harness.replies import answering
from harness.runlog import read_log
from harness.suite import load_suite
from harness.testing import MINIATURES, Faults, MockServer, sample_suite, status
from harness.testing.sample import CASES, HEADER, write_suite

pytest_plugins = ["pytester"]
CASE = "suite/cases/cases.yaml::"


@pytest.fixture(autouse=True)
def suite(pytester, monkeypatch):
    """The sample suite in the folder `suite`, four cases with eight decisions, where pytest runs."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    return sample_suite(pytester.path / "suite")


@pytest.fixture
def pytests(pytester):
    """Runs pytest, the plugin loaded once whether or not it is installed; `apart` in a process of its own."""

    def go(*words, apart=False):
        run = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        return run("-p", "harness.pytest_plugin", *map(str, words))

    return go


@pytest.fixture
def live(pytests):
    """Runs pytest against a server that runs."""

    def go(server, *words, args=""):
        args = f"--dialect hermes --retries 0 {args}"
        return pytests("suite", f"--harness-base-url={server.base_url}", f"--harness-args={args}", *words)

    return go


@pytest.fixture
def ran(suite):
    """A finished run of the sample suite, by the command line, in a folder of the name given."""

    def go(name, miniature="gold", *words, faults=None):
        with MockServer(suite, miniature, faults=faults) as server:
            main(["run", "suite", "--base-url", server.base_url, "--retries", "0", "--out", name, *words])
        return name

    return go


def save(run, name="first", *words):
    assert main(["baseline", "save", str(run), "--name", name, *words]) == 0


def outcomes(result, **wanted):
    result.assert_outcomes(**wanted)


def test_a_suite_without_anything_to_judge_it_by_is_wrong_use(pytests):
    result = pytests("suite")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    for word in ("--harness-run", "--harness-base-url", "--harness-model"):
        assert word in result.stderr.str()
    assert pytests("suite/cases/cases.yaml").ret == pytest.ExitCode.USAGE_ERROR
    assert pytests(".").ret == pytest.ExitCode.USAGE_ERROR


def test_tests_that_stand_inside_a_suite_are_no_suite(pytester, pytests):
    tests = pytester.mkdir("suite/tests")
    (tests / "test_own.py").write_text("def test(): pass\n")
    outcomes(pytests("suite/tests/test_own.py"), passed=1)


def test_where_no_option_asks_for_it_the_plugin_does_nothing_and_imports_nothing_heavy(pytester, pytests):
    pytester.makepyfile(
        test_own="import sys\ndef test():\n"
        "    heavy = {'aiohttp', 'pydantic', 'numpy', 'scipy', 'harness.api', 'harness.records'}\n"
        "    assert not heavy & set(sys.modules)\n"
    )
    outcomes(pytests(apart=True), passed=1)


def test_every_case_is_an_item_of_its_file_and_the_thresholds_are_one_more(pytests, ran):
    result = pytests("suite", "--harness-run", ran("out"), "-v")
    outcomes(result, passed=5)
    for name in ("weather-1", "table 2 für zwölf", "chat-3", "route-4"):
        result.stdout.fnmatch_lines([f"{CASE}{name} PASSED*"])
    result.stdout.fnmatch_lines(["suite/suite.yaml::thresholds PASSED*"])
    outcomes(pytests(f"{CASE}chat-3", "--harness-run", "out"), passed=1)


def test_a_failure_shows_the_transcript_expected_against_actual_and_how_to_see_it_again(pytests, ran):
    result = pytests("suite", "--harness-run", ran("out", "one_argument_off"), "-k", "weather")
    outcomes(result, failed=1, deselected=4)
    result.stdout.fnmatch_lines(
        [
            "decision 0: WRONG * wrong_arguments (*value_mismatch)",
            "decision 1: right * correct_no_call",
            "user * How is the weather in Oslo for two days?",
            '* expected * get_weather {"city": "Oslo", "days": 2}',
            '* actual * get_weather {"city": "Oslo or so", "days": 2}',
            "* harness show out weather-1",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        (["-m", "language.en"], 3),
        (["-m", "language.en and not kind.chat"], 2),
        (["-m", "thresholds"], 1),
        (["-k", "zwölf"], 1),
        (["-k", "weather or chat"], 2),
    ],
)
def test_tags_are_marks(pytests, ran, words, passed):
    outcomes(
        pytests("suite", "--strict-markers", "--harness-run", ran("out"), *words), passed=passed, deselected=5 - passed
    )


def test_a_tag_that_says_yes_is_a_mark_by_its_name(pytester, pytests):
    cases = pytester.path / "suite" / "cases" / "cases.yaml"
    cases.write_text(cases.read_text().replace("kind: chat}", "kind: chat, critical: 'yes', note: 'a b: c'}"))
    with MockServer(load_suite("suite")) as server:
        main(["run", "suite", "--base-url", server.base_url, "--out", "own"])
    outcomes(pytests("suite", "--harness-run", "own", "-m", "critical"), passed=1, deselected=4)
    outcomes(pytests("suite", "--harness-run", "own", "-m", "note.a_b_c"), passed=1, deselected=4)


def test_create_regress_fail_accept_pass(suite, live):
    """The life of a baseline, from the first run to the one that is accepted."""
    with MockServer(suite) as server:
        created = live(server, "--harness-out=first-run")
    outcomes(created, passed=5)
    save("first-run")
    with MockServer(suite, "one_argument_off") as server:
        worse = live(server, "--harness-out=worse", "--harness-baseline=first")
    outcomes(worse, passed=2, failed=3)
    worse.stdout.fnmatch_lines(
        [
            "decision 0: BROKEN * correct_call → wrong_arguments*",
            "* if intended *harness baseline save worse --name first --replace",
            "GATE FAILED*",
            "*as the new baseline: harness baseline save worse --name first --replace",
            f"FAILED {CASE}weather-1 - *",
        ]
    )
    save("worse", "first", "--replace")
    with MockServer(suite, "one_argument_off") as server:
        accepted = live(server, "--harness-baseline=first", "-rx")
    assert accepted.ret == 0
    outcomes(accepted, passed=3, xfailed=2)
    accepted.stdout.fnmatch_lines([f"XFAIL {CASE}weather-1 - first fails 2 of 4 decisions: 2 wrong_arguments"])
    with MockServer(suite) as server:
        better = live(server, "--harness-baseline=first", "-o", "xfail_strict=true")
    assert better.ret == 0
    outcomes(better, passed=3, xpassed=2)


def test_known_failures_do_not_hide_a_new_one(pytests, ran):
    save(ran("first", "one_argument_off"))
    result = pytests(
        "suite", "--harness-run", ran("out", "never_calls"), "--harness-baseline", "first", "-k", "weather or route"
    )
    outcomes(result, failed=1, xfailed=1, deselected=3)
    result.stdout.fnmatch_lines(["decision 0: BROKEN * correct_call → missed_call*"])


def test_all_requests_go_out_at_once_and_each_once(suite, live):
    with MockServer(suite, faults=Faults(delay=0.4)) as server:
        outcomes(live(server, "--harness-out=out"), passed=5)
    assert sorted(server.asked) == sorted(decision.key for decision in suite.decisions)
    assert read_log(Path("out")).footer.elapsed < 0.4 * len(suite.decisions) / 2


def test_the_log_holds_the_command_that_makes_such_a_run_and_nothing_holds_a_password(suite, pytests):
    with MockServer(suite) as server:
        url = server.base_url.replace("//", "//me:secret@")
        result = pytests("suite", f"--harness-base-url={url}", "--harness-args=--dialect hermes", "--harness-out=out")
    outcomes(result, passed=5)
    command = read_log(Path("out")).header.command
    assert command[:3] == ["harness", "run", str(Path("suite").absolute())]
    assert command[3:5] == ["--out", "out"]
    assert command[-2:] == ["--dialect", "hermes"]
    for text in (result.stdout.str(), result.stderr.str(), Path("out/run.jsonl").read_text()):
        assert "secret" not in text


def test_only_the_cases_chosen_are_asked_and_then_no_threshold_is_judged(suite, live):
    with MockServer(suite) as server:
        outcomes(live(server, "-k", "chat"), passed=1, deselected=4)
        assert server.asked == [("chat-3", 0)]
        result = live(server, "-m", "thresholds or kind.chat", "-rs")
    outcomes(result, passed=1, skipped=1, deselected=3)
    result.stdout.fnmatch_lines(["SKIPPED*1 of 4 cases were asked; thresholds are for the whole suite"])


@pytest.mark.slow
def test_two_workers_share_one_run(suite, live):
    with MockServer(suite, "one_argument_off") as server:
        result = live(server, "-n", "2", "--harness-out=out")
    outcomes(result, passed=3, failed=2)
    assert sorted(server.asked) == sorted(decision.key for decision in suite.decisions)
    assert result.stdout.str().count("  run: out") == 1


@pytest.mark.slow
def test_two_workers_share_the_reason_why_there_is_no_run(suite, live):
    with MockServer(suite) as server:
        pass
    result = live(server, "-n", "2")
    outcomes(result, errors=5)
    assert result.stdout.str().count("suite: ") == 1, "said once, whoever met it first"


def test_last_failed_asks_only_what_failed(suite, live):
    with MockServer(suite, "one_argument_off") as server:
        live(server)
        before = len(server.chats)
        outcomes(live(server, "--lf"), failed=2)
    assert {case for case, _ in server.asked[before:]} == {"weather-1", "table 2 für zwölf"}


def test_junit_holds_cases_and_counts(pytester, pytests, ran):
    pytests("suite", "--harness-run", ran("out", "one_argument_off"), "--junitxml=junit.xml")
    found = ET.parse(pytester.path / "junit.xml").getroot()
    cases = {case.get("name"): case for case in found.iter("testcase")}
    assert set(cases) == {"weather-1", "table 2 für zwölf", "chat-3", "route-4", "thresholds"}
    weather = cases["weather-1"]
    assert {one.get("name"): one.get("value") for one in weather.iter("property")} == {"decisions": "4", "right": "2"}
    assert "value_mismatch" in "".join(failure.text for failure in weather.iter("failure"))
    assert weather.get("classname") == "suite.cases.cases.yaml"


def test_a_decision_without_a_response_is_an_error_and_no_failure(pytests, ran):
    ran("out", "gold", faults=Faults(cases={"chat-3": status(403)}))
    result = pytests("suite", "--harness-run", "out")
    outcomes(result, passed=3, errors=1, failed=1)
    result.stdout.fnmatch_lines(["1 of 1 decisions met an error (0)", "* error *403*"])
    result.stdout.fnmatch_lines(["FAILED suite/suite.yaml::thresholds*errors in the run*"])


def test_a_server_that_is_not_there_is_never_green(suite, live):
    with MockServer(suite) as server:
        pass
    result = live(server)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    outcomes(result, errors=5)
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_floor_that_is_missed_fails_the_thresholds(pytester, pytests):
    (pytester.path / "suite" / "suite.yaml").write_text(HEADER + "thresholds: {tool_args_accuracy: 0.9}\n")
    with MockServer(load_suite("suite"), "one_argument_off") as server:
        main(["run", "suite", "--base-url", server.base_url, "--out", "out"])
    result = pytests("suite", "--harness-run", "out", "-m", "thresholds")
    outcomes(result, failed=1, deselected=4)
    result.stdout.fnmatch_lines(["failed*tool_args_accuracy*0.0 %*90.0 %*"])


def test_a_policy_of_ones_own_is_used(pytester, pytests, ran):
    (pytester.path / "policy.yaml").write_text("floors: {tool_call_accuracy: 0.99}\n")
    words = ("suite", "--harness-run", ran("out", "one_argument_off"), "-m", "thresholds")
    outcomes(pytests(*words), passed=1, deselected=4)
    outcomes(pytests(*words, "--harness-policy=policy.yaml"), failed=1, deselected=4)


def test_a_suite_that_changed_since_the_run_is_not_judged_by_it(pytester, pytests, ran):
    ran("out")
    cases = pytester.path / "suite" / "cases" / "cases.yaml"
    cases.write_text(
        CASES.replace("How is the weather in Oslo", "What is the weather in Oslo")
        + "---\nid: new-5\ntools: []\nturns:\n  - user: Hi!\n  - expect: {no_call: true}\n    answer: Hello to you.\n"
    )
    result = pytests("suite", "--harness-run", "out")
    outcomes(result, passed=3, errors=2, failed=1)
    result.stdout.fnmatch_lines(["the case was changed after out was made: run the suite again"])
    result.stdout.fnmatch_lines(["out does not hold this case: run the suite again"])
    result.stdout.fnmatch_lines(["*the suite was changed after this run was made*"])


def test_a_baseline_of_other_cases_fails_the_thresholds_and_new_cases_stand_for_themselves(pytester, ran, pytests):
    save(ran("first"))
    cases = pytester.path / "suite" / "cases" / "cases.yaml"
    cases.write_text(CASES.replace("How is the weather in Oslo", "What is the weather in Oslo"))
    with MockServer(load_suite("suite")) as server:
        main(["run", "suite", "--base-url", server.base_url, "--out", "new"])
    result = pytests("suite", "--harness-run", "new", "--harness-baseline", "first")
    outcomes(result, passed=4, failed=1)
    result.stdout.fnmatch_lines(["NOT COMPARABLE*"])


def test_problems_of_a_suite_are_told_with_file_and_line(pytester, pytests):
    cases = pytester.path / "suite" / "cases" / "cases.yaml"
    cases.write_text(CASES.replace("name: book_table", "name: book_tabel"))
    result = pytests("suite", "--harness-base-url", "http://127.0.0.1:9/v1")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*cases.yaml:*book_tabel*"])
    result.stdout.no_fnmatch_line("*Traceback*")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--harness-run=out", "--harness-model=m"], "asks no --harness-model"),
        (["--harness-run=nowhere"], "neither a run nor a baseline"),
        (["--harness-run=out", "--harness-out=x"], "--harness-out"),
        (["--harness-baseline=first"], "--harness-run"),
        (["--harness-base-url=http://x/v1", "--harness-args=--nonsense"], "--nonsense"),
        (["--harness-base-url=localhost:80"], "localhost:80"),
        (["--harness-base-url=http://x/v1", "--harness-args=--mode both"], "one run"),
        (["--harness-base-url=http://x/v1", "--harness-out=out"], "holds a run already"),
        (["--harness-run=out", "--harness-policy=nothing.yaml"], "nothing.yaml"),
    ],
)
def test_wrong_options_are_told_before_anything_is_done(pytests, ran, words, told):
    ran("out")
    result = pytests("suite", *words)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert told in result.stderr.str()


def test_turns_of_rollouts_are_judged_alike(pytests, suite):
    with MockServer(suite, "one_argument_off", rollouts=True) as server:
        main(["run", "suite", "--base-url", server.base_url, "--mode", "rollout", "--out", "played"])
    result = pytests("suite", "--harness-run", "played")
    outcomes(result, passed=3, failed=2)
    result.stdout.fnmatch_lines(["turn 1: WRONG*"])


def test_one_trial_of_three_does_not_break_a_decision(suite, live):
    once = []

    def odd(decision):
        once.append(decision.key)
        second = decision.key == ("weather-1", 0) and once.count(decision.key) == 2
        return MINIATURES["one_argument_off" if second else "gold"](decision)

    with MockServer(suite, odd) as server:
        result = live(server, "-k", "weather", "-rA", args="--trials 3")
    outcomes(result, passed=1, deselected=4)
    result.stdout.fnmatch_lines(["decision 0: right * (right in 2 of 3 trials, value_mismatch)"])


def test_the_fixture_gives_the_run(pytester, pytests, ran):
    ran("out", "one_argument_off")
    pytester.makepyfile(
        test_own=(
            "def test_rates(harness_run):\n"
            "    assert harness_run.rate('tool_call_accuracy') == 0.625\n"
            "    assert harness_run.where(language='de').rate('tool_args_accuracy') == 0\n"
            "    wrong = harness_run.where(outcome='wrong_arguments').decisions\n"
            "    assert 'Oslo or so' in harness_run.row(wrong[-2]).response.message['tool_calls'][0]['function']['arguments']\n"
        )
    )
    outcomes(pytests("test_own.py", "--harness-run", "out"), passed=1)
    result = pytests("test_own.py")
    outcomes(result, errors=1)
    result.stdout.fnmatch_lines(["*the fixture harness_run needs a run*"])


def test_the_fixture_asks_the_whole_suite(pytester, suite, pytests):
    pytester.makepyfile(test_own="def test(harness_run):\n    assert len(harness_run.decisions) == 8\n")
    with MockServer(suite) as server:
        words = (f"--harness-base-url={server.base_url}", "--harness-args=--dialect hermes")
        outcomes(pytests("test_own.py", "--harness-suite=suite", *words), passed=1)
        outcomes(pytests("test_own.py", "suite", "-k", "test or chat", *words), passed=2, deselected=4)
    assert len(server.chats) == 2 * len(suite.decisions)


def test_collecting_only_asks_nobody(suite, live):
    with MockServer(suite) as server:
        result = live(server, "--collect-only", "-q")
        assert not server.chats
    result.stdout.fnmatch_lines([f"{CASE}chat-3"])


def test_runs_of_several_suites_are_matched_by_name(pytester, ran, pytests):
    other = pytester.path / "other"
    sample_suite(other)
    (other / "suite.yaml").write_text(HEADER.replace("name: sample", "name: other"))
    ran("out")
    result = pytests("suite", "other", "--harness-run", "out")
    outcomes(result, passed=5, errors=5)
    result.stdout.fnmatch_lines(["no --harness-run is of other"])
    with MockServer(load_suite(other)) as server:
        main(["run", "other", "--base-url", server.base_url, "--out", "second"])
    outcomes(pytests("suite", "other", "--harness-run", "out", "--harness-run", "second"), passed=10)


HOSTILE = "x\x1b]8;;http://evil/\x1b\\\\y\x1b]52;c;eA==\x07\x9b31m\u202egnp\rEVIL\nPASSED all"


def test_nothing_that_a_case_or_a_model_says_is_obeyed_by_a_terminal(pytester, pytests):
    text = json.dumps(HOSTILE)
    cases = CASES.replace("id: weather-1", f"id: {text}").replace("kind: chain", f"kind: {text}")
    shutil.rmtree(pytester.path / "suite")
    suite = load_suite(write_suite(pytester.path / "suite", cases.replace("user: Good morning!", f"user: {text}")))

    def says(_):
        return answering(f"{HOSTILE} <tool_response>{HOSTILE}</tool_response>")

    with MockServer(suite, says, model=HOSTILE) as server:
        given = (f"--harness-base-url={server.base_url}", "--harness-args=--dialect hermes", "-rA", "--harness-out=run")
        found = pytests("suite", *given)
    assert found.ret == 1
    again = pytests("suite", "--harness-run=run", "-v", "--harness-baseline=none" + HOSTILE)
    broken = pytester.path / "suite" / "cases" / "cases.yaml"
    broken.write_text(f"id: {text}\n{text}: 1\n")
    errors = pytests("suite", "--harness-run=run")
    for printed in (found, again, errors):
        shown = printed.stdout.str() + printed.stderr.str()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
        assert not [line for line in shown.splitlines() if line.startswith("PASSED all")]
    assert "x\\u001b]8;;" in found.stdout.str()
    for words in (["show", "run"], ["gate", "run", "--baseline", "run"]):
        assert main(words) in (0, 3)
