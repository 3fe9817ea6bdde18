"""A short probe of a server: whether its parsers, chat template and special tokens fit the model it serves."""

from harness.doctor.diagnosis import Check, Diagnosis, Verdict
from harness.doctor.examine import Patient, examine

__all__ = ["Check", "Diagnosis", "Patient", "Verdict", "examine"]
