"""What the package may not use, because not every Python it runs on does it alike."""

from __future__ import annotations

import re
from pathlib import Path

import harness

POSSESSIVE_GROUP = re.compile(r"\)(?:[*+?]|\{[0-9,]+\})\+")


def test_no_regular_expression_holds_a_possessive_group():
    """Python before 3.11.5 does not go back to where the group began when its body fails half-way (CPython gh-106052)."""
    assert POSSESSIVE_GROUP.search(r"(?:a++b)*+")
    files = sorted(Path(harness.__file__).parent.rglob("*.py"))
    assert [str(file) for file in files if POSSESSIVE_GROUP.search(file.read_text(encoding="utf-8"))] == []
