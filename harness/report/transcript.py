"""A case as a conversation on the terminal: the script, and at each decision expected against actual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from harness import jsonvalue
from harness.report.terminal import visible
from harness.scorers.channels import content_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from harness.records import Expectation, Response, Score
    from harness.runlog import DecisionRow
    from harness.suite import Decision

_SHORT = 600
_STYLES = {"system": "dim", "user": "bold cyan", "assistant": "green", "tool": "magenta"}


def print_case(decisions: Sequence[tuple[Decision, DecisionRow]], out: Console, *, full: bool) -> None:
    """Prints decisions of one case in their order; the history between them once."""
    first = decisions[0][0]
    tags = ", ".join(f"{name} {value}" for name, value in first.tags.items())
    out.rule(Text(visible(f"{first.case_id} ({tags})" if tags else first.case_id), style="bold"), align="left")
    printed = 0
    for decision, row in decisions:
        for message in decision.messages[printed:]:
            _print_message(message, out, full=full)
        printed = max(printed, len(decision.messages))
        _print_decision(decision, row, out, full=full)
    out.print()


def _print_message(message: dict[str, Any], out: Console, *, full: bool) -> None:
    style = _STYLES.get(message["role"], "")
    for call in message.get("tool_calls") or ():
        function = call["function"]
        _line(out, "script", f"{function['name']} {function['arguments']}", style, full=full)
    if message.get("content"):
        label = "script" if message["role"] == "assistant" else message["role"]
        _line(out, label, message["content"], style, full=full)


def _print_decision(decision: Decision, row: DecisionRow, out: Console, *, full: bool) -> None:
    score = row.score
    right = score.call_correct
    style = "green" if right else "yellow" if right is None else "red"
    trial = f", trial {row.trial}" if row.trial else ""
    title = f"▶ decision {row.index}{trial}, turn {decision.depth}: {score.outcome}"
    out.print(Text(title, style=f"bold {style}"))
    for line in _expected(decision.expect):
        _line(out, "  expected", line, "", full=full)
    for label, line in _actual(row.response, score):
        _line(out, f"  {label}", line, style, full=full)
    for violation in score.violations:
        place = f" {violation.path}" if violation.path else ""
        _line(out, "  violation", f"{violation.code}{place}: {violation.message}", style, full=full)
    if score.quality_defects:
        _line(out, "  quality", ", ".join(score.quality_defects), "yellow", full=full)
    if row.response.raw is not None and (not right or score.channels_agree is False):
        _line(out, "  raw", row.response.raw, "dim", full=full)
    if score.channels_agree is False:
        _line(out, "  channels", "message and raw text hold different calls", "yellow", full=full)


def _expected(expect: Expectation) -> list[str]:
    if expect.calls is None:
        return ["no call: an answer in text"] if expect.no_call else ["some call to an offered tool"]
    lines = []
    for call in expect.calls:
        rules = {pointer: rule.model_dump(exclude_none=True) for pointer, rule in call.match.items()}
        lenient = f"   match {jsonvalue.dumps(rules)}" if rules else ""
        lines.append(f"{call.name} {jsonvalue.dumps(call.arguments)}{lenient}")
    return lines


def _actual(response: Response, score: Score) -> list[tuple[str, str]]:
    if response.error is not None:
        return [("error", response.error)]
    message = response.message or {}
    lines = []
    if isinstance(reasoning := message.get("reasoning") or message.get("reasoning_content"), str):
        lines.append(("reasoning", reasoning))
    calls = message.get("tool_calls")
    for call in calls if isinstance(calls, list) else ():
        function = call.get("function") if isinstance(call, dict) else None
        name, arguments = (
            (function.get("name"), function.get("arguments")) if isinstance(function, dict) else ("?", call)
        )
        shown = arguments if isinstance(arguments, str) else jsonvalue.dumps(arguments)
        lines.append(("actual", f"{name} {shown}"))
    if content := content_text(message):
        lines.append(("actual", content))
    return lines or [("actual", f"({score.state})")]


def _line(out: Console, label: str, text: str, style: str, *, full: bool) -> None:
    if not full and len(text) > _SHORT:
        text = f"{text[:_SHORT]} … ({len(text)} characters; --full shows all)"
    indent = " " * 12
    body = visible(text.rstrip()).replace("\n", "\n" + indent)
    out.print(Text.assemble((f"{label:<12}", "dim"), (body, style)))
