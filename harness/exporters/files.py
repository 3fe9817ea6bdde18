"""Rows as a file of JSON Lines, with a manifest beside it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import harness
from harness import jsonvalue
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from harness.exporters.contamination import Found
    from harness.exporters.material import Source
    from harness.exporters.rows import Kind, Made, Row
    from harness.suite import Suite

CHECKED_WITH = "1.16.0"
"""The version of TRL whose trainers the tests feed with rows."""


def manifest_path(out: Path) -> Path:
    """Where the manifest of a file of rows stands: `train.jsonl` has `train.manifest.json`."""
    return out.with_name(f"{out.stem}.manifest.json")


def write_rows(rows: Sequence[Row], out: Path) -> str:
    """Writes rows as JSON Lines, whole or not at all; returns the SHA-256 of the file.

    Raises:
        UsageError: it cannot be written.
    """
    digest = hashlib.sha256()
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            for row in rows:
                line = jsonvalue.dump_line(row.value)
                digest.update(line)
                file.write(line)
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"cannot write {out}: {error.strerror}") from error
    return digest.hexdigest()


def write_manifest(out: Path, manifest: dict[str, Any]) -> Path:
    """Writes the manifest of a file of rows beside it, for people and programs to read.

    Raises:
        UsageError: it cannot be written.
    """
    path = manifest_path(out)
    try:
        path.write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return path


def manifest_of(
    kind: Kind,
    rows: Sequence[Row],
    made: Made,
    sources: Sequence[Source],
    excluded: Sequence[tuple[Suite, Sequence[tuple[str, Found]]]],
    options: dict[str, Any],
) -> dict[str, Any]:
    """What a file of rows holds, what it was made of, and what was left out and why; the digest of the file is not in it.

    `excluded` has of each evaluation suite the cases that were left out for its sake, each with its source's name.
    """
    metadata = [row.value["metadata"] for row in rows]
    return {
        "format": 1,
        "kind": kind,
        "rows": len(rows),
        "columns": list(rows[0].value) if rows else [],
        "harness_version": harness.__version__,
        "checked_with_trl": CHECKED_WITH,
        "options": options,
        "sources": [
            {
                "name": source.name,
                "suite": source.suite.name,
                "suite_digest": source.suite.digest,
                "licence": source.suite.licence,
                "model": source.model,
                "mode": source.mode,
                "run_sha256": source.digest,
            }
            for source in sources
        ],
        "counts": {
            "expect": _counted(one["expect"] for one in metadata),
            "outcome": _counted(one["outcome"] for one in metadata),
            "violations": _counted(code for one in metadata for code in one["violations"]),
            "fabrication": _counted(signal for one in metadata for signal in one["fabrication"]),
            "tags": _tags(metadata),
        },
        "left_out": dict(made.left_out.most_common()),
        "duplicates": made.duplicates,
        "balanced_away": len(made.rows) - len(rows),
        "excluded": [
            {
                "suite": suite.name,
                "suite_digest": suite.digest,
                "cases": [{"source": name, **found._asdict()} for name, found in cases],
            }
            for suite, cases in excluded
        ],
    }


def _counted(values: Any) -> dict[str, int]:
    return dict(Counter("none" if value is None else str(value) for value in values).most_common())


def _tags(metadata: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """How many rows bear each value of a tag; tags that tell cases apart are only counted."""
    names = sorted({name for one in metadata for name in one["tags"]})
    found = {name: _counted(one["tags"].get(name) for one in metadata) for name in names}
    return {name: counts if len(counts) <= _MOST_VALUES else {"values": len(counts)} for name, counts in found.items()}


_MOST_VALUES = 40
"""Values of a tag that are listed one by one."""
