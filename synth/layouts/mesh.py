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
        most: placements at most, up to 63.
        most_small: the search ends when one more small candidate than this would be placed.
    """
    placed, boxes, left = [first], [_box(first, sizes)], sizes.copy()
    left[first.index] = gone = np.array(area) + 1
    while len(placed) < most:
        found = best_pair(left, area, np.array(boxes))
        if found is None:
            break
        pick, (x0, y0, x1, y1) = found
        if small[pick] and sum(bool(small[p.index]) for p in placed) >= most_small:
            break
        width, height = sizes[pick].tolist()
        placed.append(Placement(pick, x0 + (x1 - x0 - width) // 2, y0 + (y1 - y0 - height) // 2))
        boxes.append(_box(placed[-1], sizes))
        left[pick] = gone
    return placed


def _box(at: Placement, sizes: Ints) -> list[int]:
    width, height = sizes[at.index].tolist()
    return [at.x, at.y, at.x + width, at.y + height]


def best_pair(sizes: Ints, area: tuple[int, int], boxes: Ints) -> tuple[int, tuple[int, int, int, int]] | None:
    """Return the candidate and the free rectangle (xyxy) with the highest ratio of areas, or None if nothing fits.

    Args:
        sizes: int64 (n, 2), width and height of the candidates; those larger than the area never fit.
        area: width and height of the whole.
        boxes: int64 (m, 4), xyxy of what is placed, inside the area; up to 62.
    """
    if not len(sizes):
        return None
    across, down = sizes[:, 0], sizes[:, 1]
    x0, x1, met_x = _spans(area[0], boxes[:, 0], boxes[:, 2], int(across.min()))
    y0, y1, met_y = _spans(area[1], boxes[:, 1], boxes[:, 3], int(down.min()))
    free = ((met_x[:, None] & met_y) == 0).ravel().nonzero()[0]  # no box meets both of the rectangle's spans
    p, q = free // max(len(y0), 1), free % max(len(y0), 1)
    if not len(p):
        return None
    widths, heights, areas = x1 - x0, y1 - y0, across * down
    ratio = _largest(across, down, areas, widths, heights, p, q) / (widths[p] * heights[q])
    if not ratio.any():
        return None
    choices = []
    for i, j in ((p[at], q[at]) for at in (ratio == ratio.max()).nonzero()[0]):
        index = int(np.where((across <= widths[i]) & (down <= heights[j]), areas, 0).argmax())
        choices.append((index, (int(x0[i]), int(y0[j]), int(x1[i]), int(y1[j]))))
    return min(choices)


@cache
def _pairs(count: int) -> tuple[Ints, Ints]:
    """Return the indices of all pairs of `count` lines, the first before the second."""
    return np.triu_indices(count, 1)


def _spans(side: int, low: Ints, high: Ints, least: int) -> tuple[Ints, Ints, Ints]:
    """Return all spans between grid lines of one axis that are at least so long, and which boxes they meet.

    Args:
        side: length of the axis; its ends are lines.
        low: int64 (m,), where the boxes begin.
        high: int64 (m,), where they end.
        least: length, at least 1.

    Returns:
        Starts, ends and the boxes met, each int64 (p,); bit k of the last is set where span and box k overlap.
    """
    lines = np.array(sorted({0, side, *low.tolist(), *high.tolist()}))
    first, second = _pairs(len(lines))
    start, end = lines[first], lines[second]
    long = end - start >= least
    start, end = start[long], end[long]
    return start, end, ((start[:, None] < high) & (end[:, None] > low)) @ (1 << np.arange(len(low)))


def _largest(across: Ints, down: Ints, areas: Ints, widths: Ints, heights: Ints, p: Ints, q: Ints) -> Ints:
    """Return the largest area of a candidate that fits widths[p] and heights[q], 0 for none, int64 like p.

    A table over the widths and heights in use holds the largest area of the candidates up to each of them.
    """
    wide, high = _used(widths, p), _used(heights, q)
    best = np.zeros((len(wide) + 1, len(high) + 1), np.int64)
    np.maximum.at(best, (wide.searchsorted(across), high.searchsorted(down)), areas)
    np.maximum.accumulate(best, axis=0, out=best)
    np.maximum.accumulate(best, axis=1, out=best)
    result: Ints = best[wide.searchsorted(widths)[p], high.searchsorted(heights)[q]]
    return result


def _used(lengths: Ints, at: Ints) -> Ints:
    """Return lengths[at], sorted, each index once."""
    used = np.zeros(len(lengths), bool)
    used[at] = True
    kept = lengths[used]
    kept.sort()
    return kept
