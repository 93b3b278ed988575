"""Contents: tables of contents, lists of figures, indexes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synth.elements import words
from synth.elements.dice import pick
from synth.elements.fonts import family, text_width
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("typesetting", "contents")


@dataclass(frozen=True)
class Entry:
    """One line: its number (may be empty), label, page and depth from 0."""

    number: str
    label: str
    page: int
    depth: int


def entries(rng: np.random.Generator, count: int, kind: str) -> list[Entry]:
    """Return the lines of a `sections`, `figures`, `tables` or `index` list."""
    topics = words.content("headings")
    names = [name for group in topics.values() for name in group]
    page, out, top, sub = _R.whole(rng, "first_page"), [], 0, 0
    word = {"figures": "Figure", "tables": "Table"}.get(kind, "")
    for index in range(count):
        page += _R.pick(rng, "pages_to_next")
        if word:
            label = (
                f"{pick(rng, names)} {pick(rng, ('', '', '– Slave Mode', 'vs. Temperature', '(continued)'))}".strip()
            )
            out.append(Entry(f"{word} {index + 1}:", label, page, 0))
            continue
        if index == 0 or _R.chance(rng, "entry_is_top"):
            top, sub = top + 1, 0
            out.append(Entry(f"{top}", pick(rng, names), page, 0))
        else:
            sub += 1
            out.append(Entry(f"{top}.{sub}", pick(rng, names), page, 1))
    if kind == "index":
        out = sorted((Entry("", entry.label, entry.page, 0) for entry in out), key=lambda entry: entry.label)
    return out


@dataclass(frozen=True)
class Manner:
    """How contents are set; sizes in points.

    Attributes:
        plain: font of deeper lines.
        strong: font of top lines.
        size: of the letters.
        leading: from line to line.
        step: indent per depth.
        leader: what is repeated between label and page.
        numbered: whether numbers stand in a column of their own.
        upper: whether top lines are capitals.
        opening: extra space above top lines.
        color: of the letters.
        near: page numbers follow their labels instead of standing at the right edge.
    """

    plain: str
    strong: str
    size: float
    leading: float
    step: float
    leader: str = "."
    numbered: bool = True
    upper: bool = False
    opening: float = 0.0
    color: Color = BLACK
    near: bool = False


KINDS = ("sections", "figures", "tables", "index")


def contents(rng: np.random.Generator, look: Look, width: float, height: float, kind: str | None = None) -> Block:
    """Return contents of one or two columns, at most `height` points high; `kind` None draws one of `KINDS`."""
    size = _R.uniform(rng, "size")
    leading = size * _R.uniform(rng, "leading")
    columns = 2 if width > 300 and _R.chance(rng, "two_columns") else 1
    width *= 1.0 if columns > 1 or _R.chance(rng, "full_width") else _R.uniform(rng, "narrow_width")
    rows = max(4, int(height * _R.pick(rng, "height_filled") / leading))
    kind = kind or pick(rng, ("sections", "sections", "sections", "figures", "figures", "tables", "index"))
    fonts = family(look.body)
    numbered = _R.chance(rng, "numbers_apart") or kind in ("figures", "tables")
    manner = Manner(
        fonts[0],
        fonts[_R.pick(rng, "top_face")],
        size,
        leading,
        size * _R.uniform(rng, "indent_step"),
        pick(rng, (".", ".", ".", " .", "_", "", "", "")),
        numbered,
        _R.chance(rng, "top_in_capitals"),
        _R.pick(rng, "space_above_top") * size,
        pick(rng, (BLACK, BLACK, BLACK, (0.0, 0.2, 0.7), look.accent)),
        _R.chance(rng, "pages_near"),
    )
    lines = entries(rng, rows * columns - _R.whole(rng, "lines_short") * (columns - 1), kind)
    block = contents_block(lines, manner, width, columns, rows)
    while block.height > height and rows > 4:
        rows -= 1
        block = contents_block(lines[: rows * columns], manner, width, columns, rows)
    return block


def contents_block(lines: list[Entry], manner: Manner, width: float, columns: int = 1, rows: int = 1 << 30) -> Block:
    """Return contents set in columns of at most `rows` lines."""
    gutter, size = 18.0, manner.size
    wide = (width - gutter * (columns - 1)) / columns
    widest = max((text_width(entry.number, manner.strong, size) for entry in lines), default=0.0)
    tab = widest + size * 0.8 if manner.numbered else 0.0

    tops = _tops(lines, manner, rows)

    def paint(pen: Pen, x: float, y: float) -> None:
        for index, (entry, top) in enumerate(zip(lines, tops, strict=True)):
            left = x + (index // rows) * (wide + gutter)
            _line(pen, entry, manner, left, y + top + 0.78 * size, wide, tab)

    return Block("contents", width, max(tops) + size, paint)


def _tops(lines: list[Entry], manner: Manner, rows: int) -> list[float]:
    """Return how far below the block's top each line begins, in points."""
    tops: list[float] = []
    for index, entry in enumerate(lines):
        extra = manner.opening if entry.depth == 0 else 0.0
        tops.append(tops[-1] + manner.leading + extra if index % rows else 0.0)
    return tops


def _line(pen: Pen, entry: Entry, manner: Manner, left: float, base: float, span: float, tab: float) -> None:
    font, size = manner.strong if entry.depth == 0 else manner.plain, manner.size
    start = left + entry.depth * manner.step
    if manner.numbered:
        pen.text(start, base, entry.number, font, size, manner.color)
        start += tab
    page = f"{entry.page}"
    stop = left + span - text_width(page, font, size)
    label = entry.label.upper() if manner.upper and entry.depth == 0 else entry.label
    while text_width(label, font, size) > stop - start - size and " " in label:
        label = label.rsplit(" ", 1)[0]
    start += pen.text(start, base, label, font, size, manner.color) + size * 0.3
    if manner.near:
        pen.text(start + size * 0.5, base, page, font, size, manner.color)
        return
    dot = text_width(manner.leader, font, size) if manner.leader else 0.0
    if dot > 0 and stop - start > dot:
        count = int((stop - size * 0.2 - start) / dot)
        pen.text(stop - size * 0.2, base, manner.leader * count, font, size, manner.color, "r")
    pen.text(left + span, base, page, font, size, manner.color, "r")
