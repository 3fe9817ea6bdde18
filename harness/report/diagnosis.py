"""A server's diagnosis on a terminal: a row a check, what to do below the rows, the verdict last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from harness.visible import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from harness.doctor import Diagnosis

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red", "unknown": "dim"}


def print_diagnosis(diagnosis: Diagnosis, out: Console) -> None:
    """Prints all checks; what wants doing stands beneath what was seen."""
    out.print(Text(one_line(f"{diagnosis.model} at {diagnosis.base_url}"), style="bold"))
    table = Table(box=None, pad_edge=True, header_style="dim", show_edge=False)
    table.add_column("check", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("what was done, and seen", overflow="fold")
    for check in diagnosis.checks:
        told = Text.assemble((one_line(check.did), "dim"), ": ", one_line(check.saw))
        if check.advice:
            told.append(f"\n→ {one_line(check.advice)}", style=_STYLES[check.verdict])
        table.add_row(check.name, Text(check.verdict, style=_STYLES[check.verdict]), told)
    out.print(table, soft_wrap=False)
    out.print()
    out.print(Text(one_line(diagnosis.summary), style="green" if diagnosis.sound else "bold red"))
