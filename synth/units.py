"""Units: what of a pool's page may be moved together, such as a figure with its caption or a heading with its text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from doclayout.schema import Schema
from synth.page import Bool, Float32, Int64
from synth.pool import Pool, PoolPage

TABLES = ("table", "parameter_table", "pin_table", "contents")
GRAPHICS = (
    "block_diagram",
    "circuit_diagram",
    "timing_diagram",
    "characteristic_curve",
    "pinout_diagram",
    "package_drawing",
    "flowchart",
    "figure",
)
_LOOSE = ("caption", "footnote", "heading")
_REACH = 0.045  # how far, in page heights, a caption, note or heading may be from what it belongs to


@dataclass(frozen=True)
class Unit:
    """Some elements of one page, to be cut out as one rectangle.

    Attributes:
        page: index into the pool's pages.
        members: int64 (k,), indices of the page's elements, all inside `box`; no other element touches it.
        box: xyxy in pixels of the page's raster, the members' bounding box.
    """

    page: int
    members: Int64
    box: tuple[float, float, float, float]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in pixels of the raster."""
        return self.box[2] - self.box[0], self.box[3] - self.box[1]


def units_of(pool: Pool) -> list[Unit]:
    """Return the units of all pages: single elements, and groups of elements that belong together.

    Titles, headers and footers come as single elements only. A caption, footnote or heading that belongs to another
    element is in that element's group, and not a unit of its own.
    """
    return [unit for index, page in enumerate(pool.pages) for unit in _page_units(index, page, pool.schema)]


def _page_units(index: int, page: PoolPage, schema: Schema) -> list[Unit]:
    count = len(page.boxes)
    group = np.arange(count)
    for a, b in _links(page, schema):
        group[group == group[b]] = group[a]
    names = [schema.names[c] for c in page.class_ids]
    units = []
    for g in np.unique(group):
        members = _closure(page, np.flatnonzero(group == g))
        if any(names[m] in ("title", "header", "footer") for m in members) and len(members) > 1:
            continue
        if len(members) == 1 or np.ptp(page.boxes[members][:, 1::2]) < 0.88 * page.height:
            units.append(_unit(index, page, members))
    grouped = {m for unit in units if len(unit.members) > 1 for m in unit.members.tolist()}
    singles = [i for i in range(count) if i in grouped and names[i] not in _LOOSE]
    alone = [np.array([i]) for i in singles if len(_closure(page, np.array([i]))) == 1]
    return units + [_unit(index, page, members) for members in alone]


def _unit(index: int, page: PoolPage, members: Int64) -> Unit:
    boxes = page.boxes[members]
    x0, y0 = boxes[:, :2].min(axis=0).tolist()
    x1, y1 = boxes[:, 2:].max(axis=0).tolist()
    return Unit(index, members, (x0, y0, x1, y1))


def _closure(page: PoolPage, members: Int64) -> Int64:
    """Add every element that touches the members' bounding box, until none does."""
    while True:
        low, high = page.boxes[members][:, :2].min(axis=0), page.boxes[members][:, 2:].max(axis=0)
        touch = np.all((page.boxes[:, :2] < high) & (page.boxes[:, 2:] > low), axis=1)
        if touch.sum() == len(members):
            return members
        members = np.flatnonzero(touch)


def _links(page: PoolPage, schema: Schema) -> list[tuple[int, int]]:
    """Return pairs (owner, attached): captions, notes and headings with the nearest element that they describe."""
    names = np.array([schema.names[c] for c in page.class_ids])
    described = np.isin(names, TABLES + GRAPHICS)
    below_ok = ~np.isin(names, ("header", "footer", "title", "footnote"))
    pairs: list[tuple[int, int]] = []
    for i, name in enumerate(names):
        if name == "caption":
            owner = _nearest(page, i, described, up=True, down=True)
        elif name == "footnote":
            owner = _nearest(page, i, described, up=True, down=False)
        elif name == "heading":
            owner = _nearest(page, i, below_ok, up=False, down=True)
        elif name == "formula":
            owner = _nearest(page, i, names == "text", up=True, down=True)
        else:
            continue
        if owner is not None:
            pairs.append((owner, i))
    return pairs


def _nearest(page: PoolPage, i: int, allowed: Bool, *, up: bool, down: bool) -> int | None:
    """Return the allowed element with the smallest vertical gap to element i that shares half of the narrower width."""
    boxes: Float32 = page.boxes
    shared = np.minimum(boxes[:, 2], boxes[i, 2]) - np.maximum(boxes[:, 0], boxes[i, 0])
    narrow = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[i, 2] - boxes[i, 0])
    above, below = boxes[i, 1] - boxes[:, 3], boxes[:, 1] - boxes[i, 3]
    gap = np.where(above > below, above if up else np.inf, below if down else np.inf)
    gap = np.where(allowed & (shared > 0.5 * narrow) & (np.arange(len(boxes)) != i), np.maximum(gap, 0), np.inf)
    best = int(np.argmin(gap))
    return best if gap[best] < _REACH * page.height else None
