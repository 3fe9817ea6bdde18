"""The published lists of markup: every line of them is a claim."""

from __future__ import annotations

import itertools
import re

import pytest

from harness.cli.schema import published
from harness.dialects.markup import (
    LEAKED,
    OPENING,
    SHAPED,
    SPECIAL,
    STOP,
    THINK_CLOSE,
    THINK_OPEN,
    Markup,
    markup,
    without_final_tokens,
)

LISTS = markup()._asdict()
WORDS = [word for words in LISTS.values() for word in words]


def test_lists_are_disjoint_and_without_repeats() -> None:
    assert len(set(WORDS)) == len(WORDS)
    for first, second in itertools.combinations(LISTS.values(), 2):
        assert not set(first) & set(second)


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_markup(word: str) -> None:
    assert word == word.strip()
    assert re.fullmatch(r"<[^\s]+[>=]|\[[^\s]+\]", word)
    found = LEAKED.search(f"a{word}b")
    assert found
    assert found[0] == word
    assert word not in (THINK_OPEN, THINK_CLOSE)


@pytest.mark.parametrize("word", markup().openings)
def test_openings_open(word: str) -> None:
    assert "/" not in word
    assert OPENING.fullmatch(word)
    assert STOP.fullmatch(word)


@pytest.mark.parametrize("word", [*markup().closings, *markup().inner, *markup().results, *markup().template])
def test_nothing_else_opens(word: str) -> None:
    assert not OPENING.search(word)


@pytest.mark.parametrize("word", markup().template)
def test_template_tokens_are_no_text(word: str) -> None:
    assert SPECIAL.fullmatch(word)


@pytest.mark.parametrize(
    "word", [word for word in markup().openings if word.startswith("<|")] + ["<|im_end|>", "<|x-1.2|>"]
)
def test_shaped_tokens_are_special(word: str) -> None:
    assert bool(re.fullmatch(SHAPED, word)) == word.endswith("|>")


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b>", "a < b > c", "[1] [x]", "<|", "<| |>", "a <| b |> c", "x |> f <| y", "<script>", "<ss>", "[inst]"],
)
def test_ordinary_text_is_no_markup(text: str) -> None:
    assert not LEAKED.search(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hello<|im_end|>", "hello"),
        ("hello<|im_end|>\n", "hello"),
        ("hello </s> <|endoftext|>", "hello "),
        ("hello", "hello"),
        ("hello>", "hello>"),
        ("a<|im_end|>b", "a<|im_end|>b"),
        ("a<|im_end|>b<|im_end|>", "a<|im_end|>b"),
        ("<|im_end|>", ""),
        ("", ""),
        ("hello\n", "hello\n"),
        ("x" * 500 + "</s>" * 3, "x" * 500),
        ("x" * 50 + "<|im_end|>" * 300, "x" * 50),
    ],
)
def test_final_tokens_begin_where_the_text_ends(text: str, kept: str) -> None:
    assert text[: without_final_tokens(text)] == kept


def test_published_lists_are_the_ones_in_use() -> None:
    shown = published("markup")
    assert {key: tuple(shown[key]) for key in Markup._fields} == LISTS
    assert shown["think"] == [THINK_OPEN, THINK_CLOSE]
    assert shown["pattern"] == SHAPED
