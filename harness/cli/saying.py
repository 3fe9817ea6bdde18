"""What is said beside a command's own output, on stderr. Imports nothing heavy: an error must not wait."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from harness.errors import InputError
from harness.visible import unbroken, visible

if TYPE_CHECKING:
    from harness.errors import HarnessError


def say(text: str) -> None:
    """Says something on one line, at once; names out of files and of servers are shown, not obeyed."""
    print(unbroken(text), file=sys.stderr, flush=True)


def complain(error: HarnessError) -> None:
    """Says what went wrong."""
    print(f"harness: {told(error)}", file=sys.stderr, flush=True)


def told(error: HarnessError) -> str:
    """An error as it may be printed: problems of files a line each, lines that belong to one before them indented."""
    text = visible(str(error))
    return text if isinstance(error, InputError) else re.sub(r"\n(?! )", "\n  ", text)
