"""Board layouts: footprints, traces between their pads, copper areas, legends."""

from __future__ import annotations

import numpy as np

from synth.elements.dice import pick, sample
from synth.elements.look import Look
from synth.elements.pen import BLACK, WHITE, Color, Pen, Point
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "boards")

_GREEN: Color = (0.1, 0.35, 0.15)


def board(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    """Draw one layer of a board: copper on bare or coloured ground, or the legend of its parts."""
    ground = pick(rng, (None, None, None, _GREEN, (0.05, 0.1, 0.3)))
    copper: Color = pick(rng, (BLACK, (0.75, 0.2, 0.15), (0.15, 0.4, 0.75), (0.35, 0.35, 0.35)))
    copper = (0.85, 0.75, 0.3) if ground else copper
    legend = ground is None and _R.chance(rng, "is_legend")
    pen.set(weight=0.8, color=copper)
    pen.rect(x + 1, y + 1, w - 2, h - 2, fill=ground, radius=_R.pick(rng, "corner_radius"))
    columns, rows = max(2, int(w / _R.uniform(rng, "cell_width"))), max(2, int(h / _R.uniform(rng, "cell_height")))
    if not legend and _R.chance(rng, "has_copper_areas"):
        _areas(rng, pen, (x, y, w, h), copper)
    pads: list[Point] = []
    for index in range(columns * rows):
        cx = x + w * (index % columns + _R.uniform(rng, "part_across_cell")) / columns
        cy = y + h * (index // columns + _R.uniform(rng, "part_down_cell")) / rows
        pads += _footprint(rng, look, pen, cx, cy, min(w / columns, h / rows) * 0.8, copper, legend)
    if not legend:
        _traces(rng, pen, pads, copper)


def _areas(rng: np.random.Generator, pen: Pen, frame: tuple[float, float, float, float], copper: Color) -> None:
    """Fill some rectangles with copper, lighter than pads."""
    x, y, w, h = frame
    pale: Color = (0.55 + copper[0] * 0.45, 0.55 + copper[1] * 0.45, 0.55 + copper[2] * 0.45)
    for _ in range(_R.whole(rng, "copper_areas")):
        left, top = x + w * _R.uniform(rng, "area_left"), y + h * _R.uniform(rng, "area_top")
        wide, high = (x + w - left) * _R.uniform(rng, "area_width"), (y + h - top) * _R.uniform(rng, "area_height")
        pen.rect(left, top, wide, high, fill=pale, stroke=False)


def _footprint(
    rng: np.random.Generator, look: Look, pen: Pen, cx: float, cy: float, room: float, copper: Color, legend: bool
) -> list[Point]:
    """Draw one part's pads, or its outline and name; return the pads' centres."""
    kind = pick(rng, ("chip", "chip", "chip", "dual", "quad", "header", "hole"))
    side = room * _R.uniform(rng, "part_side")
    turned = _R.chance(rng, "part_is_turned")
    if kind == "hole":
        pen.circle(cx, cy, side * 0.25, fill=copper, stroke=False)
        pen.circle(cx, cy, side * 0.13, fill=WHITE, stroke=False)
        return []
    offsets = _pads(rng, kind, side)
    wide, high = (side * 0.2, side * 0.3) if kind == "chip" else (side * 0.22, side * 0.09)
    spots: list[Point] = []
    for dx, dy, upright in offsets:
        u, v = (dy, dx) if turned else (dx, dy)
        a, b = (high, wide) if upright != turned else (wide, high)
        spots.append((cx + u, cy + v))
        if kind == "header":
            pen.circle(cx + u, cy + v, side * 0.07, fill=None if legend else copper, stroke=legend)
        else:
            pen.rect(cx + u - a / 2, cy + v - b / 2, a, b, fill=None if legend else copper, stroke=legend)
    if legend:
        size = min(look.figure_size * 0.8, room * 0.25)
        name = f"{pick(rng, 'RRCCLDUQJ')}{_R.whole(rng, 'part_number')}"
        pen.text(cx, cy + size * 0.35, name, look.figure_font(), size, copper, "c")
    return spots


def _pads(rng: np.random.Generator, kind: str, side: float) -> list[tuple[float, float, bool]]:
    """Return pads as offsets from a part's middle in points, and whether each stands upright."""
    half = side / 2
    if kind == "chip":
        return [(-half * 0.5, 0.0, False), (half * 0.5, 0.0, False)]
    count = _R.pick(rng, "pads_a_side")
    steps = [half * (2 * (k + 0.5) / count - 1) * 0.85 for k in range(count)]
    if kind == "header":
        return [(0.0, step, False) for step in steps]
    sides = [(edge, step, False) for edge in (-half * 0.8, half * 0.8) for step in steps]
    if kind == "dual":
        return sides
    return sides + [(step, edge, True) for edge in (-half * 0.8, half * 0.8) for step in steps]


def _traces(rng: np.random.Generator, pen: Pen, pads: list[Point], copper: Color) -> None:
    """Join pads by tracks that bend by 45 degrees."""
    if len(pads) < 2:
        return
    pen.set(color=copper)
    thin = _R.uniform(rng, "trace_weight")
    for _ in range(len(pads) // 3 + 4):
        (ax, ay), (bx, by) = sample(rng, pads, 2)
        if abs(bx - ax) + abs(by - ay) > 140:
            continue
        pen.set(weight=thin * _R.pick(rng, "trace_widening"))
        slant = min(abs(bx - ax), abs(by - ay))
        mx, my = ax + slant * np.sign(bx - ax), ay + slant * np.sign(by - ay)
        pen.path([(ax, ay), (float(mx), float(my)), (bx, by)])
