"""`harness import` as a person uses it."""

from __future__ import annotations

import json
import zipfile

import pytest

from harness.cli import main
from harness.suite import load_suite

ITEM = {
    "id": "irrelevance_0",
    "question": [[{"role": "user", "content": "How tall is the tower?"}]],
    "function": [{"name": "a.b", "description": "d", "parameters": {"type": "dict", "properties": {}}}],
}


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "BFCL_v4_irrelevance.json").write_text(json.dumps(ITEM) + "\n")
    return folder


def test_a_folder_becomes_suites_and_every_item_is_told(data, tmp_path, capsys):
    assert main(["import", "bfcl", str(data), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    assert ["bfcl_irrelevance", "1", "0", "0", "1"] in [line.split() for line in said.splitlines()]
    assert ["tool_renamed", "1"] in [line.split() for line in said.splitlines()]
    assert f"harness run {tmp_path / 'out' / 'bfcl_irrelevance'}" in said
    assert len(load_suite(tmp_path / "out" / "bfcl_irrelevance").cases) == 1


def test_a_wheel_is_read_without_being_unpacked_first(data, tmp_path):
    wheel = tmp_path / "bfcl_eval-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(data / "BFCL_v4_irrelevance.json", "bfcl_eval/data/BFCL_v4_irrelevance.json")
    assert main(["import", "bfcl", str(wheel), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "bfcl_irrelevance" / "suite.yaml").is_file()


@pytest.mark.parametrize(("words", "quarantined"), [([], 1), (["--accept", "grounded"], 0), (["--accept", "all"], 0)])
def test_gold_that_the_linter_disputes_is_quarantined_unless_accepted(data, tmp_path, words, quarantined):
    """Nobody said Oslo."""
    tool = {"name": "f", "description": "d", "parameters": {"type": "dict", "properties": {"city": {"type": "string"}}}}
    item = {**ITEM, "id": "simple_python_0", "function": [tool]}
    truth = {"id": "simple_python_0", "ground_truth": [{"f": {"city": ["Oslo"]}}]}
    (data / "possible_answer").mkdir()
    (data / "BFCL_v4_simple_python.json").write_text(json.dumps(item) + "\n")
    (data / "possible_answer" / "BFCL_v4_simple_python.json").write_text(json.dumps(truth) + "\n")
    assert main(["import", "bfcl", str(data), "--out", str(tmp_path / "out"), *words]) == 0
    report = (tmp_path / "out" / "bfcl_simple_python" / "import-report.jsonl").read_text()
    assert report.count('"quarantined"') == quarantined
    assert report.count('"rule":"grounded"') == quarantined
    page = (tmp_path / "out" / "bfcl_simple_python" / "README.md").read_text()
    assert page.count("| `grounded` | 1 | the linter: every gold value is told by then") == quarantined


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["bfcl"], "name the source (the bfcl-eval wheel"),
        (["bfcl", "{data}", "--fetch"], "name the source"),
        (["bfcl", "{data}/nowhere"], "there is no such file or folder"),
        (["bfcl", "{data}", "--category", "jokes"], "bfcl has no category 'jokes'; known are: simple_python"),
        (["bfcl", "{data}", "--category", "multiple"], "holds no BFCL_v4_multiple.json"),
        (["when2call", "--fetch"], "when2call cannot be fetched: no package on the registry carries"),
        (["openai-log", "--fetch"], "openai-log cannot be fetched: the conversations are yours"),
        (["openai-log", "{data}", "--name", "../x"], "--name '../x'"),
        (["tau2", "{data}"], "holds no inspect_evals/tau2"),
    ],
)
def test_wrong_use_says_what_to_do(data, tmp_path, capsys, words, message):
    given = [word.replace("{data}", str(data)) for word in words]
    assert main(["import", *given, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["[1]\n", "not json\n", '{"a": 1}\n', '\ufeff{"question": "q"}\n{"b": 2}\n'])
@pytest.mark.parametrize("kind", ["openai-log", "when2call"])
def test_a_wrong_file_is_wrong_use(tmp_path, capsys, kind, text):
    path = tmp_path / "some.jsonl"
    path.write_text(text, encoding="utf-8")
    assert main(["import", kind, str(path), "--out", str(tmp_path / "out")]) == 2
    assert f"some.jsonl: nothing in it can be read as what {kind} imports" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_where_the_folder_should_be(data, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert main(["import", "bfcl", str(data), "--out", str(tmp_path / "out")]) == 2
    assert "cannot write" in capsys.readouterr().err
