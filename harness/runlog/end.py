"""The end of a log, which says whether the run is finished; what stands before it is not read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from harness.runlog.lines import FOOTER, Footer
from harness.runlog.reader import parse

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST_FOOTER = 1 << 16


def footer_of(path: Path) -> Footer | None:
    """The footer of a log, its digest not checked; None where the run is unfinished.

    Raises:
        InputError: the last line begins as a footer and is none.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _LONGEST_FOOTER))
        end = file.read()
    last = end[end.rfind(b"\n", 0, -1) + 1 :]
    if not (last.startswith(FOOTER) and last.endswith(b"\n")):
        return None
    found = parse(path, 0, last)
    return found if isinstance(found, Footer) else None
