"""Verdicts: pure functions from a response to a score."""
