"""Every command and option, with its help. Imports nothing heavy: this is what `--help` waits for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import harness
from harness.cli import comparing, making
from harness.cli.options import DIALECTS, MODES, Parser, asking, at_least, port, serving_options, several, working

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

SCHEMAS = ("record", "score", "markup")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = Parser(
        prog="harness",
        description="Evaluate tool-calling models strictly, and keep the evidence.",
        epilog="exit codes: 0 fine, 1 a threshold of the suite is missed, a gate failed or a suite has errors, 2 wrong use or bad input, "
        "3 too many errors, an incomplete run or nothing to compare, 4 no server, 130 after Ctrl-C",
    )
    top.add_argument("--version", action="version", version=f"harness {harness.__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _run(commands)
    _score(commands)
    _show(commands)
    _view(commands)
    _rescore(commands)
    comparing.baseline(commands)
    comparing.diff(commands)
    comparing.gate(commands)
    comparing.table(commands)
    comparing.compare(commands)
    comparing.report(commands)
    making.importing(commands)
    making.stress(commands)
    making.export(commands)
    _doctor(commands)
    _lint(commands)
    _small(commands)
    return top


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of one command line; what stands after the -- of a `run` or a `doctor` goes to vLLM as it is."""
    # argparse itself takes flags after -- only where they follow the positional arguments directly.
    end = words.index("--") if "--" in words and words[0] in ("run", "doctor") else len(words)
    arguments = parser().parse_args(words[:end])
    arguments.vllm_flags = list(words[end + 1 :])
    arguments.words = list(words)
    return arguments


def _run(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser(
        "run",
        help="run a suite against a model and judge every decision",
        description="Run a suite against a model served by vLLM, judge every decision, write the run's folder. "
        "What stands after -- goes to vLLM as it is.",
        usage="%(prog)s [options] suite (--serve MODEL | --base-url URL) [-- VLLM_FLAG ...]",
    )
    command.set_defaults(module="run")
    _mode(command)
    command.add_argument("suite", type=Path, help="folder with suite.yaml, tools.json and cases/")
    where = command.add_argument_group("which model")
    target = where.add_mutually_exclusive_group(required=True)
    target.add_argument("--serve", metavar="MODEL", help="start vLLM with this hub id or folder")
    target.add_argument(
        "--base-url", metavar="URL", help="a server that runs, as http://host:8000/v1; replicas by comma"
    )
    where.add_argument("--model", metavar="NAME", help="its name at the URL (the only one there), or to serve it by")
    where.add_argument("--api-key-env", metavar="VAR", default="OPENAI_API_KEY", help="variable that holds the key")
    serving = serving_options(command)
    serving.add_argument(
        "--adapter", metavar="NAME=PATH", action="append", default=[], help="a LoRA adapter to run as well"
    )
    asking(command)
    working(command)


def _mode(command: Parser) -> None:
    mode = command.add_argument_group("which history")
    mode.add_argument(
        "--mode",
        choices=MODES,
        default="teacher_forced",
        help="ask each decision with the scripted history, play cases through with the model's own, or both, which "
        "shows what its own history does to it (teacher_forced)",
    )
    mode.add_argument(
        "--max-steps", metavar="N", type=at_least(1), default=8, help="rollouts: messages of one turn at most (8)"
    )


def _score(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser("score", help="score recorded responses, without model or suite")
    command.set_defaults(module="score")
    command.add_argument("records", type=Path, help="JSON Lines, one record a line (`harness schema record`)")
    command.add_argument("--out", type=Path, required=True, help="JSON Lines, one score a line, in the same order")
    command.add_argument("--dialect", choices=DIALECTS, help="for records that name none")
    command.add_argument("--skip-invalid", action="store_true", help="go on after an invalid line, and count it")


def _show(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser("show", help="print transcripts of a run, expected against actual")
    command.set_defaults(module="show")
    command.add_argument("run", type=Path, help="a run's folder")
    command.add_argument("case", nargs="*", default=(), help="cases to print (all)")
    command.add_argument(
        "--outcome", metavar="NAME", help="only decisions or turns with this outcome, such as wrong_arguments"
    )
    command.add_argument("--violation", metavar="CODE", help="only decisions or turns with this violation")
    command.add_argument("--limit", metavar="N", type=at_least(1), help="at most so many decisions or turns")
    command.add_argument("--full", action="store_true", help="long texts whole")


def _view(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser(
        "view",
        help="show runs, baselines, trends and runs under way in a browser",
        description="Serve a folder of runs to this machine's browser: an index of runs and baselines, trends of each "
        "metric over the runs of a suite, live progress of a run under way. Nothing is written.",
    )
    command.set_defaults(module="view")
    command.add_argument("folder", type=Path, nargs="?", default=Path("reports"), help="where the runs are (reports)")
    command.add_argument("--baselines", metavar="DIR", type=Path, default=Path("baselines"), help="(baselines)")
    command.add_argument("--port", metavar="N", type=port, default=8350, help="0: any that is free (8350)")
    command.add_argument(
        "--host",
        metavar="H",
        default="127.0.0.1",
        help="address to listen on; with any but this machine's own the address that is printed holds a token (127.0.0.1)",
    )
    command.add_argument("--open", action="store_true", help="open it in the browser")


def _rescore(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser("rescore", help="judge a run again with this version's scorers, without a model")
    command.set_defaults(module="rescore")
    command.add_argument("run", type=Path, help="a run's folder; its log and summaries are replaced")


def _doctor(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser(
        "doctor",
        help="tell whether a server's parsers, chat template and special tokens fit its model",
        description="Probe a server with a handful of known conversations and say in plain words whether tool-call "
        "parser, reasoning parser, chat template and special tokens fit the model. What stands after -- goes to vLLM.",
        usage="%(prog)s [options] (--serve MODEL | --base-url URL) [-- VLLM_FLAG ...]",
        epilog="exit codes: 0 nothing is wrong, 1 something is, 2 wrong use, 4 no server",
    )
    command.set_defaults(module="doctor")
    target = command.add_mutually_exclusive_group(required=True)
    target.add_argument("--serve", metavar="MODEL", help="start vLLM with this hub id or folder")
    target.add_argument("--base-url", metavar="URL", help="a server that runs, as http://host:8000/v1")
    command.add_argument("--model", metavar="NAME", help="its name at the URL (the only one there), or to serve it by")
    command.add_argument("--api-key-env", metavar="VAR", default="OPENAI_API_KEY", help="variable that holds the key")
    command.add_argument("--dialect", choices=DIALECTS, help="how the model writes calls (as its template shows them)")
    command.add_argument("--max-tokens", type=at_least(1), default=512, help="of one answer (512)")
    command.add_argument("--json", action="store_true", help="print the checks as one JSON object")
    serving_options(command)


def _lint(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser(
        "lint",
        help="find what could be argued about in a suite's gold",
        description="Hold suites against the rules that make gold beyond dispute: values that nobody told, observations "
        "that contradict, invented answers, near-duplicates, ... Gold and mutated gold are replayed as models.",
        epilog="exit codes: 0 no error, 1 errors were found, 2 a suite cannot be loaded",
    )
    command.set_defaults(module="lint")
    command.add_argument("suites", metavar="suite", type=Path, nargs="+", help="folder with suite.yaml")
    rules: dict[str, Any] = {"metavar": "NAME,...", "action": "extend", "type": several(), "default": []}
    command.add_argument("--rule", **rules, help="only these rules")
    command.add_argument("--no-rule", **rules, help="all but these")
    command.add_argument(
        "--json", metavar="FILE", type=Path, help="write every finding there, hints and silenced ones too"
    )
    command = commands.add_parser(
        "nulls",
        help="score null models on suites: what nothing scores",
        description="Score models that know nothing (one that never calls, one that calls at random, one that echoes the "
        "user, ...) on suites and store it as nulls.json in each: every run's summary prints it beside its metrics.",
    )
    command.set_defaults(module="nulls")
    command.add_argument("suites", metavar="suite", type=Path, nargs="+", help="folder with suite.yaml")


def _small(commands: argparse._SubParsersAction[Parser]) -> None:
    command = commands.add_parser("schema", help="print a published format: record, score, or the markup lists")
    command.set_defaults(module="schema")
    command.add_argument("name", choices=SCHEMAS)
    command = commands.add_parser("demo-model", help="print the folder of the demo model, made on first use")
    command.set_defaults(module="demo_model")
