"""Pictures of parts and boards: shaded packages in oblique view, rasters that look like photographs."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader

from synth.elements.dice import pick, whole
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges
from synth.page import Float32

_R = Ranges("pictures", "pictures")

_METAL: Color = (0.72, 0.72, 0.7)


def part(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a component in one of the usual housings."""
    pen.set(weight=0.4)
    pick(rng, (_box, _box, _dual_in_line, _dual_in_line, _axial, _tab, _round_top, _can, _surface))(
        rng, pen, x, y, w, h
    )


def photo(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw a raster: a part on a toned ground, or a populated board."""
    rows, columns = 90, max(30, int(90 * w / h))
    picture = (
        _still(rng, rows, columns) if _R.chance(rng, "photo_is_still") else _populated(rng, rows, columns)
    ) + rng.normal(0, 6, (rows, columns, 3))
    pen.image(ImageReader(Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))), x, y, w, h)


def _grey(level: float) -> Color:
    return (level, level, level)


def _slab(pen: Pen, x: float, y: float, w: float, h: float, depth: float, dark: float) -> None:
    """Draw a box in oblique view: its front's top left corner at (x, y + depth), lid going up and to the right."""
    top = y + depth
    pen.path([(x, top), (x + depth, y), (x + w + depth, y), (x + w, top)], True, _grey(dark * 1.6))
    pen.path([(x + w, top), (x + w + depth, y), (x + w + depth, y + h), (x + w, top + h)], True, _grey(dark * 0.6))
    pen.rect(x, top, w, h, fill=_grey(dark))


def _box(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A shaded body on straight legs."""
    depth, dark, legs = h * _R.uniform(rng, "box_depth"), _R.uniform(rng, "box_grey"), _R.whole(rng, "box_legs")
    bw, bh = w - depth - 6, (h - depth) * _R.uniform(rng, "box_height")
    for i in range(legs):
        pen.rect(x + 1 + bw * (i + 0.5) / legs, y + depth + bh, 4, min(h - depth - bh, 18), fill=_METAL)
    _slab(pen, x + 3, y, bw, bh, depth, dark)
    pen.circle(x + depth * 0.5 + 7, y + depth * 0.65, 2, fill=_grey(0.7))


def _dual_in_line(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A long body seen from a corner, legs down both sides, line art or shaded."""
    rise, legs, fill = h * _R.uniform(rng, "dual_rise"), _R.whole(rng, "dual_legs"), _grey(_R.pick(rng, "dual_grey"))
    bw, bh = w * 0.72, h * 0.22
    left, low = x + 2, y + h * 0.62
    side: Color = WHITE if fill == _grey(1.0) else _grey(fill[0] * 0.6)
    for i in range(legs):
        px, py = left + bw * (i + 0.4) / legs, low - rise * (i + 0.4) / legs
        pen.path(
            [
                (px, py),
                (px + bw * 0.5 / legs, py - rise * 0.5 / legs),
                (px + bw * 0.5 / legs, py + h * 0.3),
                (px, py + h * 0.34),
            ],
            True,
            _METAL,
        )
    back = w * 0.22
    pen.path([(left, low - bh), (left + bw, low - bh - rise), (left + bw, low - rise), (left, low)], True, side)
    pen.path(
        [
            (left, low - bh),
            (left + back, low - bh - h * 0.12),
            (left + bw + back, low - bh - rise - h * 0.03),
            (left + bw, low - bh - rise),
        ],
        True,
        fill,
    )
    pen.path(
        [
            (left + bw, low - bh - rise),
            (left + bw + back, low - bh - rise - h * 0.03),
            (left + bw + back, low - rise - h * 0.03),
            (left + bw, low - rise),
        ],
        True,
        side,
    )


def _axial(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A banded cylinder on its leads, level or slanted."""
    lean, cy, r = pick(rng, (0.0, h * 0.3)), y + h / 2, min(h * 0.2, w * 0.1)
    pen.set(weight=1.2, color=(0.5, 0.5, 0.5))
    pen.line(x + 1, cy + lean, x + w - 1, cy - lean)
    pen.set(weight=0.4, color=BLACK)
    half, tilt = w * _R.uniform(rng, "axial_half_length"), lean / w * 2
    corners = [(-half, -r), (half, -r), (half, r), (-half, r)]
    pen.path([(x + w / 2 + u, cy + v - u * tilt) for u, v in corners], True, _grey(_R.uniform(rng, "axial_grey")))
    band = [(half * 0.5, -r), (half * 0.75, -r), (half * 0.75, r), (half * 0.5, r)]
    pen.path([(x + w / 2 + u, cy + v - u * tilt) for u, v in band], True, _grey(0.9))


def _tab(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A power package: metal tab with its hole, body, three or five legs."""
    bw, legs = min(w * 0.6, h * 0.45), _R.pick(rng, "tab_legs")
    left, fill = x + w / 2 - bw / 2, _grey(_R.pick(rng, "tab_grey"))
    pen.rect(left, y + 1, bw, h * 0.28, fill=_METAL)
    pen.circle(x + w / 2, y + h * 0.14, bw * 0.16, fill=WHITE)
    pen.path(
        [
            (left, y + h * 0.25),
            (left + bw * 0.12, y + h * 0.2),
            (left + bw * 1.12, y + h * 0.2),
            (left + bw, y + h * 0.25),
        ],
        True,
        _grey(0.6),
    )
    pen.rect(left, y + h * 0.25, bw, h * 0.33, fill=fill)
    for i in range(legs):
        pen.rect(left + bw * (i + 0.35) / legs, y + h * 0.58, bw * 0.3 / legs, h * 0.4, fill=_METAL)


def _round_top(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A small plastic transistor: half-round lid, flat front, long legs."""
    bw = min(w * 0.6, h * 0.4)
    left, top = x + w / 2 - bw / 2, y + h * 0.18
    lid = [(left, top), (left, y - h * 0.04), (left + bw, y - h * 0.04), (left + bw, top)]
    pen.bezier([(px, max(py, y + 1)) for px, py in lid], _grey(0.5))
    pen.rect(left, top, bw, h * 0.3, fill=_grey(_R.pick(rng, "round_top_grey")))
    for i in range(3):
        pen.line(
            left + bw * (0.2 + 0.3 * i), top + h * 0.3, left + bw * (0.2 + 0.3 * i) + (i - 1) * bw * 0.12, y + h - 1
        )


def _can(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A metal can with its rim and legs, or a crystal."""
    bw = min(w * 0.7, h * 0.7)
    left, mid = x + w / 2 - bw / 2, y + h * 0.5
    for i in range(_R.pick(rng, "can_legs")):
        pen.line(left + bw * (0.25 + 0.17 * i), mid, left + bw * (0.25 + 0.17 * i), y + h - 1)
    pen.ellipse(x + w / 2, mid, bw * 0.5, h * 0.1, fill=_grey(0.75))
    pen.rect(left + bw * 0.1, y + h * 0.12, bw * 0.8, h * 0.36, fill=_grey(0.82))
    pen.ellipse(x + w / 2, y + h * 0.12, bw * 0.4, h * 0.08, fill=_grey(0.93))


def _surface(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """A flat package with gull wings on its near side."""
    depth, dark, legs = h * 0.3, _R.uniform(rng, "surface_grey"), _R.whole(rng, "surface_legs")
    bw, bh = w - depth - 4, h * 0.2
    top = y + h * 0.2
    _slab(pen, x + 1, top, bw, bh, depth, dark)
    for i in range(legs):
        px, py = x + 1 + bw * (i + 0.3) / legs, top + depth + bh * 0.5
        foot = bw * 0.45 / legs
        pen.path(
            [
                (px, py),
                (px + foot, py),
                (px + foot - 1, py + h * 0.2),
                (px + foot - 3, py + h * 0.24),
                (px - 4, py + h * 0.24),
                (px - 1, py + h * 0.2),
            ],
            True,
            _METAL,
        )


def _still(rng: np.random.Generator, rows: int, columns: int) -> Float32:
    """A dark part with pads on a lit ground, float32 (rows, columns, 3), 0-255."""
    v, u = np.mgrid[0:rows, 0:columns].astype(np.float32)
    ground = rng.random(3) * 120 + 100 + (v / rows * 60)[..., None] * (rng.random(3) - 0.5)
    angle, a, b = rng.random() * 3.14, columns * 0.32, rows * 0.25
    du, dv = u - columns / 2, v - rows / 2
    pu, pv = du * np.cos(angle) + dv * np.sin(angle), dv * np.cos(angle) - du * np.sin(angle)
    inside = ((np.abs(pu) < a) & (np.abs(pv) < b))[..., None]
    pads = ((np.abs(pv) < b * 1.35) & (np.abs(pu) < a) & ((pu // (a / 4)) % 2 == 0))[..., None] & ~inside
    return np.asarray(np.where(inside, rng.random(3) * 60 + 10, np.where(pads, 190.0, ground)), np.float32)


def _populated(rng: np.random.Generator, rows: int, columns: int) -> Float32:
    """A board with traces, chips and small parts, some on a white ground, float32 (rows, columns, 3), 0-255."""
    solder = pick(rng, ((20, 80, 40), (20, 50, 110), (120, 20, 25), (30, 30, 32)))
    picture = np.full((rows, columns, 3), 255 if _R.chance(rng, "populated_on_white") else 200, np.uint8)
    edge = _R.whole(rng, "populated_edge")
    cv2.rectangle(picture, (edge, edge), (columns - edge, rows - edge), solder, -1)
    for _ in range(_R.whole(rng, "populated_traces")):
        (top, low), (left, right) = rng.integers(edge, rows - edge, 2), rng.integers(edge, columns - edge, 2)
        cv2.line(picture, (int(left), int(top)), (int(right), int(low)), [min(255, c + 40) for c in solder], 1)
    for _ in range(_R.whole(rng, "populated_parts")):
        cx, cy, a, b = (
            whole(rng, 10, columns - 10),
            whole(rng, 8, rows - 8),
            _R.whole(rng, "populated_half_width"),
            _R.whole(rng, "populated_half_height"),
        )
        tone = pick(rng, ((25, 25, 28), (25, 25, 28), (190, 190, 180), (150, 110, 60)))
        cv2.rectangle(picture, (cx - a - 1, cy - b - 1), (cx + a + 1, cy + b + 1), (200, 200, 195), -1)
        cv2.rectangle(picture, (cx - a, cy - b), (cx + a, cy + b), tone, -1)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.6), np.float32)
