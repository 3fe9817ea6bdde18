"""A small suite with one decision of every kind, and a writer of suites, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.suite import Suite, load_suite

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def tool(name: str, required: Sequence[str] = (), **properties: Any) -> dict[str, Any]:
    """A tool in OpenAI's form."""
    parameters = {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": parameters}}


_TEXT, _NUMBER = {"type": "string"}, {"type": "integer"}
TOOLS = [
    tool("get_weather", ["city"], city=_TEXT, days=_NUMBER),
    tool("get_route", ["start", "end"], start=_TEXT, end=_TEXT),
    tool("book_table", ["place", "guests"], place=_TEXT, guests=_NUMBER, note=_TEXT),
]
HEADER = "name: sample\ndescription: A sample suite.\nlicence: Apache-2.0\ndefaults: {min_words: 3, max_tokens: 64}\n"
CASES = """\
id: weather-1
tags: {language: en, kind: chain}
system: You plan trips.
turns:
  - user: How is the weather in Oslo for two days?
  - expect: {calls: [{name: get_weather, arguments: {city: Oslo, days: 2}}]}
    observations: ['{"city": "Oslo", "sky": "clear"}']
  - expect: {no_call: true}
    answer: Oslo has a clear sky.
  - user: And in Bergen and Kiel?
  - expect: {calls: [{name: get_weather, arguments: {city: Bergen}}, {name: get_weather, arguments: {city: Kiel}}]}
    observations: ['{"city": "Bergen", "sky": "rain"}', '{"city": "Kiel", "sky": "fog"}']
  - expect: {no_call: true}
    answer: Rain in Bergen, fog in Kiel.
---
id: table 2 für zwölf
tags: {language: de, kind: single}
tools: [book_table, get_route]
turns:
  - user: A table for twelve at Fika, please.
  - expect:
      calls:
        - name: book_table
          arguments: {place: Fika, guests: 12, note: for twelve}
          match: {/note: {any: true, optional: true}}
    observations: ['{"status": "booked"}']
  - expect: {no_call: true, min_words: 5}
    answer: Your table at Fika is booked.
---
id: chat-3
tags: {language: en, kind: chat}
tools: []
turns:
  - user: Good morning!
  - expect: {no_call: true}
    answer: Good morning to you too.
---
id: route-4
tags: {language: en, kind: any}
system: You plan trips.
turns:
  - user: Bring me to the station.
  - expect: {any_call: true}
"""


def write_suite(
    folder: Path, cases: str = CASES, *, tools: Sequence[dict[str, Any]] = TOOLS, header: str = HEADER
) -> Path:
    """Writes a suite into a new folder, which is returned."""
    (folder / "cases").mkdir(parents=True)
    (folder / "suite.yaml").write_text(header, encoding="utf-8")
    (folder / "tools.json").write_bytes(jsonvalue.dump_line(list(tools)))
    (folder / "cases" / "cases.yaml").write_text(cases, encoding="utf-8")
    return folder


def sample_suite(folder: Path, *, copies: int = 1) -> Suite:
    """The sample suite, written and loaded; with `copies` each of its cases under so many ids."""
    documents = [
        case.replace("id: ", f"id: {copy:02}-" if copy else "id: ", 1)
        for copy in range(copies)
        for case in CASES.split("---\n")
    ]
    return load_suite(write_suite(folder, "---\n".join(documents)))
