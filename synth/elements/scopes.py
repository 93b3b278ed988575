"""Oscilloscope captures: a graticule with traces and their scales."""

from __future__ import annotations

import math

import numpy as np

from synth.elements.dice import pick
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, WHITE, Color, Pen
from synth.elements.ranges import Ranges

_R = Ranges("plots", "scopes")

_COLORS: tuple[Color, ...] = ((0.8, 0.1, 0.1), (0.1, 0.2, 0.8), (0.0, 0.5, 0.2), (0.8, 0.5, 0.0))


def scope(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return an oscilloscope capture: a graticule, one to four traces, and their scales."""
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        rng = np.random.default_rng(seed)
        dark = _R.chance(rng, "is_dark")
        size = min(look.figure_size, height / 16)
        label = size * 5
        px, pw, ph = x + label, width - label, height - size * 1.8
        pen.set(weight=0.8, color=BLACK)
        pen.rect(px, y, pw, ph, fill=BLACK if dark else WHITE)
        pen.set(weight=0.25, color=(0.5, 0.5, 0.5), dash=(1, 1))
        for i in range(1, 10):
            pen.line(px + pw * i / 10, y, px + pw * i / 10, y + ph)
            if i < 8:
                pen.line(px, y + ph * i / 8, px + pw, y + ph * i / 8)
        pen.set(dash=())
        traces = _R.whole(rng, "traces")
        for index in range(traces):
            middle = y + ph * (index + 0.5) / traces
            _wave(
                rng,
                pen,
                px,
                middle,
                pw,
                ph * 0.35 / traces,
                _COLORS[index] if not dark else (1 - index * 0.2, 1, 0.2 * index),
            )
            pen.text(x, middle, pick(rng, ("V_{OUT}", "V_{IN}", "I_{L}", "SW", "EN")), look.figure_font(), size)
            pen.text(x, middle + size * 1.1, pick(rng, ("2V/div", "50mV/div", "500mA/div")), look.figure_font(), size)
        pen.set(color=BLACK, weight=0.6)
        pen.text(
            px + pw / 2,
            y + height - size * 0.3,
            pick(rng, ("4ms/div", "TIME (20 µs/DIV)", "1µs/div")),
            look.figure_font(),
            size,
            anchor="c",
        )

    return Block("characteristic_curve", width, height, paint)


def _wave(rng: np.random.Generator, pen: Pen, x: float, y: float, w: float, amp: float, color: Color) -> None:
    pen.set(weight=0.9, color=color)
    kind, cycles = pick(rng, ("sine", "square", "ramp", "step")), _R.whole(rng, "cycles")
    points = []
    for i in range(101):
        t = i / 100
        phase = (t * cycles) % 1
        value = {
            "sine": math.sin(2 * math.pi * t * cycles),
            "square": 1.0 if phase < 0.5 else -1.0,
            "ramp": 2 * phase - 1,
            "step": -1.0 if t < 0.3 else 1 - 2 * math.exp(-(t - 0.3) * 12),
        }[kind]
        points.append((x + t * w, y - amp * value))
    pen.path(points)
