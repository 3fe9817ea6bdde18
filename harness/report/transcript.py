"""A case as a conversation on the terminal: the script, and at each decision expected against actual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from harness import jsonvalue
from harness.scorers.channels import content_text
from harness.visible import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from harness.records import Expectation, Response, Score
    from harness.runlog import DecisionRow
    from harness.suite import Decision

_SHORT = 600
_STYLES = {"system": "dim", "user": "bold cyan", "assistant": "green", "tool": "magenta"}


def rule(case: str, tags: Mapping[str, str], out: Console) -> None:
    """The line above a case."""
    told = ", ".join(f"{name} {value}" for name, value in tags.items())
    out.rule(Text(one_line(f"{case} ({told})" if told else case), style="bold"), align="left")


def print_case(decisions: Sequence[tuple[Decision, DecisionRow]], out: Console, *, full: bool) -> None:
    """Prints decisions of one case in their order; the history between them once."""
    rule(decisions[0][0].case_id, decisions[0][0].tags, out)
    printed = 0
    for decision, row in decisions:
        for message in decision.messages[printed:]:
            print_message(message, out, full=full)
        printed = max(printed, len(decision.messages))
        _print_decision(decision, row, out, full=full)
    out.print()


def print_message(message: dict[str, Any], out: Console, *, full: bool) -> None:
    """A message of the script."""
    style = _STYLES.get(message["role"], "")
    for call in message.get("tool_calls") or ():
        function = call["function"]
        print_line(out, "script", f"{function['name']} {function['arguments']}", style, full=full)
    if message.get("content"):
        label = "script" if message["role"] == "assistant" else message["role"]
        print_line(out, label, message["content"], style, full=full)


def _print_decision(decision: Decision, row: DecisionRow, out: Console, *, full: bool) -> None:
    right = row.score.call_correct
    trial = f", trial {row.trial}" if row.trial else ""
    title = f"▶ decision {row.index}{trial}, turn {decision.depth}: {row.score.outcome}"
    out.print(Text(title, style=f"bold {verdict_style(right=right)}"))
    for line in expected(decision.expect):
        print_line(out, "  expected", line, "", full=full)
    print_actual(row.response, row.score, out, full=full)


def verdict_style(*, right: bool | None) -> str:
    """The colour of a verdict."""
    return "green" if right else "yellow" if right is None else "red"


def print_actual(response: Response, score: Score, out: Console, *, full: bool) -> None:
    """What came back and what is wrong with it."""
    right = score.call_correct
    style = verdict_style(right=right)
    shown = _spans(score, "content") if response.message is not None else []
    for label, line in _actual(response, score):
        spans = shown if label == "actual" and line == content_text(response.message or {}) else ()
        print_line(out, f"  {label}", line, style, full=full, spans=spans)
    for violation in score.violations:
        place = f" {violation.path}" if violation.path else ""
        print_line(out, "  violation", f"{violation.code}{place}: {violation.message}", style, full=full)
    for finding in score.fabrication:
        print_line(out, "  invented", f"{finding.signal}: ⟦{finding.text}⟧ {finding.reason}", "red", full=full)
    for finding in score.in_reasoning:
        print_line(out, "  thought", f"{finding.signal}: ⟦{finding.text}⟧ {finding.reason}", "dim", full=full)
    for finding in score.ungrounded_claims:
        print_line(out, "  ungrounded", f"{finding.text!r}: {finding.reason}", "yellow", full=full)
    if score.quality_defects:
        print_line(out, "  quality", ", ".join(score.quality_defects), "yellow", full=full)
    if response.raw is not None and (not right or score.fabricated or score.channels_agree is False):
        dropped = _spans(score, "before_call", "after_call")
        spans = dropped if response.message is not None else [*dropped, *_spans(score, "content")]
        print_line(out, "  raw", response.raw, "dim", full=full, spans=spans)
    if score.channels_agree is False:
        print_line(out, "  channels", "message and raw text hold different calls", "yellow", full=full)


def expected(expect: Expectation) -> list[str]:
    """What is expected, in lines."""
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


def _spans(score: Score, *where: str) -> list[tuple[int, int]]:
    """Which characters of a text are invented."""
    return [(finding.start, finding.end) for finding in score.fabrication if finding.where in where]


def print_line(
    out: Console, label: str, text: str, style: str, *, full: bool, spans: Sequence[tuple[int, int]] = ()
) -> None:
    """One labelled text, `spans` of it between ⟦ and ⟧; a long one is cut unless `full`, but never before the last span."""
    size = max(_SHORT, *(end for _, end in spans)) if spans else _SHORT
    rest = f" … ({len(text)} characters; --full shows all)" if not full and len(text) > size else ""
    text = text[:size] if rest else text.rstrip()
    pieces, position = [], 0
    for start, end in sorted(spans):
        if start >= position:
            pieces += [(_body(text[position:start]), style), (f"⟦{_body(text[start:end])}⟧", "bold red")]
            position = end
    out.print(Text.assemble((f"{label:<12}", "dim"), *pieces, (_body(text[position:]) + rest, style)))


def _body(text: str) -> str:
    return visible(text).replace("\n", "\n" + " " * 12)
