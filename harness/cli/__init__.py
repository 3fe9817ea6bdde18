"""The command line: parses, delegates, turns errors into messages and exit codes.

Exit codes: 0 fine · 1 a regression or a missed threshold · 2 wrong use or bad input · 3 not comparable
(incomplete, too many errors, nothing scored) · 4 the server could not be started or reached · 130 after
Ctrl-C, 143 after SIGTERM, with what was done kept.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

from harness.cli.arguments import parsed
from harness.cli.saying import complain, say
from harness.errors import HarnessError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
TERMINATED = 143


class _Terminated(KeyboardInterrupt):
    """SIGTERM, told apart from Ctrl-C for the exit code only."""


def _terminate(*_: object) -> NoReturn:
    raise _Terminated


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    arguments = parsed(sys.argv[1:] if argv is None else argv)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        # A command's module is imported when it is asked for: --help must not wait for HTTP and schemas.
        command = importlib.import_module(f"harness.cli.{arguments.module}")
        code: int = command.execute(arguments)
    except HarnessError as error:
        complain(error)
        return error.exit_code
    except _Terminated:
        say("harness: terminated")
        return TERMINATED
    except KeyboardInterrupt:
        say("harness: interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, a pager) has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
