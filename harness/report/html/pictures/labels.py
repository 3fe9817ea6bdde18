"""Texts in pictures: how wide they are at most, cut where they are too long, thinned where they are too many."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from harness.report.html.pictures.svg import NOTHING, Drawn, element
from harness.report.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.report.html.pictures.svg import Value

SIZE, SMALL = 12, 10.5
"""Font sizes of the classes `label` and `small`; `pictures.css` sets the same."""
BOLD = 1.12
"""How much wider a head is, which is bold."""
LINE = 15
"""From one line of text to the next."""
_NARROW, _WIDE = frozenset("!'(),-./:;I[]fijlrt|· "), frozenset("%@GMOQWmw+<=>~…→≤≥×")


def width(text: str, size: float = SIZE) -> float:
    """About how wide a text is, in units; fonts of pages are rather narrower than this."""
    return size * sum(map(_em, text))


def _em(char: str) -> float:
    """Widths as in DejaVu Sans, which is wide; unknown letters count as squares."""
    if char in _NARROW:
        return 0.42
    if char in _WIDE:
        return 1.0
    if char.isascii():
        return 0.74 if char.isupper() else 0.64
    if unicodedata.combining(char):
        return 0.0
    return 0.7 if char < "\u0590" else 1.05


def cut(text: str, room: float, size: float = SIZE) -> str:
    """The text, or as much of its beginning as there is room for, and an ellipsis."""
    if width(text, size) <= room:
        return text
    left = room - width("…", size)
    kept = 0
    for char in text:
        left -= size * _em(char)
        if left < 0:
            break
        kept += 1
    return text[:kept].rstrip() + "…"


def label(x: float, y: float, text: str, room: float, *, small: bool = False, class_: str = "", **more: Value) -> Drawn:
    """A text at its baseline, cut to the room there is; cut ones have the whole as their tooltip."""
    clean = visible(" ".join(text.split()))
    short = cut(clean, room, SMALL if small else BOLD * SIZE if class_ == "head" else SIZE)
    whole = element("title", clean) if short != clean else NOTHING
    classes = f"{'small' if small else 'label'} {class_}".rstrip()
    return element("text", whole, short, x=x, y=y, class_=classes, **more)


def word(x: float, y: float, key: str, text: str, class_: str = "small quiet", **more: Value) -> Drawn:
    """A text of ours, that the page may put in another language."""
    return element("text", text, x=x, y=y, class_=class_, data_word=f"picture_{key}", **more)


def thinned(texts: Sequence[str], step: float, size: float = SIZE, gap: float = 5) -> range:
    """Which of some texts, centred `step` apart, stand beside each other without touching: every so many, the first too."""
    if not texts:
        return range(0)
    widest = max(width(text, size) for text in texts) + gap
    every = max(1, -int(-widest // step)) if step > 0 else len(texts)
    return range(0, len(texts), every)
