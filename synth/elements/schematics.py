"""Circuit diagrams: application circuits, amplifiers, transistor stages, component networks, gate logic."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth.elements import chip_circuits, part_circuits
from synth.elements.dice import pick
from synth.elements.draft import Draft
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Pen
from synth.elements.ranges import Ranges

_R = Ranges("diagrams", "schematics")

_DRAW: dict[str, Callable[[Draft, float, float, float, float], None]] = {
    "application": chip_circuits.application,
    "system": chip_circuits.system,
    "rails": chip_circuits.rails,
    "amplifier": part_circuits.amplifier,
    "stage": part_circuits.stage,
    "single": part_circuits.single,
    "network": part_circuits.network,
    "logic": part_circuits.logic,
}
_SMALL = ("amplifier", "stage", "stage", "network", "logic", "single")
_LARGE = (*["application"] * 3, *["system"] * 2, *["network"] * 2, "logic", "amplifier", "stage", "rails")


def circuit(rng: np.random.Generator, look: Look, width: float, height: float, part: str) -> Block:
    """Return a circuit diagram of about the given size."""
    seed = int(rng.integers(1 << 62))
    small = width < 200 or height < 90
    kind = pick(rng, _SMALL if small else _LARGE)
    width, height = _proportions(rng, kind, width, height)

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        drawing = Draft(inner, look, pen, part)
        inset = 0.0
        pen.set(weight=look.figure_frame or 0.5, color=BLACK, dash=())
        if look.figure_frame:
            pen.rect(x + 0.5, y + 0.5, width - 1, height - 1)
            inset = 6.0
        pen.set(weight=look.figure_weight * _R.uniform(inner, "line_weight_scale"), color=drawing.color)
        _DRAW[kind](drawing, x + inset, y + inset, width - 2 * inset, height - 2 * inset)
        pen.set(weight=0.6, color=BLACK)

    return Block("circuit_diagram", width, height, paint)


def _proportions(rng: np.random.Generator, kind: str, width: float, height: float) -> tuple[float, float]:
    """Return a size at which a kind of circuit looks drawn by hand rather than stretched."""
    if kind in ("amplifier", "stage"):
        height = min(height, _R.uniform(rng, "stage_height"))
        return min(width, height * _R.uniform(rng, "stage_width")), height
    if kind == "single":
        side = min(width, height, _R.uniform(rng, "single_side"))
        return side, side
    if kind == "rails":
        width = min(width, _R.uniform(rng, "rails_width"))
        return width, min(height, width * _R.uniform(rng, "rails_height"))
    if kind == "logic":
        return min(width, height * _R.uniform(rng, "logic_width")), height
    if kind == "application":
        width = min(width, _R.uniform(rng, "application_width"))
        return width, min(height, width * _R.uniform(rng, "application_height"))
    return width, height
