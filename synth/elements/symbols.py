"""Schematic symbols; each is drawn around its centre or between two points."""

from __future__ import annotations

import math
from collections.abc import Callable

from synth.elements.pen import BLACK, WHITE, Pen, Point

TwoTerminal = Callable[[Pen, Callable[[float, float], Point], float], None]


def two_terminal(pen: Pen, kind: str, x0: float, y0: float, x1: float, y1: float, unit: float) -> None:
    """Draw a component of length about 2 `unit` in the middle of a wire from (x0, y0) to (x1, y1)."""
    length = math.hypot(x1 - x0, y1 - y0)
    if length < 1e-6:
        return
    ux, uy = (x1 - x0) / length, (y1 - y0) / length
    half = min(
        unit * (0.16 if kind == "capacitor" else 0.3 if kind == "battery" else 0.7 if kind == "crystal" else 1.0),
        length / 2,
    )

    def at(along: float, across: float) -> Point:
        return x0 + ux * (length / 2 + along) - uy * across, y0 + uy * (length / 2 + along) + ux * across

    a, b = at(-half, 0), at(half, 0)
    pen.line(x0, y0, *a)
    pen.line(*b, x1, y1)
    _SHAPES[kind](pen, at, half if kind not in ("capacitor", "battery") else unit * 0.6)


def _zigzag(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    pen.path([at(-s, 0), *(at(-s + s * (i + 0.5) / 3, (0.35 if i % 2 else -0.35) * s) for i in range(6)), at(s, 0)])


def _box(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    pen.path([at(-s, -s * 0.35), at(s, -s * 0.35), at(s, s * 0.35), at(-s, s * 0.35)], True)


def _capacitor(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    gap = s * 0.16 / 0.6
    pen.line(*at(-gap, -s), *at(-gap, s))
    pen.line(*at(gap, -s), *at(gap, s))


def _battery(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    for along, across in ((-0.5, 1.0), (-0.15, 0.5), (0.15, 1.0), (0.5, 0.5)):
        pen.line(*at(along * s, -across * s), *at(along * s, across * s))


def _inductor(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    points = [at(-s, 0)]
    for i in range(4):
        a = -s + i * s / 2
        points += [at(a, -0.5 * s), at(a + s / 2, -0.5 * s), at(a + s / 2, 0)]
    pen.bezier(points)


def _diode(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    pen.path([at(-s * 0.5, -s * 0.5), at(s * 0.5, 0), at(-s * 0.5, s * 0.5)], True, BLACK)
    pen.line(*at(-s, 0), *at(s, 0))
    pen.line(*at(s * 0.5, -s * 0.5), *at(s * 0.5, s * 0.5))


def _zener(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    pen.path([at(-s * 0.5, -s * 0.5), at(s * 0.5, 0), at(-s * 0.5, s * 0.5)], True)
    pen.line(*at(-s, 0), *at(-s * 0.5, 0))
    pen.line(*at(s, 0), *at(s * 0.5, 0))
    pen.path([at(s * 0.25, -s * 0.6), at(s * 0.5, -s * 0.5), at(s * 0.5, s * 0.5), at(s * 0.75, s * 0.6)])


def _led(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    _zener(pen, at, s)
    for shift in (0.0, 0.35):
        pen.arrow(*at(shift * s - 0.2 * s, 0.6 * s), *at(shift * s + 0.2 * s, 1.1 * s), s * 0.3)


def _source(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    cx, cy = at(0, 0)
    pen.circle(cx, cy, s * 0.75)
    pen.line(*at(-s, 0), *at(-s * 0.75, 0))
    pen.line(*at(s, 0), *at(s * 0.75, 0))
    pen.arrow(*at(-s * 0.45, 0), *at(s * 0.45, 0), s * 0.35)


def _switch(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    pen.circle(*at(-s * 0.85, 0), s * 0.15, fill=WHITE)
    pen.circle(*at(s * 0.85, 0), s * 0.15, fill=WHITE)
    pen.line(*at(-s * 0.75, -s * 0.1), *at(s * 0.7, -s * 0.6))


def _crystal(pen: Pen, at: Callable[[float, float], Point], s: float) -> None:
    for along in (-s * 0.9, s * 0.9):
        pen.line(*at(along, -s), *at(along, s))
    pen.path([at(-s * 0.5, -s * 0.8), at(s * 0.5, -s * 0.8), at(s * 0.5, s * 0.8), at(-s * 0.5, s * 0.8)], True)


_SHAPES: dict[str, TwoTerminal] = {
    "resistor": _zigzag,
    "resistor-box": _box,
    "capacitor": _capacitor,
    "battery": _battery,
    "inductor": _inductor,
    "diode": _diode,
    "zener": _zener,
    "led": _led,
    "source": _source,
    "switch": _switch,
    "crystal": _crystal,
}


def ground(pen: Pen, x: float, y: float, s: float, style: int = 0) -> None:
    """Draw a ground whose wire ends at (x, y): 0 rungs, 1 triangle, 2 bar."""
    if style == 1:
        pen.path([(x - s * 0.6, y), (x + s * 0.6, y), (x, y + s * 0.7)], True)
    elif style == 2:
        pen.line(x - s * 0.6, y, x + s * 0.6, y)
    else:
        for i, wide in enumerate((0.7, 0.45, 0.2)):
            pen.line(x - s * wide, y + i * s * 0.28, x + s * wide, y + i * s * 0.28)


def supply(pen: Pen, x: float, y: float, s: float, label: str, font: str, size: float) -> None:
    """Draw a supply mark above (x, y) with its label."""
    pen.line(x - s * 0.5, y, x + s * 0.5, y)
    pen.text(x, y - 1.5, label, font, size, anchor="c")


def bipolar(
    pen: Pen, x: float, y: float, s: float, pnp: bool = False, ring: bool = False
) -> tuple[Point, Point, Point]:
    """Draw a transistor and return its base, collector (upper) and emitter (lower) ends."""
    if ring:
        pen.circle(x + s * 0.15, y, s * 0.95)
    pen.line(x - s, y, x - s * 0.25, y)
    pen.line(x - s * 0.25, y - s * 0.55, x - s * 0.25, y + s * 0.55)
    pen.line(x - s * 0.25, y - s * 0.2, x + s * 0.4, y - s * 0.65)
    pen.line(x - s * 0.25, y + s * 0.2, x + s * 0.4, y + s * 0.65)
    if pnp:
        pen.head(x + s * 0.4, y - s * 0.65, x - s * 0.15, y - s * 0.27, s * 0.35)
    else:
        pen.head(x - s * 0.25, y + s * 0.2, x + s * 0.4, y + s * 0.65, s * 0.35)
    pen.line(x + s * 0.4, y - s * 0.65, x + s * 0.4, y - s)
    pen.line(x + s * 0.4, y + s * 0.65, x + s * 0.4, y + s)
    return (x - s, y), (x + s * 0.4, y - s), (x + s * 0.4, y + s)


def mosfet(
    pen: Pen, x: float, y: float, s: float, p_channel: bool = False, ring: bool = False
) -> tuple[Point, Point, Point]:
    """Draw a MOSFET and return its gate, drain (upper) and source (lower) ends."""
    if ring:
        pen.circle(x + s * 0.1, y, s * 1.0)
    pen.line(x - s, y + s * 0.4, x - s * 0.4, y + s * 0.4)
    pen.line(x - s * 0.4, y - s * 0.5, x - s * 0.4, y + s * 0.5)
    for shift in (-0.45, 0.0, 0.45):
        pen.line(x - s * 0.22, y + s * (shift - 0.17), x - s * 0.22, y + s * (shift + 0.17))
        pen.line(x - s * 0.22, y + s * shift, x + s * 0.4, y + s * shift)
    tip = (x + s * 0.25, y) if p_channel else (x - s * 0.2, y)
    pen.head(x + (-s * 0.2 if p_channel else s * 0.25), y, *tip, s * 0.35)
    pen.line(x + s * 0.4, y, x + s * 0.4, y + s)
    pen.line(x + s * 0.4, y - s * 0.45, x + s * 0.4, y - s)
    return (x - s, y + s * 0.4), (x + s * 0.4, y - s), (x + s * 0.4, y + s)


def opamp(pen: Pen, x: float, y: float, s: float, flip: bool = False) -> tuple[Point, Point, Point]:
    """Draw an amplifier triangle and return its inverting, non-inverting and output points."""
    pen.path([(x - s, y - s), (x + s, y), (x - s, y + s)], True)
    low, high = (y + s * 0.5, y - s * 0.5) if flip else (y - s * 0.5, y + s * 0.5)
    pen.line(x - s * 0.85, low, x - s * 0.55, low)
    pen.line(x - s * 0.85, high, x - s * 0.55, high)
    pen.line(x - s * 0.7, high - s * 0.15, x - s * 0.7, high + s * 0.15)
    return (x - s, low), (x - s, high), (x + s, y)


def gate(pen: Pen, kind: str, x: float, y: float, s: float) -> tuple[Point, Point, Point]:
    """Draw a logic gate and return its two inputs and its output.

    Args:
        pen: draws.
        kind: `and`, `or`, `xor`, `buffer`, or their inversions `nand`, `nor`, `xnor`, `not`.
        x: centre.
        y: centre.
        s: half the width in points.
    """
    invert = kind in ("nand", "nor", "xnor", "not")
    base = {"nand": "and", "nor": "or", "xnor": "xor", "not": "buffer"}.get(kind, kind)
    left, right = x - s, x + s * 0.8
    if base == "buffer":
        pen.path([(left, y - s * 0.8), (right, y), (left, y + s * 0.8)], True)
    elif base == "and":
        pen.bezier([(x, y - s * 0.8), (x + s * 1.05, y - s * 0.8), (x + s * 1.05, y + s * 0.8), (x, y + s * 0.8)])
        pen.path([(x, y - s * 0.8), (left, y - s * 0.8), (left, y + s * 0.8), (x, y + s * 0.8)])
    else:
        pen.bezier([(left, y - s * 0.8), (x + s * 0.2, y - s * 0.8), (x + s * 0.5, y - s * 0.5), (right, y)])
        pen.bezier([(left, y + s * 0.8), (x + s * 0.2, y + s * 0.8), (x + s * 0.5, y + s * 0.5), (right, y)])
        for shift in (0.0, *((-s * 0.25,) if base == "xor" else ())):
            pen.bezier(
                [
                    (left + shift, y - s * 0.8),
                    (left + s * 0.4 + shift, y - s * 0.3),
                    (left + s * 0.4 + shift, y + s * 0.3),
                    (left + shift, y + s * 0.8),
                ]
            )
    if invert:
        pen.circle(right + s * 0.15, y, s * 0.15, fill=WHITE)
        right += s * 0.3
    inset = s * 0.25 if base in ("or", "xor") else 0.0
    return (left + inset, y - s * 0.4), (left + inset, y + s * 0.4), (right, y)


def dot(pen: Pen, x: float, y: float, r: float = 1.2) -> None:
    """Draw a junction."""
    pen.circle(x, y, r, fill=BLACK, stroke=False)
