"""The sample's package: a picture, the outline drawing, the land pattern."""

from __future__ import annotations

from collections.abc import Sequence

from synth.elements.look import Block
from synth.elements.pen import WHITE, Pen, Point
from synth.sample.boxes import FONT


def part_picture() -> Block:
    """Return a shaded picture of the package."""
    width, height = 92, 58

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.4)
        depth, top, bw, bh = height * 0.42, y + height * 0.42, width * 0.66, height * 0.34
        for index in range(5):
            lx = x + 6 + bw * (index + 0.5) / 5
            pen.path(
                [
                    (lx - 2.5, top + bh * 0.7),
                    (lx + 2.5, top + bh * 0.7),
                    (lx + 2.5, y + height - 4),
                    (lx - 5, y + height - 1),
                    (lx - 9, y + height - 1),
                    (lx - 2.5, y + height - 6),
                ],
                True,
                (0.75, 0.75, 0.73),
            )
        pen.path(
            [(x + 4, top), (x + 4 + depth, top - depth), (x + 4 + depth + bw, top - depth), (x + 4 + bw, top)],
            True,
            (0.36, 0.37, 0.4),
        )
        pen.path(
            [
                (x + 4 + bw, top),
                (x + 4 + bw + depth, top - depth),
                (x + 4 + bw + depth, top - depth + bh),
                (x + 4 + bw, top + bh),
            ],
            True,
            (0.16, 0.16, 0.18),
        )
        pen.rect(x + 4, top, bw, bh, fill=(0.24, 0.25, 0.28))
        pen.ellipse(x + 16, top - 5, 3.4, 1.8, fill=(0.6, 0.6, 0.62), stroke=False)
        pen.set(weight=0.6)

    return Block("figure", width, height, paint)


def outline() -> Block:
    """Return the outline drawing: top, side and end view with dimension letters, 290 by 210 points."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=1.0)
        pen.rect(x + 44, y + 34, 100, 84)
        pen.circle(x + 54, y + 108, 4)
        for index in range(5):
            at = x + 58 + 18 * index
            for top in (y + 14, y + 118):
                pen.rect(at - 3.5, top, 7, 20)
        _extension(pen, ((x + 44, y + 34, x + 44, y + 4), (x + 144, y + 34, x + 144, y + 4)))
        _dimension(pen, (x + 44, y + 7), (x + 144, y + 7), "D")
        _extension(pen, ((x + 144, y + 34, x + 172, y + 34), (x + 144, y + 118, x + 172, y + 118)))
        _dimension(pen, (x + 166, y + 34), (x + 166, y + 118), "E1")
        _extension(pen, ((x + 54, y + 14, x + 14, y + 14), (x + 54, y + 138, x + 14, y + 138)))
        _dimension(pen, (x + 20, y + 14), (x + 20, y + 138), "E")
        _extension(pen, ((x + 112, y + 140, x + 112, y + 156), (x + 130, y + 140, x + 130, y + 156)))
        _dimension(pen, (x + 112, y + 152), (x + 130, y + 152), "e")
        _side_view(pen, x + 44, y + 172)
        _end_view(pen, x + 196, y + 60)
        pen.set(weight=0.6)

    return Block("package_drawing", 290, 210, paint)


def _dimension(pen: Pen, a: Point, b: Point, text: str) -> None:
    """Draw a dimension line between two points with its letter at the middle."""
    pen.set(weight=0.4)
    pen.arrow(*a, *b, 4, both=True)
    mx, my = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    pen.rect(mx - 5, my - 4, 10, 8, fill=WHITE, stroke=False)
    pen.text(mx, my + 2.5, text, FONT, 7, anchor="c")


def _extension(pen: Pen, lines: Sequence[tuple[float, float, float, float]]) -> None:
    pen.set(weight=0.4)
    for line in lines:
        pen.line(*line)


def _side_view(pen: Pen, x: float, y: float) -> None:
    pen.set(weight=1.0)
    pen.rect(x, y, 100, 22)
    for index in range(5):
        pen.rect(x + 10.5 + 18 * index, y + 16, 7, 14, fill=WHITE)
    _extension(pen, ((x - 28, y + 30, x + 120, y + 30), (x - 28, y, x - 2, y)))
    _dimension(pen, (x - 22, y), (x - 22, y + 30), "A")
    pen.text(x + 122, y + 33, "seating plane", FONT, 6.5)


def _end_view(pen: Pen, x: float, y: float) -> None:
    pen.set(weight=1.0)
    pen.path([(x + 16, y + 11), (x + 19, y), (x + 67, y), (x + 70, y + 11), (x + 67, y + 22), (x + 19, y + 22)], True)
    for sign, edge in ((-1, x + 16), (1, x + 70)):
        pen.path([(edge, y + 9), (edge + sign * 5, y + 9), (edge + sign * 9, y + 27), (edge + sign * 18, y + 27)])
        pen.path(
            [
                (edge, y + 13),
                (edge + sign * 2.5, y + 13),
                (edge + sign * 6.5, y + 31),
                (edge + sign * 18, y + 31),
                (edge + sign * 18, y + 27),
            ]
        )
    _extension(pen, ((x + 76, y + 33, x + 76, y + 48), (x + 88, y + 33, x + 88, y + 48)))
    _dimension(pen, (x + 76, y + 45), (x + 88, y + 45), "L")


def land_pattern() -> Block:
    """Return the recommended land pattern, 170 by 130 points."""

    def paint(pen: Pen, x: float, y: float) -> None:
        pen.set(weight=0.8)
        for index in range(5):
            at = x + 20 + 24 * index
            for top in (y + 14, y + 88):
                pen.rect(at, top, 12, 26, fill=(0.82, 0.82, 0.82))
        _extension(
            pen,
            (
                (x + 134, y + 14, x + 160, y + 14),
                (x + 134, y + 114, x + 160, y + 114),
                (x + 98, y + 14, x + 98, y + 2),
                (x + 122, y + 14, x + 122, y + 2),
            ),
        )
        pen.arrow(x + 152, y + 14, x + 152, y + 114, 4, both=True)
        pen.text(x + 149, y + 64, "5.10", FONT, 7, anchor="c", angle=90)
        pen.arrow(x + 98, y + 5, x + 122, y + 5, 3, both=True)
        pen.text(x + 94, y + 8, "0.50", FONT, 7, anchor="r")
        _extension(pen, ((x + 20, y + 116, x + 20, y + 128), (x + 32, y + 116, x + 32, y + 128)))
        pen.arrow(x + 8, y + 124, x + 20, y + 124, 3)
        pen.arrow(x + 44, y + 124, x + 32, y + 124, 3)
        pen.text(x + 47, y + 126.5, "0.30", FONT, 7)
        pen.set(weight=0.6)

    return Block("package_drawing", 170, 130, paint)
