"""Mechanical sketching: dimension lines and centre lines."""

from __future__ import annotations

import numpy as np

from synth.elements.dice import pick
from synth.elements.look import Look
from synth.elements.pen import Pen
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "sketch")


class Sketch:
    """Draws outlines, and thinner dimension lines with their texts."""

    def __init__(self, rng: np.random.Generator, look: Look, pen: Pen) -> None:
        self.rng, self.look, self.pen = rng, look, pen
        self.size = look.figure_size * _R.uniform(rng, "letter_size")
        self.font = look.figure_font()
        self.style = pick(rng, ("letter", "letter", "mm", "mm", "both", "range"))
        self.heavy = look.figure_weight * _R.uniform(rng, "outline_weight")
        self.thin = look.figure_weight * 0.6
        self.letters = list("ABCDEFGHJKLMNP")

    def text(self) -> str:
        """Return what a dimension says."""
        rng = self.rng
        if self.style == "letter" and self.letters:
            return self.letters.pop(0)
        v = _R.uniform(rng, "dimension")
        if self.style == "both":
            return f"{v:.2f} [{v / 25.4:.3f}]"
        if self.style == "range":
            return f"{v * 0.96:.2f}–{v * 1.04:.2f}"
        return pick(rng, (f"{v:.2f}", f"{v:.1f} ±0.1", f"{v:.2f} BSC", f"{v:.2f} MAX", f"{v:.2f} REF", f"{v:.2f} TYP"))

    def across(self, x0: float, x1: float, y: float, edge: float) -> None:
        """Dimension a horizontal distance at height y; extension lines start at `edge`."""
        pen = self.pen
        pen.set(weight=self.thin)
        sign = 1 if y > edge else -1
        for x in (x0, x1):
            pen.line(x, edge + sign * 2, x, y + sign * 2)
        text = self.text()
        if x1 - x0 > len(text) * self.size * 0.55 + 10:
            pen.arrow(x0, y, x1, y, 3.5, both=True)
            pen.text((x0 + x1) / 2, y - 1.5, text, self.font, self.size, anchor="c")
        else:
            pen.arrow(x0 - 9, y, x0, y, 3.5)
            pen.arrow(x1 + 9, y, x1, y, 3.5)
            pen.text(x1 + 11, y + self.size * 0.3, text, self.font, self.size)

    def up(self, y0: float, y1: float, x: float, edge: float) -> None:
        """Dimension a vertical distance at x."""
        pen = self.pen
        pen.set(weight=self.thin)
        sign = 1 if x > edge else -1
        for y in (y0, y1):
            pen.line(edge + sign * 2, y, x + sign * 2, y)
        text = self.text()
        if y1 - y0 > 16:
            pen.arrow(x, y0, x, y1, 3.5, both=True)
        else:
            pen.arrow(x, y0 - 8, x, y0, 3.5)
            pen.arrow(x, y1 + 8, x, y1, 3.5)
        if len(text) > 3 and y1 - y0 > len(text) * self.size * 0.55:
            pen.text(x - 1.5, (y0 + y1) / 2, text, self.font, self.size, anchor="c", angle=90)
        else:
            pen.text(x + 3, (y0 + y1) / 2 + self.size * 0.3, text, self.font, self.size)

    def body(self, x: float, y: float, w: float, h: float, share: float = 0.5) -> tuple[float, float, float, float]:
        """Return a body rectangle with room around it for dimensions."""
        bw, bh = w * share, h * share
        return x + (w - bw) / 2, y + (h - bh) / 2, bw, bh

    def center(self, bx: float, by: float, bw: float, bh: float, over: float) -> None:
        """Draw centre lines, or not."""
        if not _R.chance(self.rng, "has_center_lines"):
            return
        self.pen.set(weight=self.thin, dash=(6, 2, 1.5, 2))
        self.pen.line(bx + bw / 2, by - over, bx + bw / 2, by + bh + over)
        self.pen.line(bx - over, by + bh / 2, bx + bw + over, by + bh / 2)
        self.pen.set(dash=())
