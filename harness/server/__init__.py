"""The vLLM process: which flags a model needs, starting and watching it, and what exactly is served."""

from harness.server.command import Adapter, ServeOptions, served_name
from harness.server.demo import prepare_demo_model, tool_template
from harness.server.families import Family, detect_family, dialect_of_parser
from harness.server.process import VllmServer

__all__ = [
    "Adapter",
    "Family",
    "ServeOptions",
    "VllmServer",
    "detect_family",
    "dialect_of_parser",
    "prepare_demo_model",
    "served_name",
    "tool_template",
]
