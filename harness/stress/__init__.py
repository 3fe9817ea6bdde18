"""Stress variants: the cases of a suite changed in what should make no difference."""

from harness.stress.folder import write_variants
from harness.stress.variants import TRANSFORMS, LeftOut, Stressed, Transform, stress

__all__ = ["TRANSFORMS", "LeftOut", "Stressed", "Transform", "stress", "write_variants"]
