"""A small suite of a library's desk, clean by every rule of the linter."""

from __future__ import annotations


def tool(name, description, required, **properties):
    parameters = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TEXT = {"type": "string"}
TOOLS = [
    tool("get_book", "Look one book of our catalogue up by its shelf mark.", ["mark"], mark=TEXT),
    tool("get_reader", "Look the account of one reader up.", ["card"], card=TEXT),
    tool(
        "lend_book",
        "Lend a book to a reader.",
        ["mark", "card", "days"],
        mark=TEXT,
        card=TEXT,
        days={"type": "integer", "minimum": 1},
        desk={"type": "string", "enum": ["north", "south"]},
        labels={"type": "object", "additionalProperties": TEXT},
        note=TEXT,
    ),
    tool(
        "list_fines", "List the fines of one reader that are still open.", ["card"], card=TEXT, year={"type": "integer"}
    ),
]
HEADER = "name: desk\ndescription: A library's desk.\nlicence: Apache-2.0\n"
CLEAN = """
id: lend
tags: {language: en, kind: chain}
turns:
  - user: What is the book with the shelf mark QX-88 called?
  - expect: {calls: [{name: get_book, arguments: {mark: QX-88}}]}
    observations: ['{"mark": "QX-88", "title": "Tides and Harbours", "copies": 3}']
  - expect: {no_call: true}
    answer: The book QX-88 is called Tides and Harbours.
  - user: Lend it to card 40417 for two weeks.
  - expect: {calls: [{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}}]}
    observations: ['{"mark": "QX-88", "card": "40417", "due": "2026-04-20"}']
  - expect: {no_call: true}
    answer: QX-88 is lent to card 40417 until 2026-04-20.
"""
