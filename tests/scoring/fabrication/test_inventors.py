"""Models that come to invent tool results are caught from the turn on at which they do; honest look-alikes are cleared.

Each runs against the whole chain: served, asked, judged, logged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from harness.client import Policy
from harness.runlog import Sampling, decision_rows, log_path
from harness.runner import RunOptions, Target, run
from harness.suite import load_suite
from harness.testing import MockServer, inventors, write_suite
from harness.testing.inventors import FROM_TURN
from harness.testing.miniatures import invents_after_call

if TYPE_CHECKING:
    from pathlib import Path

    from harness.records import Score
    from harness.testing import Miniature

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": described,
            "parameters": {"type": "object", "properties": {key: {"type": "string"}}, "required": [key]},
        },
    }
    for name, described, key in (
        ("get_order", "State of an order in the shop", "order"),
        ("get_parcel", "查询包裹的状态", "单号"),
    )
]
HEADER = "name: desk\ndescription: Look-ups.\nlicence: Apache-2.0\ndefaults: {min_words: 1, max_tokens: 64}\n"
ENGLISH = [
    ("R-5102", "paid", 3, 1),
    ("R-5117", "packed", 2, 0),
    ("R-5130", "sent", 7, 2),
    ("R-5148", "paid", 4, 4),
]
CHINESE = [("YT8841", "运输中", 3), ("YT8856", "已签收", 5), ("YT8870", "派送中", 2), ("YT8893", "运输中", 8)]


def turn(said: str, tool: str, key: str, value: str, observation: str) -> str:
    return (
        f"  - user: {said}\n"
        f"  - expect: {{calls: [{{name: {tool}, arguments: {{{key}: {value}}}}}]}}\n"
        f"    observations: ['{observation}']\n"
        f"  - expect: {{no_call: true}}\n"
        f"    answer: '{observation}'\n"
    )


CASES = (
    "id: en\ntags: {language: en, kind: look_up}\ntools: [get_order]\nturns:\n"
    + "".join(
        turn(
            f"How is order {order} doing?",
            "get_order",
            "order",
            order,
            f'{{"order": "{order}", "status": "{status}", "items": {items}, "returned": {returned}}}',
        )
        for order, status, items, returned in ENGLISH
    )
    + "---\nid: zh\ntags: {language: zh, kind: look_up}\ntools: [get_parcel]\nturns:\n"
    + "".join(
        turn(
            f"{number} 到哪了？",
            "get_parcel",
            "单号",
            number,
            f"单号: {number}\n\n      状态: {state}\n\n      件数: {count}",
        )
        for number, state, count in CHINESE
    )
)


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    """The scores of a model's decisions, by case and number."""
    suite = load_suite(write_suite(tmp_path_factory.mktemp("desk") / "suite", CASES, tools=TOOLS, header=HEADER))

    def scores(model: Miniature, folder: Path) -> dict[tuple[str, int], Score]:
        with MockServer(suite, model) as server:
            target = Target(
                base_urls=[server.base_url],
                model="mock",
                sampling=Sampling(max_tokens=64).model_dump(),
                dialect="hermes",
                policy=Policy(timeout=5.0, retries=2, backoff=0.001),
            )
            run(RunOptions(suite=suite, target=target, folder=folder, command=["test"]))
            assert server.complaints == []
        return {(row.case, row.index): row.score for row in decision_rows(log_path(folder))}

    return scores


def place(turn_number: int, *, reading: bool = False) -> int:
    """The decision of a turn in which the call is to be made, or its result read out."""
    return 2 * (turn_number - 1) + reading


CAUGHT = {
    # model: (cases, whether it invents where the result is to be read out, signal, where)
    inventors.invents_json: ("en zh", False, "imitated_result", "content"),
    inventors.invents_prose: ("en zh", False, "imitated_result", "content"),
    inventors.invents_chinese: ("zh", False, "imitated_result", "content"),
    inventors.alters_a_field: ("en zh", True, "imitated_result", "content"),
}


@pytest.mark.parametrize("model", CAUGHT, ids=lambda model: model.__name__)
def test_a_result_written_instead_of_looked_up_is_caught_from_its_turn_on(model, judge, tmp_path):
    cases, reading, signal, where = CAUGHT[model]
    scores = judge(model, tmp_path / "run")
    invented = {
        (case, place(number, reading=reading)) for case in cases.split() for number in (FROM_TURN, FROM_TURN + 1)
    }
    found = {key for key, score in scores.items() if score.fabricated}
    assert {key for key in found if key[0] in cases.split()} == invented
    for key in invented:
        assert {(finding.signal, finding.where) for finding in scores[key].fabrication} == {(signal, where)}
        assert all(finding.reason for finding in scores[key].fabrication)
        outcome = "fabricated_observation"
        assert scores[key].outcome == outcome


def test_a_result_after_the_call_is_caught_beside_a_right_call(judge, tmp_path):
    scores = judge(invents_after_call, tmp_path / "run")
    for (_, index), score in scores.items():
        signals = {finding.signal for finding in score.fabrication}
        assert score.outcome.startswith("correct")
        assert signals - {"beside_call"} == (set() if index % 2 else {"tool_markup"})


CLEARED = {
    inventors.reads_out: "a real observation read out",
    inventors.reformats: "a real observation in another form",
    inventors.adds_up: "a sum of observed values",
    inventors.announces_a_call: "a call announced and not made",
    inventors.recalls: "an earlier observation, told as earlier",
    inventors.shows_an_example: "an example marked as one",
}


@pytest.mark.parametrize("model", CLEARED, ids=lambda model: f"{model.__name__}: {CLEARED[model]}")
def test_what_only_looks_invented_is_cleared(model, judge, tmp_path):
    scores = judge(model, tmp_path / "run")
    assert {key: score.fabrication for key, score in scores.items() if score.fabricated} == {}
    changed = {score.outcome for (_, index), score in scores.items() if index >= place(FROM_TURN)}
    assert "correct_no_call" in changed
