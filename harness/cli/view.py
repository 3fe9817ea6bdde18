"""`harness view`: the reports folder in a browser."""

from __future__ import annotations

import sys
import threading
import webbrowser
from typing import TYPE_CHECKING

from harness.viewer import Options, serve

if TYPE_CHECKING:
    import argparse
    from pathlib import Path


def execute(arguments: argparse.Namespace) -> int:
    """Serves the folder until Ctrl-C."""

    def ready(address: str) -> None:
        print(f"{arguments.folder} is shown at {address} (Ctrl-C ends it)", flush=True)
        if arguments.open:  # some browsers come back only when they are closed
            threading.Thread(target=_open, args=(address,), daemon=True).start()

    serve(Options(arguments.folder, arguments.baselines, arguments.host, arguments.port, _page), ready)
    return 0


def _page(folder: Path) -> str:
    """The page of a run that left none."""
    from harness.report.html.report import run_page
    from harness.runner import load_results

    return run_page(load_results(str(folder)))


def _open(address: str) -> None:
    if not webbrowser.open(address):
        print(f"no browser could be opened; the address is {address}", file=sys.stderr)
