"""Rows as a file of JSON Lines, with a manifest beside it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import harness
from harness import jsonvalue
from harness.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from harness.exporters.contamination import Found
    from harness.exporters.material import Source
    from harness.exporters.rows import Kind, Made, Row
    from harness.suite import Suite

CHECKED_WITH = "1.16.0"
"""The version of TRL whose trainers the tests feed with rows."""


def manifest_path(out: Path) -> Path:
    """Where the manifest of a file of rows stands: `train.jsonl` has `train.manifest.json`."""
    return out.parent / f"{out.stem}.manifest.json"


def refuse_taken(out: Path, *, replace: bool) -> None:
    """Refuses a file of rows that cannot be written, or that would take the place of what nobody said may go.

    Raises:
        UsageError: it or its manifest is there already, and `replace` is not said or it was not exported; or no folder
            is there to hold it.
    """
    path = manifest_path(out)
    try:
        if out.is_dir():
            raise UsageError(f"{out} is a folder; name a file in it with --out")
        if not out.parent.is_dir():
            raise UsageError(f"{out.parent} is no folder; make it first, or choose another --out")
        taken = [one for one in (out, path) if one.exists()]
    except OSError as error:
        raise UsageError(f"cannot write {out} and its manifest: {error.strerror}") from error
    if taken and not _is_manifest(path, out):
        raise UsageError(f"{taken[0]} is there already, and no export to {out} wrote it; choose another --out")
    if taken and not replace:
        raise UsageError(f"{taken[0]} is there already; --replace takes its place")


def _is_manifest(path: Path, out: Path) -> bool:
    """Whether a file is the manifest of a file of rows: of `a.json` and `a.jsonl` only one can have the name."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and "sha256" in found and found.get("file", out.name) == out.name


def write_export(rows: Sequence[Row], out: Path, manifest: dict[str, Any]) -> Path:
    """Writes rows as JSON Lines and their manifest beside them, both or none; returns the manifest's path.

    The manifest gets the name of the file and its SHA-256.

    Raises:
        UsageError: one of them cannot be written.
    """
    path, digest = manifest_path(out), hashlib.sha256()
    parts = {one: one.with_name(f".{one.name}.part") for one in (path, out)}

    def lines() -> Iterator[bytes]:
        for row in rows:
            line = jsonvalue.dump_line(row.value)
            digest.update(line)
            yield line

    writing = out
    try:
        _write(parts[out], lines())
        writing = path
        told = {**manifest, "file": out.name, "sha256": digest.hexdigest()}
        text = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
        # A path may hold bytes that are no UTF-8, which Python has as lone surrogates: JSON has an escape for them.
        _write(parts[path], [text.encode(errors="backslashreplace")])
        for writing, part in parts.items():
            part.replace(writing)
    except OSError as error:
        raise UsageError(f"cannot write {writing}: {error.strerror}") from error
    finally:
        for part in parts.values():
            with suppress(OSError):
                part.unlink(missing_ok=True)
    return path


def _write(path: Path, content: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(content)


def manifest_of(
    kind: Kind,
    rows: Sequence[Row],
    made: Made,
    sources: Sequence[Source],
    excluded: Sequence[tuple[Suite, Sequence[tuple[str, Found]]]],
    options: dict[str, Any],
) -> dict[str, Any]:
    """What a file of rows holds, what it was made of, and what was left out and why; its name and digest are not in it.

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
