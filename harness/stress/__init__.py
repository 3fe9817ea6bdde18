"""Stress variants: the cases of a suite changed in what should make no difference."""

from harness.stress.folder import REPORT, refuse_taken, write_variants
from harness.stress.variants import TRANSFORMS, LeftOut, Stressed, Transform, stress

__all__ = ["REPORT", "TRANSFORMS", "LeftOut", "Stressed", "Transform", "refuse_taken", "stress", "write_variants"]
