"""What printers print, read back: each form of a page as one line of plain words, to be held against its view."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from harness.report.html.page import Chapter, Page, html
from harness.report.latex import latex
from harness.report.markdown import markdown
from harness.report.terminal import console, print_view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from harness.report.view import Table, View


def folded(*texts: str) -> str:
    """Texts on one line, with one blank between words."""
    return " ".join(" ".join(texts).split())


def on_terminal(view: View) -> str:
    """A view as the terminal has it."""
    out = io.StringIO()
    print_view(view, console(out))
    return out.getvalue()


def from_terminal(text: str) -> str:
    """A page of the terminal; notes are told by their mark."""
    return folded(re.sub(r"\x1b\[[\d;]*m", "", text).replace("\n  ! ", "\n"))


def from_markdown(text: str) -> str:
    """A page in Markdown, without the explanations of metrics that stand below it."""
    text = text.partition("\n## What the metrics mean")[0]
    kept = []
    for line in text.splitlines():
        if re.fullmatch(r"[|:-]+|`{3,}(sh)?|## (Notes|How to look)", line):
            continue
        bare = re.sub(r"^(#+|-) (\*\*(.*?)\*\*:)?", r"\3 ", re.sub(r"(?<!\\)\|", " ", line))
        kept.append(re.sub(r"\\(.)", r"\1", bare))
    return folded(*kept)


_LATEX = {
    r"\textbackslash{}": "\\",
    r"\textasciicircum{}": "^",
    r"\textasciitilde{}": "~",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    r"\textasciigrave{}": "`",
    r"$\to$": "→",
    "$-$": "-",
    "-{}-": "--",
    r"\,\%": " %",
}
_ESCAPED = re.compile("|".join(map(re.escape, _LATEX)) + r"|\\([{}&%$#_])")
_LAYOUT = (r"\begin", r"\end", r"\centering", r"\footnotesize", r"\toprule", r"\midrule", r"\bottomrule", r"% needs:")


def from_latex(text: str) -> str:
    """A page in LaTeX: title and facts are comments."""
    kept = []
    for line in text.splitlines():
        if line.startswith(_LAYOUT):
            continue
        bare = re.sub(r"^% ([^:]*):", r"\1 ", line) if kept else line.removeprefix("% ")
        bare = re.sub(r"^\\caption\{(.*)\}$", r"\1", bare.removesuffix(r" \\")).removeprefix("{}")
        bare = _ESCAPED.sub(lambda match: _LATEX.get(match[0], match[1] or ""), bare.replace(" & ", " "))
        kept.append(bare)
    return folded(*kept)


def pieces(view: View, *, facts: bool = True, commands: bool = True) -> Iterator[tuple[str, ...]]:
    """Everything that a page has to say, in its order, each in the forms in which it may be said."""
    if facts:
        yield (folded(view.title),)
        yield from ((folded(name, text),) for name, text in view.facts)
    for table in view.tables:
        yield tuple(_words(one) for one in ([table, table.turned()] if table.turns else [table]))
    yield from ((folded(note),) for note in view.notes)
    if commands:
        yield from ((folded(what, command), folded(command, "#", what)) for what, command in view.commands)


def _words(table: Table) -> str:
    return folded(table.title, *table.columns, *(cell for row in table.rows for cell in row))


def rest_of(text: str, view: View, **which: bool) -> str:
    """What is left of a page without what its view has to say; everything must be there, in its order."""
    rest, place = "", 0
    for forms in pieces(view, **which):
        found = [(at, form) for form in forms if (at := text.find(form, place)) >= 0]
        assert found, f"not there: {forms[0]!r} in {text[place : place + 400]!r}"
        at, form = min(found)
        rest, place = rest + text[place:at], at + len(form)
    return (rest + text[place:]).strip()


FIGURE = re.compile(r"(?<![\w.])[+-]?\d[\d,]*(?:\.\d+)?")


def figures(*texts: str) -> list[str]:
    """The figures in some texts, in their order."""
    return FIGURE.findall(" ".join(texts))


def in_csv(text: str) -> list[list[list[str]]]:
    """The figures of a page in CSV: table by table, row by row; of marks nothing."""
    tables: list[list[list[str]]] = [[]]
    for row in csv.reader(io.StringIO(text)):
        if row:
            tables[-1].append([figure for cell in row for figure in figures(cell)])
        else:
            tables.append([])
    return tables


def on_page(view: View) -> str:
    """A view as a chapter of an HTML page."""
    chapters = [Chapter(view.title, view)]
    return html(Page("", "decisions", (), (), (), "", chapters, view.commands, ()))


class _Tables(HTMLParser):
    """What the tables' part of a page says, but for its own headings and the meaning of the metrics."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "input"):
            given = dict(attrs)
            self._within.append(given.get("id") or given.get("class") or tag)

    def handle_endtag(self, _tag: str) -> None:
        self._within.pop()

    def handle_data(self, data: str) -> None:
        place = set(self._within)
        own = place & {"tables-title", "meaning"} or ("h3" in place and "summary" not in place)
        if "tables" in place and not own:
            self.said.append(data)


def from_page(text: str) -> str:
    """The tables' part of an HTML page."""
    page = _Tables()
    page.feed(text)
    page.close()
    return folded(*page.said)


PRINTERS: dict[str, tuple[Callable[[View], str], Callable[[str], str]]] = {
    "terminal": (on_terminal, from_terminal),
    "markdown": (markdown, from_markdown),
    "latex": (latex, from_latex),
    "html": (on_page, from_page),
}
"""By its name what prints a page, and what reads it back as one line."""
