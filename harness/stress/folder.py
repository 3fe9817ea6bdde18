"""A suite of variants as a folder."""

from __future__ import annotations

import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.errors import UsageError
from harness.suite import STRESS, write_suite

if TYPE_CHECKING:
    from pathlib import Path

    from harness.jsonvalue import JsonValue
    from harness.suite import Suite


REPORT = "variants.json"
"""What was made and what could not be, and why; beside `suite.yaml`."""


def refuse_taken(folder: Path, suite: Path) -> None:
    """Refuses a folder for the variants of a suite in which they would join something else.

    Raises:
        UsageError: it is there already and not empty, or its cases would be read as the suite's own.
    """
    _refuse_used(folder)
    if folder.resolve().is_relative_to((suite / "cases").resolve()):
        raise UsageError(f"{folder} lies among the cases of {suite} and would be read with them; name another folder")


def _refuse_used(folder: Path) -> None:
    try:
        used = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise UsageError(f"cannot look into {folder}: {error.strerror}") from error
    if used:
        raise UsageError(f"{folder} is there already; name a new folder, or remove it first")


def write_variants(suite: Suite, folder: Path, report: JsonValue = None) -> None:
    """Writes a suite into a new or empty folder, whole or not at all, with the report where there is one.

    Its cases are JSON Lines, a file for each value of their tag `stress`. The gate and the thresholds of a suite are not
    written: they were set for other cases.

    Raises:
        UsageError: the folder is there already and not empty, or cannot be written.
    """
    _refuse_used(folder)
    header: dict[str, Any] = {"name": suite.name, "description": suite.description, "licence": suite.licence}
    if suite.defaults.max_tokens is not None:
        header["defaults"] = {"max_tokens": suite.defaults.max_tokens}
    files: defaultdict[str, list[JsonValue]] = defaultdict(list)
    for case in suite.cases:
        files[case.tags.get(STRESS, "cases")].append(case.to_json(lint=True))
    was_there = folder.exists()
    try:
        write_suite(folder, header, suite.tools, files)
        if report is not None:
            (folder / REPORT).write_bytes(jsonvalue.dump_line(report))
    except BaseException as error:
        _clear(folder, keep=was_there)
        if isinstance(error, OSError):
            raise UsageError(f"cannot write {folder / REPORT}: {error.strerror}") from error
        raise


def _clear(folder: Path, *, keep: bool) -> None:
    """Takes away what was written: half a suite would be refused, and its folder be taken."""
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
        return
    for path in list(folder.iterdir()):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
