"""Values of many calls and messages are read together as they would be one by one."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.slots import alike, is_name
from harness.scorers.fabrication.values import values_in, values_of


def test_values_of_one_form_differ_in_their_digits_only() -> None:
    told = ["SRV-12", "SRV-99", "SRV-7", "a\nb1", "a b2", ""]
    assert list(alike(told).values()) == [["SRV-12", "SRV-99"], ["SRV-7"], ["a\nb1", "a b2"], [""]]


def test_no_values_have_no_form() -> None:
    assert alike([]) == {}


@pytest.mark.parametrize(("value", "named"), [("SRV-12", True), ("12-ab", False), ("team 5", False), ("", False)])
def test_a_name_is_an_identifier_that_opens_with_a_letter(value: str, *, named: bool) -> None:
    assert is_name(value) is named


def test_no_value_goes_from_one_text_into_the_next() -> None:
    texts = ["call me in May", "5 of them", "it was 12", "thousand", "team 7"]
    apart = [value.keys for text in texts for value in values_of(text)]
    assert [value.keys for value in values_in(texts)] == apart
