"""Importers: cases that others have, as suites of this harness, with an account of every item.

To add a source, write one module with an `IMPORTER` and name it here.
"""

from harness.importers import bfcl
from harness.importers.drafts import Importer

IMPORTERS: dict[str, Importer] = {module.IMPORTER.name: module.IMPORTER for module in (bfcl,)}

__all__ = ["IMPORTERS", "Importer"]
