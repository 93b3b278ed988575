"""Profiles over time: bare axes, one trace of straight parts, levels and spans named in the plot, without a grid."""

from __future__ import annotations

import numpy as np

from synth.elements import words
from synth.elements.dice import pick, sample
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Pen, Point
from synth.elements.ranges import Ranges

_R = Ranges("plots", "profiles")
_LEVELS = ("T_{P}", "T_{L}", "T_{SMAX}", "T_{SMIN}", "V_{REG}", "I_{CHG}", "V_{LOW}", "I_{TERM}", "V_{START}")
_SPANS = ("Preheat", "t_{S}", "t_{L}", "t_{P}", "Ramp-up", "Cooling", "Reflow", "Phase 1", "Fast charge", "Taper")


def profile(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return a soldering or charging profile of the given outer size."""
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        _draw(np.random.default_rng(seed), look, pen, x, y, width, height)
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("characteristic_curve", width, height, paint)


def _draw(rng: np.random.Generator, look: Look, pen: Pen, x: float, y: float, w: float, h: float) -> None:
    size, font = look.figure_size, look.figure_font(0)
    left, low = x + size * _R.uniform(rng, "left_margin"), y + h - size * 2.2
    pen.set(weight=look.figure_weight * _R.uniform(rng, "axis_weight"), color=BLACK, dash=())
    if _R.chance(rng, "axes_have_arrows"):
        pen.arrow(left, low, left, y + 1, 4)
        pen.arrow(left, low, x + w - 1, low, 4)
    else:
        pen.path([(left, y + 1), (left, low), (x + w - 1, low)])
    trace = _trace(rng, left, low, x + w - size * 3, y + size * 1.6)
    levels = sample(rng, _LEVELS, min(len(trace) - 1, _R.whole(rng, "levels")))
    pen.set(weight=look.figure_weight * _R.uniform(rng, "trace_weight"))
    pen.path(trace)
    pen.set(weight=look.figure_weight * 0.7, dash=(2, 2))
    for name, (at, level) in zip(levels, trace[1:], strict=False):
        pen.line(left, level, at, level)
        pen.text(left - 3, level + size * 0.35, name, font, size, anchor="r")
    pen.set(dash=())
    for (start, _), (stop, _), name in zip(trace, trace[1:], sample(rng, _SPANS, len(trace)), strict=False):
        if stop - start > size * 3 and _R.chance(rng, "span_is_named"):
            at = low - size * _R.uniform(rng, "span_height")
            pen.arrow(start, at, stop, at, 3)
            pen.text((start + stop) / 2, at - 2, name, font, size * 0.9, anchor="c")
    pen.text((left + x + w) / 2, y + h - 2, pick(rng, ("Time", "Time (s)", "t", "TIME")), font, size, anchor="c")
    said = pick(rng, ("Temperature", "T (°C)", "Charge Current", "Voltage", pick(rng, words.vocabulary("axes"))[0]))
    pen.text(x + size, (y + low) / 2 + size * 2, said, font, size, angle=90)


def _trace(rng: np.random.Generator, left: float, low: float, right: float, top: float) -> list[Point]:
    """Return the corners of a trace that climbs in steps, and falls or stays at its end."""
    count = _R.whole(rng, "corners")
    stops = np.cumsum([_R.uniform(rng, "step_share") for _ in range(count)])
    heights = np.sort([_R.uniform(rng, "corner_height") for _ in range(count - 1)])
    heights[-1] = 1.0
    last = heights[-1] if _R.chance(rng, "stays_high") else _R.uniform(rng, "end_height")
    at = left + (right - left) * stops / stops[-1]
    rise = low - (low - top) * np.append(heights, last)
    return [(left, low), *((float(a), float(b)) for a, b in zip(at, rise, strict=True))]
