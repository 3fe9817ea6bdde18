"""A rollout as a conversation on the terminal: at each user turn expected against actual, as it was played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from harness.report.transcript import expected, print_actual, print_line, print_message, rule, verdict_style
from harness.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from harness.runlog import RolloutRow, Step
    from harness.runner import JudgedTurn

_TOOLS = {"script": "  tool", "earlier": "  again", "error": "  refused"}
_ENDED = {
    "answer": "ended by a message without a call",
    "script": "ended with the script",
    "limit": "ended by the limit of steps",
}


def print_rollout(row: RolloutRow, turns: Sequence[JudgedTurn], out: Console, *, full: bool) -> None:
    """Prints turns of one case in their order; of one that an error ended, the error."""
    trial = f", trial {row.trial}" if row.trial else ""
    if row.fault is not None:
        rule(row.case, {}, out)
        print_line(out, "error", f"in turn {row.steps[-1].turn}{trial}: {row.fault.message}", "yellow", full=full)
    for place, turn in enumerate(turns):
        if place == 0:
            rule(row.case, turn.steps[0].decision.tags, out)
        _print_turn(turn, [step for step in row.steps if step.turn == turn.row.turn], trial, out, full=full)
    out.print()


def _print_turn(turn: JudgedTurn, steps: Sequence[Step], trial: str, out: Console, *, full: bool) -> None:
    first = turn.steps[0].decision.messages
    if turn.row.turn == len(turn.script.users) and first[0]["role"] == "system":
        print_message(first[0], out, full=full)
    for text in turn.script.users:
        print_message({"role": "user", "content": text}, out, full=full)
    several = "s" if len(steps) != 1 else ""
    title = f"▶ turn {turn.row.turn}{trial}: {turn.row.outcome}, {len(steps)} step{several}, {_ENDED[turn.row.ended]}"
    out.print(Text(visible(title), style=f"bold {verdict_style(right=turn.row.correct)}"))
    for decision in turn.script.decisions:
        for line in expected(decision.expect):
            print_line(out, "  expected", line, "", full=full)
    for step in steps:
        print_actual(step.response, step.score, out, full=full)
        answered = (call for call in step.played if call.source != "end")
        for call, message in zip(answered, step.messages[1:], strict=True):
            print_line(out, _TOOLS[call.source], message["content"], "magenta", full=full)
