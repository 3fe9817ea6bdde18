"""What a run counts as the parser's doing and as the model's, where message and raw text disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from harness.runlog import read_log
from harness.runner import rescore
from harness.testing import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.suite import Suite


@pytest.mark.parametrize(
    ("miniature", "expected"),
    [
        ("gold", {}),
        ("wrong_tool", {}),
        ("never_calls", {}),
        ("parser_drops_a_call", {"lost": 4}),
        ("parser_repairs", {"repaired": 4}),
        ("duplicate_key", {"repaired": 4}),
        ("invents_after_call", {"dropped": 4}),
        # Where two calls stand side by side the broken one takes the other along: the parser gives up on both.
        ("broken_json", {"broken": 3, "lost": 1}),
        ("double_encodes", {"broken": 4}),
    ],
)
def test_a_run_attributes_each_disagreement(
    suite: Suite, go: Callable[..., Any], miniature: str, expected: dict[str, int]
) -> None:
    with MockServer(suite, miniature) as server:
        done = go(suite, server)
    assert done.result.metrics.attribution == expected
    assert rescore(read_log(done.folder)).metrics.attribution == expected
