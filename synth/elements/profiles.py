"""Profiles over time: bare axes, one trace of straight parts, levels and spans named in the plot, without a grid."""

from __future__ import annotations

import numpy as np

from synth.elements.dice import pick, sample
from synth.elements.fonts import text_width
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Pen, Point, Rect
from synth.elements.ranges import Ranges

_R = Ranges("plots", "profiles")
PROFILES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "soldering": (
        ("T_{SMIN}", "T_{SMAX}", "T_{L}", "T_{P}"),
        ("Preheat", "t_{S}", "t_{L}", "t_{P}", "Ramp-up", "Cooling", "Reflow"),
        ("Temperature", "T (°C)", "Temperature (°C)"),
    ),
    "charging": (
        ("V_{START}", "V_{LOW}", "V_{FC}", "V_{REG}"),
        ("Phase 1", "Phase 2", "Fast charge", "Taper", "Precharge", "Top-off"),
        ("Battery Voltage", "V_{BAT}", "Voltage (V)"),
    ),
}
"""Of each kind of profile: names of levels from low to high, names of spans, titles of the upright axis."""


def profile(rng: np.random.Generator, look: Look, width: float, height: float, kind: str) -> Block:
    """Return a profile of a kind, one of `PROFILES`, of the given outer size."""
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        _draw(np.random.default_rng(seed), look, pen, kind, (x, y, width, height))
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("characteristic_curve", width, height, paint)


def _draw(rng: np.random.Generator, look: Look, pen: Pen, kind: str, area: Rect) -> None:
    x, y, w, h = area
    levels, spans, titles = PROFILES[kind]
    size, font = look.figure_size, look.figure_font(0)
    left, low = x + size * _R.uniform(rng, "left_margin"), y + h - size * 2.2
    pen.set(weight=look.figure_weight * _R.uniform(rng, "axis_weight"), color=BLACK, dash=())
    if _R.chance(rng, "axes_have_arrows"):
        pen.arrow(left, low, left, y + 1, 4)
        pen.arrow(left, low, x + w - 1, low, 4)
    else:
        pen.path([(left, y + 1), (left, low), (x + w - 1, low)])
    trace = _trace(rng, left, low, x + w - size * 3, y + size * 1.6)
    pen.set(weight=look.figure_weight * _R.uniform(rng, "trace_weight"))
    pen.path(trace)
    pen.set(weight=look.figure_weight * 0.7, dash=(2, 2))
    for name, (at, level) in zip(levels, trace[1:-1], strict=False):
        if _R.chance(rng, "level_is_named"):
            pen.line(left, level, at, level)
            pen.text(left - 3, level + size * 0.35, name, font, size, anchor="r")
    pen.set(dash=())
    for (start, _), (stop, _), name in zip(trace, trace[1:], sample(rng, spans, len(trace)), strict=False):
        if stop - start > size * 3 and _R.chance(rng, "span_is_named"):
            at = low - size * _R.uniform(rng, "span_height")
            pen.arrow(start, at, stop, at, 3)
            pen.text((start + stop) / 2, at - 2, name, font, size * 0.9, anchor="c")
    pen.text((left + x + w) / 2, y + h - 2, pick(rng, ("Time", "Time (s)", "t", "TIME")), font, size, anchor="c")
    title = pick(rng, titles)
    pen.text(x + size, (y + low) / 2 + text_width(title, font, size) / 2, title, font, size, angle=90)


def _trace(rng: np.random.Generator, left: float, low: float, right: float, top: float) -> list[Point]:
    """Return the corners of a trace that climbs in steps, and falls or stays at its end."""
    count = _R.whole(rng, "corners")
    stops, climbs = (np.cumsum([_R.uniform(rng, "step_share") for _ in range(n)]) for n in (count, count - 1))
    heights = climbs / climbs[-1]
    last = 1.0 if _R.chance(rng, "stays_high") else _R.uniform(rng, "end_height")
    at = left + (right - left) * stops / stops[-1]
    rise = low - (low - top) * np.append(heights, last)
    return [(left, low), *((float(a), float(b)) for a, b in zip(at, rise, strict=True))]
