"""Importers: cases that others have, as suites of this harness, with an account of every item.

To add a source, write one module with an `IMPORTER` and name it here. Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from harness.importers.drafts import Importer

MODULES = {
    "bfcl": "harness.importers.bfcl",
    "when2call": "harness.importers.when2call",
    "tau2": "harness.importers.tau2",
    "openai-log": "harness.importers.openai_log",
}
"""Every source by the name that the command line knows it by."""

__all__ = ["MODULES", "importer"]


def importer(name: str) -> Importer:
    """The importer of a source.

    Raises:
        KeyError: there is none of that name.
    """
    return cast("Importer", importlib.import_module(MODULES[name]).IMPORTER)
