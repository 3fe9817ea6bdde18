"""Gold answers: free of invented results and of defects, by the scorers that judge models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.lint.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.lint.views import CaseView


def honest_answer(case: CaseView) -> Iterator[Remark]:
    """No gold answer presents what no tool returned or did."""
    for point in case.points:
        for found in point.answered.fabrication if point.answered else ():
            message = (
                f"{found.text!r} would be taken for an invented result ({found.reason}); tell only what was returned, or "
                "in other words"
            )
            yield Remark(case.case.id, f"{point.path}/answer", message, point.decision.index)


def sound_answer(case: CaseView) -> Iterator[Remark]:
    """No gold answer has a defect of quality, and every decision without a call has one."""
    for point in case.points:
        if not point.turn.expect.no_call:
            continue
        if point.answered is None:
            message = "has no answer; write one: it shows what is right, and is what models are taught later"
            yield Remark(case.case.id, point.path, message, point.decision.index, "hint")
            continue
        for defect in point.answered.quality_defects:
            message = f"has the defect {defect}, for which a model would be blamed; write it without"
            yield Remark(case.case.id, f"{point.path}/answer", message, point.decision.index)
