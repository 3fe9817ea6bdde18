"""Every command and option, with its help. Imports nothing heavy: this is what `--help` waits for."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import harness
from harness.address import redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DIALECTS = ("hermes", "qwen3_coder", "qwen3_xml", "llama3_json", "mistral", "pythonic")
MODES = ("teacher_forced", "rollout", "both")
PAGES = ("terminal", "markdown", "csv", "latex")
STAGE_TABLES = ("rates", "changes", "certainty", "trials", "moves", "flows")
SCHEMAS = ("record", "score", "markup")


class _Parser(argparse.ArgumentParser):
    """Takes names after options too, and says what is wrong without the credentials that a URL may hold."""

    _within = False

    def parse_known_args(  # type: ignore[override] # typeshed has one signature for each kind of namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        if self._subparsers is not None or self._within:
            return super().parse_known_args(args, namespace)
        self._within = True  # argparse's own mixed parsing calls this again, for the options and for the names
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._within = False

    def error(self, message: str) -> NoReturn:
        super().error(redacted(message))


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="harness",
        description="Evaluate tool-calling models strictly, and keep the evidence.",
        epilog="exit codes: 0 fine, 1 a threshold of the suite is missed or a gate failed, 2 wrong use or bad input, "
        "3 too many errors, an incomplete run or nothing to compare, 4 no server, 130 after Ctrl-C",
    )
    top.add_argument("--version", action="version", version=f"harness {harness.__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _run(commands)
    _score(commands)
    _show(commands)
    _rescore(commands)
    _baseline(commands)
    _diff(commands)
    _gate(commands)
    _table(commands)
    _compare(commands)
    _doctor(commands)
    _small(commands)
    return top


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The arguments of one command line; what stands after the -- of a `run` or a `doctor` goes to vLLM as it is."""
    # argparse itself takes flags after -- only where they follow the positional arguments directly.
    end = words.index("--") if "--" in words and words[0] in ("run", "doctor") else len(words)
    arguments = parser().parse_args(words[:end])
    arguments.vllm_flags = list(words[end + 1 :])
    return arguments


def _number(text: str) -> int | Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(value) if value == value.to_integral_value() else value


def _at_least(least: int) -> Callable[[str], int]:
    def integer(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no integer") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return integer


def _share(text: str) -> float:
    value = float(_number(text))
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1 (0.01 is one in a hundred)")
    return value


def _seconds(text: str) -> float:
    value = float(_number(text))
    if value <= 0:
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return value


def _run(commands: argparse._SubParsersAction[_Parser]) -> None:
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
    serving = _serving(command)
    serving.add_argument(
        "--adapter", metavar="NAME=PATH", action="append", default=[], help="a LoRA adapter to run as well"
    )
    _how(command)
    _work(command)


def _serving(command: _Parser) -> argparse._ArgumentGroup:
    """How a model is served, for every command that can."""
    serving = command.add_argument_group("serving (with --serve)")
    serving.add_argument("--tool-call-parser", metavar="NAME", help="vLLM's parser (by the model's family)")
    serving.add_argument("--reasoning-parser", metavar="NAME", help="vLLM's reasoning parser, or none (by family)")
    serving.add_argument("--chat-template", metavar="FILE", type=Path, help="a template instead of the model's own")
    serving.add_argument("--tensor-parallel-size", metavar="N", type=_at_least(1), default=1, help="GPUs to split over")
    serving.add_argument("--startup-timeout", metavar="S", type=_seconds, default=1800.0, help="seconds (1800)")
    return serving


def _how(command: _Parser) -> None:
    how = command.add_argument_group("how to ask")
    how.add_argument("--thinking", choices=("on", "off"), help="for models that can do both (as the template has it)")
    how.add_argument("--dialect", choices=DIALECTS, help="how the model writes calls (by its parser or name)")
    how.add_argument("--temperature", type=_number, default=0, help="(0)")
    how.add_argument("--top-p", type=_number, default=1, help="(1)")
    how.add_argument("--top-k", type=_at_least(-1), default=0, help="0: all (0)")
    how.add_argument("--min-p", type=_number, default=0, help="(0)")
    how.add_argument("--repetition-penalty", type=_number, default=1, help="(1)")
    how.add_argument("--presence-penalty", type=_number, default=0, help="(0)")
    how.add_argument("--frequency-penalty", type=_number, default=0, help="(0)")
    how.add_argument("--max-tokens", type=_at_least(1), help="(the suite's default, else 1024)")
    how.add_argument("--seed", type=int, default=0, help="(0)")
    how.add_argument(
        "--trials", metavar="K", type=_at_least(1), default=1, help="repeats of every decision or case (1)"
    )


def _work(
    command: _Parser,
    out: str = "the run's folder (reports/SUITE-MODEL-TIME)",
    resume: str = "go on with a run that stopped: in --out, or the latest like it",
) -> None:
    work = command.add_argument_group("work")
    work.add_argument("--out", metavar="DIR", type=Path, help=out)
    work.add_argument("--resume", action="store_true", help=resume)
    work.add_argument("--concurrency", metavar="N", type=_at_least(1), default=256, help="requests in flight (256)")
    work.add_argument("--timeout", metavar="S", type=_seconds, default=600.0, help="seconds for one request (600)")
    work.add_argument(
        "--retries", metavar="N", type=_at_least(0), default=4, help="after connection errors, 429, 5xx (4)"
    )
    _max_error_rate(work)


def _max_error_rate(command: argparse._ActionsContainer) -> None:
    command.add_argument("--max-error-rate", metavar="X", type=_share, default=0.01, help="above it exit with 3 (0.01)")


def _mode(command: _Parser) -> None:
    mode = command.add_argument_group("which history")
    mode.add_argument(
        "--mode",
        choices=MODES,
        default="teacher_forced",
        help="ask each decision with the scripted history, play cases through with the model's own, or both, which "
        "shows what its own history does to it (teacher_forced)",
    )
    mode.add_argument(
        "--max-steps", metavar="N", type=_at_least(1), default=8, help="rollouts: messages of one turn at most (8)"
    )


def _score(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("score", help="score recorded responses, without model or suite")
    command.set_defaults(module="score")
    command.add_argument("records", type=Path, help="JSON Lines, one record a line (`harness schema record`)")
    command.add_argument("--out", type=Path, required=True, help="JSON Lines, one score a line, in the same order")
    command.add_argument("--dialect", choices=DIALECTS, help="for records that name none")
    command.add_argument("--skip-invalid", action="store_true", help="go on after an invalid line, and count it")


def _show(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("show", help="print transcripts of a run, expected against actual")
    command.set_defaults(module="show")
    command.add_argument("run", type=Path, help="a run's folder")
    command.add_argument("case", nargs="*", default=(), help="cases to print (all)")
    command.add_argument(
        "--outcome", metavar="NAME", help="only decisions or turns with this outcome, such as wrong_arguments"
    )
    command.add_argument("--violation", metavar="CODE", help="only decisions or turns with this violation")
    command.add_argument("--limit", metavar="N", type=_at_least(1), help="at most so many decisions or turns")
    command.add_argument("--full", action="store_true", help="long texts whole")


def _rescore(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("rescore", help="judge a run again with this version's scorers, without a model")
    command.set_defaults(module="rescore")
    command.add_argument("run", type=Path, help="a run's folder; its log and summaries are replaced")


def _baseline(commands: argparse._SubParsersAction[_Parser]) -> None:
    top = commands.add_parser("baseline", help="keep what a run came to, small enough to review and to commit")
    top.set_defaults(module="baseline")
    doings = top.add_subparsers(
        title="what to do", dest="doing", required=True, metavar="WHAT", help="with --help each"
    )
    save = doings.add_parser("save", help="store the verdicts of a finished run")
    save.add_argument("run", type=Path, help="a run's folder")
    save.add_argument("--name", required=True, help="what to call it")
    save.add_argument("--replace", action="store_true", help="take the place of one of that name")
    _max_error_rate(save)
    listing = doings.add_parser("list", help="print the baselines there are")
    show = doings.add_parser("show", help="print what one came to")
    show.add_argument("name", help="a baseline's name or file")
    verify = doings.add_parser("verify", help="check that baselines are whole and as they were saved")
    verify.add_argument("names", nargs="*", default=(), metavar="NAME", help="which (all)")
    for command in (save, listing, show, verify):
        _folder(command)


def _folder(command: argparse.ArgumentParser) -> None:
    command.add_argument("--folder", type=Path, default=Path("baselines"), help="where baselines are (baselines)")


def _diff(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "diff",
        help="hold a run against another run or a baseline: what flipped, and how sure it is",
        epilog="exit codes: 0 compared, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="diff")
    command.add_argument("first", help="a run's folder, or a baseline's name or file: what is compared with")
    command.add_argument("second", help="the same: what is compared")
    command.add_argument("--transcripts", metavar="N", type=_at_least(0), default=3, help="of broken decisions (3)")
    command.add_argument("--full", action="store_true", help="every broken and fixed decision, long texts whole")
    command.add_argument("--markdown", metavar="FILE", type=Path, help="write the comparison there as well")
    command.add_argument("--json", metavar="FILE", type=Path, help="write it there as JSON as well")
    _folder(command)


def _gate(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "gate",
        help="let a run through only where it is no worse than a baseline",
        description="Hold a run against a baseline by a policy: the suite's own (`gate:` in suite.yaml), or a file. "
        "Without one, no metric may drop for sure, and no case tagged critical may break.",
        epilog="exit codes: 0 passed, 1 failed, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="gate")
    command.add_argument("run", nargs="?", help="a run's folder, or a baseline (the latest run in reports/)")
    command.add_argument("--baseline", metavar="NAME", required=True, help="what it is held against; also a run")
    command.add_argument("--policy", metavar="FILE", type=Path, help="YAML; takes the place of the suite's own")
    command.add_argument("--markdown", metavar="FILE", type=Path, help="write the page there, for a CI summary")
    command.add_argument("--json", metavar="FILE", type=Path, help="write every check there as JSON")
    command.add_argument("--junit", metavar="FILE", type=Path, help="write it there as JUnit XML")
    _folder(command)


def _table(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "table",
        help="put the stages of a model side by side: rates, changes against the first, moves from stage to stage",
        epilog="exit codes: 0 compared, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="table")
    command.add_argument(
        "stages", nargs="+", metavar="NAME=RUN", help="a run's folder, or a baseline's name or file; at least two"
    )
    command.add_argument("--only", choices=STAGE_TABLES, action="append", help="only this table (may be repeated)")
    command.add_argument("--full", action="store_true", help="every flow between outcomes, however rare")
    _page(command)
    command.add_argument("--json", metavar="FILE", type=Path, help="write it there as JSON as well")
    _folder(command)


def _page(command: _Parser) -> None:
    """Where a page goes, for commands that have several forms of it."""
    command.add_argument("--format", choices=PAGES, help="form of the page (by the ending of --out, else terminal)")
    command.add_argument("--out", metavar="FILE", type=Path, help="write the page there instead of printing it")


def _compare(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser(
        "compare",
        help="hold one model against another: quality, tokens, latency, throughput, cost",
        description="Hold one model against another. A and B are finished runs, baselines, or servers as MODEL@URL "
        "(the URL alone where it serves one model; replicas by comma), which are asked with --suite first, one after "
        "the other; options of `harness run` that must differ (dialect, thinking) take a run each.",
        usage="%(prog)s [options] A B",
        epilog="exit codes: 0 compared, 2 wrong use or bad input, 3 not comparable or too many errors, 4 no server",
    )
    command.set_defaults(module="compare", serve=None, adapter=[])
    command.add_argument("first", metavar="A", help="a run's folder, a baseline's name or file, or MODEL@URL")
    command.add_argument("second", metavar="B", help="the same")
    command.add_argument("--gpus", metavar="A,B", type=_two, help="how many GPUs serve each (one number for both)")
    command.add_argument("--price", metavar="X", type=_two, help="of a GPU hour (or A's,B's)")
    command.add_argument("--currency", metavar="NAME", default="", help="of the price, as USD")
    command.add_argument("--markdown", metavar="FILE", type=Path, help="write the comparison there as well")
    command.add_argument("--json", metavar="FILE", type=Path, help="write it there as JSON as well")
    _folder(command)
    asked = command.add_argument_group("where A or B is a server")
    asked.add_argument("--suite", type=Path, help="folder with the cases that it is asked")
    asked.add_argument("--api-key-env", metavar="VAR", default="OPENAI_API_KEY", help="variable that holds the key")
    asked.add_argument(
        "--mode",
        choices=MODES[:2],
        default=MODES[0],
        help="decisions with the scripted history, or cases played through with the model's own (teacher_forced)",
    )
    asked.add_argument("--max-steps", metavar="N", type=_at_least(1), default=8, help="as of `harness run` (8)")
    _how(command)
    _work(command, out="where each run gets a folder (reports/SUITE-compare-TIME)", resume="go on with those in --out")


def _two(text: str) -> tuple[float, float]:
    """One positive number for each of two models, or one for both."""
    values = [float(_number(part)) for part in text.split(",")]
    if len(values) > 2 or min(values) <= 0:
        raise argparse.ArgumentTypeError("must be one number more than 0, or two as 8,1")
    return values[0], values[-1]


def _doctor(commands: argparse._SubParsersAction[_Parser]) -> None:
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
    command.add_argument("--max-tokens", type=_at_least(1), default=512, help="of one answer (512)")
    command.add_argument("--json", action="store_true", help="print the checks as one JSON object")
    _serving(command)


def _small(commands: argparse._SubParsersAction[_Parser]) -> None:
    command = commands.add_parser("schema", help="print a published format: record, score, or the markup lists")
    command.set_defaults(module="schema")
    command.add_argument("name", choices=SCHEMAS)
    command = commands.add_parser("demo-model", help="print the folder of the demo model, made on first use")
    command.set_defaults(module="demo_model")
