"""Every command of the READMEs: each is understood by the real parsers, and run, unless a reason says why not.

A line of a block of sh goes through a shell as it stands, in a folder with the files that it names: `make` with the
project's Makefile, `.venv/bin` with what is under test here, servers that behave as vLLM does behind the URLs.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from contextlib import ExitStack
from typing import NamedTuple

import pytest

import readme
from harness.cli.arguments import parser
from harness.suite import load_suite
from harness.testing import Clinic, MockServer
from mixed import mixed
from readme import ASKS, PAGES, ROOT, SHIMS, commands, shell, shims, spoken

INSTALLS = "what it installs, vLLM among it, is tested in tests/server; what it runs are these tests"
SERVES = "serves a model with vLLM: tests/server and tests/cli do it with the demo model"
FETCHES = "downloads a package"
STAYS = "serves until it is interrupted: tests/viewer/test_command.py does that"


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
    "for suite in soc_triage order_desk cloud_ops; do make eval SUITE=suites/$suite; done": SERVES,
    "for kind in simple_python multiple irrelevance multi_turn_base; do "
    ".venv/bin/harness nulls imported/bfcl_$kind; make eval SUITE=imported/bfcl_$kind; done": SERVES,
    ".venv/bin/harness run reports/soc_stress --serve MODEL --out reports/stress-run": SERVES,
    '.venv/bin/pytest suites/soc_triage --harness-model Qwen/Qwen3-8B --harness-args "--thinking off" -n 2': SERVES,
    ".venv/bin/harness import bfcl --fetch --out imported": FETCHES,
    ".venv/bin/harness import tau2 --fetch --out imported": FETCHES,
    ".venv/bin/harness import bfcl --fetch --accept all --category simple_python,multiple,irrelevance,multi_turn_base"
    " --out imported": FETCHES,
    ".venv/bin/harness view": STAYS,
}
RUN = {
    ".venv/bin/harness show reports/RUN --outcome wrong_arguments": Run(says="wrong_arguments"),
    ".venv/bin/harness show reports/RUN soc-firewall-talkers-18": Run(says="soc-firewall-talkers-18"),
    ".venv/bin/harness rescore reports/RUN": Run(says="no outcome changed"),
    ".venv/bin/harness report reports/RUN --baseline smollm2-135m": Run(files=("reports/RUN/report.html",)),
    ".venv/bin/harness report base=reports/RUN sft=reports/RUN": Run(files=("reports/base-sft.html",)),
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


ALL = [command for page in PAGES for command in commands(page)]
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


def test_every_command_is_run_or_says_why_not():
    lines = {command.line for command in ALL}
    assert lines == RUN.keys() | NOT_RUN.keys()
    assert not RUN.keys() & NOT_RUN.keys()


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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A folder with everything that the commands name."""
    return readme.prepare(tmp_path_factory.mktemp("readme"))


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
