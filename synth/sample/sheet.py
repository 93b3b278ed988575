"""The sample's house style, and a sheet that is set page by page."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from doclayout.config import load_cfg
from synth.elements import text as setting
from synth.elements.look import Block, Cluster, Look, single
from synth.elements.pen import Color, Mark, Pen
from synth.elements.tables import Row, Ruling, Table, table_block

WIDTH, HEIGHT = 612.0, 792.0
LEFT, RIGHT, TOP = 54.0, 558.0, 82.0
SPAN = RIGHT - LEFT
ACCENT: Color = (0.0, 0.36, 0.4)
GREY: Color = (0.35, 0.35, 0.35)
LOOK = Look(
    size=9.0,
    leading=1.28,
    head_size=13.0,
    head_color=ACCENT,
    accent=ACCENT,
    caption_face=1,
    caption_size=8.0,
    table_size=7.8,
    note_size=7.0,
    bullet="square",
)
RULING = Ruling(0.35, 0.0, 0.9, False, 0.9, (0.86, 0.92, 0.93), None, (0.94, 0.96, 0.96), GREY, 1, pad_x=4.0, pad_y=2.6)
GRID = Ruling(0.4, 0.4, 0.8, True, 0.8, (0.86, 0.92, 0.93), None, None, GREY, 1, head_align="c", pad_x=3.0, pad_y=3.0)


class Sheet:
    """Sets the document page by page; y is the cursor in points from the top."""

    def __init__(self) -> None:
        self.words: dict[str, Any] = load_cfg("synth/sample.yaml")
        self.buffer = io.BytesIO()
        self.canvas = Canvas(self.buffer, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1)
        self.canvas.setTitle(f"{self.words['part']} datasheet")
        self.canvas.setAuthor(self.words["vendor"])
        self.marks: list[list[Mark]] = []
        self.y = TOP

    def page(self, fill: Callable[[Sheet], None]) -> None:
        """Begin a page, fill it, and close it."""
        self.pen = Pen(self.canvas, WIDTH, HEIGHT)
        self.y = TOP
        self._furniture(len(self.marks) + 1)
        fill(self)
        self.canvas.showPage()
        self.marks.append(self.pen.marks)

    def _furniture(self, number: int) -> None:
        pen, words = self.pen, self.words
        with pen.element("header"):
            pen.path([(LEFT, 52), (LEFT + 9, 34), (LEFT + 18, 52)], True, ACCENT, False)
            pen.text(LEFT + 24, 49, words["vendor"], "Helvetica-Bold", 12, ACCENT)
            pen.text(RIGHT, 42, words["part"], "Helvetica-Bold", 10, anchor="r")
            pen.text(RIGHT, 53, words["revision"] + ", " + words["date"], "Helvetica", 7.5, GREY, "r")
        pen.rect(LEFT, 59, SPAN, 1.2, fill=ACCENT, stroke=False)
        pen.rect(LEFT, 744, SPAN, 0.6, fill=GREY, stroke=False)
        with pen.element("footer"):
            pen.text(LEFT, 758, f"{words['vendor']}, an invented company", "Helvetica", 7.5, GREY)
            pen.text((LEFT + RIGHT) / 2, 758, "Specifications are fiction", "Helvetica", 7.5, GREY, "c")
            pen.text(RIGHT, 758, str(number), "Helvetica-Bold", 8.5, anchor="r")

    def put(self, cluster: Cluster, x: float = LEFT, gap: float = 9.0) -> None:
        """Draw a cluster at the cursor and move the cursor below it."""
        cluster.paint(self.pen, x, self.y)
        self.y += cluster.height + gap

    def heading(self, text: str, x: float = LEFT, width: float = SPAN, level: int = 1) -> None:
        """Draw a section heading."""
        cluster = Cluster(width)
        for block in setting.heading(LOOK, width, text, level):
            cluster.add(block)
        self.put(cluster, x, 6.0)

    def prose(self, lines: list[str], x: float = LEFT, width: float = SPAN) -> None:
        """Draw paragraphs."""
        for line in lines:
            self.put(single(setting.paragraph(LOOK, width, line)), x, 8.0)

    def bullets(self, items: list[str], x: float = LEFT, width: float = SPAN, numbered: bool = False) -> None:
        """Draw a list."""
        self.put(single(_items(items, width, numbered)), x, 12.0)

    def table(
        self,
        key: str,
        name: str,
        weights: list[float],
        aligns: str,
        title: str | None,
        width: float = SPAN,
        ruling: Ruling = RULING,
    ) -> Cluster:
        """Return the table of a key with its caption above, ready to put."""
        data = self.words[key]
        count = len(data["head"])
        rows = [
            Row([(row[0], count)], True) if len(row) == 1 else Row([(str(cell), 1) for cell in row])
            for row in data["rows"]
        ]
        block = table_block(
            Table(name, weights, aligns, [Row([(cell, 1) for cell in data["head"]])], rows), LOOK, ruling, width
        )
        cluster = Cluster(width)
        if title:
            cluster.add(setting.caption(LOOK, width, title, "l"))
        return cluster.add(block, 5.0)

    def captioned(self, block: Block, title: str, width: float | None = None) -> Cluster:
        """Return a graphic with its caption below."""
        cluster = Cluster(width or block.width).add(block, align="c")
        return cluster.add(setting.caption(LOOK, cluster.width, title), 6.0, "c")

    def notes(self, key: str, width: float = SPAN) -> Block:
        """Return the footnote of a key."""
        style = setting.Setting(LOOK.font(), LOOK.note_size, LOOK.note_size * 1.25)
        lines: list[str] = self.words[key]

        def paint(pen: Pen, x: float, y: float) -> None:
            setting.set_lines(pen, lines, x, y, width, style)

        return Block("footnote", width, setting.height_of(len(lines), style), paint)


def _items(items: list[str], width: float, numbered: bool) -> Block:
    style = setting.body_setting(LOOK, align="l")
    wrapped = [setting.wrap(item, width - 13, style) for item in items]
    height = sum(len(lines) for lines in wrapped) * style.leading + 2.0 * (len(items) - 1) - style.leading + style.size

    def paint(pen: Pen, x: float, y: float) -> None:
        for index, lines in enumerate(wrapped):
            if numbered:
                pen.text(x, y + 0.78 * style.size, f"{index + 1}.", style.font, style.size)
            else:
                pen.rect(x + 1, y + 2.6, 3.6, 3.6, fill=ACCENT, stroke=False)
            setting.set_lines(pen, lines, x + 13, y, width - 13, style)
            y += len(lines) * style.leading + 2.0

    return Block("list", width, height, paint)
