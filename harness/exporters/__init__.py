"""Data for the next stage: suites of variants, rows to train on, each with a manifest."""
