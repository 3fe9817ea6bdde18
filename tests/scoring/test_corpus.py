"""Every record of the corpus gets the score that was pinned for it by hand."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, get_args

import pytest

from harness.metrics import METRICS, Judged, metrics_of
from harness.recorded import parse_record, score_line, score_record
from harness.records import Outcome, Score, State, ViolationCode

CORPUS = Path(__file__).parent / "corpus"
EXACT = {"comparison", "leniency", "outcomes", "validity"}
"""Files whose `codes` list every violation; elsewhere `codes` is a set."""


def _record_text(line: str) -> str:
    """The record as it stands in the line: reading and writing it again would turn `5e0` into `5.0`."""
    start = line.index('"record": ') + len('"record": ')
    _, end = json.JSONDecoder().raw_decode(line, start)
    return line[start:end]


def _cases() -> list[Any]:
    cases = []
    for file in sorted(CORPUS.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").split("\n"):
            if line:
                case = json.loads(line)
                text = case["line"] if "line" in case else _record_text(line)
                cases.append(pytest.param(file.stem, case, text, id=case["id"]))
    return cases


@pytest.mark.parametrize(("file", "case", "text"), _cases())
def test_record(file: str, case: dict[str, Any], text: str) -> None:
    line = text.encode("utf-8", "surrogatepass")
    if case.get("invalid"):
        with pytest.raises(ValueError, match=r"\S"):
            score_record(parse_record(line))
        return
    record = parse_record(line)
    got = json.loads(score_line(record.id, score_record(record)))
    codes = sorted(violation["code"] for violation in got["violations"])
    for key, wanted in case["score"].items():
        if key == "codes":
            assert codes == wanted if file in EXACT else sorted(set(codes)) == sorted(set(wanted)), case["rule"]
        elif key == "violations_contain":
            assert set(wanted) <= set(codes), case["rule"]
        elif key == "violations":
            places = Counter((violation["code"], violation["path"]) for violation in got["violations"])
            assert Counter((violation["code"], violation["path"]) for violation in wanted) <= places, case["rule"]
        else:
            assert got[key] == wanted, case["rule"]


def test_corpus_reaches_every_state_outcome_and_code() -> None:
    cases = [case for _, case, _ in (param.values for param in _cases()) if "score" in case]
    scores = [case["score"] for case in cases]
    assert {score["state"] for score in scores if "state" in score} == set(get_args(State))
    # A fabricated observation has records of its own.
    wanted = set(get_args(Outcome)) - {"fabricated_observation"}
    assert {score.get("outcome") for score in scores} - {None} == wanted
    codes = {code for score in scores for code in (*score.get("codes", ()), *score.get("violations_contain", ()))}
    assert codes == set(get_args(ViolationCode))


def test_corpus_ids_are_unique() -> None:
    ids = [param.id for param in _cases()]
    assert len(set(ids)) == len(ids)


_EXAMPLES = json.loads((CORPUS / "metrics.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", [pytest.param(example, id=example["rule"]) for example in _EXAMPLES])
def test_metrics(example: dict[str, Any]) -> None:
    decisions = []
    for score in example["scores"]:
        facts = {key: value for key, value in score.items() if key not in ("expect", "case")}
        correct = None if score["outcome"] == "errored" else score["outcome"].startswith("correct_")
        decisions.append(Judged((score["case"], 0), score["expect"], Score(**facts, call_correct=correct)))
    found = metrics_of(decisions).metrics
    assert tuple(found) == METRICS
    for name, wanted in example["metrics"].items():
        rate = found[name]
        numerator, denominator = wanted or (0, 0)
        assert (rate.numerator, rate.denominator) == (numerator, denominator), name
        assert rate.value == (None if wanted is None else numerator / denominator), name
        assert (rate.low is None) == (rate.high is None) == (wanted is None), name
