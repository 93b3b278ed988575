"""Pages by Mesh-candidate BestFit over a pool: crops with their captions and headings, packed with little waste."""

from __future__ import annotations

import numpy as np

from synth.layouts.canvas import Canvas
from synth.layouts.mesh import Ints, Placement, fill
from synth.layouts.running import Running
from synth.page import Bool, Float64, SynthPage
from synth.pool import Pool
from synth.units import units_of

_CANDIDATES = 500
_LARGE_SHARE = 0.99  # of the candidates: both sides at least SMALL of the page
_SMALL = 0.05
_SHRINK = (0.8, 0.95)  # what is left of an element in its place, so that neighbours do not touch
_RATIO = (0.7, 1.5)  # height over width of a page


class BestFit:
    """Makes pages; built once, then called once per page.

    Args:
        pool: rasters at any size.
        imgsz: longer side of the pages, in pixels.
        running: share of pages that get a running header and footer; the others are filled from edge to edge.
    """

    def __init__(self, pool: Pool, imgsz: int = 1280, running: float = 0.7) -> None:
        self.pool, self.imgsz, self.share = pool, imgsz, running
        self.running = Running(pool)
        frame = {pool.schema.id_of(name) for name in ("header", "footer")}
        self.units = [u for u in units_of(pool) if not frame & set(pool.pages[u.page].class_ids[u.members].tolist())]
        self.sizes = np.array([u.size for u in self.units]).reshape(-1, 2) * (imgsz / pool.long_side)
        rarest = [pool.pages[u.page].class_ids[u.members] for u in self.units]
        counts = np.bincount(np.concatenate([*rarest, [0]]), minlength=len(pool.schema))
        self.weights = np.array([(1 / counts[held]).max() ** 0.5 for held in rarest])

    def __call__(self, rng: np.random.Generator) -> SynthPage:
        """Return a new page; the same state of `rng` gives the same page."""
        ratio = rng.uniform(*_RATIO)
        width, height = (round(self.imgsz / max(ratio, 1)), round(self.imgsz * min(ratio, 1)))
        canvas = Canvas(self.pool, width, height)
        top, bottom, left, right = 0.0, float(height), 0.0, float(width)
        if rng.random() < self.share:
            top, bottom = self.running(canvas, rng)
            left, right = 0.04 * width, 0.96 * width
        area = (int(right - left), int(bottom - top))
        sizes, some = self.candidates(area, rng)
        if len(some):
            for at in fill(sizes, area, _first(sizes, area, rng), small=_is_small(sizes, (width, height))):
                self._paste(canvas, int(some[at.index]), (left + at.x, top + at.y), sizes[at.index], rng)
        return canvas.finish()

    def candidates(self, area: tuple[int, int], rng: np.random.Generator) -> tuple[Ints, Ints]:
        """Draw the candidates of one page: sizes in pixels, int64 (n, 2), and their units, int64 (n,).

        Rare classes are drawn more often. A pool with fewer units than wanted gives all that fit.
        """
        sizes = np.ceil(self.sizes * rng.uniform(0.9, 1.15, (len(self.units), 1))).astype(np.int64)
        fits, small = np.all(sizes <= area, axis=1), _is_small(sizes, area)
        large_count = round(_CANDIDATES * _LARGE_SHARE)
        large = _draw(np.flatnonzero(fits & ~small), large_count, self.weights, rng)
        rest = _draw(np.flatnonzero(fits & small), _CANDIDATES - large_count, self.weights, rng)
        some = np.concatenate([large, rest])
        return sizes[some], some

    def _paste(self, canvas: Canvas, index: int, xy: tuple[float, float], size: Ints, rng: np.random.Generator) -> None:
        """Paste a unit, shrunk, in the middle of the place found for it."""
        unit, shrink = self.units[index], rng.uniform(*_SHRINK)
        scale = float((size / unit.size).min()) * shrink  # sizes are whole pixels, so of a thin unit one side is more
        corner = (xy[0] + float(size[0]) * (1 - shrink) / 2, xy[1] + float(size[1]) * (1 - shrink) / 2)
        canvas.paste(unit.page, unit.box, unit.members.tolist(), corner, scale)


def _is_small(sizes: Ints, page: tuple[int, int]) -> Bool:
    return np.asarray(np.any(sizes < np.array(page) * _SMALL, axis=1))


def _draw(rows: Ints, count: int, weights: Float64, rng: np.random.Generator) -> Ints:
    """Draw up to `count` different rows, by weight."""
    if len(rows) <= count:
        return rng.permutation(rows)
    keys = rng.exponential(size=len(rows)) / weights[rows]
    return rows[np.argsort(keys)[:count]]


def _first(sizes: Ints, area: tuple[int, int], rng: np.random.Generator) -> Placement:
    """Put any candidate anywhere."""
    index = int(rng.integers(len(sizes)))
    slack = np.array(area) - sizes[index]
    return Placement(index, int(rng.integers(slack[0] + 1)), int(rng.integers(slack[1] + 1)))
