"""Block diagrams: labelled boxes in rows and columns, joined by signals and buses."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import chance, pick, sample
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges
from synth.elements.text import Setting, height_of, set_lines, wrap

_R = Ranges("diagrams", "blocks")

_FILLS: tuple[Color, ...] = (
    (0.8, 0.9, 1.0),
    (1.0, 0.93, 0.75),
    (0.85, 0.95, 0.82),
    (0.93, 0.85, 0.95),
    (0.9, 0.9, 0.9),
)


def block_diagram(rng: np.random.Generator, look: Look, width: float, height: float, part: str) -> Block:
    """Return a block diagram of the given outer size."""
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        _Diagram(inner, look, pen, part).draw(x, y, width, height)
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("block_diagram", width, height, paint)


class _Diagram:
    """A chip outline with pins around it and blocks inside on a loose grid."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen, part: str) -> None:
        self.rng, self.look, self.pen, self.part = rng, look, pen, part
        self.size = look.figure_size * _R.uniform(rng, "lettering_scale")
        self.font = look.figure_font(_R.pick(rng, "lettering_face"))
        self.fills: tuple[Color | None, ...] = _FILLS if chance(rng, look.color_figures) else (None,)
        self.same = _R.chance(rng, "same_fill_everywhere")
        self.radius = _R.pick(rng, "corner_radius")
        self.bus = _R.chance(rng, "has_buses")

    def draw(self, x: float, y: float, w: float, h: float) -> None:
        pen, rng, look = self.pen, self.rng, self.look
        pen.set(weight=look.figure_weight * _R.uniform(rng, "line_weight_scale"), color=BLACK, dash=())
        if look.figure_frame and _R.chance(rng, "has_frame"):
            pen.rect(x + 0.5, y + 0.5, w - 1, h - 1)
            x, y, w, h = x + 6, y + 6, w - 12, h - 12
        margin = self.size * _R.pick(rng, "side_margin")
        left, top, iw, ih = x + margin, y + self.size, w - 2 * margin, h - 2 * self.size
        if margin > self.size * 2:
            self._chip(x, w, left, top, iw, ih)
            left, top, iw, ih = left + 10, top + 8, iw - 20, ih - 16
        self._grid(left, top, iw, ih)

    def _chip(self, x: float, w: float, left: float, top: float, iw: float, ih: float) -> None:
        pen, rng = self.pen, self.rng
        if _R.chance(rng, "has_chip_outline"):
            pen.set(dash=(4, 2) if _R.chance(rng, "outline_is_dashed") else ())
            pen.rect(left, top, iw, ih)
            pen.set(dash=())
        square = _R.chance(rng, "pins_are_squares")
        for side in (0, 1):
            count = max(1, min(_R.whole(rng, "pins_on_side"), int(ih / (self.size * 2))))
            for index, row in enumerate(sample(rng, words.vocabulary("pins"), count)):
                at = top + ih * (index + 0.5) / count
                edge, far = (left, x) if side == 0 else (left + iw, x + w)
                pen.text(far, at + self.size * 0.3, row[0][:8], self.font, self.size, anchor="l" if side == 0 else "r")
                start = edge - 8 if side == 0 else edge + 8
                if square:
                    pen.rect(edge - 2.5, at - 2.5, 5, 5, fill=WHITE)
                    pen.line(edge + (2.5 if side == 0 else -2.5), at, edge + (10 if side == 0 else -10), at)
                else:
                    pen.arrow(
                        *(
                            (start, at, edge + 10, at)
                            if _R.chance(rng, "pin_arrow_from_outside")
                            else (edge + (10 if side == 0 else -10), at, start, at)
                        ),
                        3.5,
                    )

    def _grid(self, left: float, top: float, w: float, h: float) -> None:
        rng = self.rng
        columns = max(1, min(_R.whole(rng, "columns"), int(w / (self.size * 7))))
        rows = max(1, min(_R.whole(rng, "rows"), int(h / (self.size * 4))))
        names = sample(rng, words.vocabulary("blocks"), columns * rows + 1)
        cw, ch = w / columns, h / rows
        cells: dict[tuple[int, int], tuple[float, float, float, float]] = {}
        tall = pick(rng, (-1, -1, 0, columns - 1, columns // 2)) if rows > 1 and columns > 2 else -1
        for column in range(columns):
            for row in range(rows):
                if column == tall and row:
                    continue
                if _R.chance(rng, "cell_is_empty") and column != tall:
                    continue
                bw, bh = (
                    cw * _R.uniform(rng, "box_width"),
                    ch * (rows - 0.3 if column == tall else _R.uniform(rng, "box_height")),
                )
                cx = left + cw * (column + 0.5)
                cy = top + (h / 2 if column == tall else ch * (row + 0.5))
                cells[column, row] = (cx - bw / 2, cy - bh / 2, bw, bh)
        if tall >= 0:
            for row in range(1, rows):
                cells[tall, row] = cells[tall, 0]
        self._wires(cells)
        for index, box in enumerate(dict.fromkeys(cells.values())):
            self._box(names[index], *box)

    def _wires(self, cells: dict[tuple[int, int], tuple[float, float, float, float]]) -> None:
        rng, pen = self.rng, self.pen
        for (column, row), (x, y, w, h) in cells.items():
            middle = y + h / 2
            right = cells.get((column + 1, row))
            if right and _R.chance(rng, "linked_to_right"):
                at = middle if right[3] > h else right[1] + right[3] / 2
                at = min(max(at, max(y, right[1]) + 2), min(y + h, right[1] + right[3]) - 2)
                self._link(x + w, at, right[0], at)
            below = cells.get((column, row + 1))
            if below and below != (x, y, w, h) and _R.chance(rng, "linked_to_below"):
                self._link(x + w / 2, y + h, x + w / 2, below[1])
            across = cells.get((column + 1, row + 1))
            if across and _R.chance(rng, "linked_diagonally"):
                bend = (x + w + across[0]) / 2
                pen.path([(x + w, middle + 3), (bend, middle + 3), (bend, across[1] + 4), (across[0], across[1] + 4)])
                pen.head(bend, across[1] + 4, across[0], across[1] + 4, 3.5)

    def _link(self, x0: float, y0: float, x1: float, y1: float) -> None:
        rng, pen = self.rng, self.pen
        length = abs(x1 - x0) + abs(y1 - y0)
        if self.bus and length > 10 and _R.chance(rng, "link_is_bus"):
            t = 2.2
            if y0 == y1:
                pts = [
                    (x0, y0),
                    (x0 + 4, y0 - 2 * t),
                    (x0 + 4, y0 - t),
                    (x1 - 4, y0 - t),
                    (x1 - 4, y0 - 2 * t),
                    (x1, y0),
                ]
                pen.path([*pts, *((px, 2 * y0 - py) for px, py in reversed(pts[1:-1]))], True, WHITE)
            else:
                pts = [
                    (x0, y0),
                    (x0 - 2 * t, y0 + 4),
                    (x0 - t, y0 + 4),
                    (x0 - t, y1 - 4),
                    (x0 - 2 * t, y1 - 4),
                    (x0, y1),
                ]
                pen.path([*pts, *((2 * x0 - px, py) for px, py in reversed(pts[1:-1]))], True, WHITE)
        elif _R.chance(rng, "link_has_no_head"):
            pen.line(x0, y0, x1, y1)
        else:
            pen.arrow(x0, y0, x1, y1, 3.5, both=_R.chance(rng, "link_has_two_heads"))
        if length > 22 and y0 == y1 and _R.chance(rng, "link_has_bit_count"):
            pen.line((x0 + x1) / 2 - 2, y0 + 3, (x0 + x1) / 2 + 2, y0 - 3)
            pen.text((x0 + x1) / 2, y0 - 4, pick(rng, ("8", "16", "4", "12")), self.font, self.size * 0.8, anchor="c")

    def _box(self, name: str, x: float, y: float, w: float, h: float) -> None:
        rng, pen = self.rng, self.pen
        fill = self.fills[0] if self.same else pick(rng, self.fills)
        shape = pick(rng, ("box", "box", "box", "box", "box", "box", "amp", "mux", "sum"))
        if shape == "amp" and w > h * 0.8:
            pen.path([(x, y), (x + w, y + h / 2), (x, y + h)], True, fill or WHITE)
        elif shape == "mux":
            pen.path([(x, y), (x + w, y + h * 0.2), (x + w, y + h * 0.8), (x, y + h)], True, fill or WHITE)
        elif shape == "sum" and max(w, h) < 50:
            r = min(w, h) * 0.4
            pen.circle(x + w / 2, y + h / 2, r, fill=fill or WHITE)
            pen.text(
                x + w / 2,
                y + h / 2 + self.size * 0.35,
                pick(rng, ("×", "Σ", "+")),
                self.font,
                self.size * 1.2,
                anchor="c",
            )
            return
        else:
            pen.rect(x, y, w, h, fill=fill or WHITE, radius=self.radius)
        label = name.upper() if _R.chance(rng, "label_in_capitals") else name
        setting = Setting(self.font, self.size, self.size * 1.12, 1.0, "c")
        lines = wrap(label, w - 3, setting)[: max(1, int(h / self.size))]
        set_lines(pen, lines, x + 1.5, y + (h - height_of(len(lines), setting)) / 2, w - 3, setting)
