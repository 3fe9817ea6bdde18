"""The commands that hold runs against one another, with their options. Imports nothing heavy."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.cli.options import (
    MODES,
    Parser,
    asking,
    at_least,
    baselines_folder,
    copies,
    error_limit,
    json_copy,
    number,
    page_form,
    working,
)

STAGE_TABLES = ("rates", "changes", "certainty", "trials", "moves", "flows", "variants")


def baseline(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness baseline` and what it can do."""
    top = commands.add_parser("baseline", help="keep what a run came to, small enough to review and to commit")
    top.set_defaults(module="baseline")
    doings = top.add_subparsers(
        title="what to do", dest="doing", required=True, metavar="WHAT", help="with --help each"
    )
    save = doings.add_parser("save", help="store the verdicts of a finished run")
    save.add_argument("run", type=Path, help="a run's folder")
    save.add_argument("--name", required=True, help="what to call it")
    save.add_argument("--replace", action="store_true", help="take the place of one of that name")
    error_limit(save)
    listing = doings.add_parser("list", help="print the baselines there are")
    show = doings.add_parser("show", help="print what one came to")
    show.add_argument("name", help="a baseline's name or file")
    verify = doings.add_parser("verify", help="check that baselines are whole and as they were saved")
    verify.add_argument("names", nargs="*", default=(), metavar="NAME", help="which (all)")
    for command in (save, listing, show, verify):
        baselines_folder(command)


def diff(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness diff`."""
    command = commands.add_parser(
        "diff",
        help="hold a run against another run or a baseline: what flipped, and how sure it is",
        epilog="exit codes: 0 compared, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="diff")
    command.add_argument("first", help="a run's folder, or a baseline's name or file: what is compared with")
    command.add_argument("second", help="the same: what is compared")
    command.add_argument("--transcripts", metavar="N", type=at_least(0), default=3, help="of broken decisions (3)")
    command.add_argument("--full", action="store_true", help="every broken and fixed decision, long texts whole")
    copies(command)
    baselines_folder(command)


def gate(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness gate`."""
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
    baselines_folder(command)


def table(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness table`."""
    command = commands.add_parser(
        "table",
        help="put the stages of a model side by side: rates, changes against the first, moves; which variants break one",
        epilog="exit codes: 0 compared, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="table")
    command.add_argument(
        "stages",
        nargs="+",
        metavar="NAME=RUN",
        help="a run's folder, or a baseline's name or file; at least two, or one of cases and their variants",
    )
    command.add_argument("--only", choices=STAGE_TABLES, action="append", help="only this table (may be repeated)")
    command.add_argument("--full", action="store_true", help="every flow between outcomes, however rare")
    page_form(command)
    json_copy(command)
    baselines_folder(command)


def report(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness report`."""
    command = commands.add_parser(
        "report",
        help="make the HTML page of a run, or of several stages: figures, pictures, every transcript",
        description="Write a run, or several stages, as one HTML page that opens without a server: figures, pictures, "
        "and every decision with its transcript. `harness run` writes that of its run itself.",
        epilog="exit codes: 0 written, 2 wrong use or bad input, 3 not comparable",
    )
    command.set_defaults(module="report")
    command.add_argument(
        "runs",
        nargs="*",
        metavar="RUN | NAME=RUN",
        help="a run's folder, or a baseline's name or file; several are stages (the latest run in reports/)",
    )
    command.add_argument("--baseline", metavar="NAME", help="what a run alone is held against; also a run")
    command.add_argument(
        "--out", metavar="FILE", type=Path, help="write the page there (report.html in the run's folder)"
    )
    baselines_folder(command)


def compare(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness compare`."""
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
    copies(command)
    baselines_folder(command)
    asked = command.add_argument_group("where A or B is a server")
    asked.add_argument("--suite", type=Path, help="folder with the cases that it is asked")
    asked.add_argument("--api-key-env", metavar="VAR", default="OPENAI_API_KEY", help="variable that holds the key")
    asked.add_argument(
        "--mode",
        choices=MODES[:2],
        default=MODES[0],
        help="decisions with the scripted history, or cases played through with the model's own (teacher_forced)",
    )
    asked.add_argument("--max-steps", metavar="N", type=at_least(1), default=8, help="as of `harness run` (8)")
    asking(command)
    working(
        command, out="where each run gets a folder (reports/SUITE-compare-TIME)", resume="go on with those in --out"
    )


def _two(text: str) -> tuple[float, float]:
    """One positive number for each of two models, or one for both."""
    values = [float(number(part)) for part in text.split(",")]
    if len(values) > 2 or min(values) <= 0:
        raise argparse.ArgumentTypeError("must be one number more than 0, or two as 8,1")
    return values[0], values[-1]
