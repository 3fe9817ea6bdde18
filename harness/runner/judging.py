"""Verdicts as the tallies count them: with their slices and, where they are wrong, what was done instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.judging import user_text
from harness.metrics import Judged
from harness.scorers.attribution import attribute
from harness.scorers.channels import message_calls
from harness.suite import NO_SLICE

if TYPE_CHECKING:
    from harness.records import Response, Score
    from harness.suite import Decision

_MISMATCHES = ("missing_argument", "unexpected_argument", "type_mismatch", "value_mismatch")
_DONE_INSTEAD = {"malformed": "malformed call", "answered": "no call", "empty": "empty response"}


def judged(decision: Decision, trial: int, response: Response, verdict: Score) -> Judged:
    """A verdict as the tallies count it."""
    slices = [("depth", str(decision.depth)), ("tools", str(len(decision.tools))), ("expect", decision.expect.kind)]
    slices += [(name, value) for name, value in decision.tags.items() if name not in NO_SLICE]
    confusion = None
    if verdict.call_correct is False:
        confusion = (_expected(decision), _actual(response, verdict))
    attribution = attribute(response, verdict, quoted=user_text(decision))
    return Judged((decision.case_id, trial), decision.expect.kind, verdict, tuple(slices), confusion, attribution)


def _expected(decision: Decision) -> str:
    calls = decision.expect.calls
    if calls is None:
        return "no call" if decision.expect.no_call else "any call"
    return " + ".join(sorted(call.name for call in calls))


def _actual(response: Response, verdict: Score) -> str:
    if verdict.state != "called":
        return _DONE_INSTEAD[verdict.state]
    names = sorted(call.name or "?" for call in message_calls(response.message or {}))
    made = " + ".join(names)
    if verdict.outcome != "wrong_arguments":
        return made
    places = {_place(violation.path) for violation in verdict.violations if violation.code in _MISMATCHES}
    return f"{made} with wrong {', '.join(sorted(places))}"


def _place(path: str) -> str:
    """The argument that a path such as /0/arguments/city leads to; all of them where it ends before."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:]]
    return (tokens[2] or '""') if len(tokens) > 2 else "arguments"
