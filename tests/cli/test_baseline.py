"""`harness baseline` from the command line, as a user meets it."""

from __future__ import annotations

import pytest

from harness.cli import main
from harness.testing import Faults, MockServer, sample_suite, status


@pytest.fixture
def run_of(tmp_path, capsys):
    """Runs the sample suite and returns the run's folder."""

    def go(name: str = "run", miniature: str = "one_argument_off", **faults):
        suite = sample_suite(tmp_path / f"suite-{name}")
        with MockServer(suite, miniature, faults=Faults(**faults)) as server:
            words = ["run", str(tmp_path / f"suite-{name}"), "--base-url", server.base_url, "--retries", "0"]
            main([*words, "--out", str(tmp_path / name)])
        capsys.readouterr()
        return tmp_path / name

    return go


def test_save_list_show_verify(run_of, tmp_path, capsys):
    folder = ["--folder", str(tmp_path / "baselines")]
    run = run_of()
    assert main(["baseline", "list", *folder]) == 0
    assert "harness baseline save RUN --name NAME" in capsys.readouterr().out
    assert main(["baseline", "save", str(run), "--name", "first", *folder]) == 0
    assert "first.jsonl: 8 decisions of 4 cases" in capsys.readouterr().out
    assert main(["baseline", "list", *folder]) == 0
    row = capsys.readouterr().out.splitlines()[-1].split()
    assert row[0] == "first"
    assert main(["baseline", "show", "first", *folder]) == 0
    shown = capsys.readouterr().out
    assert "tool_call_accuracy" in shown
    assert "By depth" in shown
    assert main(["baseline", "verify", *folder]) == 0
    assert "sound (8 decisions)" in capsys.readouterr().out


def test_what_cannot_become_a_baseline(run_of, tmp_path, capsys):
    folder = ["--folder", str(tmp_path / "baselines")]
    broken = run_of("broken", cases={"chat-3": status(403)})
    assert main(["baseline", "save", str(broken), "--name", "x", *folder]) == 3
    assert "too many errors for a baseline: 1 of 8 (12.5 %" in capsys.readouterr().err
    assert main(["baseline", "save", str(broken), "--name", "x", "--max-error-rate", "0.2", *folder]) == 0
    assert main(["baseline", "save", str(broken), "--name", "x", "--max-error-rate", "0.2", *folder]) == 2
    assert "exists" in capsys.readouterr().err
    assert main(["baseline", "save", str(tmp_path / "nowhere"), "--name", "y", *folder]) == 2


def test_verify_names_every_one_that_is_not_sound(run_of, tmp_path, capsys):
    folder = ["--folder", str(tmp_path / "baselines")]
    run = run_of()
    for name in ("a", "b", "c"):
        main(["baseline", "save", str(run), "--name", name, *folder])
    edited = tmp_path / "baselines" / "b.jsonl"
    edited.write_bytes(edited.read_bytes().replace(b'"outcome":"wrong_arguments"', b'"outcome":"correct_call"', 1))
    capsys.readouterr()
    assert main(["baseline", "verify", *folder]) == 3
    said = capsys.readouterr()
    assert "b.jsonl: edited after it was saved" in said.err
    assert said.out.count("sound") == 2
    assert main(["baseline", "verify", "c", *folder]) == 0
    assert main(["baseline", "verify", "nobody", *folder]) == 2
