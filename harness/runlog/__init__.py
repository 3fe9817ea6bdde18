"""The run log: a header, the cases, one row a decision (of a rollout: a case), a footer; one JSON line each, appended.

Everything a later look needs is in this one file: what was compared (header), what was asked (cases),
what came back and how it was judged (rows), and that nothing was lost or edited since (footer: counts
and a SHA-256 over all bytes before it). A log without a footer is unfinished: it can be resumed, never
judged or compared.
"""

from harness.runlog.access import RowReader
from harness.runlog.contents import decisions_by_key, decisions_with_rows, suite_of
from harness.runlog.end import footer_of
from harness.runlog.lines import (
    HEADER,
    LOG_NAME,
    CallSource,
    CaseRow,
    DecisionRow,
    Fault,
    Footer,
    Header,
    Identity,
    Line,
    Mode,
    PlayedCall,
    ResumedRow,
    RolloutRow,
    Sampling,
    Step,
    Timing,
    ToolsRow,
    TurnRow,
    Usage,
    WithoutRaw,
    case_line,
    decision_line,
    encode,
    rollout_line,
    why_without_raw,
)
from harness.runlog.reader import (
    Key,
    RunLog,
    Unfinished,
    decision_rows,
    log_path,
    read_log,
    read_unfinished,
    rollout_rows,
)
from harness.runlog.tail import Tail
from harness.runlog.verdicts import RowVerdict, row_verdicts
from harness.runlog.writer import RunWriter, being_written

__all__ = [
    "HEADER",
    "LOG_NAME",
    "CallSource",
    "CaseRow",
    "DecisionRow",
    "Fault",
    "Footer",
    "Header",
    "Identity",
    "Key",
    "Line",
    "Mode",
    "PlayedCall",
    "ResumedRow",
    "RolloutRow",
    "RowReader",
    "RowVerdict",
    "RunLog",
    "RunWriter",
    "Sampling",
    "Step",
    "Tail",
    "Timing",
    "ToolsRow",
    "TurnRow",
    "Unfinished",
    "Usage",
    "WithoutRaw",
    "being_written",
    "case_line",
    "decision_line",
    "decision_rows",
    "decisions_by_key",
    "decisions_with_rows",
    "encode",
    "footer_of",
    "log_path",
    "read_log",
    "read_unfinished",
    "rollout_line",
    "rollout_rows",
    "row_verdicts",
    "suite_of",
    "why_without_raw",
]
