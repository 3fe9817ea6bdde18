"""How much of the time goes into looking for cycles of dead objects."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_RARELY = 50_000
"""New objects that hold others, between two searches among the youngest; Python's own default is 700."""


@contextmanager
def without_sweeps() -> Iterator[None]:
    """No search meanwhile: where all that is made stays, looking through it again and again takes up to half the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def collect_rarely() -> None:
    """Looks for cycles of dead objects less often from now on, in all of the process: for commands, never for a library.

    Judging a decision makes thousands of objects and hardly a cycle: what is in none is freed at once all the same, and
    the searches cost a tenth of the time.
    """
    _, *older = gc.get_threshold()
    gc.set_threshold(_RARELY, *older)
