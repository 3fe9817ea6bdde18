"""A suite of variants as a folder."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.suite import STRESS, write_suite

if TYPE_CHECKING:
    from pathlib import Path

    from harness.jsonvalue import JsonValue
    from harness.suite import Suite


def write_variants(suite: Suite, folder: Path) -> None:
    """Writes a suite into a new folder: its cases as JSON Lines, a file for each value of their tag `stress`.

    The gate and the thresholds of a suite are not written: they were set for other cases.

    Raises:
        UsageError: the folder is there already and not empty, or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already; name a new folder, or remove it first")
    header: dict[str, Any] = {"name": suite.name, "description": suite.description, "licence": suite.licence}
    if suite.defaults.max_tokens is not None:
        header["defaults"] = {"max_tokens": suite.defaults.max_tokens}
    files: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for case in suite.cases:
        files[case.tags.get(STRESS, "cases")].append(case.to_json(lint=True))
    write_suite(folder, header, suite.tools, files)
