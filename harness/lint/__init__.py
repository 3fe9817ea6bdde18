"""The linter: is a suite's gold beyond dispute? Rules in, findings out; it reads no file and asks no model.

What a suite's files must be (schemas that compile, gold calls valid under them, unique ids, offered tools) is refused
when they are loaded; here are the rules about what they say. A rule is a function or class in a module of its own and
one line in `rules.RULES`.
"""

from harness.lint.findings import SEVERITIES, Finding, Rule, Severity
from harness.lint.replay import GoldScore, KindScore
from harness.lint.rules import RULES, Report, lint

__all__ = ["RULES", "SEVERITIES", "Finding", "GoldScore", "KindScore", "Report", "Rule", "Severity", "lint"]
