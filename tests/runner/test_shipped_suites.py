"""Every shipped suite, decision by decision: the gold answer is right, every spoilt one is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from harness.records import Response
from harness.runner.judging import Judge
from harness.suite import load_suite
from harness.testing import MINIATURES

SUITES = sorted(path.parent for path in Path(__file__).parents[2].glob("suites/*/suite.yaml"))
SPOILING = [
    "never_calls",
    "one_argument_off",
    "wrong_tool",
    "drops_a_call",
    "adds_a_call",
    "double_encodes",
    "broken_json",
    "answers_empty",
    "parser_drops_a_call",
    "always_calls",
]
load = cache(load_suite)


def verdicts(path, name):
    """(decision, reply, score) of every decision, as a model with the hermes format would get it."""
    judge = Judge()
    for decision in load(path).decisions:
        reply = MINIATURES[name](decision)
        response = Response(message=reply.message, raw=reply.raw, finish_reason=reply.finish_reason, dialect="hermes")
        yield decision, reply, judge.verdict(decision, response)


def test_there_are_suites():
    assert SUITES


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_gold_is_right_and_clean(path):
    for decision, _, score in verdicts(path, "gold"):
        assert score.call_correct, decision.key
        assert (score.violations, score.quality_defects, score.channels_agree) == ([], [], True), decision.key


@pytest.mark.parametrize("name", SPOILING)
@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_spoilt_is_wrong(path, name):
    spoilt = 0
    for decision, reply, score in verdicts(path, name):
        if reply != MINIATURES["gold"](decision):
            spoilt += 1
            assert score.call_correct is False, decision.key
    assert spoilt or name in ("drops_a_call", "always_calls")
