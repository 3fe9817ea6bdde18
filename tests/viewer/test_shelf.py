"""What the index is made of: each run's state and numbers, read as seldom as can be."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.report.markdown import markdown
from harness.runlog import LOG_NAME, RunWriter, read_unfinished
from harness.viewer import runs as reading
from harness.viewer.pages import summary_view
from harness.viewer.shelf import Shelf, address, key_of


@pytest.fixture
def shelf(place):
    return Shelf(place / "reports", place / "baselines")


def states(shelf):
    return {run.key: run.state for run in shelf.listing().runs}


def cut(folder, lines):
    """Leaves so many lines of a log, and half of the next."""
    log = folder / LOG_NAME
    kept = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(b"".join(kept[:lines]) + kept[lines][:40])
    return log


def test_runs_lie_at_any_depth_and_baselines_beside(shelf):
    assert states(shelf) == dict.fromkeys(("plain", "both/teacher_forced", "both/rollout"), "finished")
    assert [baseline.name for baseline in shelf.listing().baselines] == ["first"]


def test_the_newest_stands_first(shelf, place):
    log = place / "reports" / "plain" / LOG_NAME
    started = [run.started for run in shelf.listing().runs]
    assert started == sorted(started, reverse=True)
    log.write_bytes(b"")
    assert shelf.listing().runs[0].key == "plain", "a log without a header counts from when it was written"


@pytest.mark.parametrize("key", ["plain", "both/teacher_forced", "both/rollout"])
@pytest.mark.parametrize("with_summary", [True, False])
def test_numbers_are_those_of_the_summary_to_the_letter(shelf, made, place, key, with_summary):
    folder = place / "reports" / key
    page = (folder / "summary.md").read_text()
    before = {run.key: run.rates for run in shelf.listing().runs}
    if not with_summary:
        (folder / "summary.json").unlink()
    run = shelf.run(key)
    assert dict(run.rates) == dict(before[key])
    summary, problem = shelf.summary(run)
    assert (problem, run.errored) == ("", summary.errored)
    was = str(made / "reports" / key)  # where the summary was written
    assert markdown(summary_view(run._replace(folder=Path(was)), summary)) == page


def test_a_baseline_has_the_numbers_of_its_run(shelf):
    listing = shelf.listing()
    run = next(run for run in listing.runs if run.key == "plain")
    assert listing.baselines[0].rates == run.rates


def test_a_summary_of_another_log_is_not_believed(shelf, place):
    reports = place / "reports"
    shutil.copy(reports / "both" / "teacher_forced" / "summary.json", reports / "plain")
    assert shelf.run("plain").rates == shelf.listing().baselines[0].rates


@pytest.mark.parametrize("text", ["", "{", '{"header": 5}', "[]", "\0"])
def test_a_summary_that_is_none_is_not_believed(shelf, place, text):
    (place / "reports" / "plain" / "summary.json").write_text(text)
    assert shelf.run("plain").rates == shelf.listing().baselines[0].rates


def test_a_log_with_its_summary_is_not_read_whole(shelf, monkeypatch):
    monkeypatch.setattr(reading, "read_log", None)
    assert set(states(shelf).values()) == {"finished"}


def test_what_has_not_changed_is_not_read_again(shelf, monkeypatch):
    before = shelf.listing()
    monkeypatch.setattr(reading, "footer_of", None)
    monkeypatch.setattr("harness.viewer.shelf.read", None)
    after = shelf.listing()
    assert (after.runs, after.baselines, after.version) == (before.runs, before.baselines, before.version)


def test_a_changed_file_is_read_again(shelf, place):
    before = shelf.listing()
    shutil.rmtree(place / "reports" / "plain")
    (place / "baselines" / "first.jsonl").write_text("{}\n")
    after = shelf.listing()
    assert [run.key for run in after.runs] == [run.key for run in before.runs if run.key != "plain"]
    assert after.version != before.version
    assert "first.jsonl:1" in after.baselines[0].problem


def test_a_run_whose_process_is_gone_has_stopped(shelf, place):
    cut(place / "reports" / "plain", 8)
    run = shelf.run("plain")
    assert (run.state, run.identity.model) == ("stopped", "mock")
    assert run.standing.done < run.standing.total == run.identity.decisions


def test_a_run_whose_process_has_its_log_is_under_way(shelf, place):
    folder = place / "reports" / "plain"
    writer = RunWriter.resume(folder, read_unfinished(cut(folder, 8)))
    assert shelf.run("plain").state == "running"
    writer.close()
    assert shelf.run("plain").state == "stopped"


def test_a_run_that_has_written_nothing_yet_is_shown(shelf, place):
    writer = RunWriter(place / "reports" / "new")
    assert (shelf.run("new").state, shelf.run("new").identity) == ("running", None)
    writer.close()
    assert shelf.run("new").state == "stopped"


def test_a_line_that_is_none_makes_a_run_damaged_and_what_came_before_is_told(shelf, place):
    log = cut(place / "reports" / "plain", 8)
    log.write_bytes(log.read_bytes() + b"\n")
    run = shelf.run("plain")
    assert (run.state, run.identity.model) == ("damaged", "mock")
    assert f"{LOG_NAME}:9: " in run.problem
    assert shelf.run("plain") is run, "and it is not read again"


def test_an_edited_log_is_found_out_by_whoever_reads_it_whole(shelf, place):
    log = place / "reports" / "plain" / LOG_NAME
    log.write_bytes(log.read_bytes().replace(b"Oslo", b"Rome", 1))
    run = shelf.run("plain")
    assert run.state == "finished"
    summary, problem = shelf.summary(run)
    assert summary is None
    assert "edited after the run" in problem
    assert states(shelf)["plain"] == "damaged", "and the index knows from then on"


def test_a_footer_that_is_none_is_damage(shelf, place):
    log = place / "reports" / "plain" / LOG_NAME
    log.write_bytes(log.read_bytes() + b'{"type":"footer"}\n')
    assert states(shelf)["plain"] == "damaged"


def test_a_folder_that_is_a_run_itself_is_shown(place):
    shelf = Shelf(place / "reports" / "plain", place / "none")
    assert states(shelf) == {"": "finished"}
    assert shelf.listing().baselines == ()


def test_links_are_counted_and_not_followed(shelf, place):
    (place / "elsewhere").mkdir()
    shutil.copytree(place / "reports" / "plain", place / "elsewhere" / "run")
    reports = place / "reports"
    (reports / "linked").symlink_to(place / "elsewhere")
    (reports / "file").mkdir()
    (reports / "file" / LOG_NAME).symlink_to(place / "elsewhere" / "run" / LOG_NAME)
    assert set(states(shelf)) == {"plain", "both/teacher_forced", "both/rollout"}
    assert shelf.listing().links == 2


def test_what_rescoring_leaves_for_a_moment_is_no_run(shelf, place):
    shutil.copytree(place / "reports" / "plain", place / "reports" / "plain" / ".rescore")
    assert "plain/.rescore" not in states(shelf)


@pytest.mark.parametrize("key", ["", "a", "a/b", "a b/ü#?%2F", "\udcff/x", "<i>", "a\nb"])
@pytest.mark.parametrize("name", ["", "run.jsonl"])
def test_addresses_say_any_name(key, name):
    path = address(key, name)
    assert path.isascii()
    assert key_of(path.removeprefix("/run/")) == (key, name)


def test_a_lot_of_polls_do_not_look_all_the_time(shelf, monkeypatch):
    first = shelf.listing()
    monkeypatch.setattr(shelf, "_took", 60.0)
    assert shelf.listing(recent=True) is first
    monkeypatch.setattr(shelf, "_took", 0.0)
    assert shelf.listing(recent=True) is not first
