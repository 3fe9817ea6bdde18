"""One response in, one verdict out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness import jsonvalue
from harness.records import Expectation, Finding, Outcome, QualityDefect, Response, Score, Violation
from harness.scorers import quality
from harness.scorers.calls import against_expected, extra_call, violation
from harness.scorers.channels import NEED_RAW, Channels, read_channels
from harness.scorers.fabrication import Verdict, find
from harness.scorers.parts import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.scorers.fabrication import Evidence, Trajectory
    from harness.toolschema import Toolset

SCORER_VERSION = "5"
"""Goes up whenever the same response could get another score; a run is judged by one version."""


def score(
    expect: Expectation | None, tools: Toolset, response: Response, *, quoted: str, history: Callable[[], Trajectory]
) -> Score:
    """Judges one response.

    Args:
        expect: what the assistant had to do; None judges only what needs no expectation.
        tools: the tools offered at this decision.
        response: what came back.
        quoted: all user messages of the conversation, joined; markup quoted from them is nobody's fault.
        history: gives the conversation before the response; called only where there are words to hold against it.
    """
    if response.error is not None:
        return _score(None, expect, "errored" if expect else None, None, [], [], _NOTHING_TOLD)
    channels = read_channels(response, tools, quoted)
    judged = _judge_calls(channels, expect, tools)
    violations = channels.violations + judged.violations
    defects = quality_defects(channels, expect, response, quoted)
    told = claims(channels, response, history)
    outcome = _outcome(channels.state, expect, judged, fabricated=bool(told.fabrication)) if expect else None
    return _score(channels, expect, outcome, judged, violations, defects, told)


def claims(channels: Channels, response: Response, history: Callable[[], Trajectory]) -> Verdict:
    """What a response presents that no tool returned or did; with what it should have been grounded in."""
    parts = parts_of(response, channels)
    if not parts:
        return _NOTHING_TOLD
    called = bool(channels.calls) or channels.state == "malformed"
    return find(history(), parts, called=called)


_NOTHING_TOLD = Verdict((), (), ())


class _JudgedCalls:
    """The calls of a response, held against the expectation."""

    __slots__ = ("arguments_right", "names_right", "violations")

    def __init__(self, *, names_right: bool, arguments_right: bool, violations: list[Violation]) -> None:
        self.names_right = names_right
        self.arguments_right = arguments_right
        self.violations = violations


def _judge_calls(channels: Channels, expect: Expectation | None, tools: Toolset) -> _JudgedCalls:
    """Names, matching, arguments and schemas of the calls that were made."""
    actual = channels.calls
    names_right = arguments_right = False
    violations: list[Violation] = []
    if expect is not None and channels.state != "malformed":
        if expect.calls is not None:
            names_right, arguments_right, violations = against_expected(expect.calls, actual, expect, tools)
        elif expect.any_call:
            names_right = arguments_right = bool(actual) and all(call.name in tools for call in actual)
            if not actual:
                violations = [violation("missing_call", "", "some call was expected; none was made")]
        else:
            violations = [extra_call(index, call) for index, call in enumerate(actual)]
    for index, call in enumerate(actual):
        tool = tools.get(call.name)
        if tool is None:
            violations.append(violation("unknown_tool", f"/{index}/name", f"no tool named {call.name!r} is offered"))
            continue
        for error in tool.errors(call.arguments):
            violations.append(violation("schema_violation", f"/{index}/arguments{error.path}", error.message))
    return _JudgedCalls(names_right=names_right, arguments_right=arguments_right, violations=violations)


def _outcome(state: str, expect: Expectation, judged: _JudgedCalls, *, fabricated: bool) -> Outcome:
    """The expectation and the state decide, then the comparison."""
    if state == "empty":
        return "empty_response"
    if state == "malformed":
        return "malformed_call"
    if state == "answered":
        right: Outcome = "correct_no_call" if expect.no_call else "missed_call"
        return "fabricated_observation" if fabricated else right
    if expect.no_call:
        return "spurious_call"
    if not judged.names_right:
        return "wrong_tool"
    return "correct_call" if judged.arguments_right else "wrong_arguments"


def quality_defects(
    channels: Channels, expect: Expectation | None, response: Response, quoted: str
) -> list[QualityDefect]:
    """The defects of a response's text, sorted."""
    found: list[QualityDefect] = []
    content = channels.content
    if content:
        if ("<" in content or "[" in content) and quality.leaked_markup(content, quoted):
            found.append("leaked_markup")
        if quality.repeated_ending(content):
            found.append("repeated_ending")
    if channels.raw is not None and quality.think_mismatch(channels.raw, response.prompt_think, quoted):
        found.append("think_mismatch")
    if (
        expect is not None
        and expect.no_call
        and channels.state in ("answered", "empty")
        and quality.count_words(content) < expect.min_words
    ):
        found.append("too_short")
    if response.finish_reason == "length":
        found.append("truncated")
    return found


def _score(
    channels: Channels | None,
    expect: Expectation | None,
    outcome: Outcome | None,
    judged: _JudgedCalls | None,
    violations: list[Violation],
    defects: list[QualityDefect],
    told: Verdict,
) -> Score:
    state = channels.state if channels else "errored"
    attempted = state in ("called", "malformed") and expect is not None and not expect.any_call
    right_kind = judged is not None and state == "called" and expect is not None and expect.calls is not None
    return Score.trusted(
        state=state,
        outcome=outcome,
        call_correct=None
        if outcome is None or outcome == "errored"
        else outcome in ("correct_call", "correct_no_call"),
        name_correct=(right_kind and judged.names_right) if attempted and judged else None,
        args_correct=(right_kind and judged.arguments_right) if attempted and judged else None,
        violations=violations,
        fabricated=bool(told.fabrication),
        fabrication=[_finding(evidence) for evidence in told.fabrication],
        ungrounded_claims=[_finding(evidence) for evidence in told.ungrounded],
        in_reasoning=[_finding(evidence) for evidence in told.in_reasoning],
        quality_defects=defects,
        channels_agree=channels.agree if channels else None,
        skipped=list(NEED_RAW) if channels and channels.raw is None else [],
    )


def _finding(evidence: Evidence) -> Finding:
    """A finding as a file of scores can hold it, whatever the server sent."""
    return Finding.trusted(
        signal=evidence.signal,
        start=evidence.start,
        end=evidence.end,
        text=jsonvalue.in_utf8(evidence.text),
        where=evidence.where,
        reason=jsonvalue.in_utf8(evidence.reason),
    )
