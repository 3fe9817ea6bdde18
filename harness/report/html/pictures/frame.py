"""What all pictures have around their panels: a caption, a key, a note how to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from harness.report.html.pictures.svg import NOTHING, Drawn, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PANEL = 360
"""Units that a panel is wide, where what it shows does not ask for more."""
SHAPES = 4
COLOURS = 8


class Said(NamedTuple):
    """A word of ours: its key among the page's words, and the English."""

    key: str
    text: str

    def drawn(self, name: str = "span", class_: str | None = None) -> Drawn:
        """As an element whose text the page may put in another language."""
        return element(name, self.text, class_=class_, data_word=f"picture_{self.key}")


class Key(NamedTuple):
    """A line of the key: what is drawn, and what that means."""

    drawn: Drawn
    """14 units high."""
    name: str = ""
    said: tuple[Said, ...] = ()
    wide: int = 28


def figure(
    name: str, caption: Said | str, panels: Sequence[Drawn], keys: Iterable[Key] = (), notes: Iterable[Said] = ()
) -> Drawn:
    """One picture; nothing where there is no panel."""
    if not panels:
        return NOTHING
    head = (
        caption.drawn("figcaption")
        if isinstance(caption, Said)
        else element("figcaption", caption, class_="own", title=caption)
    )
    listed = [_key(key) for key in keys]
    return element(
        "figure",
        head,
        element("ul", *listed, class_="key") if listed else NOTHING,
        element("div", *map(_panel, panels), class_="panels"),
        *(note.drawn("p", "note") for note in notes),
        class_=f"picture {name}",
    )


def _key(key: Key) -> Drawn:
    drawn = element("svg", key.drawn, viewBox=f"0 0 {key.wide} 14", width=key.wide, height=14, aria_hidden="true")
    name = element("span", key.name, class_="name", title=key.name) if key.name else NOTHING
    return element("li", drawn, joined([name, *(said.drawn() for said in key.said)]))


def _panel(panel: Drawn) -> Drawn:
    return element("div", panel, class_="panel")


def marker(x: float, y: float, stage: int, *, hollow: bool = False, size: float = 3.6) -> Drawn:
    """The mark of a stage: its colour, and a shape for those who do not see colours."""
    class_ = f"mark s{stage % COLOURS}" + (" hollow" if hollow else "")
    shape = stage % SHAPES
    if shape == 0:
        return element("circle", cx=x, cy=y, r=size, class_=class_)
    if shape == 1:
        side = size * 1.75
        return element("rect", x=x - side / 2, y=y - side / 2, width=side, height=side, class_=class_)
    reach = size * 1.3
    corners = [(0, -reach), (reach, reach * 0.8), (-reach, reach * 0.8)]
    if shape == 3:
        corners = [(0, -reach), (reach, 0), (0, reach), (-reach, 0)]
    return element("polygon", points=" ".join(f"{x + dx:.2f},{y + dy:.2f}" for dx, dy in corners), class_=class_)


def field(class_: str, name: str = "", *said: Said) -> Key:
    """A line of the key that is about a colour."""
    return Key(element("rect", y=1, width=14, height=12, rx=2, class_=class_), name, said, 14)
