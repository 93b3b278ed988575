"""Captions beyond one flowing text: the title set off by a wide gap, or lines stacked on one another."""

from __future__ import annotations

from synth.elements.fonts import family, text_width
from synth.elements.look import Block, Look
from synth.elements.pen import Pen
from synth.elements.text import Setting, height_of, set_lines, wrap


def _setting(look: Look, align: str) -> Setting:
    size = look.caption_size
    return Setting(family(look.body)[look.caption_face], size, size * 1.15, look.scale, align)


def tabbed(look: Look, width: float, number: str, title: str) -> Block:
    """Return a caption whose title stands in a column of its own, right of its number."""
    setting = _setting(look, "l")
    tab = text_width(number, setting.font, setting.size, setting.scale) + setting.size * 2.6
    lines = wrap(title, max(width - tab, 60.0), setting)

    def paint(pen: Pen, x: float, y: float) -> None:
        set_lines(pen, [number], x, y, width, setting)
        set_lines(pen, lines, x + tab, y, width - tab, setting)

    longest = max(text_width(line, setting.font, setting.size, setting.scale) for line in lines)
    return Block("caption", min(width, tab + longest), height_of(len(lines), setting), paint)


def stacked(look: Look, width: float, texts: list[str], align: str = "c") -> Block:
    """Return a caption in which each text begins a new line."""
    setting = _setting(look, align)
    lines = [line for text in texts for line in wrap(text, width, setting)]

    def paint(pen: Pen, x: float, y: float) -> None:
        set_lines(pen, lines, x, y, width, setting)

    return Block("caption", width, height_of(len(lines), setting), paint)
