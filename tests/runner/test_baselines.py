"""A baseline holds what a run came to: the same numbers, the same bytes, and nothing that was edited or never finished."""

from __future__ import annotations

import pytest

from harness import jsonvalue
from harness.baseline import read, save, stored, without_folders, written
from harness.comparison import pairing
from harness.comparison.identity import differing
from harness.errors import InputError, NotComparableError, UsageError
from harness.runlog import decision_line, decision_rows, decisions_with_rows, read_log, row_verdicts
from harness.runner import load_results, numbers_of, results_of
from harness.testing import Faults, MockServer, status


@pytest.fixture
def finished(suite, go):
    """A run with right and wrong decisions and an error, of one mode."""

    def run(mode: str = "teacher_forced", model: str = "one_argument_off", **changes):
        faults = Faults(cases={"chat-3": status(403)})
        with MockServer(suite, model, faults=faults, rollouts=mode == "rollout") as server:
            return read_log(go(suite, server, mode=mode, **changes).folder)

    return run


@pytest.mark.parametrize("mode", ["teacher_forced", "rollout"])
@pytest.mark.parametrize("model", ["one_argument_off", "invents_after_call", "gold"])
def test_a_baseline_comes_to_the_numbers_of_its_run(finished, tmp_path, mode, model):
    log = finished(mode, model)
    wanted = numbers_of(log)[0]
    kept = read(save(results_of(log, "run"), "first", tmp_path))
    for results in (results_of(log, "run"), kept):
        found = results.metrics()
        assert found.metrics == wanted.metrics
        assert found.slices == wanted.slices
        assert found.outcomes == wanted.outcomes
        assert (found.errored, found.quality_defects) == (wanted.errored, wanted.quality_defects)
    assert kept.identity.model_copy(update={"server": {}}) == log.header.identity.model_copy(update={"server": {}})


def test_a_baseline_tells_nobody_where_weights_lie_and_that_is_no_difference(finished, tmp_path):
    log = finished()
    model = {"name": "mine", "source": "/home/me/models/mine", "digest": "sha256:" + "a" * 64}
    adapters = [{"name": "sft", "source": "./out/sft", "digest": "sha256:" + "b" * 64}]
    server = {**log.header.identity.server, "root": "/home/me/models/mine", "flags": ["--block-size", "32"]}
    changes = {"model_identity": {"model": model, "adapters": adapters}, "server": server}
    results = results_of(log, "run")
    ours = results._replace(identity=results.identity.model_copy(update=changes))
    path = save(ours, "first", tmp_path)
    assert "/home/me" not in path.read_text()
    kept = read(path)
    assert kept.identity.server["root"] == "mine"
    assert kept.identity.model_identity["adapters"][0]["source"] == "sft"
    assert without_folders("Qwen/Qwen3-8B") == "Qwen/Qwen3-8B"
    assert not differing(ours, kept, pairing(ours, kept))
    model["digest"] = "sha256:" + "c" * 64
    (one,) = differing(ours, kept, pairing(ours, kept))
    assert one == ("weights", "c" * 12, "a" * 12, "model_identity.model.digest")


def test_the_same_run_makes_the_same_bytes_and_one_sorted_line_a_decision(finished):
    results = results_of(finished(trials=2), "run")
    backwards = results._replace(entries=list(reversed(results.entries)))
    assert written(results, "b") == written(backwards, "b")
    lines = [jsonvalue.loads(line) for line in written(results, "b").splitlines()]
    entries = [line for line in lines if "type" not in line]
    keys = [(line["case"], line["index"], line.get("trial", 0)) for line in entries]
    assert keys == sorted(keys)
    assert len(keys) == len(results.entries) == 2 * results.identity.decisions
    assert sum(map(len, written(results, "b").splitlines()[1:])) / len(entries) < 250


def test_runs_and_baselines_are_named_alike(finished, tmp_path):
    log = finished()
    save(results_of(log, "run"), "first", tmp_path)
    by_name = load_results("first", tmp_path)
    by_file = load_results(str(tmp_path / "first.jsonl"))
    by_folder, by_log = load_results(str(log.path.parent)), load_results(str(log.path))
    assert by_name.entries == by_file.entries == by_folder.entries == by_log.entries
    assert by_name.log is None
    assert by_folder.log is not None
    assert [path.stem for path in stored(tmp_path)] == ["first"]
    with pytest.raises(UsageError, match=r"second: neither a run nor a baseline \(baselines in .*: first\)"):
        load_results("second", tmp_path)


def test_a_log_under_another_name_is_a_run_all_the_same(finished, tmp_path):
    log = finished()
    moved = tmp_path / "elsewhere.jsonl"
    moved.write_bytes(log.path.read_bytes())
    assert load_results(str(moved)).log is not None


def test_an_unfinished_run_is_none(finished):
    path = finished().path
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(NotComparableError, match="unfinished"):
        load_results(str(path.parent))


def test_a_run_of_nothing_but_errors_cannot_become_one(suite, go, tmp_path):
    with MockServer(suite, faults=Faults(always=status(403))) as server:
        done = go(suite, server)
    with pytest.raises(NotComparableError, match="nothing was scored"):
        save(results_of(read_log(done.folder), "run"), "none", tmp_path)
    assert not list(stored(tmp_path))


def test_a_name_is_taken_once_unless_told(finished, tmp_path):
    results = results_of(finished(), "run")
    save(results, "first", tmp_path)
    with pytest.raises(UsageError, match="exists"):
        save(results, "first", tmp_path)
    assert save(results, "first", tmp_path, replace=True).exists()
    for name in ("../out", "", ".hidden", "a b", "x" * 101):
        with pytest.raises(UsageError, match="no name for a baseline"):
            save(results, name, tmp_path)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda lines: lines[:-1], NotComparableError, "footer is missing"),
        (lambda lines: lines[1:], NotComparableError, "header is missing"),
        (lambda lines: [*lines[:-2], lines[-1]], NotComparableError, "edited after it was saved"),
        (lambda lines: [*lines, lines[-2]], NotComparableError, "text after the footer"),
        (lambda lines: [*lines[:-1], b"{}\n"], InputError, ":11: "),
        (lambda lines: [*lines[:3], b"[1]\n"], InputError, ":4: not a line of a baseline"),
        (lambda lines: [*lines[:3], b"{\n"], InputError, ":4: not a line of a baseline"),
        (lambda lines: [line for line in lines if b'"type":"case"' not in line], InputError, "which has no line"),
    ],
)
def test_what_was_edited_or_cut_is_refused_and_the_place_named(finished, tmp_path, change, error, message):
    path = save(results_of(finished(), "run"), "first", tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    if message == ":11: ":
        message = f":{len(lines)}: "
    path.write_bytes(b"".join(change(lines)))
    with pytest.raises(error, match=message):
        read(path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"depth":', b'"depth":"1","depth":', "duplicate"),
        (b'"outcome":"', b'"outcome":"in', "outcome: must be"),
        (b'"index":0', b'"index":"0"', "/index: must be an integer"),
        (b'"index":0', b'"index":00', "not a line of a baseline"),
        (b'"digest":"', b'"digest":"\xff', "not a line of a baseline"),
        (b'"}\n', b'","more":1}\n', "/more: unknown key"),
        (b'"}\n', b'"\n', "not a line of a baseline"),
        (b'"index":0', b'"trial":1,"index":0,"trial":1', "duplicate"),
    ],
)
def test_a_bad_line_is_named_however_many_like_it_were_read(finished, tmp_path, old, new, message):
    results = results_of(finished(), "run")
    lines = written(results, "b").splitlines(keepends=True)
    places = [place for place, line in enumerate(lines) if b'"type"' not in line and b'"index":0' in line]
    lines[places[-1]] = lines[places[-1]].replace(old, new, 1)
    path = tmp_path / "b.jsonl"
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert caught.value.problems[0].line == places[-1] + 1


def test_what_differs_only_in_numbers_and_digests_is_read_as_it_was_written(finished, tmp_path):
    results = results_of(finished(trials=2), "run")
    names = {"chat-3": 'say "hi" \\ ☃', "weather-1": "weather-1"}
    entries = [entry._replace(case=names.get(entry.case, entry.case)) for entry in results.entries]
    entries += [entry._replace(index=entry.index + 50, digest="0" * 16) for entry in entries]
    entries += [entry._replace(index=entry.index + 5000, prompt=None, tools=0) for entry in entries]
    odd = [entry._replace(index=10**7, digest="not hex", prompt='a"b') for entry in entries if entry.index == 0]
    tags = {names.get(case, case): own for case, own in results.tags.items()}
    wanted = sorted([*entries, *odd], key=lambda entry: entry.key)
    kept = read(save(results._replace(entries=wanted, tags=tags), "b", tmp_path))
    assert kept.entries == wanted
    assert kept.tags == {case: dict(own) for case, own in tags.items()}


@pytest.mark.parametrize("case", ["weather-1", 'say "hi" \\ ☃', "\ud800"])
@pytest.mark.parametrize("trap", [{"score": {"outcome": "errored"}, "usage": {}}, ',"score":{"a":1},"usage":{', None])
def test_verdicts_of_a_log_are_those_of_its_rows_whatever_was_said(finished, tmp_path, case, trap):
    path = tmp_path / "rows.jsonl"
    rows = []
    for row in decision_rows(finished().path):
        response = {"message": {"content": "", "more": trap}} if trap is not None else None
        changes = {"case": case, "response": {**row.response.model_dump(), **(response or {})}}
        rows.append({**row.model_dump(), **changes})
    turned = [dict(reversed(row.items())) for row in rows]
    for written_rows in (rows, [{"type": "decision", **row} for row in turned]):
        path.write_bytes(b"".join(decision_line(row) for row in written_rows))
        found = [(one[:5], one.score.model_dump()) for one in row_verdicts(path)]
        assert found == [
            ((case, row["index"], row["trial"], row["digest"], row["prompt_digest"]), row["score"]) for row in rows
        ]


def test_only_the_rows_that_are_wanted_are_given(finished):
    log = finished(trials=2)
    every = {row.key: (asked, row) for asked, row in decisions_with_rows(log)}
    for wanted in (set(), {("weather-1", 0, 1), ("chat-3", 0, 0)}, set(every)):
        assert {row.key: (asked, row) for asked, row in decisions_with_rows(log, wanted)} == {
            key: every[key] for key in wanted
        }
