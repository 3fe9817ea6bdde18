"""Orders: a clause of a request that tells to do something."""

from __future__ import annotations

import pytest

from harness.scorers.fabrication.orders import clauses_ordering, is_order


def ordered(text: str) -> bool:
    """Whether the form of one of a message's clauses alone tells an order."""
    return any(is_order(verb, clause) for verb, clause in clauses_ordering(text))


@pytest.mark.parametrize(
    "text",
    [
        "the kiln is cold, relight it",
        "ok, shunt him to Friday then",
        "fix that please",
        "帮他约周五",
        "先留下K-2",
        "窑太冷了，催一下",
        "把门关上",
    ],
)
def test_an_imperative_in_any_clause_orders(text: str) -> None:
    """A bare verb with its object, or 帮, 把, 先, 一下."""
    assert ordered(text)


@pytest.mark.parametrize(
    "text",
    [
        "which kiln is cold?",
        "compare them",
        "the kiln",
        "what do I put in it",
        "帮我查一下K-2",
        "K-2几点能好",
        "把这段翻成英文",
        "它是冷的吧",
    ],
)
def test_a_question_a_reading_and_a_rewording_order_nothing(text: str) -> None:
    """To look, to work out and to word are no acts."""
    assert not ordered(text)
