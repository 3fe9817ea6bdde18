"""How often a command that judges many decisions looks for garbage."""

from __future__ import annotations

import gc

_RARELY = 50_000
"""New objects that hold others, between two searches among the youngest; Python's own default is 700."""


def collect_rarely() -> None:
    """Looks for cycles of dead objects less often from now on, in all of the process: for commands, never for a library.

    Judging a decision makes thousands of objects and hardly a cycle: what is in none is freed at once all the same, and
    the searches cost a tenth of the time.
    """
    _, *older = gc.get_threshold()
    gc.set_threshold(_RARELY, *older)
