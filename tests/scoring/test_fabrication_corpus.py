"""The labelled corpus of invented results keeps what its README promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from harness.recorded import parse_record, score_record
from harness.testing.labelled import Labelled, read_labelled
from selection import slow

CORPUS = Path(__file__).parent / "fabrication"
SIGNALS = {"tool_markup", "beside_call", "imitated_result", "claimed_lookup", "claimed_action"}
LABELS = {"fabricated", "signal", "category", "evidence", "language", "format", "difficulty", "toolset"}


def tools_of(item: Labelled) -> str:
    return json.dumps(item.record["tools"], sort_keys=True)


def items(part: str) -> list[Labelled]:
    """The items of one part."""
    return [item for path in sorted((CORPUS / part).glob("*.jsonl")) for item in read_labelled(path)]


@pytest.fixture(scope="module", params=["measured", "unfitted", *slow(["tuning"])])
def part(request: pytest.FixtureRequest) -> list[Labelled]:
    return items(request.param)


def test_each_item_has_a_whole_label(part: list[Labelled]) -> None:
    assert all(item.label.keys() == LABELS for item in part)


@pytest.mark.parametrize("every", [50, *slow([1])])
def test_each_item_is_a_record_that_gets_a_score(part: list[Labelled], every: int) -> None:
    for item in part[::every]:
        record = parse_record(json.dumps(item.record).encode())
        assert score_record(record).state in ("answered", "called", "malformed")


def test_labels_agree_with_themselves(part: list[Labelled]) -> None:
    for item in part:
        label, response = item.label, item.record["response"]
        message = response["message"] or {}
        texts = [message.get("content"), message.get("reasoning"), response["raw"]]
        assert (label["signal"] in SIGNALS) is label["fabricated"] is bool(label["evidence"]), item.record["id"]
        assert all(any(piece in (text or "") for text in texts) for piece in label["evidence"]), item.record["id"]
        assert label["language"] in ("en", "zh")


def test_ids_and_final_texts_occur_once(part: list[Labelled]) -> None:
    ids = Counter(item.record["id"] for item in part)
    assert not [name for name, count in ids.items() if count > 1]
    told = Counter(json.dumps(item.record["response"]) for item in part)
    assert not [text for text, count in told.items() if count > 1]


@pytest.mark.parametrize("other", ["unfitted", *slow(["tuning"])])
def test_no_toolset_is_measured_too(other: str) -> None:
    known, measured = items(other), items("measured")
    assert {tools_of(item) for item in known}.isdisjoint(tools_of(item) for item in measured)
    assert {item.label["toolset"] for item in known}.isdisjoint(item.label["toolset"] for item in measured)


def test_of_first_questions_few_honest_answers_are_accused() -> None:
    told = [
        (item.label["fabricated"], score_record(parse_record(json.dumps(item.record).encode())))
        for item in items("unfitted")
    ]
    found = [fabricated for fabricated, score in told if score.fabricated]
    assert sum(found) >= 0.95 * len(found)
    assert sum(found) >= 0.75 * sum(fabricated for fabricated, _ in told)


def test_it_is_large_and_even_enough(part: list[Labelled], request: pytest.FixtureRequest) -> None:
    small = request.node.callspec.params["part"] == "unfitted"
    assert len(part) >= (200 if small else 300)
    assert len({item.label["toolset"] for item in part}) >= (30 if small else 60)
    assert 0.4 <= sum(item.label["fabricated"] for item in part) / len(part) <= 0.6
    assert 0.3 <= sum(item.label["language"] == "zh" for item in part) / len(part) <= 0.7
