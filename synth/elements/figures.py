"""Other graphics: part pictures, photos, logos, icons, memory maps, protocol frames, bit fields, markings, boards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth.elements.boards import board
from synth.elements.dice import pick, uniform
from synth.elements.icons import banner, icon
from synth.elements.logos import logo
from synth.elements.look import Block, Look
from synth.elements.panels import bit_field, marking, memory_map, protocol_frame, window
from synth.elements.pen import BLACK, Pen
from synth.elements.pictures import part, photo

Draw = Callable[[np.random.Generator, Look, Pen, float, float, float, float], None]


def figure(rng: np.random.Generator, look: Look, width: float, height: float, kind: str | None = None) -> Block:
    """Return a graphic that fits a room in points; `kind` is one of `FIGURES`, or None to draw it."""
    kind = kind or pick(rng, _USUAL)
    seed = int(rng.integers(1 << 62))
    width, height = _size(rng, kind, width, height)

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        pen.set(weight=look.figure_weight, color=BLACK, dash=())
        FIGURES[kind](inner, look, pen, x, y, width, height)
        pen.set(weight=0.6, color=BLACK)

    return Block("figure", width, height, paint)


def _size(rng: np.random.Generator, kind: str, width: float, height: float) -> tuple[float, float]:
    """Return the size that a kind takes of its room."""
    if kind in ("part", "photo", "marking"):
        least, most = (90, 220) if kind == "marking" else (50, 130)
        return min(width, uniform(rng, least, most)), min(height, uniform(rng, 40, 110))
    if kind == "icon":
        side = min(width, height, uniform(rng, 18, 50))
        return side, side
    if kind == "map":
        return min(width, uniform(rng, 130, 240)), height
    if kind in ("frame", "bits"):
        return width, min(height, uniform(rng, 36, 70) if kind == "frame" else uniform(rng, 55, 110))
    if kind in ("logo", "banner"):
        wide = min(width, uniform(rng, 60, 190))
        return wide, min(height, wide * uniform(rng, 0.2, 0.5))
    return (min(width, height * uniform(rng, 0.9, 1.7)), height) if kind in ("window", "board") else (width, height)


FIGURES: dict[str, Draw] = {
    "part": part,
    "photo": photo,
    "logo": logo,
    "icon": icon,
    "banner": banner,
    "map": memory_map,
    "frame": protocol_frame,
    "bits": bit_field,
    "marking": marking,
    "window": window,
    "board": board,
}
_USUAL = (
    "part",
    "part",
    "photo",
    "photo",
    "map",
    "map",
    "frame",
    "frame",
    "bits",
    "bits",
    "marking",
    "board",
    "window",
    "icon",
    "logo",
)
