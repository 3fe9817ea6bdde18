"""`harness demo-model`: a small real model to try everything with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.cli.saying import say
from harness.server import prepare_demo_model

if TYPE_CHECKING:
    import argparse


def execute(_: argparse.Namespace) -> int:
    """Prints the model's folder."""
    print(prepare_demo_model(say))
    return 0
