"""Stress variants: the cases of a suite changed in what should make no difference. Pure."""

from harness.stress.variants import TRANSFORMS, LeftOut, Stressed, Transform, stress

__all__ = ["TRANSFORMS", "LeftOut", "Stressed", "Transform", "stress"]
