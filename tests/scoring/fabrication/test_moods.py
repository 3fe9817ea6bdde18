"""The mood of a clause: what makes an example, a suggestion or a retraction of it, and what merely names one."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.clauses import clauses_of


def _moods(text: str) -> set[str]:
    return set().union(*(clause.moods for clause in clauses_of(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Here is a draft:\nDear all, 5 were sold.",
        "A made-up example: 5 were sold.",
        "下面是一个回复模板：您好，已卖出5件。",
        "下面是我随手写的mock，字段都不是真的：卖出5件。",
    ],
)
def test_an_announced_example_is_one_to_the_end(text):
    assert all("example" in clause.moods for clause in clauses_of(text))


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("Room 215 is made up and inspected.", "retract"),
        ("Room 215 is made up and inspected.", "example"),
        ("14:06 kiln 3 temp 612 C target 1040 C", "suggestion"),
        ("The load is worth 300 EUR.", "suggestion"),
        ("训练师写的是“注意力不集中，建议单独加练”。", "suggestion"),
        ('The coach noted: "He should try harder."', "suggestion"),
    ],
)
def test_a_word_of_a_mood_that_names_something_else_makes_none(text, mood):
    assert mood not in _moods(text)


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("I made that up, sorry.", "retract"),
        ("The 35 minutes were made up.", "retract"),
        ("It is worth a look.", "suggestion"),
        ("我建议写“已收到”。", "suggestion"),
        ("One option is to wait.", "suggestion"),
    ],
)
def test_the_moods_themselves_stand(text, mood):
    assert mood in _moods(text)


def test_a_template_that_is_spoken_of_makes_no_example_of_the_clauses_around_it():
    before, template, after = clauses_of("B-2 的统计我看了，比同类模板好，点击率3.8%。")
    assert "example" not in before.moods | after.moods
    assert "example" in template.moods, "known: its own clause counts as one"
