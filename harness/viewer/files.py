"""Files below a folder, opened without ever following a link out of it."""

from __future__ import annotations

import os
import stat
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def open_below(folder: Path, steps: Sequence[str]) -> int | None:
    """A file below a folder as a descriptor to read from; None where there is none.

    Each step is opened by itself and none may be a link: what stands at a path cannot be exchanged between
    looking and opening. The folder itself is the user's own choice, and may be one.
    """
    if not steps or any(step in ("", ".", "..") or "/" in step or "\0" in step for step in steps):
        return None
    *folders, name = steps
    with ExitStack() as stack:
        try:
            at = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, at)
            for step in folders:
                at = os.open(step, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)
                stack.callback(os.close, at)
            # Not blocking: a pipe of that name has no end to wait for.
            found = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=at)
        except OSError:
            return None
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        return None
    return found
