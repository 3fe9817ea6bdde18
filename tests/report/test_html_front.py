"""The page's own script, style and words: what can be held of them without a browser."""

import json
import re
from importlib.resources import files

import pytest

ASSETS = files("harness.report.html")
SCRIPTS = ("report.js", "transcript.js")
WORDS = json.loads(ASSETS.joinpath("words.json").read_text(encoding="utf-8"))
BORROWED = ("fact ", "table ", "metric ", "picture_")
"""Words whose English stands in the page already."""


def text(name):
    return ASSETS.joinpath(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_text_of_a_model_is_ever_parsed_as_markup_or_code(name):
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|setHTML|srcdoc|"
        r"\beval\b|new Function|javascript:"
    )
    assert not re.search(forbidden, text(name))


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_asks_the_network(name):
    assert not re.search(r"\bfetch\(|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\b|https?://", text(name))


@pytest.mark.parametrize("name", [*SCRIPTS, "report.css", "pictures.css"])
def test_nothing_in_an_asset_ends_its_element(name):
    assert not re.search(r"</(script|style)|<!--", text(name), re.IGNORECASE)


def test_neither_style_nor_listener_stands_in_an_attribute():
    assert not re.search(r"\s(style|on[a-z]+)=", text("page.html.j2"))


def test_every_word_that_is_used_is_there():
    used = set(re.findall(r'data-word(?:-label)?="([a-z_]+)"', text("page.html.j2")))
    used |= set(re.findall(r'word\("([a-z_]+)"', text("page.html.j2")))
    for name in SCRIPTS:
        used |= set(re.findall(r'\bt\("([a-z_]+)"', text(name)))
    assert used <= set(WORDS)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_every_word_has_both_languages_and_the_same_places_to_fill(key):
    word = WORDS[key]
    assert word["zh"].strip()
    assert "en" in word or key.startswith(BORROWED)
    if "en" in word:
        assert sorted(re.findall(r"\{\w+\}", word["en"])) == sorted(re.findall(r"\{\w+\}", word["zh"]))
