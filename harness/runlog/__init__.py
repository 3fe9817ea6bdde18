"""The run log: a header, the cases, one row a decision, a footer; append-only, one JSON line each.

Everything a later look needs is in this one file: what was compared (header), what was asked (cases),
what came back and how it was judged (rows), and that nothing was lost or edited since (footer: counts
and a SHA-256 over all bytes before it). A log without a footer is unfinished: it can be resumed, never
judged or compared.
"""

from harness.runlog.lines import (
    LOG_NAME,
    CaseRow,
    DecisionRow,
    Fault,
    Footer,
    Header,
    Identity,
    Line,
    ResumedRow,
    Sampling,
    Timing,
    ToolsRow,
    Usage,
    WithoutRaw,
    case_line,
    decision_line,
    encode,
    why_without_raw,
)
from harness.runlog.reader import RunLog, Unfinished, decision_rows, log_path, read_log, read_unfinished
from harness.runlog.writer import RunWriter

__all__ = [
    "LOG_NAME",
    "CaseRow",
    "DecisionRow",
    "Fault",
    "Footer",
    "Header",
    "Identity",
    "Line",
    "ResumedRow",
    "RunLog",
    "RunWriter",
    "Sampling",
    "Timing",
    "ToolsRow",
    "Unfinished",
    "Usage",
    "WithoutRaw",
    "case_line",
    "decision_line",
    "decision_rows",
    "encode",
    "log_path",
    "read_log",
    "read_unfinished",
    "why_without_raw",
]
