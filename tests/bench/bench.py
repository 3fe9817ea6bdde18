"""`make bench`: what the harness itself costs, as ratios to a bare loop measured in the same run.

Bars: whole-run wall and CPU at most 2.5 times the reference's at 0 and 50 ms latency, time to the first
request at most 2 times, all 256 slots filled at 50 ms, peak memory at most 170 MB (600 MB at 100,000
decisions), `--help` within 0.2 s, offline scoring at least 40,000 simple decisions a second, its import
within 0.3 s. `harness diff` and `harness gate` of two runs of 1,000,000 decisions, and of their baselines: 60 s
of CPU and 4 GB, on one core. Invented results: precision at least 0.95 and recall at least 0.85 on the measured part of the labelled
corpus, 300 decisions of 1,500 words of context a second. 10,000 cases linted, or imported, in at most 60 s.
Exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from account import Cost, account, one_core

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.server import VllmServer

HERE = Path(__file__).parent
MB = 1024 * 1024


class Bars:
    """Results against their bars, printed as they come."""

    def __init__(self) -> None:
        self.missed = 0

    def check(self, what: str, value: float, bar: float, unit: str = "", *, at_least: bool = False) -> None:
        met = value >= bar if at_least else value <= bar
        self.missed += not met
        sign = "≥" if at_least else "≤"
        print(f"  {'ok  ' if met else 'MISS'} {what}: {value:,.2f}{unit} (bar {sign} {bar:,g}{unit})", flush=True)


def write_suite(folder: Path, cases: int) -> None:
    """A suite of single-turn cases, each a request of about 1 kB with its tools."""
    parameters = {
        "type": "object",
        "properties": {"alert_id": {"type": "string", "description": "Id of the alert, A- and digits"}},
        "required": ["alert_id"],
        "additionalProperties": False,
    }
    names = ("get_alert", "get_host", "lookup_ip")
    tools = [
        {"type": "function", "function": {"name": name, "description": f"{name} of the desk", "parameters": parameters}}
        for name in names
    ]
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text("name: bench\ndescription: Single turns.\nlicence: Apache-2.0\n")
    (folder / "tools.json").write_text(json.dumps(tools))
    filler = "It was raised this morning by the mail gateway and nobody has looked at it yet. "
    with (folder / "cases" / "all.jsonl").open("w") as file:
        for number in range(cases):
            alert = f"A-{100000 + number}"
            call = {"name": "get_alert", "arguments": {"alert_id": alert}}
            turns = [{"user": f"{filler * 2}Show me alert {alert}."}, {"expect": {"calls": [call]}}]
            file.write(json.dumps({"id": f"case-{number:06}", "tags": {"language": "en"}, "turns": turns}) + "\n")


@contextlib.contextmanager
def mock(latency: float) -> Iterator[str]:
    """A mock server in another process; its base URL."""
    command = [sys.executable, str(HERE / "mock.py"), "--latency", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()
            process.wait(10)


def measure(command: list[str], url: str) -> Cost:
    """Runs a command and takes the operating system's account of it, and the server's."""
    began = time.time()
    cost = account(command)
    with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as response:
        stats = json.load(response)
    return cost._replace(first=stats["first"] - began, slots=stats["most"])


def run_command(suite: Path, url: str, out: Path) -> list[str]:
    harness = [sys.executable, "-m", "harness", "run", str(suite), "--base-url", url, "--model", "mock"]
    return [*harness, "--dialect", "hermes", "--out", str(out)]


def online(bars: Bars, folder: Path, pairs: int, cases: int) -> None:
    suite = folder / "suite"
    write_suite(suite, cases)
    for latency in (0.0, 0.05):
        with mock(latency) as url:
            reference = [sys.executable, str(HERE / "reference.py"), str(suite / "cases" / "all.jsonl")]
            reference += [str(suite / "tools.json"), url, str(folder / "ref.jsonl")]
            ours, theirs = [], []
            for pair in range(pairs + 1):  # the first pair warms up
                theirs.append(measure(reference, url))
                ours.append(measure(run_command(suite, url, folder / f"run-{latency}-{pair}"), url))
        ours, theirs = ours[1:], theirs[1:]
        print(f"{cases} requests at {latency * 1000:.0f} ms, medians of {pairs} pairs:")
        print(f"  REF {_medians(theirs)}\n  run {_medians(ours)}")
        for name, bar in (("wall", 2.5), ("cpu", 2.5), ("first", 2.0)):
            ratios = [getattr(a, name) / getattr(b, name) for a, b in zip(ours, theirs, strict=True)]
            bars.check(f"{name} / REF", statistics.median(ratios), bar)
        bars.check("peak memory", max(cost.memory for cost in ours) / MB, 170, " MB")
        if latency:
            bars.check("slots filled", min(cost.slots for cost in ours), min(256, cases), at_least=True)


def _medians(costs: list[Cost]) -> str:
    wall, cpu, memory, first, _ = (statistics.median(column) for column in zip(*costs, strict=True))
    return f"wall {wall:.2f} s, cpu {cpu:.2f} s, first request after {first:.2f} s, peak {memory / MB:.0f} MB"


def large(bars: Bars, folder: Path, cases: int) -> None:
    suite = folder / "large"
    write_suite(suite, cases)
    with mock(0.0) as url:
        cost = measure(run_command(suite, url, folder / "large-run"), url)
    print(f"{cases} decisions in one run: {_medians([cost])}")
    bars.check("peak memory", cost.memory / MB, 600, " MB")


RECORD = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "get_alert",
                "parameters": {
                    "type": "object",
                    "properties": {"alert_id": {"type": "string"}},
                    "required": ["alert_id"],
                },
            },
        }
    ],
    "messages": [{"role": "user", "content": "What is alert A-7?"}],
    "expect": {"calls": [{"name": "get_alert", "arguments": {"alert_id": "A-7"}}]},
}


def records(folder: Path, count: int) -> Path:
    path = folder / "records.jsonl"
    with path.open("w") as file:
        for number in range(count):
            arguments = json.dumps({"alert_id": "A-7" if number % 3 else "A-8"})
            call = {"id": "c1", "type": "function", "function": {"name": "get_alert", "arguments": arguments}}
            raw = f'<tool_call>\n{{"name": "get_alert", "arguments": {arguments}}}\n</tool_call><|im_end|>'
            message = {"role": "assistant", "content": None, "tool_calls": [call], "reasoning": None}
            response = {"message": message, "raw": raw, "finish_reason": "tool_calls", "dialect": "hermes"}
            file.write(json.dumps({"id": f"r{number}", **RECORD, "response": response}) + "\n")
    return path


_SCORE = """
import sys, time
began = time.perf_counter()
from pathlib import Path
from harness.recorded import parse_record, score_file, score_record
imported = time.perf_counter() - began
path = Path(sys.argv[1])
lines = path.read_bytes().splitlines()
best = [float("inf")] * 100
for _ in range(3):  # the least of a few: what other processes take away is no cost of the scorer (as timeit has it)
    for part in range(100):
        records = [parse_record(line) for line in lines[part::100]]  # read, judged, let go, as those of a file
        began = time.process_time()
        for record in records:
            score_record(record)
        best[part] = min(best[part], time.process_time() - began)
scoring = len(lines) / sum(best)
began = time.process_time()
score_file(path, path.with_suffix(".scores"))
print(imported, scoring, len(lines) / (time.process_time() - began))
"""


def offline(bars: Bars, folder: Path, pairs: int) -> None:
    path = records(folder, 40_000)
    results = []
    for _ in range(pairs):
        done = subprocess.run([sys.executable, "-c", _SCORE, str(path)], capture_output=True, text=True, check=True)
        results.append([float(figure) for figure in done.stdout.split()])
    imported, scoring, whole = zip(*results, strict=True)
    print("offline scoring, 40,000 records with raw text:")
    bars.check("import", statistics.median(imported), 0.3, " s")
    # The best: other processes of a machine can only take time away.
    bars.check("scoring", max(scoring), 40_000, " decisions/s", at_least=True)
    print(f"       file to file, reading and writing included: {max(whole):,.0f} decisions/s")
    times = []
    for _ in range(2 * pairs + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "harness", "--help"], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - began)
    bars.check("harness --help", statistics.median(times), 0.2, " s")


def prefixes(bars: Bars, folder: Path) -> None:
    """Prefix order against random order on a real server whose cache holds a part of the suite."""
    from harness.server import ServeOptions, VllmServer, detect_family, prepare_demo_model

    model = str(prepare_demo_model())
    options = ServeOptions(
        model=model,
        family=detect_family(model),
        log_path=folder / "server.log",
        # 1,000 blocks of 32 tokens: an eighth of what the suite's prompts come to.
        extra_flags=("--num-gpu-blocks-override", "1000"),
        environment={"VLLM_SERVER_DEV_MODE": "1"},
    )
    with VllmServer(options) as server:
        results = {name: asyncio.run(_ask_in_order(server, name)) for name in ("prefix", "random")}
    print("15 cases of soc_triage on a real server, 8 in flight, 1 token each, prefix cache smaller than the suite:")
    for name, (seconds, rate) in results.items():
        print(f"  {name} order: {seconds:.1f} s, {100 * rate:.1f} % of prompt tokens from the cache")
    bars.check("wall, prefix order / random order", results["prefix"][0] / results["random"][0], 1.0)


async def _ask_in_order(server: VllmServer, order: str) -> tuple[float, float]:
    """Seconds, and share of prompt tokens that came from the prefix cache."""
    from harness.client import Client
    from harness.runner import in_prefix_order
    from harness.suite import load_suite
    from harness.wire import RequestWriter

    suite = load_suite(HERE.parent.parent / "suites" / "soc_triage")
    some = {case.id for case in suite.cases[:15]}
    decisions = in_prefix_order([decision for decision in suite.decisions if decision.case_id in some])
    if order == "random":
        random.Random(1).shuffle(decisions)
    writer = RequestWriter(server.model, {"temperature": 0, "max_tokens": 1}, {})
    todo = iter(decisions)
    async with Client([server.base_url]) as client:

        async def work() -> None:
            for decision in todo:
                answer = await client.complete(0, writer.body(decision.messages, decision.tools), decision.case_id)
                if answer.fault:
                    raise SystemExit(answer.fault.message)

        async with client.session.post(client.root(0) + "/reset_prefix_cache"):
            pass
        before, began = _cached(await client.text(0, "/metrics")), time.perf_counter()
        await asyncio.gather(*(work() for _ in range(8)))
        seconds = time.perf_counter() - began
        after = _cached(await client.text(0, "/metrics"))
    return seconds, (after[1] - before[1]) / (after[0] - before[0])


def _cached(metrics: str) -> tuple[float, float]:
    """Tokens asked of the prefix cache, and found there."""
    sums = {"queries": 0.0, "hits": 0.0}
    for line in metrics.splitlines():
        for name in sums:
            if line.startswith(f"vllm:prefix_cache_{name}_total"):
                sums[name] += float(line.rpartition(" ")[2])
    return sums["queries"], sums["hits"]


def invented(bars: Bars) -> None:
    """How well, and how fast, invented results are found."""
    from fabrication import judged, report, speed

    found = report("measured", judged("measured"))
    bars.check("precision on the measured part", found.precision or 0.0, 0.95, at_least=True)
    bars.check("recall on the measured part", found.recall or 0.0, 0.85, at_least=True)
    bars.check("judging, nothing shared between decisions", speed(), 300, " decisions/s", at_least=True)


def compared(bars: Bars, folder: Path, decisions: int) -> None:
    """Two large runs held against each other, and their baselines; each command on one core."""
    here = folder / "scale"
    subprocess.run([sys.executable, str(HERE / "scale.py"), str(here), str(decisions)], check=True)
    harness, where = [sys.executable, "-m", "harness"], ["--folder", str(here)]
    first, second = str(here / "first"), str(here / "second")
    for run in (first, second):
        account([*harness, "baseline", "save", run, "--name", Path(run).name, *where])
    sizes = [path.stat().st_size / MB for path in (here / "first" / "run.jsonl", here / "first.jsonl")]
    print(f"{decisions:,} decisions in each of two runs: logs of {sizes[0]:,.0f} MB, baselines of {sizes[1]:,.0f} MB:")
    for what, command in (
        ("diff of the runs", ["diff", first, second]),
        ("gate of the runs", ["gate", second, "--baseline", first]),
        ("gate of a run against a baseline", ["gate", second, "--baseline", "first"]),
        ("diff of the baselines", ["diff", "first", "second"]),
        ("gate of the baselines", ["gate", "second", "--baseline", "first"]),
    ):
        with one_core():
            cost = account([*harness, *command, *where], allowed=(0, 1))
        # What other processes of the machine take away is in the wall time alone.
        bars.check(f"{what}, cpu (wall {cost.wall:.1f} s)", cost.cpu, 60, " s")
        bars.check(f"{what}, peak memory", cost.memory / MB, 4096, " MB")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--cases", type=int, default=2520)
    parser.add_argument("--large", type=int, default=100_000, help="decisions of the memory run; 0 leaves it out")
    parser.add_argument(
        "--compared", type=int, default=1_000_000, help="decisions of two runs compared; 0 leaves it out"
    )
    parser.add_argument(
        "--only", choices=("online", "offline", "large", "compared", "invented", "lint", "import", "prefixes")
    )
    arguments = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    bars = Bars()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.only in (None, "offline"):
            offline(bars, folder, arguments.pairs)
        if arguments.only in (None, "online"):
            online(bars, folder, arguments.pairs, arguments.cases)
        if arguments.only in (None, "large") and arguments.large:
            large(bars, folder, arguments.large)
        if arguments.only in (None, "compared") and arguments.compared:
            compared(bars, folder, arguments.compared)
        if arguments.only in (None, "invented"):
            invented(bars)
        if arguments.only in (None, "lint"):
            from linting import linted

            linted(bars, folder, 10_000)
        if arguments.only in (None, "import"):
            from importing import imported

            imported(bars, folder, 10_000)
        if arguments.only in (None, "prefixes"):
            if importlib.util.find_spec("vllm") is None:
                print("prefix order: left out, vLLM is not installed here (make bench installs it)")
            else:
                prefixes(bars, folder)
    print("every bar is met" if not bars.missed else f"{bars.missed} bars missed")
    return 1 if bars.missed else 0


if __name__ == "__main__":
    sys.exit(main())
