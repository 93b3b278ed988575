"""Package drawings: outline views with dimension lines, land patterns, tape and reel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from synth.elements import package_views
from synth.elements.dice import pick
from synth.elements.look import Block, Look
from synth.elements.pen import BLACK, Pen
from synth.elements.ranges import Ranges
from synth.elements.sketch import Sketch

_R = Ranges("pictures", "packages")

View = Callable[[Sketch, float, float, float, float], None]


def package_drawing(rng: np.random.Generator, look: Look, width: float, height: float) -> Block:
    """Return a drawing of one to three views with dimensions, of the given outer size."""
    seed = int(rng.integers(1 << 62))

    def paint(pen: Pen, x: float, y: float) -> None:
        inner = np.random.default_rng(seed)
        drawing = Sketch(inner, look, pen)
        inset = 0.0
        if look.figure_frame:
            pen.set(weight=look.figure_frame, color=BLACK)
            pen.rect(x + 0.5, y + 0.5, width - 1, height - 1)
            inset = 6.0
        _views(drawing, x + inset, y + inset, width - 2 * inset, height - 2 * inset)
        pen.set(weight=0.6, color=BLACK, dash=())

    return Block("package_drawing", width, height, paint)


def _views(d: Sketch, x: float, y: float, w: float, h: float) -> None:
    """Share the area out to the views of one kind of package."""
    rng = d.rng
    kind: View = pick(
        rng,
        (
            package_views.gull,
            package_views.gull,
            package_views.leadless,
            package_views.tabbed,
            package_views.axial,
            package_views.through,
            package_views.land,
            package_views.tape,
            package_views.ball,
        ),
    )
    if kind in (package_views.axial, package_views.tape, package_views.land) or min(w, h) < 110:
        kind(d, x, y, w, h)
        return
    if w > h * 1.1:
        cut = w * _R.uniform(rng, "wide_main_share")
        kind(d, x, y, cut, h)
        package_views.side(d, x + cut, y, w - cut, h * _R.pick(rng, "side_height"))
    else:
        cut = h * _R.uniform(rng, "tall_main_share")
        kind(d, x, y, w, cut)
        if _R.chance(rng, "has_detail") and w > 180:
            package_views.side(d, x, y + cut, w * 0.55, h - cut)
            package_views.detail(d, x + w * 0.55, y + cut, w * 0.45, h - cut)
        else:
            package_views.side(d, x, y + cut, w, h - cut)
