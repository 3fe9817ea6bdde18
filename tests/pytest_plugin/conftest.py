"""pytest's own `pytester` forgets after each test the modules that were imported in it: what keeps state comes first."""

import scipy.stats
import yaml

import harness.cli.baseline
import harness.pytest_plugin.session

__all__ = ["harness", "scipy", "yaml"]
