"""The commands of the READMEs, and folders in which they can be typed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import NamedTuple

import harness as package
from harness.cli import main
from harness.suite import load_suite
from harness.testing import MockServer
from importers.sources import write_lines
from mixed import mixed

ROOT = Path(package.__file__).parents[1]
PAGES = ("README.md", "baselines/README.md")


class Command(NamedTuple):
    """A line to type, without what is said behind it."""

    page: str
    line: str


def commands(page):
    """The lines of the blocks of sh, each loop as one."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        whole = re.sub(r"\bdo\n(.*?)\n\s*done\b", _in_one_line, block.replace("\\\n", " "), flags=re.DOTALL)
        for line in whole.splitlines():
            if typed := shlex.split(line, comments=True):
                bare = line if not re.search(r"\s#\s", line) else re.split(r"\s+#\s", line)[0]
                assert shlex.split(bare) == typed, line
                yield Command(page, bare.strip())


def _in_one_line(loop):
    """A loop on one line, without what is said behind its parts."""
    parts = [re.split(r"\s+#\s", line)[0].strip() for line in loop[1].splitlines()]
    return f"do {'; '.join(parts)}; done"


def spoken(page):
    """Commands inside the text, with what follows their first word."""
    text = re.sub(r"^```.*?^```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for span in re.findall(r"`([^`]+)`", text):
        line = " ".join(span.split())
        if re.match(r"(make|harness|pip|python|cat|\.venv/bin/\w+) \S", line):
            yield line


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
    line = re.sub(r"(^|; |\bdo )make ", r"\1make INSTALL=: ", line)
    line = re.sub(r"^harness ", ".venv/bin/harness ", line)
    known = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTEST_ADDOPTS": "", **environment}
    known = {name: value for name, value in known.items() if name not in ("OPENAI_API_KEY", "MAKEFLAGS", "MFLAGS")}
    words = ["bash", "-o", "pipefail", "-ec", line]
    return subprocess.run(words, cwd=place, env=known, capture_output=True, text=True, check=False, timeout=300)


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


def prepare(place):
    """Makes everything in a folder that the commands name."""
    shims(place, **SHIMS)
    for folder, (name, files) in KEPT.items():
        shutil.copytree(ROOT / "suites" / name, place / folder, ignore=shutil.ignore_patterns("cases", "nulls.json"))
        (place / folder / "cases").mkdir()
        for file in files:
            shutil.copy(ROOT / "suites" / name / "cases" / f"{file}.yaml", place / folder / "cases")
    with chdir(place):
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
    shutil.copy(ROOT / "baselines" / "smollm2-135m.policy.yaml", place / "baselines")
    row = {"uuid": "u", "question": "Weather in Oslo?", "correct_answer": "direct", "tools": []}
    write_lines(place / "when2call_test_llm_judge.jsonl", {**row, "answers": {"direct": "It is 4 degrees in Oslo."}})
    said = {"role": "assistant", "content": "It is jo@shop.example."}
    write_lines(place / "conversations.jsonl", {"messages": [*CONVERSATION, said], "tools": [TOOL]})
    record = {"id": "r", "messages": CONVERSATION, "tools": [TOOL], "response": {"message": said}}
    write_lines(place / "RECORDS.jsonl", record)
    return place
