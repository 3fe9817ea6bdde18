"""Files of JSON Lines, for the tests of the importers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from harness import jsonvalue

if TYPE_CHECKING:
    from pathlib import Path


def write_lines(path: Path, *items: Any) -> Path:
    """A file of JSON Lines; a text is a line as it stands."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in items]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[Any]:
    return [jsonvalue.loads(line) for line in path.read_bytes().splitlines()]
