"""The page itself: static parts by a template that escapes everything, the rest as data blocks."""

from __future__ import annotations

import base64
import hashlib
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.report.html.packing import Block, plain_json
from harness.report.terminal import visible
from harness.report.view import EXPLANATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.report.html.overview import Tile
    from harness.report.view import Table, View


class Chapter(NamedTuple):
    """The tables of a view, with a title where there are several."""

    title: str
    view: View

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """What was compared; of the first chapter it stands at the top of the page."""
        return self.view.facts if self.title else ()

    @property
    def tables(self) -> Sequence[Table]:
        """The tables themselves."""
        return self.view.tables

    @property
    def notes(self) -> Sequence[str]:
        """What to know about the tables; likewise."""
        return self.view.notes if self.title else ()


class Page(NamedTuple):
    """All that a page shows."""

    title: str
    unit: str
    facts: Sequence[tuple[str, str]]
    tiles: Sequence[Tile]
    notes: Sequence[str]
    pictures: str
    """HTML that is safe already."""
    chapters: Sequence[Chapter]
    commands: Sequence[tuple[str, str]]
    blocks: Sequence[Block]
    remarks: Sequence[str] = ()
    """How to read the figures; nothing is amiss."""


def html(page: Page) -> str:
    """The page as one HTML document that needs nothing else."""
    from jinja2 import Environment, StrictUndefined

    css, js = _asset("report.css", "pictures.css"), _asset("transcript.js", "report.js")
    words = json.loads(_asset("words.json"))
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_shown, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_asset("page.html.j2")).render(
        csp=_policy(js, css),
        css=_Safe(css),
        js=_Safe(js),
        words=words,
        title=page.title,
        unit=page.unit,
        facts=page.facts,
        tiles=page.tiles,
        notes=page.notes,
        remarks=page.remarks,
        pictures=page.pictures,
        chapters=page.chapters,
        commands=page.commands,
        explanations={name: EXPLANATIONS[name] for name in EXPLANATIONS if name in set(_names(page))},
        blocks=[Block(one.id, one.type, _Safe(one.text)) for one in (*page.blocks, _words_block(words))],
    )


class _Safe(str):
    """Text that is HTML already: made here, with nothing in it that came from outside unescaped."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def _shown(value: object) -> object:
    """A text as Markdown prints it: on one line, hostile characters made visible; the template escapes it."""
    return line(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def line(text: str) -> str:
    """Text on one line, hostile characters made visible."""
    return visible(" ".join(text.split()))


def _names(page: Page) -> Iterator[str]:
    """Everything that a table is about."""
    for chapter in page.chapters:
        for table in chapter.tables:
            yield from table.columns
            yield from (row[0] for row in table.rows)


def _words_block(words: dict[str, Any]) -> Block:
    return Block("words", "application/json", plain_json(words))


def _policy(script: str, style: str) -> str:
    """A content security policy that lets this script and this style run, and nothing be fetched."""
    return f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:"


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(*names: str) -> str:
    """Files that stand beside this module, one after another; none may hold what would end its element early."""
    folder = files("harness.report.html")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
