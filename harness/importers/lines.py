"""Reading the files of other people's data: JSON Lines, whatever they are called, and JSON documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.errors import InputError
from harness.importers.drafts import Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from harness.jsonvalue import JsonValue

LINE_RULES: Mapping[str, str] = {
    "not_json": "the line is not strict JSON",
    "no_object": "the line is JSON, but no object",
}
"""Why a line is no item of any source."""
_BOM = b"\xef\xbb\xbf"


def objects(path: Path) -> Iterator[tuple[int, dict[str, JsonValue] | Note]]:
    """Each line of a file that is not blank, with its number from 1: an object, or by which of `LINE_RULES` none.

    Raises:
        InputError: the file cannot be read.
    """
    for number, line in enumerate(_read(path).split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            value = jsonvalue.loads(line)
        except jsonvalue.JsonError as error:
            yield number, Note("not_json", str(error))
            continue
        yield number, value if isinstance(value, dict) else Note("no_object", f"it is of type {jsonvalue.kind(value)}")


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
    """What a file holds, without the byte order mark that some editors and exports put before it."""
    try:
        return path.read_bytes().removeprefix(_BOM)
    except OSError as error:
        raise InputError.single(path, f"cannot be read: {error.strerror}") from error
