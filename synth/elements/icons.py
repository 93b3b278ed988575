"""Small signs: approvals, warnings, lead-free leaves, banners."""

from __future__ import annotations

import math

import numpy as np

from synth.elements.dice import pick
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "icons")


def icon(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a sign in the middle of a rectangle."""
    cx, cy, r = x + w / 2, y + h / 2, min(w, h) / 2 - 1
    color: Color = pick(rng, (BLACK, BLACK, (0.1, 0.55, 0.2), look.accent))
    pen.set(weight=r * 0.1, color=color)
    pick(rng, (_warning, _static, _free, _round, _plate, _leaf, _scales, _marks))(rng, look, pen, cx, cy, r, color)


def banner(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a slanted or straight ribbon with two lines of white capitals."""
    lean = h * _R.pick(rng, "banner_lean")
    font, fill = look.head_font(1), pick(rng, (BLACK, look.accent, (0.75, 0.1, 0.1)))
    fill = fill if sum(fill) < 1.8 else BLACK
    top = y + lean
    pen.path(
        [
            (x, top),
            (x + w, y),
            (x + w * 0.96, y + h * 0.4),
            (x + w, y + h - lean),
            (x, y + h),
            (x + w * 0.04, top + h * 0.4),
        ],
        True,
        fill,
        False,
    )
    first, second = pick(
        rng,
        (("EVALUATION KIT", "AVAILABLE"), ("NOT RECOMMENDED", "FOR NEW DESIGNS"), ("NEW", "PRODUCT"), ("LOW", "COST")),
    )
    size = min(h * 0.28, w / max(len(first), len(second)) * 1.3)
    pen.text(x + w / 2, y + h * 0.42 + lean / 2, first, font, size, WHITE, "c")
    pen.text(x + w / 2, y + h * 0.42 + lean / 2 + size * 1.15, second, font, size, WHITE, "c")


def _warning(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.path([(cx, cy - r), (cx + r, cy + r * 0.8), (cx - r, cy + r * 0.8)], True)
    pen.text(cx, cy + r * 0.6, "!", look.head_font(1), r * 1.1, color, "c")


def _static(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    """The sensitive-device triangle: a hand under a stroke."""
    pen.path([(cx, cy - r), (cx + r, cy + r * 0.8), (cx - r, cy + r * 0.8)], True, color, False)
    pen.set(weight=r * 0.14, color=WHITE)
    pen.bezier(
        [
            (cx - r * 0.45, cy + r * 0.55),
            (cx - r * 0.1, cy - r * 0.2),
            (cx + r * 0.1, cy + r * 0.1),
            (cx + r * 0.4, cy + r * 0.2),
        ]
    )
    pen.line(cx - r * 0.35, cy - r * 0.1, cx + r * 0.45, cy + r * 0.65)


def _free(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    _round(rng, look, pen, cx, cy, r, color)
    pen.line(cx - r * 0.7, cy + r * 0.7, cx + r * 0.7, cy - r * 0.7)


def _round(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.circle(cx, cy, r)
    pen.text(cx, cy + r * 0.3, pick(rng, ("Pb", "UL", "CE", "G", "VDE")), look.head_font(1), r * 0.8, color, "c")


def _plate(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    pen.rect(cx - r, cy - r * 0.7, 2 * r, 1.4 * r, fill=color, radius=pick(rng, (0.0, r * 0.2)))
    pen.text(
        cx, cy + r * 0.2, pick(rng, ("RoHS", "ESD", "e3", "Halogen", "USB")), look.head_font(1), r * 0.5, WHITE, "c"
    )


def _leaf(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    """A leaf with its vein, some with a word in it."""
    tip, stem = (cx + r, cy - r * 0.6), (cx - r, cy + r * 0.5)
    pen.bezier(
        [
            stem,
            (cx - r * 0.7, cy - r),
            (cx + r * 0.2, cy - r * 0.8),
            tip,
            (cx + r * 0.8, cy + r * 0.6),
            (cx - r * 0.2, cy + r * 0.9),
            stem,
        ],
        color,
        False,
    )
    pen.set(weight=r * 0.08, color=WHITE)
    pen.bezier([stem, (cx - r * 0.3, cy + r * 0.1), (cx + r * 0.3, cy - r * 0.1), tip])


def _scales(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    """A pair of scales in a triangle."""
    pen.path([(cx, cy - r), (cx + r, cy + r * 0.85), (cx - r, cy + r * 0.85)], True, color, False)
    pen.set(weight=r * 0.07, color=WHITE)
    pen.line(cx, cy - r * 0.4, cx, cy + r * 0.6)
    pen.line(cx - r * 0.35, cy, cx + r * 0.35, cy)
    for side in (-1, 1):
        at = cx + side * r * 0.35
        pen.path([(at, cy), (at - r * 0.18, cy + r * 0.4), (at + r * 0.18, cy + r * 0.4)], True)


def _marks(rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, r: float, color: Color) -> None:
    """Open arcs, as approvals have, or a cog."""
    if _R.chance(rng, "marks_are_arcs"):
        pen.set(weight=r * 0.16)
        for left in (cx - r * 0.2, cx + r * 0.75):
            pen.arc(left - r * 0.1, cy, r * 0.6, 90, 180)
        pen.line(cx + r * 0.15, cy, cx + r * 0.55, cy)
        return
    teeth, reach = 10, _R.uniform(rng, "cog_root")
    spots = [(2 * math.pi * k / (2 * teeth), r if k % 2 else r * reach) for k in range(2 * teeth)]
    pen.path([(cx + d * math.cos(a), cy + d * math.sin(a)) for a, d in spots], True, color, False)
    pen.circle(cx, cy, r * 0.5, fill=WHITE, stroke=False)
    pen.text(cx, cy + r * 0.16, pick(rng, ("UL", "TUV", "CB")), look.head_font(1), r * 0.45, color, "c")
