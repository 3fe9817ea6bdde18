"""A summary's tables as LaTeX, for a paper or a report: floats with rules of the booktabs package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from harness.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.report.view import Table, View

_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\{",
        "}": r"\}",
        "&": r"\&",
        "%": r"\%",
        "$": r"\$",
        "#": r"\#",
        "_": r"\_",
        "^": r"\textasciicircum{}",
        "~": r"\textasciitilde{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        "|": r"\textbar{}",
        "`": r"\textasciigrave{}",
        "→": r"$\to$",
    }
)
_MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
_PAGE = 90
"""Characters that stand beside each other on a page, about."""


def latex(view: View) -> str:
    """The view's tables, its facts as comments before them and its notes as a paragraph behind them."""
    facts = [("", view.title), *view.facts, ("needs", r"\usepackage{booktabs}")]
    comments = [f"% {name}: {text}" if name else f"% {text}" for name, text in facts]
    parts = ["\n".join(_one_line(comment) for comment in comments), *map(_float, view.tables)]
    if view.notes:
        notes = "\n".join(_line([_text(note)]) for note in view.notes)
        parts.append(f"\\begin{{flushleft}}\\footnotesize\n{notes}\n\\end{{flushleft}}")
    return "\n\n".join(parts) + "\n"


def _float(table: Table) -> str:
    shown = min(table, table.turned(), key=_width) if table.turns and _width(table) > _PAGE else table
    lines = [
        r"\begin{table}[htbp]",
        r"\centering",
        rf"\caption{{{_text(shown.title)}}}",
        r"\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\begin{{tabular}}{{l{'r' * (len(shown.columns) - 1)}}}",
        r"\toprule",
        _line([_text(column) for column in shown.columns]),
        r"\midrule",
        *(_line([_text(row[0]), *map(_figure, row[1:])]) for row in shown.rows),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    r"""A line of a table or a paragraph. The empty group keeps a [ or * that begins it from being an option of the \\ before."""
    return ("{}" if cells[0].startswith(("[", "*")) else "") + " & ".join(cells) + r" \\"


def _width(table: Table) -> int:
    """Characters of its longest possible line."""
    return sum(max(map(len, column)) + 2 for column in zip(table.columns, *table.rows, strict=True))


def _text(text: str) -> str:
    """Text that LaTeX prints as it is: nothing of it a command, no two hyphens drawn as one dash."""
    return _one_line(text).translate(_ESCAPES).replace("--", "-{}-")


def _figure(text: str) -> str:
    """A figure with a minus that is none too short, and with little space before the percent sign."""
    return _MINUS.sub("$-$", _text(text)).replace(r" \%", r"\,\%")


def _one_line(text: str) -> str:
    return one_line(text)
