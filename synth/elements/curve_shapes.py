"""Shapes of plotted curves: functions from [0, 1] to a height, 0 at the foot of the plot and 1 at its top.

Each takes a generator, the trace's index and the number of traces.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from synth.elements.ranges import Ranges

_R = Ranges("plots", "curve_shapes")


def saturating(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Rising to a plateau."""
    top, rate = 0.9 * (index + 1) / count, _R.uniform(rng, "saturating_rate")
    return lambda t: top * (1 - math.exp(-rate * t)) * (1 + 0.06 * t)


def exponential(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Taking off late."""
    shift, rate = 0.35 + 0.5 * index / count, _R.uniform(rng, "exponential_rate")
    return lambda t: 0.02 + math.exp(rate * (t - shift)) * 0.12


def linear(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Nearly straight."""
    start, slope = _R.uniform(rng, "linear_start"), _R.uniform(rng, "linear_slope")
    bend = _R.uniform(rng, "linear_bend")
    return lambda t: start + slope * t + bend * t * t + 0.04 * index


def rolloff(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Flat, then falling from a corner."""
    top, corner, slope = (
        _R.uniform(rng, "rolloff_top") - 0.1 * index,
        _R.uniform(rng, "rolloff_corner") + 0.05 * index,
        _R.uniform(rng, "rolloff_slope"),
    )
    return lambda t: top - max(0.0, math.log1p(math.exp(18 * (t - corner))) / 18) * slope


def bell(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """One hump."""
    middle, wide, top = _R.uniform(rng, "bell_middle"), _R.uniform(rng, "bell_width"), _R.uniform(rng, "bell_top")
    return lambda t: 0.03 + top * math.exp(-(((t - middle) / wide) ** 2))


def decay(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Falling off."""
    rate, top = _R.uniform(rng, "decay_rate"), 0.95 - 0.12 * index
    return lambda t: 0.04 + top * math.exp(-rate * t)


def family(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """A knee, then a plateau by index, as of output characteristics."""
    level, knee = 0.1 + 0.8 * index / max(count, 2), _R.uniform(rng, "family_knee")
    return lambda t: level * min(1.0, t / knee) + 0.05 * t


def steps(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """Staircase."""
    levels = [_R.uniform(rng, "step_level") for _ in range(_R.whole(rng, "steps"))]
    return lambda t: levels[min(int(t * len(levels)), len(levels) - 1)]


def area(rng: np.random.Generator, index: int, count: int) -> Callable[[float], float]:
    """A plateau, a slope and a cut, as of safe operating areas."""
    knee, flat, edge = _R.uniform(rng, "area_knee"), 0.92 - 0.08 * index, _R.uniform(rng, "area_edge")
    return lambda t: flat if t < knee else (flat - (t - knee) * 1.2 if t < edge else 0.0)


SHAPES = (saturating, exponential, linear, rolloff, bell, decay, family, steps, area)
