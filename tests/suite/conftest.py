"""A small right suite on disk, and every way to spoil it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

import pytest

from harness.errors import InputError
from harness.suite import Suite, load_suite

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "name: small\ndescription: A small suite.\nlicence: Apache-2.0\n"
LOOKUP = {
    "type": "object",
    "properties": {"ip": {"type": "string", "pattern": "^[0-9.]+$"}, "hours": {"type": "integer"}},
    "required": ["ip"],
    "additionalProperties": False,
}
TOOLS = [
    {"type": "function", "function": {"name": "lookup_ip", "description": "Look up.", "parameters": LOOKUP}},
    {"type": "function", "function": {"name": "block_ip", "parameters": LOOKUP}},
]
CASE = """\
id: one
turns:
  - user: Who is 192.0.2.1?
  - expect: {calls: [{name: lookup_ip, arguments: {ip: 192.0.2.1}}]}
    observations: ['{"owner": "ops"}']
  - expect: {no_call: true}
    answer: It belongs to ops.
"""


class WriteSuite(Protocol):
    def __call__(self, cases: str | None = ..., **files: str | bytes | None) -> Path: ...


@pytest.fixture
def write(tmp_path: Path) -> WriteSuite:
    """Writes a suite; `cases` is cases/a.yaml, other files by name with `__` for `/` and `_DOT_` for `.`."""

    def write_suite(cases: str | None = CASE, **files: str | bytes | None) -> Path:
        content: dict[str, str | bytes | None] = {
            "suite.yaml": HEADER,
            "tools.json": json.dumps(TOOLS, indent=1),
            "cases/a.yaml": cases,
        }
        content.update({name.replace("__", "/").replace("_DOT_", "."): text for name, text in files.items()})
        for name, text in content.items():
            if text is None:
                continue
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return write_suite


@pytest.fixture
def load(write):
    """The suite of the files given."""

    def load_written(cases: str | None = CASE, **files: str | bytes | None) -> Suite:
        return load_suite(write(cases, **files))

    return load_written


@pytest.fixture
def complaints(write):
    """What loading the files given complains of, file names inside the suite's folder."""

    def complain(cases: str | None = CASE, **files: str | bytes | None) -> list[str]:
        folder = write(cases, **files)
        with pytest.raises(InputError) as caught:
            load_suite(folder)
        return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]

    return complain
