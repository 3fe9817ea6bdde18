"""The reports folder as pages: an index of runs and baselines, trends, runs under way; served to this machine's browser.

Nothing is ever written, and nothing outside the folder is served.
"""

from harness.viewer.server import Options, serve

__all__ = ["Options", "serve"]
