"""What options of several commands share: kinds of values, and groups of options. Imports nothing heavy."""

from __future__ import annotations

import argparse
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from harness.address import redacted
from harness.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ALL = "all"
LINTED = ("grounded", "missing_parameter", "observation_fits", "same_call", "near_duplicate")
"""The linter's rules that an import holds every case against."""
DIALECTS = ("hermes", "qwen3_coder", "qwen3_xml", "llama3_json", "mistral", "pythonic")
MODES = ("teacher_forced", "rollout", "both")
PAGES = ("terminal", "markdown", "csv", "latex")


class Parser(argparse.ArgumentParser):
    """Takes names after options too, and says what is wrong without the credentials that a URL may hold."""

    _within = False

    def parse_known_args(  # type: ignore[override] # typeshed has one signature for each kind of namespace
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """Mixes options and names where a command has no commands of its own."""
        if self._subparsers is not None or self._within:
            return super().parse_known_args(args, namespace)
        self._within = True  # argparse's own mixed parsing calls this again, for the options and for the names
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._within = False

    def error(self, message: str) -> NoReturn:
        """Ends with what is wrong, credentials left out."""
        super().error(one_line(redacted(message)))


def number(text: str) -> int | Decimal:
    """A finite number, exact."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(value) if value == value.to_integral_value() else value


def several(*known: str) -> Callable[[str], list[str]]:
    """A kind of value: names with commas between them, for the action `extend`; only `known` ones where some are given."""

    def names(text: str) -> list[str]:
        found = [name for name in text.split(",") if name]
        if not found:
            raise argparse.ArgumentTypeError(f"{text!r} names nothing")
        for name in found:
            if known and name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return found

    return names


def at_least(least: int) -> Callable[[str], int]:
    """A kind of value: an integer that is no less."""

    def integer(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no integer") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return integer


def port(text: str) -> int:
    """A TCP port; 0 stands for any that is free."""
    value = at_least(0)(text)
    if value > 65535:
        raise argparse.ArgumentTypeError("must be at most 65535")
    return value


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = float(number(text))
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1 (0.01 is one in a hundred)")
    return value


def seconds(text: str) -> float:
    """A time that is more than nothing."""
    value = float(number(text))
    if value <= 0:
        raise argparse.ArgumentTypeError("must be more than 0 seconds")
    return value


def serving_options(command: Parser) -> argparse._ArgumentGroup:
    """How a model is served, for every command that can."""
    serving = command.add_argument_group("serving (with --serve)")
    serving.add_argument("--tool-call-parser", metavar="NAME", help="vLLM's parser (by the model's family)")
    serving.add_argument("--reasoning-parser", metavar="NAME", help="vLLM's reasoning parser, or none (by family)")
    serving.add_argument("--chat-template", metavar="FILE", type=Path, help="a template instead of the model's own")
    serving.add_argument("--tensor-parallel-size", metavar="N", type=at_least(1), default=1, help="GPUs to split over")
    serving.add_argument("--startup-timeout", metavar="S", type=seconds, default=1800.0, help="seconds (1800)")
    return serving


def asking(command: Parser) -> None:
    """How a model is asked: sampling, thinking, dialect, trials."""
    how = command.add_argument_group("how to ask")
    how.add_argument("--thinking", choices=("on", "off"), help="for models that can do both (as the template has it)")
    how.add_argument("--dialect", choices=DIALECTS, help="how the model writes calls (by its parser or name)")
    how.add_argument("--temperature", type=number, default=0, help="(0)")
    how.add_argument("--top-p", type=number, default=1, help="(1)")
    how.add_argument("--top-k", type=at_least(-1), default=0, help="0: all (0)")
    how.add_argument("--min-p", type=number, default=0, help="(0)")
    how.add_argument("--repetition-penalty", type=number, default=1, help="(1)")
    how.add_argument("--presence-penalty", type=number, default=0, help="(0)")
    how.add_argument("--frequency-penalty", type=number, default=0, help="(0)")
    how.add_argument("--max-tokens", type=at_least(1), help="(the suite's default, else 1024)")
    how.add_argument("--seed", type=int, default=0, help="(0)")
    how.add_argument("--trials", metavar="K", type=at_least(1), default=1, help="repeats of every decision or case (1)")


def working(
    command: Parser,
    out: str = "the run's folder (reports/SUITE-MODEL-TIME)",
    resume: str = "go on with a run that stopped: in --out, or the latest like it",
) -> None:
    """What becomes of a run, and how its work is done."""
    work = command.add_argument_group("work")
    work.add_argument("--out", metavar="DIR", type=Path, help=out)
    work.add_argument("--resume", action="store_true", help=resume)
    work.add_argument("--concurrency", metavar="N", type=at_least(1), default=256, help="requests in flight (256)")
    work.add_argument("--timeout", metavar="S", type=seconds, default=600.0, help="seconds for one request (600)")
    work.add_argument(
        "--retries", metavar="N", type=at_least(0), default=4, help="after connection errors, 429, 5xx (4)"
    )
    error_limit(work)


def error_limit(command: argparse._ActionsContainer) -> None:
    """How many errors are too many."""
    command.add_argument("--max-error-rate", metavar="X", type=share, default=0.01, help="above it exit with 3 (0.01)")


def baselines_folder(command: argparse.ArgumentParser) -> None:
    """Where baselines are."""
    command.add_argument("--folder", type=Path, default=Path("baselines"), help="where baselines are (baselines)")


def json_copy(command: Parser) -> None:
    """A comparison as JSON beside its page."""
    command.add_argument("--json", metavar="FILE", type=Path, help="write it there as JSON as well")


def copies(command: Parser) -> None:
    """A comparison written to files beside the page on the terminal."""
    command.add_argument("--markdown", metavar="FILE", type=Path, help="write the comparison there as well")
    json_copy(command)


def page_form(command: Parser) -> None:
    """Where a page goes, for commands that have several forms of it."""
    command.add_argument("--format", choices=PAGES, help="form of the page (by the ending of --out, else terminal)")
    command.add_argument("--out", metavar="FILE", type=Path, help="write the page there instead of printing it")
