"""Mathematical setting: text, fractions, roots and fences that nest, measured in font sizes around the middle axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synth.elements.fonts import text_width
from synth.elements.pen import Pen

_GAP = 0.35  # between neighbours in a row
_BASE = 0.35  # from the axis down to the baseline


class Node(Protocol):
    """A part of a formula."""

    @property
    def up(self) -> float:
        """How far it reaches above the axis, in font sizes."""
        ...

    @property
    def down(self) -> float:
        """How far it reaches below the axis, in font sizes."""
        ...

    def width(self, font: str) -> float:
        """Return its width in font sizes."""
        ...

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """Draw it with its left edge at x and its axis at y = `axis`, letters of `size` points."""
        ...


@dataclass(frozen=True)
class Words:
    """Marked-up text on one line."""

    text: str
    up: float = 0.45
    down: float = 0.6

    def width(self, font: str) -> float:
        """See `Node`."""
        return text_width(self.text, font, 1.0)

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """See `Node`."""
        pen.text(x, axis + size * _BASE, self.text, font, size)


@dataclass(frozen=True)
class Row:
    """Parts side by side on one axis."""

    parts: Sequence[Node]

    @property
    def up(self) -> float:
        """See `Node`."""
        return max(part.up for part in self.parts)

    @property
    def down(self) -> float:
        """See `Node`."""
        return max(part.down for part in self.parts)

    def width(self, font: str) -> float:
        """See `Node`."""
        return sum(part.width(font) + _GAP for part in self.parts) - _GAP

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """See `Node`."""
        for part in self.parts:
            part.draw(pen, x, axis, font, size)
            x += (part.width(font) + _GAP) * size

    def before(self, signs: Sequence[str], font: str) -> float | None:
        """Return the width of what stands before the first part that is one of `signs`; None if none is."""
        for index, part in enumerate(self.parts):
            if isinstance(part, Words) and part.text in signs:
                return Row(self.parts[:index]).width(font) + _GAP if index else 0.0
        return None


@dataclass(frozen=True)
class Over:
    """A fraction."""

    top: Node
    bottom: Node
    gap: float = 0.15

    @property
    def up(self) -> float:
        """See `Node`."""
        return self.gap + self.top.down + self.top.up

    @property
    def down(self) -> float:
        """See `Node`."""
        return self.gap + self.bottom.up + self.bottom.down

    def width(self, font: str) -> float:
        """See `Node`."""
        return max(self.top.width(font), self.bottom.width(font)) + 0.3

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """See `Node`."""
        wide = self.width(font)
        for part, shift in ((self.top, -self.gap - self.top.down), (self.bottom, self.gap + self.bottom.up)):
            part.draw(pen, x + (wide - part.width(font)) / 2 * size, axis + shift * size, font, size)
        pen.line(x, axis, x + wide * size, axis)


@dataclass(frozen=True)
class Root:
    """A square root."""

    inside: Node

    @property
    def up(self) -> float:
        """See `Node`."""
        return self.inside.up + 0.18

    @property
    def down(self) -> float:
        """See `Node`."""
        return self.inside.down

    def width(self, font: str) -> float:
        """See `Node`."""
        return self.inside.width(font) + 0.8

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """See `Node`."""
        top, low, wide = axis - (self.inside.up + 0.12) * size, axis + self.inside.down * 0.8 * size, self.width(font)
        tick = low - 0.45 * size
        hook = [(x, tick + 0.1 * size), (x + 0.2 * size, tick), (x + 0.4 * size, low), (x + 0.65 * size, top)]
        pen.path([*hook, (x + wide * size, top)])
        self.inside.draw(pen, x + 0.75 * size, axis, font, size)


@dataclass(frozen=True)
class Fence:
    """Round or square brackets as high as what they hold; `marks` is `()` or `[]`."""

    inside: Node
    marks: str = "()"

    @property
    def up(self) -> float:
        """See `Node`."""
        return self.inside.up + 0.05

    @property
    def down(self) -> float:
        """See `Node`."""
        return self.inside.down

    def width(self, font: str) -> float:
        """See `Node`."""
        return self.inside.width(font) + 0.9

    def draw(self, pen: Pen, x: float, axis: float, font: str, size: float) -> None:
        """See `Node`."""
        top, low, wide = axis - self.inside.up * size, axis + self.inside.down * size, self.width(font) * size
        for edge, inward in ((x + 0.3 * size, -1), (x + wide - 0.3 * size, 1)):
            tip = edge + inward * 0.18 * size
            if self.marks == "[]":
                pen.path([(edge, top), (tip, top), (tip, low), (edge, low)])
            else:
                mid = tip + inward * 0.12 * size
                pen.bezier([(edge, top), (mid, top + (low - top) * 0.3), (mid, top + (low - top) * 0.7), (edge, low)])
        self.inside.draw(pen, x + 0.45 * size, axis, font, size)
