"""From a suite to a folder of files that loads as the same suite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from harness import jsonvalue
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from harness.jsonvalue import JsonValue
    from harness.suite.cases import SuiteTool


def write_suite(
    folder: Path,
    header: Mapping[str, Any],
    tools: Sequence[SuiteTool],
    cases: Mapping[str, Iterable[JsonValue]],
) -> None:
    """Writes `suite.yaml`, `tools.json` and one file of `cases/` for each group of cases, by its name.

    Raises:
        UsageError: the folder cannot be written.
    """
    import yaml  # whoever only reads suites made of JSON does without it

    listed = b",\n".join(jsonvalue.dump_line(tool.to_json())[:-1] for tool in tools)
    try:
        (folder / "cases").mkdir(parents=True)
        text = yaml.safe_dump(dict(header), sort_keys=False, allow_unicode=True, width=120)
        (folder / "suite.yaml").write_text(text, encoding="utf-8")
        (folder / "tools.json").write_bytes(b"[\n" + listed + b"\n]\n" if listed else b"[]\n")
        for name, group in cases.items():
            (folder / "cases" / f"{name}.jsonl").write_bytes(b"".join(map(jsonvalue.dump_line, group)))
    except OSError as error:
        raise UsageError(f"cannot write {folder}: {error.strerror}") from error
