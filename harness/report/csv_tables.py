"""A summary's tables as comma-separated values, for a spreadsheet or a plot.

Figures are bare: a share and its n stand in a column each, a unit in the head of its column, what there is none of is
empty. Several tables stand under each other, each below its title and above an empty line; one alone is nothing but its
head and its rows.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from harness.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.report.view import Table, View

_FORMS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"([\d.]+|n/a)(?: %)? \((\d+)\)"), ("{} (%)", "{} n")),
    (re.compile(r"([\d.]+) %"), ("{} (%)",)),
    (re.compile(r"([+-]?[\d.]+) to ([+-]?[\d.]+)"), ("{} low", "{} high")),
    (re.compile(r"(\d+)/(\d+)"), ("{}", "of {}")),
)
"""Forms of the cells of a column, and the heads of what they hold."""
_MARKED = (re.compile(r"([+-][\d.]+)(\*?)"), ("{}", "{} significant"))
"""In a table in which something is marked."""
_NONE = "n/a"
_FORMULA = re.compile(r"[=@]|[+-](?![\d.]+$)")


def csv_tables(view: View) -> str:
    """The view's tables; facts and notes are left to the other forms."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for number, table in enumerate(view.tables):
        if len(view.tables) > 1:
            writer.writerows([[]] if number else [])
            writer.writerow([_plain(table.title)])
        writer.writerows(zip(*_columns(table), strict=True))
    return out.getvalue()


def _columns(table: Table) -> Iterator[list[str]]:
    """The columns with their heads, those that hold two things split."""
    marked = any(cell.endswith("*") for row in table.rows for cell in row[1:])
    forms = (*_FORMS, _MARKED) if marked else _FORMS
    for number, (head, *cells) in enumerate(zip(table.columns, *table.rows, strict=True)):
        known = [cell for cell in cells if cell != _NONE] if number else []
        fitting = (form for form in forms if known and all(map(form[0].fullmatch, known)))
        found = next(fitting, None)
        if found is None:
            yield [_plain(head), *map(_plain, cells)]
        else:
            yield from _split(head, cells, *found)


def _split(head: str, cells: Sequence[str], form: re.Pattern[str], heads: Sequence[str]) -> Iterator[list[str]]:
    names = head.split("/") if head.count("/") == 1 and len(heads) == 2 else [one.format(head) for one in heads]
    for group, name in enumerate(names, start=1):
        matches = (form.fullmatch(cell) for cell in cells)
        yield [_plain(name), *("" if match is None else _part(match[group]) for match in matches)]


def _part(text: str) -> str:
    return {_NONE: "", "*": "yes", "": "no"}.get(text, text)


def _plain(text: str) -> str:
    """Text on one line, hostile characters made visible, none of it a formula to a spreadsheet."""
    shown = one_line(text)
    if shown == _NONE:
        return ""
    return unarmed(shown)


def unarmed(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text
