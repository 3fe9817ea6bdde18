"""Values of plain form are told where the scan finds that one can start; they are those that the whole pattern tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.scorers.fabrication.once import Kept
from harness.scorers.fabrication.values import keys_of, values_of

_PIECES = [
    "7",
    "62",
    "0.222",
    "022",
    "1,200",
    "2024",
    ",",
    ", ",
    " ",
    ".",
    "\n",
    "SRV",
    "ab_3",
    "k8",
    "−5",
    "+4",
    "team",
]
_PIECES += ["March", "million", "twenty", "%", "km", "年", "万", "ſ", "é", "(", ")", ";", "=", "to", "of"]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_the_keys_of_a_text_are_those_of_its_values(text: str) -> None:
    assert keys_of(text) == {key for value in values_of(text) for key in value.keys}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("team 62,0.222,0,down", ["62", "0.222", "0"]),
        ("62,022,5", ["62,022", "5"]),
        ("62 0.47\n5 up", ["62", "0.47", "5"]),
        ("12,0222", ["12,022"]),
        ("March 20245,", ["March 2024"]),
        ("SRV-12 is up", ["SRV-12"]),
        ("ſ48, ſab3", []),
        ("5 million, 5 k8", ["5 million", "5 k"]),
    ],
)
def test_a_plain_value_stands_where_nothing_beside_it_is_part_of_it(text: str, told: list[str]) -> None:
    assert [value.text for value in values_of(text)] == told


def test_what_is_kept_is_made_once_and_no_further_than_asked_for() -> None:
    made: list[int] = []
    kept = Kept(made.append(one) or one for one in range(5))
    assert next(one for one in kept if one == 1) == 1
    assert list(kept) == list(kept) == made == [0, 1, 2, 3, 4]
