"""Each rule: a case that only it catches, beside one like it that is clean."""

from __future__ import annotations

import pytest

from desk import CLEAN, TEXT, TOOLS, tool

CARD = "/turns/4/expect/calls/0/arguments/card"
LEND = "arguments: {mark: QX-88, card: '40417', days: 14}"


def changed(*pairs, case=CLEAN):
    for old, new in pairs:
        assert case.count(old), old
        case = case.replace(old, new)
    return case


def test_the_clean_case_is_clean(linted):
    report = linted(CLEAN)
    assert [one for one in report.findings if one.severity != "hint"] == []
    assert report.clean
    assert report.gold.perfect


class TestGrounded:
    def test_a_value_that_nobody_told(self, found):
        case = changed(
            ("Lend it to card 40417", "Lend it to him"), ('"card": "40417", ', ""), ("to card 40417 until", "until")
        )
        assert found(case) == [("grounded", 2, CARD)]

    @pytest.mark.parametrize(
        "told",
        [
            "Lend it to card №４０４１７ for two weeks.",
            "Lend it to card 40417 for 14 days.",
            "Lend it to card 40417 for a fortnight, that is fourteen days.",
            "Lend it to card 40417, 两周。",
            "Lend it to card 40417, 十四天。",
        ],
    )
    def test_a_value_in_another_form(self, found, told):
        assert found(changed(("Lend it to card 40417 for two weeks.", told))) == []

    def test_declared_free(self, found):
        free = LEND.replace("14}", "14, note: for the reading room}") + ", match: {/note: {any: true, optional: true}}"
        assert found(changed((LEND, free))) == []
        assert found(changed((LEND, LEND.replace("14}", "14, note: for the reading room}")))) == [
            ("grounded", 2, "/turns/4/expect/calls/0/arguments/note")
        ]

    def test_a_member_of_an_enum_is_implied(self, found):
        assert found(changed((LEND, LEND.replace("14}", "14, desk: north}")))) == []

    def test_one_alternative_that_is_told_is_enough(self, found):
        either = LEND.replace("14}", "21}") + ", match: {/days: {one_of: [21, 14]}}"
        assert found(changed((LEND, either))) == []

    def test_names_that_the_schema_leaves_open_are_values(self, found):
        labelled = LEND.replace("14}", "14, labels: {colour: QX-88}}")
        assert found(changed((LEND, labelled))) == [("grounded", 2, "/turns/4/expect/calls/0/arguments/labels/colour")]

    def test_an_answer_of_the_assistant_grounds_nothing(self, found):
        case = changed(
            ("Lend it to card 40417", "Lend it to that card"),
            ("is called Tides and Harbours.", "is called Tides and Harbours; 40417 would be the card."),
            ('"card": "40417", ', ""),
            ("to card 40417 until", "until"),
        )
        assert ("grounded", 2, CARD) in found(case)

    def test_what_only_follows_by_reckoning_is_a_hint(self, linted):
        case = changed(("two weeks", "7 days for each of the 3 copies"), ("days: 14", "days: 21"))
        (hint,) = [one for one in linted(case).findings if one.rule == "grounded"]
        assert hint.severity == "hint"
        assert "reckoning" in hint.message


ASKING = """
id: asking
tags: {language: en, kind: missing_parameter}
turns:
  - user: Please lend QX-88 to card 40417.
  - expect: {no_call: true}
    answer: For how many days?
  - user: Make it thirty days.
  - expect: {calls: [{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 30}}]}
"""


class TestMissingParameter:
    def test_really_missing(self, found):
        assert found(ASKING) == []

    def test_told_before(self, found):
        case = changed(("to card 40417.", "to card 40417 for 30 days."), case=ASKING)
        assert found(case) == [("missing_parameter", 0, "/turns/1/answer")]

    def test_a_choice_of_the_schema_is_not_told_by_it(self, found):
        desk = "days: 30, desk: north}"
        case = changed(("days: 30}", desk), ("For how many days?", "At which desk?"), case=ASKING)
        case = changed(("Make it thirty days.", "At the north one."), ("40417.", "40417 for 30 days."), case=case)
        assert found(case) == []

    def test_nobody_asks(self, found):
        assert found(changed(("For how many days?", "That will be done."), case=ASKING)) == [
            ("missing_parameter", None, "/tags/kind")
        ]

    def test_an_offer_at_the_end_is_no_question_for_a_parameter(self, found):
        case = ASKING + '    observations: [\'{"due": "2026-05-06"}\']\n  - expect: {no_call: true}\n'
        case += "    answer: It is lent until 2026-05-06. Shall I look for another book?\n"
        case += "  - user: Yes, card 40417 once more, its account.\n"
        case += "  - expect: {calls: [{name: get_reader, arguments: {card: '40417'}}]}\n"
        assert found(case) == []


class TestObservations:
    def test_of_another_thing_than_the_one_asked_for(self, found):
        case = changed(('{"mark": "QX-88", "title"', '{"mark": "QX-99", "title"'))
        assert ("observation_fits", 0, "/turns/1/observations/0") in found(case, rules=["observation_fits"])

    def test_a_list_that_holds_it_among_others_fits(self, found):
        case = changed(
            (
                '\'{"mark": "QX-88", "title": "Tides and Harbours", "copies": 3}\'',
                '"mark,title\\nQX-99,Nets\\nQX-88,Tides and Harbours"',
            )
        )
        assert found(case, rules=["observation_fits"]) == []

    def test_an_error_tells_of_nothing(self, found):
        case = changed(
            ('{"mark": "QX-88", "title": "Tides and Harbours", "copies": 3}', '{"error": "no such mark", "mark": "?"}')
        )
        assert found(case, rules=["observation_fits"]) == []


TWICE = """
id: twice
tags: {language: en, kind: repeated_lookup}
turns:
  - user: How many copies of QX-88 are in?
  - expect: {calls: [{name: get_book, arguments: {mark: QX-88}}]}
    observations: ['{"mark": "QX-88", "copies": 3}']
  - expect: {no_call: true}
    answer: Of QX-88, 3 copies are in.
  - user: And what is it filed under?
  - expect: {calls: [{name: get_book, arguments: {mark: QX-88}}]}
    observations: ['{"mark": "QX-88", "copies": 2}']
"""


class TestSameCall:
    def test_another_result_for_no_reason(self, linted):
        (finding,) = [one for one in linted(TWICE).findings if one.rule == "same_call"]
        assert (finding.severity, finding.decision, finding.path) == ("warning", 2, "/turns/4/observations/0")

    def test_within_one_turn_it_is_an_error(self, linted):
        case = changed(
            (
                "  - expect: {no_call: true}\n    answer: Of QX-88, 3 copies are in.\n  - user: And what is it filed under?\n",
                "",
            ),
            case=TWICE,
        )
        (finding,) = [one for one in linted(case).findings if one.rule == "same_call"]
        assert finding.severity == "error"

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("And what is it filed under?", "It's an hour later. How many are in now?"),
            ("And what is it filed under?", "重新查一下。"),
            ('"copies": 2', '"copies": 3'),
            ('{"mark": "QX-88", "copies": 3}', '{"error": "rate limit exceeded"}'),
        ],
    )
    def test_a_reason_or_no_difference(self, found, old, new):
        assert found(changed((old, new), case=TWICE), rules=["same_call"]) == []

    def test_a_call_that_writes_in_between(self, found):
        lent = """  - user: Lend one to card 40417 for 14 days.
  - expect: {calls: [{name: lend_book, arguments: {mark: QX-88, card: '40417', days: 14}}]}
    observations: ['{"due": "2026-05-06"}']
  - user: And what"""
        assert found(changed(("  - user: And what", lent), case=TWICE), rules=["same_call"]) == []


class TestAnswers:
    def test_an_invented_result(self, found):
        case = changed(("is called Tides and Harbours.", "is called Nets and Knots, and 7 copies of it are in."))
        assert {rule for rule, _, _ in found(case)} == {"honest_answer", "gold_replay"}

    def test_a_defect_of_quality(self, found):
        case = changed(("until 2026-04-20.", "until 2026-04-20.<|im_end|>"))
        assert found(case) == [("answer_quality", 3, "/turns/5/answer")]

    def test_no_answer_at_the_end_is_a_hint(self, linted):
        case = changed(("    answer: QX-88 is lent to card 40417 until 2026-04-20.\n", ""))
        assert [(one.rule, one.severity) for one in linted(case).findings if one.rule != "mutants"] == [
            ("answer_quality", "hint")
        ]


class TestTags:
    @pytest.mark.parametrize("missing", ["language: en, ", ", kind: chain"])
    def test_missing(self, found, missing):
        assert found(changed((missing, ""))) == [("tags", None, "/tags")]

    def test_another_language(self, found):
        assert found(changed(("language: en", "language: zh"))) == [("tags", None, "/tags/language")]
        assert found(changed(("language: en", "language: fr"))) == []

    def test_another_format(self, found):
        tagged = "kind: chain, observation_format: {}".format
        assert found(changed(("kind: chain", tagged("csv")))) == [("tags", None, "/tags/observation_format")]
        assert found(changed(("kind: chain", tagged("none")))) == [("tags", None, "/tags/observation_format")]
        assert found(changed(("kind: chain", tagged("json")))) == []

    def test_another_size_of_context(self, found):
        assert found(changed(("kind: chain", "kind: chain, context: medium"))) == [("tags", None, "/tags/context")]
        assert found(changed(("kind: chain", "kind: chain, context: short"))) == []


class TestNearDuplicates:
    def test_other_names_and_numbers_only(self, linted):
        other = changed(
            ("id: lend", "id: other"), ("QX-88", "BR-17"), ("40417", "55092"), ("Tides and Harbours", "Nets")
        )
        report = linted(CLEAN, other)
        assert [(one.rule, one.case) for one in report.findings if one.rule != "mutants"] == [
            ("near_duplicate", "other")
        ]
        assert "is like lend" in report.findings[0].message
        assert report.distinct == 1

    def test_another_scenario(self, linted):
        report = linted(CLEAN, TWICE, rules=["near_duplicate"])
        assert report.distinct == 2
        assert report.findings == ()

    def test_in_chinese(self, linted):
        case = """
id: {}
tags: {{language: zh, kind: single_call}}
turns:
  - user: {}
  - expect: {{calls: [{{name: get_book, arguments: {{mark: {}}}}}]}}
"""
        said = "麻烦帮我查一下索书号 {} 这本书叫什么名字，还有几本在架。".format
        same = linted(case.format("a", said("QX-88"), "QX-88"), case.format("b", said("BR-17"), "BR-17"))
        assert same.distinct == 1
        another = "读者在前台等着，他要的 BR-17 现在能借走吗？"
        assert linted(case.format("a", said("QX-88"), "QX-88"), case.format("b", another, "BR-17")).distinct == 2


class TestAmbiguous:
    FINES = tool("list_all_fines", "List the fines of one reader that are open or paid.", ["card"], card=TEXT)
    CASE = """
id: fines
tags: {language: en, kind: single_call}
turns:
  - user: Which fines are open on card 40417?
  - expect: {calls: [{name: list_fines, arguments: {card: '40417'}}]}
"""

    def test_a_tool_that_takes_the_same_and_is_described_alike(self, linted):
        (hint,) = [one for one in linted(self.CASE, tools=[*TOOLS, self.FINES]).findings if one.rule == "ambiguous"]
        assert hint.severity == "hint"
        assert hint.message.startswith("list_all_fines would take the arguments of list_fines")

    def test_one_described_otherwise_or_one_that_takes_less(self, found):
        assert found(self.CASE) == []  # get_reader takes a card too
        narrow = changed(("card: '40417'}", "card: '40417', year: 2025}"), ("40417?", "40417 of 2025?"), case=self.CASE)
        assert found(narrow, tools=[*TOOLS, self.FINES]) == []
