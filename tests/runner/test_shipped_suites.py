"""Every shipped suite, decision by decision: the gold answer is right, every spoilt one is not."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from harness.judging import Judge
from harness.records import Response
from harness.suite import load_suite, tool_json
from harness.suite.cases import ExpectTurn
from harness.testing import MINIATURES
from selection import slow

SUITES = sorted(path.parent for path in Path(__file__).parents[2].glob("suites/*/suite.yaml"))
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
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
NAMES = re.compile(r"(?=[\w.:/-]*?(?:\d|[a-z][._][a-z]))[A-Za-z0-9](?:[\w.:/-]*\w)?", re.ASCII)


def verdicts(path, name, every=1):
    """(decision, reply, score) of every decision (or every tenth ...), as a model with the hermes format would get it."""
    judge = Judge()
    for decision in load(path).decisions[::every]:
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


@pytest.mark.parametrize("every", [10, *slow([1])])
@pytest.mark.parametrize("name", SPOILING)
@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_spoilt_is_wrong(path, name, every):
    spoilt = 0
    for decision, reply, score in verdicts(path, name, every):
        if reply != MINIATURES["gold"](decision):
            spoilt += 1
            assert score.call_correct is False, decision.key
    assert spoilt or name in ("drops_a_call", "always_calls")


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_answers_name_only_what_the_conversation_holds(path):
    """Numbers, addresses, ids and accounts of a scripted answer: one that nothing returned would teach inventing."""
    suite = load(path)
    cases = {case.id: [turn for turn in case.turns if isinstance(turn, ExpectTurn)] for case in suite.cases}
    for decision in suite.decisions:
        answer = cases[decision.case_id][decision.index].answer or ""
        told = f"{decision.messages} {[tool_json(tool) for tool in decision.tools]}"
        invented = [name for name in NAMES.findall(answer) if name not in told]
        assert invented == [], decision.key


FORMATS = {"json", "yaml", "csv", "xml", "markdown", "key_value", "log", "prose"}


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name)
def test_suites_are_as_large_and_as_varied_as_the_readme_says(path):
    suite = load(path)
    no_call = sum(decision.expect.kind == "no_call" for decision in suite.decisions)
    languages = Counter(decision.tags["language"] for decision in suite.decisions)
    row = re.search(rf"^\| `{suite.name}` \|(.*)\|$", README, re.MULTILINE)
    assert row is not None
    sizes = [len(suite.cases), len(suite.decisions), len(suite.tools), f"{100 * no_call / len(suite.decisions):.0f} %"]
    assert [cell.strip() for cell in row[1].split("|")][1:] == [str(size) for size in sizes]
    assert (len(suite.cases) >= 50, len(suite.decisions) >= 300, 8 <= len(suite.tools) <= 15) == (True, True, True)
    assert no_call >= len(suite.decisions) / 3
    assert max(decision.depth for decision in suite.decisions) == 14
    assert min(languages["en"], languages["zh"]) >= 0.4 * len(suite.decisions)
    assert {case.tags["observation_format"] for case in suite.cases} >= FORMATS
    assert {
        "single_call",
        "chain",
        "parallel",
        "no_call",
        "missing_parameter",
        "tool_not_offered",
        "policy_refusal",
        "rag",
    } <= {case.tags["kind"] for case in suite.cases}
    assert {case.tags["context"] for case in suite.cases} == {"short", "medium", "long"}
    assert any(case.tags.get("critical") == "yes" for case in suite.cases)


def test_an_invented_name_would_be_found():
    told = "A-7402 (score 35), 10:26 UTC: svc_audit and b.solano, i.e. nobody."
    assert NAMES.findall(told) == ["A-7402", "35", "10:26", "svc_audit", "b.solano", "i.e"]
