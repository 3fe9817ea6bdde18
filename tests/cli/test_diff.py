"""`harness diff` from the command line: what a user reads, and what a script gets."""

from __future__ import annotations

import json

import pytest

from harness.cli import main
from harness.testing import MockServer, sample_suite


@pytest.fixture
def run_of(tmp_path, capsys):
    """Runs the sample suite with a miniature and returns the run's folder."""

    def go(name: str, miniature: str, copies: int = 1):
        suite = sample_suite(tmp_path / f"suite-{name}", copies=copies)
        with MockServer(suite, miniature) as server:
            words = [
                "run",
                str(tmp_path / f"suite-{name}"),
                "--base-url",
                server.base_url,
                "--out",
                str(tmp_path / name),
            ]
            assert main(words) == 0
        capsys.readouterr()
        return str(tmp_path / name)

    return go


def test_a_baseline_and_a_run(run_of, tmp_path, capsys):
    folder = ["--folder", str(tmp_path / "baselines")]
    good, bad = run_of("good", "gold", copies=8), run_of("bad", "one_argument_off", copies=8)
    assert main(["baseline", "save", good, "--name", "first", *folder]) == 0
    capsys.readouterr()
    page, plain = tmp_path / "diff.md", tmp_path / "diff.json"
    words = ["diff", "first", bad, *folder, "--markdown", str(page), "--json", str(plain), "--transcripts", "1"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "Broken decisions" in shown
    assert "correct_call → wrong_arguments" in shown
    assert f"broken in {bad}" in shown
    assert shown.count("▶ decision") == 1
    assert "  expected" in shown
    value = json.loads(plain.read_text())
    assert value["metrics"][0]["metric"] == "tool_call_accuracy"
    assert value["metrics"][0]["p_adjusted"] < 0.05
    assert value["fixed"] == []
    assert all(one["second"] == "wrong_arguments" for one in value["broken"])
    assert page.read_text().count("wrong\\_arguments") > len(value["broken"])


def test_nothing_in_common_ends_with_3(run_of, tmp_path, capsys):
    run = run_of("a", "gold")
    baseline = tmp_path / "baselines"
    assert main(["baseline", "save", run, "--name", "first", "--folder", str(baseline)]) == 0
    assert main(["diff", run, "nobody", "--folder", str(baseline)]) == 2
    assert "neither a run nor a baseline" in capsys.readouterr().err
    played = tmp_path / "played"
    suite = sample_suite(tmp_path / "again")
    with MockServer(suite, rollouts=True) as server:
        words = ["run", str(tmp_path / "again"), "--base-url", server.base_url, "--mode", "rollout"]
        assert main([*words, "--out", str(played)]) == 0
    capsys.readouterr()
    assert main(["diff", "first", str(played), "--folder", str(baseline)]) == 3
    assert "mode" in capsys.readouterr().err
