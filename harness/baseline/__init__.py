"""Baselines: what a run came to, stored small enough to review and to keep beside the code."""

from harness.baseline.entries import DIGEST, RIGHT, Entry, Results, entry_from, entry_of, verdict_of
from harness.baseline.files import FOLDER, read, save, stored, without_folders, written

__all__ = [
    "DIGEST",
    "FOLDER",
    "RIGHT",
    "Entry",
    "Results",
    "entry_from",
    "entry_of",
    "read",
    "save",
    "stored",
    "verdict_of",
    "without_folders",
    "written",
]
