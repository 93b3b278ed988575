"""Pages recomposed from real crops in the manner of datasheets: headers, footers, columns, grids, captions in place."""

from __future__ import annotations

import numpy as np

from doclayout.errors import SynthError
from synth.layouts.canvas import Canvas
from synth.layouts.running import Running
from synth.page import Float32, Int64, SynthPage
from synth.pool import Pool
from synth.units import Unit, units_of

Box = tuple[float, float, float, float]
PAPERS = ((989, 1280), (905, 1280))  # Letter and A4 at a long side of 1280 pixels
_GRID = ("characteristic_curve", "circuit_diagram", "timing_diagram", "pinout_diagram", "package_drawing", "figure")
_TEXTUAL = ("text", "list", "heading", "footnote", "caption", "formula", "title")
_SMALLEST = 0.55  # graphics and tables are shrunk to this at most
_LARGEST = 1.25
_TRIES = 14


class Recomposer:
    """Makes pages out of a pool; built once, then called once per page.

    Args:
        pool: rasters with a long side of 1280 pixels.

    Raises:
        SynthError: the pool has nothing for the body of a page.
    """

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.units: list[Unit] = units_of(pool)
        self.sizes: Float32 = np.array([unit.size for unit in self.units], np.float32).reshape(-1, 2)
        classes = [set(pool.pages[u.page].class_ids[u.members].tolist()) for u in self.units]
        self.of_class: dict[str, Int64] = {}
        for class_id, name in enumerate(pool.schema.names):
            found = np.flatnonzero([class_id in held for held in classes])
            if len(found):
                self.of_class[name] = found
        textual = {pool.schema.id_of(name) for name in _TEXTUAL}
        self.textual = np.array([held <= textual for held in classes], bool)
        self.running = Running(pool)
        body = [name for name in self.of_class if name not in ("header", "footer", "title")]
        if not body:
            raise SynthError("the pool has headers, footers and titles alone; recomposed pages need other elements too")
        counts = np.array([len(self.of_class[name]) for name in body], float)
        self.body, self.weights = body, counts**0.62 / (counts**0.62).sum()

    def __call__(self, rng: np.random.Generator) -> SynthPage:
        """Return a new page; the same state of `rng` gives the same page."""
        width, height = PAPERS[rng.integers(len(PAPERS))]
        if rng.random() < 0.06:
            width, height = height, width
        canvas = Canvas(self.pool, width, height)
        top, bottom = self.running(canvas, rng)
        left, right = rng.uniform(0.05, 0.11, 2) * width
        body = (float(left), top, float(width - right), bottom)
        if rng.random() < 0.22 and "title" in self.of_class:
            body = (body[0], self.flow(canvas, body, rng, ["title"], most=1), body[2], body[3])
        _Body(self, canvas, rng).fill(body)
        return canvas.finish()

    def flow(
        self,
        canvas: Canvas,
        area: Box,
        rng: np.random.Generator,
        names: list[str] | None = None,
        most: int = 99,
    ) -> float:
        """Stack units in an area (xyxy) until nothing drawn fits; return the y below the last one."""
        x0, y, x1, y1 = area
        gap, base = rng.uniform(9, 26), rng.uniform(0.88, 1.15)
        centred = rng.random() < 0.7
        failures = placed = 0
        while failures < 4 and placed < most and y1 - y > 14:
            found = self.draw(rng, (x1 - x0, y1 - y), base, names)
            if found is None:
                failures += 1
                continue
            index, scale = found
            w, h = (self.sizes[index] * scale).tolist()
            x = x0 if self.textual[index] or not centred else x0 + (x1 - x0 - w) / 2
            self.place(canvas, index, (x, y), scale)
            y += h + gap * rng.uniform(0.8, 1.5)
            placed += 1
        return float(y)

    def draw(
        self, rng: np.random.Generator, room: tuple[float, float], base: float, names: list[str] | None = None
    ) -> tuple[int, float] | None:
        """Draw a unit that fits a room (width, height), preferring those that fill it; (unit, scale) or None."""
        name = str(rng.choice(names)) if names else self.body[rng.choice(len(self.body), p=self.weights)]
        among = self.of_class[name]
        some = among[rng.integers(len(among), size=_TRIES)]
        sizes = self.sizes[some]
        wanted = np.clip(base * rng.uniform(0.92, 1.08, len(some)), 0.8, _LARGEST)
        fitting = np.minimum(np.minimum(room[0] / sizes[:, 0], room[1] / sizes[:, 1]), wanted)
        least = np.where(self.textual[some], 0.78, _SMALLEST)
        used = np.minimum(sizes * fitting[:, None] / np.array(room), 1)
        fill = np.where(fitting >= least, used[:, 0] ** 1.5 * used[:, 1] ** 0.5, 0)
        if not fill.any():
            return None
        pick = int(rng.choice(len(some), p=fill / fill.sum()))
        return int(some[pick]), float(fitting[pick])

    def place(self, canvas: Canvas, index: int, xy: tuple[float, float], scale: float) -> None:
        """Paste a unit with its top left corner at `xy`."""
        unit = self.units[index]
        canvas.paste(unit.page, unit.box, unit.members.tolist(), xy, scale)


class _Body:
    """Fills a page's body with sections: one column, two columns, or a grid of graphics."""

    def __init__(self, maker: Recomposer, canvas: Canvas, rng: np.random.Generator) -> None:
        self.maker, self.canvas, self.rng = maker, canvas, rng
        self.grids = [name for name in _GRID if name in maker.of_class]

    def fill(self, area: Box) -> None:
        """Fill an area (xyxy, pixels) from its top."""
        style = self.rng.choice(["one", "two", "mixed", "grid"], p=[0.48, 0.15, 0.28, 0.09])
        full = area[3] - self.rng.choice([0, 0, 0.15, 0.4]) * (area[3] - area[1])
        y = float(area[1])
        for _ in range(6):
            if full - y < 60:
                return
            kind = str(self.rng.choice(["one", "two", "grid"], p=[0.5, 0.3, 0.2])) if style == "mixed" else str(style)
            end = y + (full - y) * self.rng.uniform(0.3, 0.8) if style == "mixed" else full
            section = (area[0], y, area[2], end if full - end > 80 else full)
            y = {"one": self._one, "two": self._two, "grid": self._grid}[kind](section) + self.rng.uniform(6, 20)

    def _one(self, area: Box) -> float:
        return self.maker.flow(self.canvas, area, self.rng)

    def _two(self, area: Box) -> float:
        gutter = (area[2] - area[0]) * self.rng.uniform(0.025, 0.06)
        middle = (area[0] + area[2]) / 2
        left = (area[0], area[1], middle - gutter / 2, area[3])
        right = (middle + gutter / 2, area[1], area[2], area[3])
        return max(self.maker.flow(self.canvas, left, self.rng), self.maker.flow(self.canvas, right, self.rng))

    def _grid(self, area: Box) -> float:
        """Place rows of two or three graphics of one class, cells aligned."""
        if not self.grids:
            return self._one(area)
        name = [str(self.rng.choice(self.grids))]
        columns, y = int(self.rng.integers(2, 4)), float(area[1])
        gutter = self.rng.uniform(14, 40)
        cell = (area[2] - area[0] - gutter * (columns - 1)) / columns
        base, failures = float(self.rng.uniform(0.85, 1.2)), 0
        while area[3] - y > 90 and failures < 4:
            row = [self.maker.draw(self.rng, (cell, area[3] - y), base, name) for _ in range(columns)]
            placed = [(c, found) for c, found in enumerate(row) if found is not None]
            if not placed:
                failures += 1
                continue
            for column, (index, scale) in placed:
                slack = cell - float(self.maker.sizes[index, 0]) * scale
                self.maker.place(self.canvas, index, (area[0] + column * (cell + gutter) + slack / 2, y), scale)
            y += max(float(self.maker.sizes[i, 1]) * s for _, (i, s) in placed) + self.rng.uniform(12, 34)
        return y
