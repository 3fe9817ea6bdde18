"""One metric by two tags."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from harness.report.html.pictures.frame import PANEL, Key, Said, figure
from harness.report.html.pictures.labels import SIZE, SMALL, label, width
from harness.report.html.pictures.svg import NOTHING, Drawn, element, joined, picture
from harness.report.view import interval, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from harness.report.html.pictures.figures import Cell, Heat

_MOST_ROWS, _MOST_COLUMNS = 24, 10
_NAMES = 156
_CELL, _WIDEST, _HIGH = 54, 96, 34
_STEPS = 5
_SCROLLED = 420
"""Wider ones are not drawn smaller on a narrow page, but moved."""


def heat(heats: Sequence[Heat]) -> Drawn:
    """A map for each metric or stage; of very many rows or columns those with most decisions."""
    drawn = [one for one in heats if one.cells]
    if not drawn:
        return NOTHING
    named = len({one.name for one in drawn}) > 1
    keys = [_key(one) for one in {_hue(one): one for one in drawn}.values()]
    notes = [Said("heat", "Below each share its n. A dash: no case bears both tags.")]
    panels = [_Map(one, named=named).drawn() for one in drawn]
    if any(map(_too_many, drawn)):
        notes.append(Said("heat_cut", "Only the tags with most decisions are shown."))
    return figure("heat", f"{drawn[0].rows} × {drawn[0].columns}", panels, keys, notes)


def _key(one: Heat) -> Key:
    fields = [
        element("rect", x=17 * step, y=1, width=16, height=12, class_=f"{_hue(one)} h{step}") for step in range(_STEPS)
    ]
    said = Said("heat_steps", "from 0 to 100 %, in steps of 20")
    return Key(joined(fields), one.told, (said,), 17 * _STEPS)


def _hue(one: Heat) -> str:
    return "invented" if one.metric == "fabrication_rate" else "share"


def _too_many(one: Heat) -> bool:
    rows, columns = ({cell.row for cell in one.cells}, {cell.column for cell in one.cells})
    return len(rows) > _MOST_ROWS or len(columns) > _MOST_COLUMNS


def _step(share: float) -> int:
    return min(_STEPS - 1, int(share * _STEPS))


class _Map:
    """One of them."""

    def __init__(self, one: Heat, *, named: bool) -> None:
        self.one = one
        self.title = one.name if named else one.told
        self.rows = _commonest(Counter({cell.row: 0 for cell in one.cells}), one.cells, 0, _MOST_ROWS)
        self.columns = _commonest(Counter(), one.cells, 1, _MOST_COLUMNS)
        self.cells = {(cell.row, cell.column): cell for cell in one.cells}
        widest = max(width(column, SMALL) for column in self.columns) + 8
        self.cell = min(max(widest, _CELL, min(_WIDEST, (PANEL - _NAMES) / len(self.columns))), _WIDEST)
        names = max(width(row, SIZE) for row in self.rows) + 10
        self.left = min(names, _NAMES)
        self.wide = max(self.left + self.cell * len(self.columns), min(width(self.title, SIZE) + 4, PANEL))

    def drawn(self) -> Drawn:
        title = f"{self.one.name}: {self.one.told} by {self.one.rows} and {self.one.columns}"
        drawn = picture(
            title,
            list(self._told()),
            self.wide,
            46 + _HIGH * len(self.rows),
            label(0, 14, self.title, self.wide, class_="head"),
            *(
                label(
                    self.left + self.cell * (place + 0.5), 36, column, self.cell - 4, small=True, text_anchor="middle"
                )
                for place, column in enumerate(self.columns)
            ),
            *(part for place in range(len(self.rows)) for part in self._row(place)),
        )
        if self.wide <= _SCROLLED:
            return drawn
        return element("div", drawn, class_="scroll", tabindex=0, role="group", aria_label=title)

    def _told(self) -> Iterator[str]:
        for row in self.rows:
            parts = []
            for column in self.columns:
                cell = self.cells.get((row, column))
                parts.append(
                    f"{column} none"
                    if cell is None
                    else f"{column} {percent(cell.rate.value)} (n {cell.rate.denominator})"
                )
            yield f"{row}: {', '.join(parts)}."

    def _row(self, place: int) -> Iterator[Drawn]:
        row, y = self.rows[place], 44 + _HIGH * place
        yield label(self.left - 8, y + _HIGH / 2 + 3, row, self.left - 8, text_anchor="end")
        for number, column in enumerate(self.columns):
            x = self.left + self.cell * number
            cell = self.cells.get((row, column))
            yield self._nothing(x, y, row, column) if cell is None else self._cell(x, y, cell)

    def _cell(self, x: float, y: float, cell: Cell) -> Drawn:
        rate, middle = cell.rate, x + self.cell / 2
        shade = "empty" if rate.value is None else f"{_hue(self.one)} h{_step(rate.value)}"
        told = f"{cell.row}, {cell.column}: {percent(rate.value)}, n {rate.denominator}, 95 % interval {interval(rate)}"
        return element(
            "g",
            element("title", told),
            element("rect", x=x + 1, y=y + 1, width=self.cell - 2, height=_HIGH - 2, rx=3),
            label(middle, y + 16, percent(rate.value), self.cell),
            label(middle, y + 28, str(rate.denominator), self.cell, small=True),
            class_=f"cell {shade}",
        )

    def _nothing(self, x: float, y: float, row: str, column: str) -> Drawn:
        dash = label(x + self.cell / 2, y + _HIGH / 2 + 4, "–", self.cell)
        return element("g", element("title", f"{row}, {column}: none"), dash, class_="cell empty")


def _commonest(counts: Counter[str], cells: Sequence[Cell], place: int, most: int) -> list[str]:
    """The values of a tag in their order, of too many those with most decisions."""
    for cell in cells:
        counts[cell[place]] += cell.rate.denominator  # type: ignore[index]
    kept = {value for value, _ in counts.most_common(most)}
    return sorted(kept)
