"""Reading the files of other people's data: JSON Lines, whatever they are called, and JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from harness.jsonvalue import JsonError, JsonValue


def objects(path: Path) -> Iterator[tuple[int, dict[str, JsonValue] | JsonError]]:
    """Each line of a file that holds one, with its number from 1: an object, or why it cannot be read.

    Raises:
        InputError: the file cannot be read, or a line is JSON but no object.
    """
    for number, line in enumerate(_read(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            value = jsonvalue.loads(line)
        except jsonvalue.JsonError as error:
            yield number, error
            continue
        if not isinstance(value, dict):
            raise InputError.single(
                path, f"must hold one object a line, but this is {jsonvalue.kind(value)}", line=number
            )
        yield number, value


def document(path: Path) -> JsonValue:
    """The one JSON value of a file.

    Raises:
        InputError: it cannot be read, or is no JSON.
    """
    try:
        return jsonvalue.loads(_read(path))
    except jsonvalue.JsonError as error:
        raise InputError.single(path, f"is no JSON: {error}") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError.single(path, f"cannot be read: {error.strerror}") from error
