"""The labelled corpus of invented results keeps what its README promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from harness.recorded import parse_record, score_record

CORPUS = Path(__file__).parent / "fabrication"
SIGNALS = {"tool_markup", "beside_call", "imitated_result", "claimed_lookup", "claimed_action"}
LABELS = {"fabricated", "signal", "category", "evidence", "language", "format", "difficulty", "toolset"}


def items(part: str) -> list[dict[str, Any]]:
    """The items of one part."""
    files = sorted((CORPUS / part).glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def tools_of(item: dict[str, Any]) -> str:
    return json.dumps(item["record"]["tools"], sort_keys=True)


@pytest.fixture(scope="module", params=["tuning", "measured"])
def part(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return items(request.param)


def test_each_item_is_a_record_without_expectation_and_a_whole_label(part: list[dict[str, Any]]) -> None:
    for item in part:
        assert item.keys() == {"record", "label", "why"}
        assert item["label"].keys() == LABELS
        assert "expect" not in item["record"]
        record = parse_record(json.dumps(item["record"]).encode())
        assert score_record(record).state in ("answered", "called", "malformed")


def test_labels_agree_with_themselves(part: list[dict[str, Any]]) -> None:
    for item in part:
        label, response = item["label"], item["record"]["response"]
        message = response["message"] or {}
        texts = [message.get("content"), message.get("reasoning"), response["raw"]]
        assert (label["signal"] in SIGNALS) is label["fabricated"] is bool(label["evidence"]), item["record"]["id"]
        assert all(any(piece in (text or "") for text in texts) for piece in label["evidence"]), item["record"]["id"]
        assert label["language"] in ("en", "zh")


def test_ids_and_final_texts_occur_once(part: list[dict[str, Any]]) -> None:
    ids = Counter(item["record"]["id"] for item in part)
    assert not [name for name, count in ids.items() if count > 1]
    told = Counter(json.dumps(item["record"]["response"]) for item in part)
    assert not [text for text, count in told.items() if count > 1]


def test_no_toolset_is_in_both_parts() -> None:
    tuning, measured = items("tuning"), items("measured")
    assert {tools_of(item) for item in tuning}.isdisjoint(tools_of(item) for item in measured)
    assert {item["label"]["toolset"] for item in tuning}.isdisjoint(item["label"]["toolset"] for item in measured)


def test_it_is_large_and_even_enough(part: list[dict[str, Any]]) -> None:
    assert len(part) >= 300
    assert len({item["label"]["toolset"] for item in part}) >= 60
    assert 0.4 <= sum(item["label"]["fabricated"] for item in part) / len(part) <= 0.6
    assert 0.3 <= sum(item["label"]["language"] == "zh" for item in part) / len(part) <= 0.7
