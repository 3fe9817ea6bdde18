"""The commands that make something out of suites and runs, with their options. Imports nothing heavy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from harness.cli.options import Parser


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
        action="append",
        help="which changes (all; a wrong name lists them)",
    )
    command.add_argument("--out", metavar="DIR", type=Path, required=True, help="a new folder for the variants")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="another seed, other names and choices (0)")
