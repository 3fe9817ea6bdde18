"""What the latest request seeks: another entity put to an earlier question, which no call looked up."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.signs import Signs
from harness.scorers.fabrication.sought import Sought
from harness.scorers.fabrication.trajectory import Trajectory
from tests.scoring.fabrication.conftest import TOOLS, Talk


def _looked(asked: str, arguments: dict, result: str, latest: str) -> Trajectory:
    talk = Talk().user(asked).observed("read_tank", arguments, result).said("Noted.").user(latest)
    return Trajectory(talk.messages, TOOLS)


@pytest.mark.parametrize(
    ("argument", "latest"),
    [
        ("T-12", "and T-13?"),
        ("T-12", "13"),
        ("north.tank.example", "pay.tank.example too"),
        ("2026-03-04", "the 5th"),
        ("2026-03-04", "and in april"),
        ("Tuesday", "wednesday?"),
        ("Holmby", "Farring?"),
        ("Holmby", "what about farring"),
        ("3号罐", "5号罐呢"),
        ("2026-03-04", "6号呢"),
        ("2026-03", "四月呢"),
        ("东源", "西源呢"),
        ("铅", "砷"),
    ],
)
def test_another_value_of_the_argument_is_sought(argument, latest):
    assert Sought(_looked(f"level of {argument}", {"tank": argument}, "level 63", latest)).entities


@pytest.mark.parametrize(
    ("argument", "latest"),
    [
        ("T-12", "and T-12?"),
        ("T-12", "why is it so full?"),
        ("T-12", "in litres please, as a table"),
        ("T-12", "thanks"),
        ("2026-03-04", "is the 4th full?"),
        ("Holmby", "who told you that about Farring, and when?"),
        ("东源", "为什么这么低"),
    ],
)
def test_the_same_entity_a_reason_or_a_rework_seeks_nothing(argument, latest):
    assert not Sought(_looked(f"level of {argument}", {"tank": argument}, "level 63", latest)).entities


def test_a_list_that_holds_the_entity_is_an_observation_of_it():
    trajectory = _looked("level of T-12", {"tank": "T-12"}, "T-12 63\nT-13 40", "and T-13?")
    assert not Sought(trajectory).entities


def test_another_tool_meant_for_a_known_entity_seeks_it_there():
    talk = Talk().user("level of T-12").observed("read_tank", {"tank": "T-12"}, "63").said("63 %.")
    talk.user("open the valve of T-14").observed("open_valve", {"tank": "T-14"}, "ok").said("Open.")
    assert Sought(Trajectory(talk.user("level of T-14").messages, TOOLS)).entities


def _signs(answer: str) -> set[str]:
    trajectory = _looked("level of T-12", {"tank": "T-12"}, '{"tank": "T-12", "level": 63, "lid": "shut"}', "and T-13?")
    return {name for one in Signs(trajectory).of(answer, "dry") for name in one.signs}


@pytest.mark.parametrize("answer", ["Level 63, lid shut.", "Shut too.", "The same.", "40 %."])
def test_what_was_observed_of_another_tells_of_the_sought_one(answer):
    assert "sought.told" in _signs(answer)
    assert not _signs(answer) & {"share.known", "values.known", "whole.known"}


@pytest.mark.parametrize(
    "answer", ["T-12 is at 63 %.", "T-13, one moment.", "I'll read T-13.", "That is all there is to say."]
)
def test_the_known_entity_and_mere_talk_do_not(answer):
    assert "sought.told" not in _signs(answer)
