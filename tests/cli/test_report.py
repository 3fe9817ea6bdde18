"""`harness report` from the command line, and the page that every run leaves."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from harness.testing import MockServer
from opened import Opened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from harness.suite import Suite


def page(path: Path) -> Opened:
    return Opened(path.read_text(encoding="utf-8"))


@pytest.fixture
def other(suite: Suite, finished: Path, run: Callable[..., Any], place: Path) -> Path:
    """A finished run of a model that never calls."""
    assert finished
    with MockServer(suite, "never_calls") as server:
        assert run(server, "--out", "other").code == 0
    return place / "other"


def test_a_run_leaves_a_page_and_says_where(suite: Suite, run: Callable[..., Any], place: Path) -> None:
    with MockServer(suite) as server:
        said = run(server)
    assert said.code == 0
    assert "written: out/report.html" in said.err
    assert page(place / "out" / "report.html").index["stages"][0]["name"] == "mock"


def test_the_page_of_a_run_is_made_again(finished: Path, harness: Callable[..., Any]) -> None:
    before = (finished / "report.html").read_bytes()
    (finished / "report.html").unlink()
    said = harness("report", "out")
    assert (said.code, said.out, said.err) == (0, "", "written: out/report.html\n")
    assert (finished / "report.html").read_bytes() == before
    assert not list(finished.glob(".*"))


def test_the_latest_run_is_meant_where_none_is_named(finished: Path, harness: Callable[..., Any], place: Path) -> None:
    assert "no run in reports" in harness("report").err
    shutil.copytree(finished, place / "reports" / "mine")
    assert harness("report").err == "written: reports/mine/report.html\n"


@pytest.mark.usefixtures("other")
def test_a_run_against_a_baseline(harness: Callable[..., Any], place: Path) -> None:
    assert harness("baseline", "save", "other", "--name", "kept").code == 0
    said = harness("report", "out", "--baseline", "kept", "--out", "new/page.html")
    assert (said.code, said.err) == (0, "written: new/page.html\n")
    made = page(place / "new" / "page.html")
    assert made.index["baseline"] == "kept"
    assert "kept: mock on sample" in made.text
    assert harness("report", "out", "--baseline", "other").code == 0
    assert page(place / "out" / "report.html").index["baseline"] == "other"


@pytest.mark.usefixtures("other")
def test_several_runs_are_stages(harness: Callable[..., Any], place: Path) -> None:
    said = harness("report", "base=other", "sft=out")
    assert (said.code, said.err) == (0, "written: reports/base-sft.html\n")
    made = page(place / "reports" / "base-sft.html")
    assert [stage["name"] for stage in made.index["stages"]] == ["base", "sft"]
    assert harness("report", "base=other", "sft=out", "--out", "x.html").code == 0
    assert (place / "x.html").read_bytes() == (place / "reports" / "base-sft.html").read_bytes()


@pytest.mark.usefixtures("other")
def test_one_stage_may_have_a_name(harness: Callable[..., Any], place: Path) -> None:
    assert harness("report", "sft=out", "--out", "x.html").code == 0
    assert page(place / "x.html").index["stages"][0]["name"] == "sft"


@pytest.mark.usefixtures("other")
def test_a_baseline_alone_is_a_page_of_figures(harness: Callable[..., Any], place: Path) -> None:
    harness("baseline", "save", "out", "--name", "kept")
    assert harness("report", "kept").err == "written: reports/kept.html\n"
    assert "tool_call_accuracy" in page(place / "reports" / "kept.html").text


@pytest.mark.usefixtures("other")
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 2, "nowhere: neither a run nor a baseline"),
        (["a=out", "a=other"], 2, "several stages are called a"),
        (["=out"], 2, "'=out' is no stage"),
        (["a=out", "b=other", "--baseline", "out"], 2, "stages are held against the first"),
        (["out", "--baseline", "nowhere"], 2, "nowhere: neither a run nor a baseline"),
        (["out", "--out", "suite/suite.yaml/x.html"], 2, "cannot write suite/suite.yaml/x.html"),
        (["out", "--out", "suite"], 2, "cannot write suite: Is a directory"),
    ],
)
def test_what_cannot_be_done_is_said(harness: Callable[..., Any], words: list[str], code: int, said: str) -> None:
    found = harness("report", *words)
    assert found.code == code
    assert said in found.err
    assert "Traceback" not in found.err


def test_an_unfinished_run_is_not_shown(finished: Path, harness: Callable[..., Any]) -> None:
    log = finished / "run.jsonl"
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:-1]))
    said = harness("report", "out")
    assert said.code == 3
    assert "unfinished" in said.err


def test_runs_that_cannot_be_compared_end_with_3(
    suite: Suite, finished: Path, run: Callable[..., Any], harness: Callable[..., Any]
) -> None:
    assert finished
    with MockServer(suite, rollouts=True) as server:
        assert run(server, "--mode", "rollout", "--out", "played").code == 0
    for words in (["a=out", "b=played"], ["out", "--baseline", "played"]):
        said = harness("report", *words)
        assert (said.code, said.out) == (3, "")
        assert "in mode" in said.err


def test_both_histories_are_one_page(
    suite: Suite, run: Callable[..., Any], harness: Callable[..., Any], place: Path
) -> None:
    with MockServer(suite, "drops_a_call", rollouts=True) as server:
        assert run(server, "--mode", "both").code == 0
    made = place / "out" / "report.html"
    assert page(made).index["mode"] == "rollout"
    assert "Self-imitation gap of mock on sample" in page(made).text
    before = made.read_bytes()
    made.unlink()
    assert harness("report", "out").err == "written: out/report.html\n"
    assert made.read_bytes() == before
    assert "Self-imitation gap" not in page(place / "out" / "rollout" / "report.html").text


def test_rescoring_makes_the_page_anew(finished: Path, harness: Callable[..., Any]) -> None:
    (finished / "report.html").write_text("old")
    assert harness("rescore", "out").code == 0
    assert page(finished / "report.html").index["unit"] == "decisions"


@pytest.mark.parametrize("doing", ["run", "rescore"])
def test_a_page_that_cannot_be_written_is_said_and_nothing_is_lost(
    suite: Suite, run: Callable[..., Any], harness: Callable[..., Any], place: Path, doing: str
) -> None:
    (place / "out" / "report.html").mkdir(parents=True)
    with MockServer(suite) as server:
        said = run(server)
    if doing == "rescore":
        said = harness("rescore", "out")
    assert said.code == 2
    assert "harness: cannot write out/report.html: Is a directory" in said.err
    assert "tool_call_accuracy" in said.out
    assert not list((place / "out").glob(".*"))
    (place / "out" / "report.html").rmdir()
    assert harness("report", "out").code == 0
    assert (place / "out" / "summary.md").exists()


def test_an_old_page_stays_where_the_new_one_finds_no_room(finished: Path, harness: Callable[..., Any]) -> None:
    before = (finished / "report.html").read_bytes()
    (finished / ".report.html.part").symlink_to("/dev/full")
    said = harness("report", "out")
    assert said.code == 2
    assert "cannot write out/report.html: No space left on device" in said.err
    assert (finished / "report.html").read_bytes() == before


def test_a_run_of_several_models_goes_on_after_a_page_that_cannot_be_written(
    suite: Suite, run: Callable[..., Any], place: Path
) -> None:
    (place / "out" / "teacher_forced" / "report.html").mkdir(parents=True)
    with MockServer(suite, rollouts=True) as server:
        said = run(server, "--mode", "both")
    assert said.code == 2
    assert (place / "out" / "rollout" / "report.html").is_file()
    assert (place / "out" / "report.html").is_file()
