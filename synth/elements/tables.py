"""The table setter: any grid of cells in any of the houses' rulings.

What tables say is in parameter_tables.py, pin_tables.py and other_tables.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements import words
from synth.elements.dice import pick
from synth.elements.fonts import text_width
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, height_of, set_lines, wrap

_R = Ranges("typesetting", "tables")

Cell = tuple[str, int]
"""Markup and the number of columns that it spans."""


@dataclass
class Row:
    """One row: its cells, whether it is a group title, and the columns merged with the row above."""

    cells: list[Cell]
    group: bool = False
    joined: frozenset[int] = frozenset()


def text_row(*texts: str) -> Row:
    """Return a row of single cells."""
    return Row([(text, 1) for text in texts])


def header_row(names: list[str]) -> list[Row]:
    """Return a header of one row of single cells."""
    return [text_row(*names)]


@dataclass
class Table:
    """What a table says.

    Attributes:
        name: class of the table.
        weights: relative column widths.
        aligns: one letter `l`, `c` or `r` per column.
        head: header rows.
        rows: body rows.
        turned: header texts run upwards.
    """

    name: str
    weights: list[float]
    aligns: str
    head: list[Row]
    rows: list[Row]
    turned: bool = False


@dataclass(frozen=True)
class Ruling:
    """How a table is drawn; weights in points, zero for none.

    Attributes:
        inner_h: rule between body rows.
        inner_v: rule between columns.
        outer: frame; `sides` False leaves its left and right out.
        under_head: rule below the header.
        head_fill: colour behind the header.
        zebra: colour behind every other row.
    """

    inner_h: float = 0.5
    inner_v: float = 0.5
    outer: float = 0.5
    sides: bool = True
    under_head: float = 0.5
    head_fill: Color | None = None
    zebra: Color | None = None
    group_fill: Color | None = None
    color: Color = BLACK
    head_bold: int = 1
    head_upper: bool = False
    head_align: str | None = None
    pad_x: float = 3.0
    pad_y: float = 2.0
    dots: bool = False


def draw_ruling(rng: np.random.Generator, look: Look) -> Ruling:
    """Draw a house's ruling: boxed, open, horizontal only, header only, zebra, or none."""
    kind = pick(
        rng,
        ("grid", "grid", "grid", "open", "open", "horizontal", "horizontal", "booktabs", "columns", "frame", "none"),
    )
    thin = _R.uniform(rng, "thin_rule")
    thick = thin * _R.pick(rng, "thick_rule")
    grey = _R.uniform(rng, "grey")
    fills: tuple[Color | None, ...] = (None, None, None, (grey, grey, grey), look.accent, (0.2, 0.2, 0.2))
    tint: Color = (0.5 + look.accent[0] / 2, 0.5 + look.accent[1] / 2, 0.5 + look.accent[2] / 2)
    head_fill = pick(rng, (*fills, tint if look.accent != BLACK else None))
    rows, columns, outer, sides = {
        "grid": (thin, thin, thick, True),
        "open": (thin, thin, thick, False),
        "horizontal": (thin, 0.0, thick, False),
        "booktabs": (0.0, 0.0, thick, False),
        "columns": (0.0, thin, thick, True),
        "frame": (0.0, 0.0, thick, True),
        "none": (0.0, 0.0, 0.0, False),
    }[kind]
    zebra = (0.93, 0.93, 0.95) if _R.chance(rng, "is_striped") else None
    color: Color = pick(rng, (BLACK, BLACK, BLACK, (0.4, 0.4, 0.4), look.accent))
    return Ruling(
        rows,
        columns,
        outer,
        sides,
        thick if kind != "none" or _R.chance(rng, "unruled_head_has_rule") else 0.0,
        head_fill,
        zebra,
        (grey, grey, grey) if _R.chance(rng, "groups_filled") else None,
        color,
        _R.pick(rng, "head_face"),
        _R.chance(rng, "head_in_capitals"),
        pick(rng, (None, "c", "c", "l")),
        _R.uniform(rng, "pad_x"),
        _R.uniform(rng, "pad_y"),
        kind == "none" and _R.chance(rng, "unruled_has_dots"),
    )


def table_block(table: Table, look: Look, ruling: Ruling, width: float, limit: float = 1e9) -> Block:
    """Lay a table out in `width` points; rows that would pass `limit` points of height are left out.

    Two body rows always stay, so a block can be higher than a very small limit.
    """
    return _Layout(table, look, ruling, width, limit).block()


class _Layout:
    """Column edges, wrapped cells and row heights of one table."""

    def __init__(self, table: Table, look: Look, ruling: Ruling, width: float, limit: float) -> None:
        self.table, self.look, self.ruling = table, look, ruling
        total = sum(table.weights)
        self.edges = [0.0]
        for weight in table.weights:
            self.edges.append(self.edges[-1] + width * weight / total)
        size = look.table_size
        head_color = WHITE if ruling.head_fill is not None and sum(ruling.head_fill) < 1.6 else BLACK
        self.plain = Setting(look.font(0), size, size * 1.15, look.scale)
        self.strong = Setting(look.font(ruling.head_bold), size, size * 1.15, look.scale, "l", head_color)
        self.rows: list[tuple[Row, bool, list[list[str]], float]] = []
        height = 0.0
        for index, row in enumerate([*table.head, *table.rows]):
            entry = self._fit(row, index < len(table.head))
            if height + entry[3] > limit and index >= len(table.head) + 2:
                break
            self.rows.append(entry)
            height += entry[3]
        self.height, self.width = height, width

    def _fit(self, row: Row, head: bool) -> tuple[Row, bool, list[list[str]], float]:
        setting, ruling = (self.strong if head or row.group else self.plain), self.ruling
        column, lines, count = 0, [], 1
        for text, span in row.cells:
            room = self.edges[column + span] - self.edges[column] - 2 * ruling.pad_x
            said = words.term(text) if head else text
            label = said.upper() if head and ruling.head_upper and "{" not in said else said
            wrapped = wrap(label, max(room, 8.0), setting) if not (head and self.table.turned) else [label]
            lines.append(wrapped)
            count = max(count, len(wrapped))
            column += span
        height = height_of(count, setting) + 2 * ruling.pad_y
        if head and self.table.turned:
            height = max(len(text) for text, _ in row.cells) * setting.size * 0.56 + 2 * ruling.pad_y
        return row, head, lines, height

    def block(self) -> Block:
        return Block(self.table.name, self.width, self.height, self._paint)

    def _paint(self, pen: Pen, x: float, y: float) -> None:
        tops = [y]
        for entry in self.rows:
            tops.append(tops[-1] + entry[3])
        self._fills(pen, x, tops)
        for (row, head, lines, height), top in zip(self.rows, tops[:-1], strict=True):
            self._cells(pen, x, top, row, head, lines, height)
        pen.set(color=self.ruling.color)
        self._horizontal(pen, x, tops)
        self._vertical(pen, x, tops)
        pen.set(color=BLACK)

    def _fills(self, pen: Pen, x: float, tops: list[float]) -> None:
        ruling, heads = self.ruling, len(self.table.head)
        for index, (row, head, _, height) in enumerate(self.rows):
            fill = ruling.head_fill if head else ruling.group_fill if row.group else None
            if fill is None and not head and ruling.zebra is not None and (index - heads) % 2:
                fill = ruling.zebra
            if fill is not None:
                pen.rect(x, tops[index], self.width, height, fill=fill, stroke=False)

    def _cells(
        self, pen: Pen, x: float, top: float, row: Row, head: bool, lines: list[list[str]], height: float
    ) -> None:
        column, ruling = 0, self.ruling
        base = self.strong if head or row.group else self.plain
        for (_, span), wrapped in zip(row.cells, lines, strict=True):
            left, right = x + self.edges[column] + ruling.pad_x, x + self.edges[column + span] - ruling.pad_x
            align = self.table.aligns[column] if span == 1 else "c"
            if head:
                align = "c" if span > 1 else ruling.head_align or align
            align = "l" if row.group and span == len(self.table.weights) else align
            color = base.color if head else BLACK
            setting = Setting(base.font, base.size, base.leading, base.scale, align, color)
            if head and self.table.turned:
                pen.text(
                    (left + right) / 2 + base.size * 0.3,
                    top + height - ruling.pad_y,
                    wrapped[0],
                    base.font,
                    base.size,
                    color,
                    angle=90,
                )
            else:
                slack = height - height_of(max(len(wrapped), 1), setting)
                down = slack / 2 if head else ruling.pad_y
                set_lines(pen, wrapped, left, top + down, right - left, setting)
            if ruling.dots and not head and column == 0 and len(wrapped) == 1:
                self._leader(pen, wrapped[0], left, right, top + ruling.pad_y + 0.78 * base.size)
            column += span

    def _leader(self, pen: Pen, text: str, left: float, right: float, base: float) -> None:
        font, size = self.plain.font, self.plain.size
        room = right - left - text_width(text, font, size, self.look.scale) - 4
        count = int(room / text_width(".", font, size, self.look.scale))
        if count > 2:
            pen.text(right, base, "." * count, font, size, anchor="r", scale=self.look.scale)

    def _horizontal(self, pen: Pen, x: float, tops: list[float]) -> None:
        ruling, heads, last = self.ruling, len(self.table.head), len(self.rows)
        for index, top in enumerate(tops):
            weight = ruling.outer if index in (0, last) else ruling.under_head if index == heads else ruling.inner_h
            if index and index < heads:
                weight = ruling.inner_h or ruling.inner_v
            if weight == 0:
                continue
            pen.set(weight=weight)
            joined = self.rows[index][0].joined if index < last else frozenset()
            start = 0
            for column in range(len(self.table.weights) + 1):
                if column == len(self.table.weights) or column in joined:
                    if column > start:
                        pen.line(x + self.edges[start], top, x + self.edges[column], top)
                    start = column + 1

    def _vertical(self, pen: Pen, x: float, tops: list[float]) -> None:
        ruling = self.ruling
        if ruling.outer and ruling.sides:
            pen.set(weight=ruling.outer)
            for edge in (self.edges[0], self.edges[-1]):
                pen.line(x + edge, tops[0], x + edge, tops[-1])
        if not ruling.inner_v:
            return
        pen.set(weight=ruling.inner_v)
        for (row, *_), top, bottom in zip(self.rows, tops[:-1], tops[1:], strict=True):
            column = 0
            for _, span in row.cells[:-1]:
                column += span
                pen.line(x + self.edges[column], top, x + self.edges[column], bottom)
