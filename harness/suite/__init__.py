"""Suites: a folder of files in, cases and decisions out, or a list of everything wrong with them.

- `suite.yaml`: name, description, licence, defaults, thresholds, gate
- `tools.json`: a list of tools in OpenAI's form
- `nulls.json`, where `harness nulls` has written it: what null models score on the suite
- `cases/`: *.yaml (one case a document) and *.jsonl (one case a line), in folders of any depth
"""

from harness.suite.cases import (
    NO_SLICE,
    STRESS,
    UNCHANGED,
    VARIANT_OF,
    Case,
    ExpectTurn,
    SuiteTool,
    Turn,
    UserTurn,
    tool_json,
)
from harness.suite.checks import problems_of
from harness.suite.decisions import Asked, Decision, Expected, Toolbox, asked_in, decisions_of
from harness.suite.language import language_of
from harness.suite.load import Defaults, Suite, load_suite
from harness.suite.nulls import NULLS, NullScores
from harness.suite.policy import Policy, load_policy
from harness.suite.script import Script, ScriptTurn, script_of, scripts_of
from harness.suite.write import write_suite

__all__ = [
    "NO_SLICE",
    "NULLS",
    "STRESS",
    "UNCHANGED",
    "VARIANT_OF",
    "Asked",
    "Case",
    "Decision",
    "Defaults",
    "ExpectTurn",
    "Expected",
    "NullScores",
    "Policy",
    "Script",
    "ScriptTurn",
    "Suite",
    "SuiteTool",
    "Toolbox",
    "Turn",
    "UserTurn",
    "asked_in",
    "decisions_of",
    "language_of",
    "load_policy",
    "load_suite",
    "problems_of",
    "script_of",
    "scripts_of",
    "tool_json",
    "write_suite",
]
