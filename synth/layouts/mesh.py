"""Mesh-candidate BestFit: which candidate fits best into the free rectangles between what is already placed.

The search of DocLayout-YOLO's page synthesis (arXiv 2410.12628), exact, with prefix sums in the place of loops.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Placement:
    """A candidate and its top left corner, in pixels of the area.

    Attributes:
        index: of the candidate.
        x: left edge.
        y: top edge.
    """

    index: int
    x: int
    y: int


def fill(
    sizes: Ints,
    area: tuple[int, int],
    first: Placement,
    *,
    small: NDArray[np.bool_],
    most: int = 15,
    most_small: int = 5,
) -> list[Placement]:
    """Place candidates greedily, each centred in the free rectangle that it fills best.

    Free rectangles are those of the grid of all placed boxes' edges and the area's own. Of all pairs of a candidate
    and a free rectangle that holds it, the one with the highest ratio of areas is placed, until none fits or a limit is
    reached. Ties go to the first candidate, then to the first rectangle in the order of (x0, y0, x1, y1).

    Args:
        sizes: int64 (n, 2), width and height of the candidates, in pixels.
        area: width and height to fill.
        first: what is placed already; it must lie in the area.
        small: bool (n,), candidates that count as small.
        most: placements at most.
        most_small: the search ends when one more small candidate than this would be placed.
    """
    placed, boxes, free = [first], [_box(first, sizes)], np.ones(len(sizes), bool)
    free[first.index] = False
    while len(placed) < most:
        left = np.flatnonzero(free)
        found = best_pair(sizes[left], area, np.array(boxes))
        if found is None:
            break
        pick, (x0, y0, x1, y1) = int(left[found[0]]), found[1]
        if small[pick] and sum(bool(small[p.index]) for p in placed) >= most_small:
            break
        width, height = sizes[pick].tolist()
        placed.append(Placement(pick, x0 + (x1 - x0 - width) // 2, y0 + (y1 - y0 - height) // 2))
        boxes.append(_box(placed[-1], sizes))
        free[pick] = False
    return placed


def _box(at: Placement, sizes: Ints) -> list[int]:
    width, height = sizes[at.index].tolist()
    return [at.x, at.y, at.x + width, at.y + height]


def best_pair(sizes: Ints, area: tuple[int, int], boxes: Ints) -> tuple[int, tuple[int, int, int, int]] | None:
    """Return the candidate and the free rectangle (xyxy) with the highest ratio of areas, or None if nothing fits.

    Args:
        sizes: int64 (n, 2), width and height of the candidates.
        area: width and height of the whole.
        boxes: int64 (m, 4), xyxy of what is placed, inside the area.
    """
    if not len(sizes):
        return None
    xs = np.sort(np.concatenate([[0, area[0]], boxes[:, 0], boxes[:, 2]]))
    ys = np.sort(np.concatenate([[0, area[1]], boxes[:, 1], boxes[:, 3]]))
    x0, x1 = _pairs(xs, int(sizes[:, 0].min()))
    y0, y1 = _pairs(ys, int(sizes[:, 1].min()))
    taken = _taken(xs, ys, boxes)
    columns = taken[x1] - taken[x0]
    p, q = np.divmod(np.flatnonzero(columns.take(y1, axis=1) == columns.take(y0, axis=1)), len(y0))
    if not len(p):
        return None
    rects = np.stack([xs[x0[p]], ys[y0[q]], xs[x1[p]], ys[y1[q]]], axis=1)
    wide, high = rects[:, 2] - rects[:, 0], rects[:, 3] - rects[:, 1]
    areas = sizes[:, 0] * sizes[:, 1]
    ratio = _largest(sizes, areas, wide, high) / (wide * high)
    best = np.flatnonzero(ratio == ratio.max())
    if ratio[best[0]] == 0:
        return None
    inside = np.where((sizes[:, 0] <= wide[best, None]) & (sizes[:, 1] <= high[best, None]), areas, 0)
    index, *rect = min((i, *r) for i, r in zip(inside.argmax(axis=1).tolist(), rects[best].tolist(), strict=True))
    return index, (rect[0], rect[1], rect[2], rect[3])


@cache
def _all_pairs(count: int) -> tuple[Ints, Ints]:
    return np.triu_indices(count, 1)


def _pairs(lines: Ints, least: int) -> tuple[Ints, Ints]:
    """Return the indices of all pairs of sorted lines at least that far apart, `least` > 0."""
    first, second = _all_pairs(len(lines))
    wide = lines[second] - lines[first] >= least
    return first[wide], second[wide]


def _taken(xs: Ints, ys: Ints, boxes: Ints) -> NDArray[np.int32]:
    """Return the number of taken cells left of and above each grid corner, int32 (len(xs), len(ys))."""
    left, right = np.searchsorted(xs, boxes[:, 0::2]).T
    top, bottom = np.searchsorted(ys, boxes[:, 1::2]).T
    cells = np.zeros((len(xs), len(ys)), np.int32)
    for a, b, c, d in zip(left, right, top, bottom, strict=True):
        cells[a + 1 : b + 1, c + 1 : d + 1] = 1
    return cells.cumsum(axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)


def _largest(sizes: Ints, areas: Ints, wide: Ints, high: Ints) -> Ints:
    """Return, per rectangle, the largest area of a candidate that fits it, 0 for none, int64 like `wide`."""
    across, down = np.unique(wide), np.unique(high)
    best = np.zeros((len(across) + 1, len(down) + 1), np.int64)
    np.maximum.at(best, (across.searchsorted(sizes[:, 0]), down.searchsorted(sizes[:, 1])), areas)
    np.maximum.accumulate(best, axis=0, out=best)
    np.maximum.accumulate(best, axis=1, out=best)
    result: Ints = best[across.searchsorted(wide), down.searchsorted(high)]
    return result
