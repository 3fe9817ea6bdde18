"""The shipped suite, and what loading costs."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from harness.errors import InputError
from harness.suite import load_suite

ROOT = Path(__file__).parents[2]


def test_the_shipped_suite_loads_without_a_problem():
    suite = load_suite(ROOT / "suites/soc_triage")
    assert suite.name == "soc_triage"
    assert (len(suite.cases), len(suite.decisions)) == (59, 731)
    assert len({decision.digest for decision in suite.decisions}) == 731


def test_importing_the_loader_reads_neither_yaml_nor_json_schema():
    code = "import sys, harness.suite; print([n for n in ('yaml', 'jsonschema') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_thousands_of_cases_load_at_once(write):
    """2,520 take about 0.15 s on one core; ten times that would be a loader that does work twice."""
    turns = [
        {"user": "Look it up, please. " * 40},
        {"expect": {"calls": [{"name": "lookup_ip", "arguments": {"ip": "192.0.2.1", "hours": 24}}]}},
    ]
    lines = [json.dumps({"id": f"case-{number}", "turns": turns}) for number in range(2520)]
    folder = write(None, cases__a_DOT_jsonl="\n".join(lines))
    start = time.process_time()
    suite = load_suite(folder)
    assert len(suite.decisions) == 2520
    assert time.process_time() - start < 3


def test_a_loaded_case_takes_little_memory(write):
    """About 2.5 kB with its decision: 100,000 fit into a small machine. The system text is held once."""
    system = "You are the desk's assistant. " * 30
    turns = [{"user": "Look."}, {"expect": {"calls": [{"name": "lookup_ip", "arguments": {"ip": "192.0.2.1"}}]}}]
    lines = [json.dumps({"id": f"case-{number}", "system": system, "turns": turns}) for number in range(500)]
    folder = write(None, cases__a_DOT_jsonl="\n".join(lines))
    load_suite(folder)
    tracemalloc.start()
    suite = load_suite(folder)
    assert len(suite.decisions) == 500
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 500 * 3500
    assert len({id(case.system) for case in suite.cases}) == 1


def test_the_garbage_collector_is_left_as_it_was(write):
    assert gc.isenabled()
    load_suite(write())
    assert gc.isenabled()
    with pytest.raises(InputError):
        load_suite(write("id: a\n"))
    assert gc.isenabled()
