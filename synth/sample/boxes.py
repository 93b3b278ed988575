"""Lettered boxes of the sample's diagrams."""

from __future__ import annotations

from synth.elements.pen import WHITE, Color, Pen
from synth.elements.text import Setting, height_of, set_lines, wrap

FONT, BOLD = "Helvetica", "Helvetica-Bold"
TINT: Color = (0.88, 0.94, 0.94)
_CENTERED = Setting(FONT, 7.0, 7.8, 1.0, "c")


def boxed(pen: Pen, text: str, x: float, y: float, w: float, h: float, fill: Color = WHITE) -> None:
    """Draw a box with its label."""
    pen.rect(x, y, w, h, fill=fill)
    lettered(pen, text, x, y, w, h)


def lettered(pen: Pen, text: str, x: float, y: float, w: float, h: float) -> None:
    """Write a label centred in a rectangle."""
    lines = wrap(text, w - 4, _CENTERED)
    set_lines(pen, lines, x + 2, y + (h - height_of(len(lines), _CENTERED)) / 2, w - 4, _CENTERED)
