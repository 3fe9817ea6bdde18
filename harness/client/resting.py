"""What did not answer is left alone for a while, so that not every request waits for it anew."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


@dataclass(slots=True)
class _Trouble:
    failures: int
    until: float
    pause: float


class Resting:
    """Remembers what failed. After some failures in a row it rests; when its pause is over, one may try it.

    If that one fails too, the next pause is twice as long, up to a minute. Seconds throughout.
    """

    def __init__(self, failures: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`failures` in a row make a thing rest."""
        self._failures = failures
        self._clock = clock
        self._troubles: dict[Hashable, _Trouble] = {}

    def may_try(self, thing: Hashable) -> bool:
        """Whether to try it now; of those who ask when a pause is over only the first is told yes."""
        trouble = self._troubles.get(thing)
        if trouble is None or trouble.failures < self._failures:
            return True
        now = self._clock()
        if now < trouble.until:
            return False
        trouble.pause = min(2 * trouble.pause, LONGEST_PAUSE)
        trouble.until = now + trouble.pause
        return True

    def failed(self, thing: Hashable) -> None:
        """Notes a failure."""
        trouble = self._troubles.setdefault(thing, _Trouble(0, 0.0, FIRST_PAUSE))
        trouble.failures += 1
        if trouble.failures == self._failures:
            trouble.until = self._clock() + trouble.pause

    def worked(self, thing: Hashable) -> None:
        """Forgets what was noted."""
        self._troubles.pop(thing, None)
