"""A corpus of labelled responses: conversations, each with responses to its last message and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from harness import jsonvalue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Labelled(NamedTuple):
    """One labelled response."""

    record: dict[str, Any]
    """As `harness score` reads it, without an expectation."""
    label: dict[str, Any]
    """`fabricated`, `signal`, `category`, `evidence`, `difficulty`; `language`, `format` and `toolset` of the conversation."""
    why: str


def read_labelled(path: Path) -> Iterator[Labelled]:
    """The responses of a file, in order; each line of it is a conversation with its responses."""
    for line in path.read_text(encoding="utf-8").splitlines():
        talk = jsonvalue.loads(line)
        shared = {name: talk[name] for name in ("language", "format", "toolset")}
        for one in talk["responses"]:
            record = {
                "id": one["id"],
                "tools": talk["tools"],
                "messages": talk["messages"],
                "response": one["response"],
            }
            yield Labelled(record, {**one["label"], **shared}, one["why"])
