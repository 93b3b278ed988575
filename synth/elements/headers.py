"""Running headers; rules and bands that only decorate stay outside their boxes."""

from __future__ import annotations

from synth.elements.furniture import Running, mark, rule
from synth.elements.headers_display import DISPLAY
from synth.elements.headers_stacked import STACKED
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Pen

UPRIGHT = ("side", "upright", "strip")
"""Kinds that run along the page's side."""


def header(pen: Pen, look: Look, kind: str, run: Running, y: float) -> float:
    """Draw a running header whose top is at y and return the lowest point that it or its rules reach."""
    if kind == "none":
        return y
    bottom = _HEADERS[kind](pen, look, run, y)
    pen.set(weight=0.6, color=BLACK, dash=())
    return bottom


def _part_right(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = run.size * 1.5
    with pen.element("header"):
        pen.text(run.right, y + size, run.part, look.head_font(1), size, anchor="r")
    rule(pen, run, y + size * 1.6, 1.4)
    return y + size * 1.6 + 1.4


def _logo_left(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = run.size
    with pen.element("header"):
        mark(pen, look, run, run.left, y, 90, size * 2.6)
        pen.text(run.right, y + size * 1.1, run.part, look.head_font(1), size * 1.15, anchor="r")
        pen.text(run.right, y + size * 2.4, run.section, look.font(0), size, anchor="r")
    rule(pen, run, y + size * 3.3, 0.8, look.accent)
    return y + size * 3.3 + 1


def _bar(pen: Pen, look: Look, run: Running, y: float) -> float:
    high = run.size * 2.2
    fill = look.accent if sum(look.accent) < 1.8 else BLACK
    with pen.element("header"):
        pen.rect(run.left, y, run.right - run.left, high, fill=fill, stroke=False)
        pen.text(run.left + 6, y + high * 0.66, run.section, look.head_font(1), run.size, WHITE)
        pen.text(run.right - 6, y + high * 0.66, run.part, look.head_font(1), run.size * 1.1, WHITE, "r")
    return y + high


def _two_line(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = run.size
    with pen.element("header"):
        pen.text(run.left, y + size, f"{run.vendor}", look.font(0), size)
        pen.text(run.right, y + size, "Product specification", look.font(0), size, anchor="r")
        pen.set(weight=0.5)
        pen.line(run.left, y + size * 1.5, run.right, y + size * 1.5)
        pen.text(run.left, y + size * 3, run.section, look.head_font(0), size * 1.3)
        pen.text(run.right, y + size * 3, run.part, look.head_font(1), size * 1.3, anchor="r")
    rule(pen, run, y + size * 4.1, 1.0)
    return y + size * 4.1 + 1


def _boxed(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = run.size
    with pen.element("header"):
        pen.set(weight=0.7)
        pen.text(run.left, y + size, run.vendor, look.font(0), size * 0.9)
        pen.text(run.right, y + size, run.date, look.font(0), size * 0.9, anchor="r")
        pen.rect(run.left, y + size * 1.6, run.right - run.left, size * 3.2)
        pen.text(run.left + 8, y + size * 3.6, run.section, look.head_font(0), size * 1.3)
        pen.text(run.right - 8, y + size * 3.6, run.part, look.head_font(1), size * 1.3, anchor="r")
    return y + size * 4.9


def _band(pen: Pen, look: Look, run: Running, y: float) -> float:
    high = run.size * 3
    color = look.accent if look.accent != BLACK else (0.1, 0.2, 0.5)
    with pen.element("header"):
        pen.rect(0, y, pen.width, high, fill=color, stroke=False)
        pen.text(run.left, y + high * 0.65, run.vendor, look.head_font(3), run.size * 1.7, WHITE)
        pen.text(run.right, y + high * 0.62, run.part, look.head_font(1), run.size * 1.2, WHITE, "r")
    return y + high


def _stripe(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = run.size
    with pen.element("header"):
        mark(pen, look, run, run.left, y, 80, size * 2)
        pen.text(run.right, y + size * 1.6, run.part, look.head_font(1), size * 1.2, anchor="r")
    color = look.accent if look.accent != BLACK else (0.3, 0.3, 0.3)
    for index in range(3):
        shade = (
            color[0] + (1 - color[0]) * index / 4,
            color[1] + (1 - color[1]) * index / 4,
            color[2] + (1 - color[2]) * index / 4,
        )
        pen.rect(pen.width * index / 3, y + size * 2.9, pen.width / 3, 3, fill=shade, stroke=False)
    return y + size * 2.9 + 3


def _center(pen: Pen, look: Look, run: Running, y: float) -> float:
    with pen.element("header"):
        pen.text((run.left + run.right) / 2, y + run.size, f"{run.part}", look.head_font(1), run.size * 1.2, anchor="c")
    return y + run.size * 1.5


def _left_right(pen: Pen, look: Look, run: Running, y: float) -> float:
    left, right = (run.part, run.section) if run.seed % 2 else (run.section, run.part)
    with pen.element("header"):
        pen.text(run.left, y + run.size, left, look.head_font(1), run.size)
        pen.text(run.right, y + run.size, right, look.font(run.seed % 3 % 2), run.size, anchor="r")
    if run.seed % 5 < 3:
        rule(pen, run, y + run.size * 1.7, 0.6)
    return y + run.size * 1.7 + 1


def _left(pen: Pen, look: Look, run: Running, y: float) -> float:
    with pen.element("header"):
        pen.text(run.left, y + run.size * 1.1, run.part, look.head_font(1), run.size * 1.3, look.accent)
    if run.seed % 2:
        rule(pen, run, y + run.size * 1.9, 1.8, look.accent)
    return y + run.size * 1.9 + 2


def _side(pen: Pen, look: Look, run: Running, y: float) -> float:
    size = min(run.size * 1.3, 12.0)
    with pen.element("header"):
        x = min(run.right + 20, pen.width - size - 4)
        pen.text(x, y + 6, run.part, look.head_font(1), size, angle=-90)
    return y


def _table(pen: Pen, look: Look, run: Running, y: float) -> float:
    size, high = run.size, run.size * 3.6
    with pen.element("header"):
        pen.set(weight=0.7)
        third = (run.right - run.left) / 3
        pen.rect(run.left, y, 3 * third, high)
        for index in (1, 2):
            pen.line(run.left + index * third, y, run.left + index * third, y + high)
        mark(pen, look, run, run.left + 6, y + high * 0.25, third - 12, high * 0.5)
        pen.text(
            run.left + 1.5 * third,
            y + high * 0.6,
            f"{run.part} Specification"[:26],
            look.head_font(1),
            size,
            anchor="c",
        )
        pen.text(
            run.left + 2 * third + 5, y + size * 1.3, f"Document: DS-{run.seed % 9000 + 1000}", look.font(0), size * 0.8
        )
        pen.text(
            run.left + 2 * third + 5,
            y + size * 2.6,
            f"Rev. 1.{run.seed % 9}  {run.date}"[:28],
            look.font(0),
            size * 0.8,
        )
    return y + high


_HEADERS = {
    **DISPLAY,
    **STACKED,
    "part_right": _part_right,
    "logo_left": _logo_left,
    "bar": _bar,
    "two_line": _two_line,
    "boxed": _boxed,
    "band": _band,
    "stripe": _stripe,
    "center": _center,
    "left_right": _left_right,
    "left": _left,
    "side": _side,
    "table": _table,
}
