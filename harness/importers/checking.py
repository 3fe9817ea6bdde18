"""What an imported case must stand before it counts: the suite's own checks, then its gold replayed as a model."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness.importers.drafts import Note
from harness.judging import Judge
from harness.records import STRICT_JSON
from harness.replies import answering, calling, gold_calls, plain_answer
from harness.suite import Case, Toolbox, decisions_of
from harness.suite.cases import ExpectTurn
from harness.suite.checks import Checker
from harness.suite.shape import shape_problems

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.jsonvalue import JsonValue
    from harness.records import Response
    from harness.suite import Decision, SuiteTool


class Inspector:
    """Inspects the cases of one suite. A further check is one more line in `problems`."""

    def __init__(self, tools: Sequence[SuiteTool], toolbox: Toolbox) -> None:
        self._checker = Checker(tools)
        self._toolbox = toolbox
        self._judge = Judge()

    def problems(self, value: JsonValue) -> list[Note]:
        """Everything wrong with a case; a later check is asked only where the earlier ones found nothing."""
        try:
            case = Case.model_validate(value, context=STRICT_JSON)
        except ValidationError as error:
            return [Note("not_a_case", f"{where}: {message}") for where, message in shape_problems(error, Case, value)]
        found = [Note("breaks_suite_check", f"{where}: {message}") for where, message in self._checker.problems(case)]
        return found or list(self._replayed(case))

    def _replayed(self, case: Case) -> Iterator[Note]:
        """What the gold itself gets wrong, decision by decision."""
        answers = [turn.answer for turn in case.turns if isinstance(turn, ExpectTurn)]
        for decision in decisions_of(case, self._toolbox):
            verdict = self._judge.verdict(decision, gold(decision, answers[decision.index]))
            told = ", ".join(f"{item.signal}: {item.text!r}" for item in verdict.fabrication)
            if verdict.call_correct is False:
                codes = ", ".join(f"{item.code} at {item.path or '/'}" for item in verdict.violations)
                yield Note("gold_fails", f"decision {decision.index}: {verdict.outcome} ({told or codes})")
            elif verdict.quality_defects:
                defects = ", ".join(verdict.quality_defects)
                yield Note("gold_fails", f"decision {decision.index}: the answer is {defects}")


def inspected(tools: Sequence[SuiteTool], cases: Sequence[JsonValue]) -> list[list[Note]]:
    """What is wrong with each of many cases; where they are many, all processors look."""
    workers = min(os.cpu_count() or 1, len(cases) // _MANY)
    if workers < 2:
        inspector = Inspector(tools, Toolbox(tools))
        return [inspector.problems(case) for case in cases]
    with ProcessPoolExecutor(workers, initializer=_begin, initargs=(list(tools),)) as pool:
        return list(pool.map(_inspected_there, cases, chunksize=50))


_MANY = 500
"""Cases that are worth a process: the answers among them take the longest, over a millisecond each."""
_there: list[Inspector] = []
"""The inspector of a process of the pool."""


def _begin(tools: list[SuiteTool]) -> None:
    _there[:] = [Inspector(tools, Toolbox(tools))]


def _inspected_there(case: JsonValue) -> list[Note]:
    return _there[0].problems(case)


def gold(decision: Decision, answer: str | None) -> Response:
    """What a model that does exactly what is expected would send."""
    calls = gold_calls(decision)
    return (calling(calls) if calls else answering(answer or plain_answer(decision.expect.min_words))).response
