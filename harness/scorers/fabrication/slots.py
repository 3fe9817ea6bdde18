"""The values that calls were made with, and which of them have one form."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.scorers.fabrication.forms import normal
from harness.scorers.fabrication.values import keys_of, keys_of_leaf, values_of

if TYPE_CHECKING:
    from collections.abc import Iterable


@lru_cache(maxsize=2048)
def leaves(arguments: str) -> tuple[tuple[str, str], ...]:
    """The plain values that a call was made with, each with its parameter's name."""
    try:
        value = jsonvalue.loads(arguments)
    except jsonvalue.JsonError:
        return ()
    pending: list[tuple[str, object]] = [("", value)]
    found = []
    while pending:
        name, one = pending.pop()
        if isinstance(one, str):
            found.append((name, one))
        elif isinstance(one, dict):
            pending += one.items()
        elif isinstance(one, list):
            pending += [(name, item) for item in one]
        elif one is not None and not isinstance(one, bool):
            found.append((name, str(one)))
    return tuple(found)


@lru_cache(maxsize=4096)
def keys_of_call(arguments: str) -> frozenset[str]:
    """The values that a call was made with."""
    found = [keys for name, leaf in leaves(arguments) for keys in (keys_of(name), keys_of_leaf(leaf))]
    return frozenset().union(*found) or keys_of(arguments)


_DIGITS = str.maketrans("123456789", "0" * 9)
_SHAPE = str.maketrans("bcdefghijklmnopqrstuvwxyz123456789", "a" * 25 + "0" * 9)


@lru_cache(maxsize=16384)
def shape_of(value: str) -> str:
    """A value in normal form with one letter for every letter and one digit for every digit: those of a form share it."""
    return normal(value).translate(_SHAPE)


def alike(values: Iterable[str]) -> dict[str, list[str]]:
    """Some values by their form, in order: those of one form have the same characters but for their digits.

    All are read at once, as one text: the values of hundreds of calls mostly have a few forms.
    """
    told = list(values)
    forms = "\n".join([one.replace("\n", " ") for one in told]).translate(_DIGITS).split("\n")
    groups: dict[str, list[str]] = {}
    for form, value in zip(forms, told, strict=False):  # nothing has the form of nothing
        groups.setdefault(form, []).append(value)
    return groups


def is_name(value: str) -> bool:
    """Whether a value is nothing but an identifier that opens with a letter: then so is every other of its form."""
    values = values_of(value)
    return len(values) == 1 and values[0].kind == "identifier" and values[0].text == value and value[0].isalpha()


def pairs(word: str) -> list[str]:
    """The pairs of neighbouring characters of a word."""
    return [word[at : at + 2] for at in range(len(word) - 1)]
