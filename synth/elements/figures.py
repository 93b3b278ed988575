"""Other graphics: part pictures, photos, logos, icons, memory maps, protocol frames, bit fields, markings, boards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth.elements.boards import board
from synth.elements.dice import pick
from synth.elements.icons import banner, icon
from synth.elements.logos import logo
from synth.elements.look import Block, Look
from synth.elements.panels import bit_field, marking, memory_map, protocol_frame, window
from synth.elements.pen import BLACK, Pen
from synth.elements.pictures import part, photo
from synth.elements.ranges import Ranges

_R = Ranges("pictures", "figures")

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
        wide = _R.uniform(rng, "marking_width" if kind == "marking" else "picture_width")
        return min(width, wide), min(height, _R.uniform(rng, "picture_height"))
    if kind == "icon":
        side = min(width, height, _R.uniform(rng, "icon_side"))
        return side, side
    if kind == "map":
        return min(width, _R.uniform(rng, "memory_map_width")), height
    if kind in ("frame", "bits"):
        return width, min(height, _R.uniform(rng, "frame_height" if kind == "frame" else "bit_field_height"))
    if kind in ("logo", "banner"):
        wide = min(width, _R.uniform(rng, "logo_width"))
        return wide, min(height, wide * _R.uniform(rng, "logo_height"))
    return (
        (min(width, height * _R.uniform(rng, "window_width")), height)
        if kind in ("window", "board")
        else (width, height)
    )


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
