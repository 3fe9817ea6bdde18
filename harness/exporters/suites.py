"""A suite in memory as a folder of files that loads as the same suite."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from harness import jsonvalue
from harness.errors import UsageError
from harness.suite import STRESS

if TYPE_CHECKING:
    from pathlib import Path

    from harness.suite import Suite


def write_suite(suite: Suite, folder: Path) -> None:
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
    files: defaultdict[str, list[bytes]] = defaultdict(list)
    for case in suite.cases:
        files[case.tags.get(STRESS, "cases")].append(jsonvalue.dump_line(case.to_json()))
    tools = b",\n".join(jsonvalue.dump_line(tool.to_json())[:-1] for tool in suite.tools)
    try:
        (folder / "cases").mkdir(parents=True)
        text = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=120)
        (folder / "suite.yaml").write_text(text, encoding="utf-8")
        (folder / "tools.json").write_bytes(b"[\n" + tools + b"\n]\n" if tools else b"[]\n")
        for name, lines in files.items():
            (folder / "cases" / f"{name}.jsonl").write_bytes(b"".join(lines))
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error
