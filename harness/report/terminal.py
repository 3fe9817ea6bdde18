"""A summary on a terminal.

Model output is hostile input: control characters and bidirectional overrides are shown, not obeyed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

from harness.visible import one_line, unbroken, visible

if TYPE_CHECKING:
    from typing import TextIO

    from harness.report.view import Table, View

__all__ = ["console", "print_view", "visible"]


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Rich would exit with 1; the command line knows what a reader that has seen enough means."""
        raise  # noqa: PLE0704 - called while the BrokenPipeError is handled


def console(file: TextIO | None = None) -> Console:
    """A console that neither interprets markup in texts nor wraps figures away."""
    made = _Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True)
    if not made.is_terminal:
        made = _Console(file=file, markup=False, highlight=False, emoji=False, soft_wrap=True, width=120)
    return made


def print_view(view: View, out: Console, *, most_tables: int | None = None) -> None:
    """Prints a summary; with `most_tables` only the first tables."""
    out.print(Text(one_line(view.title), style="bold"))
    for name, text in view.facts:
        out.print(Text.assemble((f"  {one_line(name):<12} ", "dim"), one_line(text)))
    for table in view.tables[:most_tables]:
        out.print()
        made = _rich(table)
        if table.turns and _natural(made, out) > out.width:
            made = min(made, _rich(table.turned()), key=lambda one: _natural(one, out))
        if (natural := _natural(made, out)) > out.width:  # its lines wrap: a figure cut short would be a wrong figure
            made.width = natural
        out.print(made)
    for note in view.notes:
        out.print(Text(f"  ! {one_line(note)}", style="yellow"))
    for what, command in view.commands:
        out.print(Text.assemble((f"  {what:<12} ", "dim"), unbroken(command)))


def _natural(made: RichTable, out: Console) -> int:
    return Measurement.get(out, out.options.update(max_width=10_000), made).maximum


def _rich(table: Table) -> RichTable:
    made = RichTable(title=one_line(table.title), title_justify="left", title_style="bold", box=None, pad_edge=True)
    for number, column in enumerate(table.columns):
        made.add_column(
            one_line(column), justify="left" if number == 0 else "right", header_style="dim", no_wrap=number > 0
        )
    for row in table.rows:
        made.add_row(*(Text(one_line(cell)) for cell in row))
    return made
