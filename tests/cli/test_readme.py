"""Every command of the READMEs: each is understood by the real parsers, and run, unless a reason says why not.

A line of a block of sh goes through a shell as it stands, in a folder with the files that it names: `make` with the
project's Makefile, `.venv/bin` with what is under test here, servers that behave as vLLM does behind the URLs.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

import harness as package
from harness.cli import main
from harness.cli.arguments import parser
from harness.suite import load_suite
from harness.testing import Clinic, MockServer
from importers.sources import write_lines
from mixed import mixed

ROOT = Path(package.__file__).parents[1]
PAGES = ("README.md", "baselines/README.md")
INSTALLS = "what it installs, vLLM among it, is tested in tests/server; what it runs are these tests"
SERVES = "serves a model with vLLM: tests/server and tests/cli do it with the demo model"
FETCHES = "downloads a package"


class Command(NamedTuple):
    """A line to type, without what is said behind it."""

    page: str
    line: str


class Run(NamedTuple):
    """What a command must come to where it is run."""

    code: int = 0
    says: str = ""
    """Somewhere in what it prints (a regular expression)."""
    files: tuple[str, ...] = ()
    """What is there afterwards."""


NOT_RUN = {
    "make eval": SERVES,
    "make test": INSTALLS,
    "make eval MODEL=Qwen/Qwen3-8B": SERVES,
    "make eval MODEL=Qwen/Qwen3-235B-A22B TP=8 THINKING=off": SERVES,
    'make eval MODEL=./my-model VLLM_ARGS="--max-model-len 16384"': SERVES,
    'make eval MODEL=Qwen/Qwen3-8B ADAPTERS="sft=out/sft dpo=out/dpo"': SERVES,
    'make eval ARGS="--mode rollout"': SERVES,
    'make eval ARGS="--mode both"': SERVES,
    "make eval OUT=reports/demo": SERVES,
    "make eval SUITE=imported/bfcl_multiple": SERVES,
    ".venv/bin/harness run reports/soc_stress --serve MODEL --out reports/stress-run": SERVES,
    '.venv/bin/pytest suites/soc_triage --harness-model Qwen/Qwen3-8B --harness-args "--thinking off" -n 2': SERVES,
    ".venv/bin/harness import bfcl --fetch --out imported": FETCHES,
    ".venv/bin/harness import tau2 --fetch --out imported": FETCHES,
}
RUN = {
    ".venv/bin/harness show reports/RUN --outcome wrong_arguments": Run(says="wrong_arguments"),
    ".venv/bin/harness show reports/RUN soc-firewall-talkers-18": Run(says="soc-firewall-talkers-18"),
    ".venv/bin/harness rescore reports/RUN": Run(says="no outcome changed"),
    "make eval MODEL=my-model BASE_URL=http://host:8000/v1": Run(says="my-model on soc_triage"),
    "make eval MODEL=my-model BASE_URL=http://a:8000/v1,http://b:8000/v1": Run(says="my-model on soc_triage"),
    ".venv/bin/harness doctor --base-url http://host:8000/v1": Run(says="fit the model"),
    ".venv/bin/harness baseline save reports/RUN --name qwen3-8b-dpo1": Run(files=("baselines/qwen3-8b-dpo1.jsonl",)),
    "make gate BASELINE=qwen3-8b-dpo1": Run(says="GATE PASSED: reports/RUN against qwen3-8b-dpo1"),
    ".venv/bin/harness gate reports/RUN --baseline qwen3-8b-dpo1 --markdown gate.md --json gate.json --junit gate.xml": Run(
        says="GATE PASSED", files=("gate.md", "gate.json", "gate.xml")
    ),
    ".venv/bin/pytest suites/soc_triage --harness-run reports/RUN --harness-baseline qwen3-8b-dpo1": Run(
        says=r"\d+ passed, .*\d+ xfailed"
    ),
    ".venv/bin/pytest suites/soc_triage --harness-base-url http://host:8000/v1": Run(1, says=r"\d+ failed, \d+ passed"),
    'make table STAGES="base=reports/RUN sft=reports/RUN dpo=qwen3-8b-dpo1"': Run(says="Change against base"),
    "make compare A=reports/RUN_A B=reports/RUN_B": Run(says="What each took"),
    "make compare A=big@http://a:8000/v1 B=my-8b@http://b:8000/v1 GPUS=8,1 PRICE=2.5 CURRENCY=USD": Run(
        says=r"cost of 1,000 correct decisions \(USD\)"
    ),
    ".venv/bin/harness compare reports/RUN_A reports/RUN_B --gpus 8,1 --price 2.5 --markdown compare.md"
    " --json compare.json": Run(says="GPU hours", files=("compare.md", "compare.json")),
    ".venv/bin/harness lint path/to/suite --json found.json": Run(says="clean", files=("found.json",)),
    ".venv/bin/harness nulls path/to/suite": Run(says="Null models", files=("path/to/suite/nulls.json",)),
    "make lint-suites": Run(says="soc_triage: clean"),
    ".venv/bin/harness import when2call when2call_test_llm_judge.jsonl --out imported": Run(
        says="Imported: when2call", files=("imported/when2call/suite.yaml",)
    ),
    ".venv/bin/harness import openai-log conversations.jsonl --out imported": Run(
        says="Imported: openai-log", files=("imported/conversations/suite.yaml",)
    ),
    ".venv/bin/harness stress suites/soc_triage --out reports/soc_stress": Run(
        says="rename_tools", files=("reports/soc_stress/variants.json",)
    ),
    ".venv/bin/harness table reports/stress-run": Run(says="Which change breaks the model"),
    ".venv/bin/harness export sft suites/my_training_suite --out sft.jsonl --exclude suites/soc_triage": Run(
        files=("sft.jsonl", "sft.manifest.json")
    ),
    ".venv/bin/harness export dpo reports/TRAINING_RUN --out dpo.jsonl --exclude suites/soc_triage"
    " --balance outcome,language": Run(files=("dpo.jsonl", "dpo.manifest.json")),
    ".venv/bin/harness export table base=reports/RUN sft=qwen3-8b-dpo1 --out decisions.parquet": Run(
        files=("decisions.parquet",)
    ),
    ".venv/bin/harness export table reports/RUN --of metrics --out metrics.csv": Run(files=("metrics.csv",)),
    ".venv/bin/harness score RECORDS.jsonl --out SCORES.jsonl": Run(says="1 scored", files=("SCORES.jsonl",)),
    ".venv/bin/harness schema record": Run(says="RecordedResponse"),
    "harness baseline save reports/RUN --name NAME": Run(files=("baselines/NAME.jsonl",)),
    "harness baseline list": Run(says="qwen3-8b-dpo1"),
    "harness baseline show NAME": Run(says="tool_call_accuracy"),
    "harness baseline verify NAME": Run(says="sound"),
    ".venv/bin/harness baseline save reports/demo --name smollm2-135m --replace": Run(says="smollm2-135m.jsonl"),
    "make gate RUN=reports/demo BASELINE=smollm2-135m POLICY=baselines/smollm2-135m.policy.yaml": Run(
        says="GATE PASSED"
    ),
}


def commands(page):
    """The lines of the blocks of sh."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if typed := shlex.split(line, comments=True):
                bare = line if not re.search(r"\s#\s", line) else re.split(r"\s+#\s", line)[0]
                assert shlex.split(bare) == typed, line
                yield Command(page, bare.strip())


def spoken(page):
    """Commands inside the text, with what follows their first word."""
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`]+)`", text):
        line = " ".join(span.split())
        if re.match(r"(make|harness|pip|python|cat|\.venv/bin/\w+) \S", line):
            yield line


ALL = [command for page in PAGES for command in commands(page)]
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def test_every_command_is_run_or_says_why_not():
    lines = {command.line for command in ALL}
    assert lines == RUN.keys() | NOT_RUN.keys()
    assert not RUN.keys() & NOT_RUN.keys()


SHIMS = {
    "harness": "import sys; from harness.cli import main; sys.exit(main())",
    "pytest": "import sys, pytest; sys.exit(pytest.main(['-p', 'harness.pytest_plugin', '-p', 'no:cacheprovider', *sys.argv[1:]]))",
    "python": "pass",
}
ASKS = """\
import json, os, sys
from harness.cli.arguments import parsed
words = sys.argv[1:]
parsed(words)
with open(os.environ["ASKED"], "a") as file:
    print(json.dumps(words), file=file)
if words == ["demo-model"]:
    print("DEMO")
"""


def shims(place, **programs):
    """Programs in .venv/bin of a folder, each a piece of Python, and the Makefile beside it."""
    (place / ".venv" / "bin").mkdir(parents=True)
    for name, code in programs.items():
        path = place / ".venv" / "bin" / name
        path.with_name(f"{name}.py").write_text(code)
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P {shlex.quote(str(path))}.py "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    shutil.copyfile(ROOT / "Makefile", place / "Makefile")


def shell(line, place, **environment):
    """Runs a line of a README in a folder; nothing is installed."""
    line = re.sub(r"^make ", "make INSTALL=: ", line)
    line = re.sub(r"^harness ", ".venv/bin/harness ", line)
    known = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTEST_ADDOPTS": "", **environment}
    known = {name: value for name, value in known.items() if name not in ("OPENAI_API_KEY", "MAKEFLAGS", "MFLAGS")}
    words = ["bash", "-o", "pipefail", "-ec", line]
    return subprocess.run(words, cwd=place, env=known, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A folder in which every program only reads its arguments."""
    place = tmp_path_factory.mktemp("asking")
    shims(place, harness=ASKS, **dict.fromkeys(("python", "ruff", "mypy", "lint-imports"), SHIMS["python"]))
    for name in ("soc_triage", "order_desk"):
        (place / "suites" / name).mkdir(parents=True)
        (place / "suites" / name / "suite.yaml").touch()
    return place


def asked(line, place):
    """The command lines of `harness` that a line leads to."""
    (place / "asked").unlink(missing_ok=True)
    done = shell(line, place, ASKED=str(place / "asked"))
    assert done.returncode == 0, done.stdout + done.stderr
    if not (place / "asked").exists():
        return []
    return [json.loads(words) for words in (place / "asked").read_text().splitlines()]


@needs_make
@pytest.mark.parametrize("line", dict.fromkeys(one.line for one in ALL if "bin/pytest" not in one.line))
def test_its_words_are_understood(asking, line):
    found = asked(line, asking)
    assert found or line == "make test"
    if line.startswith("make eval"):
        (*before, words) = found
        assert before == ([] if "MODEL" in line or "BASE_URL" in line else [["demo-model"]])
        assert words[0] == "run"
        assert ("--serve" in words) == (line in NOT_RUN)


def spoken_lines():
    return sorted({line for page in PAGES for line in spoken(page)})


@needs_make
@pytest.mark.parametrize("line", spoken_lines())
def test_commands_inside_the_text_are_understood(asking, line):
    words = shlex.split(line)
    if words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text(), re.MULTILINE), f"no target {words[1]}"
        asked(line, asking)
    elif words[0].endswith("harness"):
        (action,) = (action for action in parser()._actions if isinstance(action.choices, dict))
        assert words[1] in action.choices
        if len(words) > 2 and "$(" not in line:
            asked(line, asking)
    elif "pip" in words:
        extra = re.search(r"toolcall-harness\[(\w+)\]", line)[1]
        assert extra in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    elif words[0] == "python":
        assert all(list(ROOT.glob(word)) for word in words[1:])
    else:
        assert words[0] == "cat"


@pytest.mark.slow
@pytest.mark.parametrize("line", [one.line for one in ALL if "bin/pytest" in one.line])
def test_pytest_understands_its_words(prepared, tmp_path, line):
    place = shutil.copytree(prepared, tmp_path / "place")
    done = shell(f"{line} --collect-only -q", place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "thresholds" in done.stdout


KEPT = {
    "suites/soc_triage": ("soc_triage", ("repeated_lookup_en", "single_call")),
    "suites/my_training_suite": ("order_desk", ("single_call", "no_call")),
    "path/to/suite": ("cloud_ops", ("single_call",)),
}
"""Suites of some files of shipped ones."""
SEEN = [{"role": "user", "content": "Which mail has customer 7?"}]
TOOL = {
    "type": "function",
    "function": {
        "name": "find_customer",
        "description": "Finds a customer.",
        "parameters": {"type": "object", "properties": {"number": {"type": "integer"}}, "required": ["number"]},
    },
}
CALL = {
    "role": "assistant",
    "tool_calls": [
        {"id": "1", "type": "function", "function": {"name": "find_customer", "arguments": '{"number": 7}'}}
    ],
}
CONVERSATION = [*SEEN, CALL, {"role": "tool", "tool_call_id": "1", "content": '{"mail": "jo@shop.example"}'}]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with everything that the commands name."""
    place = tmp_path_factory.mktemp("readme")
    shims(place, **SHIMS)
    for folder, (name, files) in KEPT.items():
        shutil.copytree(ROOT / "suites" / name, place / folder, ignore=shutil.ignore_patterns("cases", "nulls.json"))
        (place / folder / "cases").mkdir()
        for file in files:
            shutil.copy(ROOT / "suites" / name / "cases" / f"{file}.yaml", place / folder / "cases")
    here = Path.cwd()
    os.chdir(place)
    try:
        assert main(["stress", "suites/soc_triage", "--with", "polite_users", "--out", "variants"]) == 0
        for name, suite, right in (
            ("RUN_A", "suites/soc_triage", 50),
            ("RUN_B", "suites/soc_triage", 90),
            ("TRAINING_RUN", "suites/my_training_suite", 30),
            ("stress-run", "variants", 70),
            ("demo", "suites/soc_triage", 60),
            ("RUN", "suites/soc_triage", 60),
        ):
            with MockServer(load_suite(Path(suite)), mixed(1, right)) as server:
                given = ["--base-url", server.base_url, "--dialect", "hermes", "--out", f"reports/{name}"]
                assert main(["run", suite, *given]) == 0
        shutil.rmtree("variants")
        for name in ("qwen3-8b-dpo1", "smollm2-135m", "NAME"):
            assert main(["baseline", "save", "reports/RUN", "--name", name]) == 0
    finally:
        os.chdir(here)
    shutil.copy(ROOT / "baselines" / "smollm2-135m.policy.yaml", place / "baselines")
    row = {"uuid": "u", "question": "Weather in Oslo?", "correct_answer": "direct", "tools": []}
    write_lines(place / "when2call_test_llm_judge.jsonl", {**row, "answers": {"direct": "It is 4 degrees in Oslo."}})
    said = {"role": "assistant", "content": "It is jo@shop.example."}
    write_lines(place / "conversations.jsonl", {"messages": [*CONVERSATION, said], "tools": [TOOL]})
    record = {"id": "r", "messages": CONVERSATION, "tools": [TOOL], "response": {"message": said}}
    write_lines(place / "RECORDS.jsonl", record)
    return place


@pytest.fixture
def place_with(prepared, tmp_path):
    """A copy of it for one command."""
    place = shutil.copytree(prepared, tmp_path / "place", copy_function=shutil.copy2)
    (place / "reports" / "RUN" / "run.jsonl").touch()
    return place


def served(line, place, stack):
    """A line with the addresses of servers that serve what it asks for."""
    suite = load_suite(place / "suites" / "soc_triage")
    names = dict(zip(("a", "b"), ("big", "my-8b"), strict=True)) if "big@" in line else {}
    for host in dict.fromkeys(re.findall(r"http://(\w+):8000/v1", line)):
        server = Clinic() if " doctor " in line else MockServer(suite, mixed(1, 60), model=names.get(host, "my-model"))
        line = line.replace(f"http://{host}:8000/v1", stack.enter_context(server).base_url)
    return line


@needs_make
@pytest.mark.slow
@pytest.mark.parametrize("line", RUN)
def test_it_does_what_it_should(place_with, line):
    wanted = RUN[line]
    for path in wanted.files:
        if not path.startswith("path/"):
            (place_with / path).unlink(missing_ok=True)
    with ExitStack() as stack:
        done = shell(served(line, place_with, stack), place_with)
    printed = done.stdout + done.stderr
    assert done.returncode == wanted.code, printed
    assert re.search(wanted.says, printed), printed
    assert not [path for path in wanted.files if not (place_with / path).is_file()]


@pytest.mark.slow
def test_the_python_of_the_readme(prepared, tmp_path):
    """What stands there for tests of one's own and for `harness.api`."""
    place = shutil.copytree(prepared, tmp_path / "place")
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    (own,) = [block for block in blocks if "harness_run" in block]
    assert all("harness_run" in block or "DPOTrainer" in block for block in blocks), "tests/exporters train with those"
    (place / "test_own.py").write_text(own.replace(">= 0.9", ">= 0").replace("assert not [one", "assert [one"))
    done = shell(".venv/bin/pytest test_own.py --harness-run reports/RUN", place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
