"""A report's page as a browser takes it in: its elements, its scripts, its data."""

from __future__ import annotations

import base64
import json
import zlib
from html.parser import HTMLParser


class Opened(HTMLParser):
    """Everything in a page that a test asks about."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.declarations: list[str] = []
        self.styles: list[str] = []
        self.scripts: list[str] = []
        self.blocks: dict[str, tuple[str, str]] = {}
        self.tables: list[tuple[str, list[list[str]]]] = []
        self.said: list[str] = []
        self._within: list[str] = []
        self._data: tuple[str, dict[str, str | None]] | None = None
        self.feed(text)
        self.close()

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        assert len(given) == len(attrs)
        self.elements.append((tag, given))
        self._data = (tag, given) if tag in ("script", "style") else None
        if tag == "table":
            self.tables.append(("", []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][1][-1].append("")
        if tag in ("table", "caption", "th", "td"):
            self._within.append(tag)

    def handle_endtag(self, tag):
        self._data = None
        if tag in ("table", "caption", "th", "td"):
            assert self._within.pop() == tag

    def handle_data(self, data):
        if self._data is None:
            self.said.append(data)
        elif self._data[0] == "style":
            self.styles.append(data)
        elif "type" in self._data[1]:
            assert self._data[1]["id"] not in self.blocks
            self.blocks[self._data[1]["id"]] = (self._data[1]["type"], data)
        else:
            self.scripts.append(data)
        if self._within and self._within[-1] in ("th", "td"):
            self.tables[-1][1][-1][-1] += data
        elif self._within and self._within[-1] == "caption":
            title, rows = self.tables[-1]
            self.tables[-1] = title + data, rows

    def value(self, name: str):
        """A data block."""
        kind, text = self.blocks[name]
        if kind == "application/deflate-base64":
            return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
        assert kind == "application/json"
        return json.loads(text)

    @property
    def index(self):
        return self.value("index")

    @property
    def text(self) -> str:
        """All that a reader without JavaScript sees."""
        return "".join(self.said)

    def chunks(self):
        """The parts of the transcripts in their order."""
        return [self.value(name) for name in self.blocks if name.startswith("chunk-")]

    def row(self, case: str, index: int, trial: int = 0) -> int:
        """The number of a decision's row."""
        rows, cases = self.index["rows"], self.index["cases"]
        keys = list(zip(map(cases.__getitem__, rows["case"]), rows["index"], rows["trial"], strict=True))
        assert len(set(keys)) == len(keys)
        return keys.index((case, index, trial))

    def decision(self, case: str, index: int, trial: int = 0):
        """A decision's transcript."""
        row = self.row(case, index, trial)
        return self.value(f"chunk-{self.index['rows']['chunk'][row]}")["decisions"][str(row)]

    def case(self, case: str):
        """A case, from the first part that has it."""
        return next(chunk["cases"][case] for chunk in self.chunks() if case in chunk["cases"])
