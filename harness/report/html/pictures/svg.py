"""A writer of markup in which nothing that it is given can be taken for markup."""

from __future__ import annotations

import zlib
from html import escape
from typing import TYPE_CHECKING

from harness.report.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Value = str | float | None
    Place = tuple[float, float]


class Drawn(str):
    """Markup that is finished: escaped no more, by jinja2 neither."""

    __slots__ = ()

    def __html__(self) -> str:
        """What templates with autoescape ask for."""
        return self


NOTHING = Drawn()


def element(name: str, *children: str, **attributes: Value) -> Drawn:
    """An element; text in it is escaped, `Drawn` is not. `class_` is class, `data_word` is data-word; null is left out."""
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Drawn(f"<{name}{told}>{joined(children)}</{name}>")


def joined(parts: Iterable[str]) -> Drawn:
    """Parts one after another, texts among them escaped."""
    return Drawn("".join(part if isinstance(part, Drawn) else shown(part) for part in parts))


def shown(text: str) -> Drawn:
    """A text as it may stand in markup, what is hostile in it made visible."""
    return Drawn(escape(visible(text)))


def _value(value: str | float) -> str:
    return number(value) if isinstance(value, int | float) else shown(value)


def number(value: float) -> str:
    """A coordinate, to a hundredth."""
    return f"{round(value, 2) + 0.0:.12g}"


def path(*parts: str | float) -> str:
    """The data of a path: letters and coordinates."""
    return " ".join(part if isinstance(part, str) else number(part) for part in parts)


def line(places: Sequence[Place], **attributes: Value) -> Drawn:
    """A line through places."""
    return element("polyline", points=" ".join(f"{number(x)},{number(y)}" for x, y in places), **attributes)


def picture(title: str, told: Sequence[str], width: float, height: float, *children: str, class_: str = "") -> Drawn:
    """An SVG with its title and, as sentences, everything that it shows."""
    description = " ".join(told)
    key = f"picture-{zlib.crc32(visible(title + description).encode()):08x}"
    return element(
        "svg",
        element("title", title, id=f"{key}-title"),
        element("desc", description, id=f"{key}-desc"),
        *children,
        role="img",
        aria_labelledby=f"{key}-title",
        aria_describedby=f"{key}-desc",
        viewBox=f"0 0 {number(width)} {number(height)}",
        width=width,
        height=height,
        class_=class_ or None,
    )
