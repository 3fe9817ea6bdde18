"""Programs of a source, run in a process of their own: they need nothing that is not installed, and see no harness."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import resources
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from harness.jsonvalue import JsonValue

_SECONDS = 300
_TAIL_LINES = 6
_FIXED = {"PYTHONHASHSEED": "0", "TZ": "UTC", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
"""So that the same source gives the same results everywhere."""


def replayed(program: str, content: Path, work: list[dict[str, JsonValue]]) -> dict[str, Any]:
    """What a program beside this module makes of each piece of work, by its `id`.

    The program gets the folder of the source's packages as its argument and the work as JSON Lines on its input; it
    prints one JSON object {id: result}.

    Raises:
        UsageError: it failed as a whole.
    """
    environment = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT", "LANG")}
    path = resources.files("harness.importers").joinpath("programs", program)
    with resources.as_file(path) as script:
        done = subprocess.run(
            [sys.executable, "-s", "-P", str(script), str(content)],
            input=b"".join(map(jsonvalue.dump_line, work)),
            capture_output=True,
            env=environment | _FIXED,
            timeout=_SECONDS,
            check=False,
        )
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").splitlines()
        tail = "".join(f"\n  {line}" for line in lines[-_TAIL_LINES:])
        raise UsageError(f"the source's own programs in {content} cannot be run:{tail}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found
