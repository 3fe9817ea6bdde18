"""A summary as Markdown: for a file beside the run, a pull request, a CI summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tabulate import tabulate

from harness.report.view import EXPLANATIONS
from harness.visible import one_line, unbroken

if TYPE_CHECKING:
    from harness.report.view import Table, View

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")


def markdown(view: View) -> str:
    """The view as one Markdown document."""
    parts = [
        f"# {_escaped(view.title)}",
        "\n".join(f"- **{_escaped(name)}**: {_escaped(text)}" for name, text in view.facts),
    ]
    parts += [_table(table) for table in view.tables]
    if view.notes:
        parts.append("## Notes\n\n" + "\n".join(f"- {_escaped(note)}" for note in view.notes))
    if view.commands:
        parts.append("## How to look\n\n" + _fenced("\n".join(_command(*one) for one in view.commands)))
    shown = {name for table in view.tables for name in (*table.columns, *(row[0] for row in table.rows))}
    explained = "\n".join(f"- `{name}`: {text}" for name, text in EXPLANATIONS.items() if name in shown)
    if explained:
        parts.append(f"## What the metrics mean\n\n{explained}")
    return "\n\n".join(parts) + "\n"


def _command(what: str, command: str) -> str:
    """A command on one line, with what it is for behind it."""
    return f"{unbroken(command)}  # {what}"


def _fenced(text: str) -> str:
    """A block of code that no backtick in it can end."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}sh\n{text}\n{fence}"


def _table(table: Table) -> str:
    aligned = ("left", *("right" for _ in table.columns[1:]))
    rows = [[_escaped(cell) for cell in row] for row in table.rows]
    headers = [_escaped(column) for column in table.columns]
    text = tabulate(rows, headers=headers, tablefmt="github", colalign=aligned if rows else None, disable_numparse=True)
    return f"## {_escaped(table.title)}\n\n{text}"


def _escaped(text: str) -> str:
    """Text that Markdown leaves as it is, on one line, hostile characters made visible."""
    return _SPECIAL.sub(r"\\\1", one_line(text))
