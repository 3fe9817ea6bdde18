"""For tests: fake models that are wrong in one named way, and a server that serves them as vLLM would.

Nothing else in the harness imports this.
"""

from harness.replies import Reply
from harness.testing.clinic import Clinic, Setup
from harness.testing.faults import (
    CONTEXT_TOO_LONG,
    DROP,
    HALF_BODY,
    HANG,
    NO_TOOL_PARSER,
    NOT_JSON,
    Faults,
    Trouble,
    status,
    wrong_model,
)
from harness.testing.miniatures import MINIATURES, Miniature
from harness.testing.sample import sample_suite, write_suite
from harness.testing.server import MockServer, Received

__all__ = [
    "CONTEXT_TOO_LONG",
    "DROP",
    "HALF_BODY",
    "HANG",
    "MINIATURES",
    "NOT_JSON",
    "NO_TOOL_PARSER",
    "Clinic",
    "Faults",
    "Miniature",
    "MockServer",
    "Received",
    "Reply",
    "Setup",
    "Trouble",
    "sample_suite",
    "status",
    "write_suite",
    "wrong_model",
]
