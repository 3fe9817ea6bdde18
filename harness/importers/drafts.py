"""What an importer gives: for each item of its source a case to be, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from harness.suite import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from harness.importers.wheels import Wheel
    from harness.jsonvalue import JsonValue
    from harness.suite import Suite


class Note(NamedTuple):
    """Something that an importer changed, left out or refused; `rule` is one of the importer's named rules."""

    rule: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.rule}: {self.detail}" if self.detail else self.rule


@dataclass(frozen=True, slots=True)
class Draft:
    """One item of a source as a case.

    `case` has the form of a case file, but for `tools`: there, and in its turns, tools are named by their function's
    name. `tools` holds all that are ever offered, in OpenAI's form, no name twice. Several drafts may define one
    name in different ways: what is written tells them apart.
    """

    suite: str
    category: str
    """The file of the suite that it goes to."""
    item: str
    """Its id at the source."""
    case: dict[str, JsonValue]
    tools: list[dict[str, JsonValue]]
    notes: list[Note] = field(default_factory=list)
    """What is not as the source has it."""
    defects: list[Note] = field(default_factory=list)
    """Why it cannot be trusted: with any, it is quarantined."""
    review: list[str] = field(default_factory=list)
    """What a person should look at before the case counts."""


_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
)


def put_language(case: dict[str, JsonValue]) -> None:
    """Tags a case with the language of its user messages: that of their script; Latin letters are taken for English."""
    text = " ".join(turn["user"] for turn in case["turns"] if "user" in turn)
    told = next((name for name, script in _SCRIPTS if script.search(text)), "en")
    case["tags"]["language"] = (language_of(text) or told) if told == "zh" else told  # a few signs may be quoted


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One item of a source of which no case can be made."""

    suite: str
    category: str
    item: str
    reason: Note


Imported: TypeAlias = Draft | LeftOut


@dataclass(frozen=True, slots=True)
class Header:
    """What `suite.yaml` says of the suites of one source."""

    description: str
    licence: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """What the person at the keyboard wants."""

    source: Path
    """A file or folder: what they named, or the fetched wheel, unpacked."""
    categories: frozenset[str] = frozenset()
    """Only these; all where empty."""
    tools: Path | None = None
    """A file with tools, for sources that hold none."""
    name: str | None = None
    """What to call the suite, for sources that have no name of their own."""
    mask: bool = True
    """Whether secrets and personal data are masked, for sources that may hold some."""
    mask_ips: bool = False

    def wants(self, category: str) -> bool:
        """Whether a category is asked for."""
        return not self.categories or category in self.categories


class Further(NamedTuple):
    """What else a case must stand, from a floor above: a linter."""

    find: Callable[[Suite], Mapping[str, list[Note]]]
    """What is wrong with the cases of a suite, by case."""
    rules: Mapping[str, str]
    """Its rules in words."""


@dataclass(frozen=True, slots=True)
class Importer:
    """One kind of source. To add one, write a module with an `IMPORTER` and name it in `harness.importers`."""

    name: str
    summary: str
    """One line of help."""
    source: str
    """What SOURCE may be, in a few words."""
    read: Callable[[Request], Iterator[Imported]]
    """Every item of the source, in its order.

    Raises `InputError` where the source is not what the importer reads.
    """
    header: Callable[[str], Header]
    """For a suite's name, what its `suite.yaml` says."""
    rules: Mapping[str, str]
    """Every rule that a `Note` may name, in words for the suite's README."""
    foreign: frozenset[str] = frozenset()
    """Of these, the rules that say of an item that it is none of this source: where all are such, the source is not."""
    categories: tuple[str, ...] = ()
    wheel: Wheel | None = None
    """What --fetch gets; None where the source must be named."""
    not_fetched: str = ""
    """Why there is no wheel, and where the data is."""
