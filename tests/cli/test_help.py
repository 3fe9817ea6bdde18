"""The command line explains itself, at once."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

import harness as package
from harness.cli import main
from harness.cli.arguments import parsed, parser

ROOT = Path(package.__file__).parents[1]
HEAVY = ("pydantic", "aiohttp", "rich", "jsonschema", "yaml", "asyncio", "orjson", "jiter", "numpy", "scipy", "jinja2")


def commands():
    (action,) = (action for action in parser()._actions if isinstance(action, argparse._SubParsersAction))
    return action


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["view", "--help"]])
def test_help_waits_for_nothing_heavy(words):
    code = "import sys; from harness.cli import main\ntry: main(sys.argv[1:])\nexcept SystemExit as end: assert not end.code\n"
    code += "print(sorted(set(sys.modules) & set(" + repr(HEAVY) + ")), file=sys.stderr)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "[]\n")


@pytest.mark.parametrize("command", commands().choices)
def test_every_command_and_option_has_help(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    assert f"harness {command}" in capsys.readouterr().out
    assert command in [listed.dest for listed in commands()._choices_actions if listed.help]
    actions = commands().choices[command]._actions
    assert not [action.dest for action in actions if not action.help and not (command == "schema" and action.choices)]
    for inner in (action for action in actions if isinstance(action, argparse._SubParsersAction)):
        assert len([listed for listed in inner._choices_actions if listed.help]) == len(inner.choices)
        assert all(option.help for doing in inner.choices.values() for option in doing._actions)


@pytest.mark.parametrize("command", commands().choices)
def test_every_command_has_its_module(command):
    words = {"run": ["s", "--serve", "m"], "score": ["r", "--out", "o"], "schema": ["record"], "demo-model": []}
    words |= {"doctor": ["--serve", "m"], "baseline": ["list"], "diff": ["a", "b"], "gate": ["--baseline", "b"]}
    words |= {"report": [], "table": ["a=b"], "compare": ["a", "b"], "import": ["bfcl", "d", "--out", "o"]}
    words |= {"stress": ["s", "--out", "o"], "export": ["dpo", "r", "--out", "o"]}
    module = parsed([command, *words.get(command, ["out"])]).module
    assert (ROOT / "harness" / "cli" / f"{module}.py").is_file()


@pytest.mark.parametrize("words", [[], ["fly"], ["run"], ["run", "suite"], ["score", "x"]])
def test_wrong_use_ends_with_2(words):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--trials", "0"],
        ["--timeout", "0"],
        ["--temperature", "warm"],
        ["--temperature", "nan"],
        ["--max-error-rate", "2"],
        ["--concurrency", "many"],
        ["--dialect", "klingon"],
        ["--base-url", "http://both/v1"],
    ],
)
def test_values_out_of_range_end_with_2(words):
    with pytest.raises(SystemExit) as end:
        main(["run", "suite", "--serve", "model", *words])
    assert end.value.code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["run", "suite", "--serve", "m", "--", "--max-model-len", "5"],
        ["run", "suite", "--serve", "m", "--out", "o", "--", "--max-model-len", "5"],
        ["run", "--serve", "m", "suite", "--", "--max-model-len", "5"],
    ],
)
def test_flags_for_vllm_follow_two_dashes(words):
    arguments = parsed(words)
    assert (str(arguments.suite), arguments.serve) == ("suite", "m")
    assert arguments.vllm_flags == ["--max-model-len", "5"]


def test_schemas_are_printed(capsys):
    for name in ("record", "score", "markup"):
        assert main(["schema", name]) == 0
        assert capsys.readouterr().out.startswith("{")


def test_names_are_given_with_commas_or_one_by_one_in_every_command():
    assert parsed(["lint", "s", "--rule", "a,b", "--rule", "c"]).rule == ["a", "b", "c"]
    assert parsed(["stress", "s", "--out", "o", "--with", "a", "--with", "b,c"]).transforms == ["a", "b", "c"]
    assert parsed(["export", "sft", "s", "--out", "o", "--balance", "a,b"]).balance == ["a", "b"]
    assert parsed(["import", "bfcl", "s", "--out", "o", "--category", "a,b"]).category == ["a", "b"]
    with pytest.raises(SystemExit):
        parsed(["import", "bfcl", "s", "--out", "o", "--accept", "grounded,gold"])


@pytest.mark.parametrize("words", [["lint", "s", "--rule", ""], ["stress", "s", "--out", "o", "--with", ","]])
def test_names_that_are_none_are_not_taken_for_all(words):
    with pytest.raises(SystemExit) as end:
        parsed(words)
    assert end.value.code == 2
