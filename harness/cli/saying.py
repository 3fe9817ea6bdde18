"""What is said beside a command's own output, on stderr. Imports nothing heavy: an error must not wait."""

from __future__ import annotations

import sys

from harness.visible import visible


def say(text: str) -> None:
    """Says something at once; names out of files and of servers are shown, not obeyed."""
    print(visible(text), file=sys.stderr, flush=True)
