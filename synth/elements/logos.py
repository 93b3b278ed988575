"""Makers' marks: invented signs, names and how they stand together."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from synth.elements import words
from synth.elements.dice import pick
from synth.elements.fonts import text_width
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "logos")

_SECOND = (
    "SEMICONDUCTOR",
    "MICROELECTRONICS",
    "DEVICES",
    "TECHNOLOGY",
    "The analog people",
    "Integrated Circuits",
    "POWER",
)


def logo(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a mark inside a rectangle: a sign, a name, or both, in one of many arrangements."""
    name = pick(rng, words.vocabulary("vendors"))
    name = pick(rng, (name, name, name.upper(), name.split()[0].lower()))
    color: Color = pick(rng, (look.accent, look.accent, BLACK, (0.05, 0.2, 0.5), (0.8, 0.1, 0.1)))
    draw = pick(rng, (_beside, _beside, _beside, _above, _word, _word, _plate, _tiles, _oval, _sign_only))
    draw(rng, pen, _Name(name, look.head_font(_R.pick(rng, "name_face")), color), x, y, w, h)


class _Name:
    """A name with its font and colour."""

    def __init__(self, text: str, font: str, color: Color) -> None:
        self.text, self.font, self.color = text, font, color

    def write(
        self, pen: Pen, x: float, y: float, w: float, h: float, anchor: str = "l", color: Color | None = None
    ) -> float:
        """Write it as large as fits (x, y, w, h) and return its width in points."""
        unit = text_width(self.text, self.font, 1.0)
        size = min(h * 1.2, w / unit)
        at = {"l": x, "c": x + w / 2, "r": x + w}[anchor]
        pen.text(
            at, y + h / 2 + size * 0.36, self.text, self.font, size, self.color if color is None else color, anchor
        )
        return unit * size


def _beside(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """Sign left of the name, which may have a second line."""
    side = min(h, w * 0.35)
    pick(rng, _SIGNS)(rng, pen, x + side / 2, y + h / 2, side * 0.48, name.color)
    left, room = x + side * 1.15, w - side * 1.15
    color = pick(rng, (name.color, BLACK))
    if _R.chance(rng, "has_second_line"):
        wide = name.write(pen, left, y + h * 0.08, room, h * 0.5, color=color)
        second = _Name(pick(rng, _SECOND), name.font, BLACK)
        second.write(pen, left, y + h * 0.66, min(wide, room), h * 0.24)
    else:
        name.write(pen, left, y + h * 0.22, room, h * 0.56, color=color)


def _above(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """Sign over the name."""
    pick(rng, _SIGNS)(rng, pen, x + w / 2, y + h * 0.33, h * 0.3, name.color)
    name.write(pen, x, y + h * 0.7, w, h * 0.28, "c")


def _word(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """The name alone, some between bars, over a swoosh, or with a registered sign."""
    wide = name.write(pen, x, y + h * 0.2, w * 0.92, h * 0.6)
    kind = pick(rng, ("bars", "swoosh", "under", "none", "registered"))
    if kind == "bars":
        for top in (y, y + h * 0.9):
            pen.rect(x, top, wide, h * 0.1, fill=pick(rng, (name.color, BLACK)), stroke=False)
    elif kind == "swoosh":
        low = y + h * 0.86
        points = [
            (x, low),
            (x + wide * 0.3, low + h * 0.2),
            (x + wide * 0.7, low - h * 0.15),
            (x + wide, low - h * 0.1),
        ]
        pen.set(weight=h * 0.06, color=name.color)
        pen.bezier(points)
    elif kind == "under":
        pen.rect(x, y + h * 0.88, wide, h * 0.06, fill=BLACK, stroke=False)
    elif kind == "registered":
        pen.text(x + wide + 1, y + h * 0.35, "®", name.font, h * 0.25, name.color)


def _plate(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """White name on a filled plate."""
    dark = name.color if sum(name.color) < 2 else BLACK
    pen.rect(x, y, w, h, fill=dark, stroke=False, radius=pick(rng, (0.0, 0.0, h * 0.2)))
    name.write(pen, x + w * 0.06, y + h * 0.25, w * 0.88, h * 0.5, "c", WHITE)


def _tiles(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """Each letter of a short name on a tile of its own."""
    letters = name.text.replace(" ", "").upper()[: _R.whole(rng, "tiles")]
    side = min(h, w / len(letters))
    for index, letter in enumerate(letters):
        left = x + index * side
        pen.rect(left, y + (h - side) / 2, side * 0.92, side, fill=name.color, stroke=False)
        white = WHITE if sum(name.color) < 2 else BLACK
        pen.text(left + side * 0.46, y + h / 2 + side * 0.27, letter, name.font, side * 0.75, white, "c")


def _oval(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    """The name in an ellipse, filled or not."""
    filled = _R.chance(rng, "oval_is_filled")
    pen.set(weight=max(h * 0.05, 0.5), color=name.color)
    pen.ellipse(x + w / 2, y + h / 2, w * 0.48, h * 0.46, fill=name.color if filled else None)
    dark = WHITE if filled and sum(name.color) < 2 else BLACK if filled else name.color
    name.write(pen, x + w * 0.17, y + h * 0.3, w * 0.66, h * 0.4, "c", dark)


def _sign_only(rng: np.random.Generator, pen: Pen, name: _Name, x: float, y: float, w: float, h: float) -> None:
    side = min(w, h)
    pick(rng, _SIGNS)(rng, pen, x + side / 2, y + h / 2, side * 0.48, name.color)


def _disc(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.circle(cx, cy, r, fill=color, stroke=False)
    kind = pick(rng, ("bar", "wedge", "holes"))
    if kind == "bar":
        pen.rect(cx - r * 0.5, cy - r * 0.15, r, r * 0.3, fill=WHITE, stroke=False)
    elif kind == "wedge":
        pen.path([(cx - r * 0.4, cy - r * 0.6), (cx + r * 0.7, cy), (cx - r * 0.4, cy + r * 0.6)], True, WHITE, False)
    else:
        for side in (-1, 1):
            pen.circle(cx + side * r * 0.38, cy, r * 0.26, fill=WHITE, stroke=False)


def _ring(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.set(weight=r * 0.2, color=color)
    pen.circle(cx, cy, r * 0.88)
    if _R.chance(rng, "ring_is_globe"):
        pen.line(cx - r * 0.8, cy, cx + r * 0.8, cy)
        pen.ellipse(cx, cy, r * 0.4, r * 0.88)


def _polygon(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    sides, turn = _R.whole(rng, "polygon_sides"), _R.pick(rng, "polygon_turn")
    angles = [2 * math.pi * (k + turn) / sides - math.pi / 2 for k in range(sides)]
    pen.path([(cx + r * math.cos(a), cy + r * math.sin(a)) for a in angles], True, color, False)
    if _R.chance(rng, "polygon_is_hollow"):
        inner = r * _R.uniform(rng, "polygon_hole")
        pen.path([(cx + inner * math.cos(a), cy + inner * math.sin(a)) for a in angles], True, WHITE, False)


def _square(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.rect(cx - r, cy - r, 2 * r, 2 * r, fill=color, stroke=False)
    kind = pick(rng, ("play", "stripes", "corner", "bolt"))
    if kind == "play":
        pen.path(
            [(cx - r * 0.6, cy - r * 0.75), (cx + r * 0.75, cy), (cx - r * 0.6, cy + r * 0.75)], True, WHITE, False
        )
    elif kind == "stripes":
        for step in range(3):
            pen.rect(cx - r, cy - r * 0.6 + step * r * 0.55, 2 * r, r * 0.16, fill=WHITE, stroke=False)
    elif kind == "corner":
        pen.rect(cx - r * 0.1, cy - r * 0.8, r * 0.9, r * 0.9, fill=WHITE, stroke=False)
    else:
        bolt = [(0.2, -0.8), (-0.5, 0.15), (0.0, 0.15), (-0.2, 0.8), (0.5, -0.15), (0.0, -0.15)]
        pen.path([(cx + u * r, cy + v * r) for u, v in bolt], True, WHITE, False)


def _bars(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    count, lean = _R.whole(rng, "bars"), _R.pick(rng, "bar_lean")
    step = 2 * r / count
    for i in range(count):
        left, top = cx - r + i * step, cy - r + pick(rng, (0.0, i * r * 0.25))
        wide, tilt = step * 0.65, lean * step
        pen.path(
            [(left + tilt, top), (left + tilt + wide, top), (left + wide, cy + r), (left, cy + r)], True, color, False
        )


def _wave(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.set(weight=r * 0.16, color=color)
    for step in range(_R.whole(rng, "waves")):
        low = cy - r * 0.5 + step * r * 0.5
        pen.bezier([(cx - r, low), (cx - r * 0.4, low - r * 0.6), (cx + r * 0.4, low + r * 0.6), (cx + r, low)])


def _chip(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    side = r * 1.3
    pen.rect(cx - side / 2, cy - side / 2, side, side, fill=color, stroke=False)
    for k in range(3):
        at = -side / 2 + side * (k + 0.5) / 3 - r * 0.07
        pen.rect(cx + at, cy - r, r * 0.14, 2 * r, fill=color, stroke=False)
        pen.rect(cx - r, cy + at, 2 * r, r * 0.14, fill=color, stroke=False)
    pen.rect(cx - side * 0.25, cy - side * 0.25, side * 0.5, side * 0.5, fill=WHITE, stroke=False)


def _quarters(rng: np.random.Generator, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pale: Color = (0.5 + color[0] / 2, 0.5 + color[1] / 2, 0.5 + color[2] / 2)
    for index, (u, v) in enumerate(((-1, -1), (0.06, -1), (-1, 0.06), (0.06, 0.06))):
        fill = pale if index in _R.pick(rng, "pale_quarters") else color
        pen.rect(cx + u * r, cy + v * r, r * 0.94, r * 0.94, fill=fill, stroke=False)


_Sign = Callable[[np.random.Generator, Pen, float, float, float, Color], None]
_SIGNS: tuple[_Sign, ...] = (_disc, _ring, _polygon, _square, _square, _bars, _wave, _chip, _quarters)
