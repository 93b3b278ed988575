"""The order in which a page is read, from boxes alone.

The page is cut recursively, as in the XY cut (Nagy and Seth 1984; Ha, Haralick and Phillips 1995), with columns
preferred: rows of regions are first gathered into runs that share a gutter, so that a gap that happens to cross two
columns does not tear them. Where no cut exists, the order is Breuel's (2003): above comes first where two regions
overlap sideways.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from doclayout.region import Box
from doclayout.roles import Role
from doclayout.units import SLACK, Unit, group_units, hull

_FILLS = 0.6  # share of its column's width from which a lone region is taken for a part of the column
_NEAR = 0.03  # or the gap, as a share of the page's height, below which it is
_LEVEL = 0.008  # by which the tops of columns under one heading may differ, as a share of the page's height


def reading_order(items: Sequence[Box], role: Sequence[Role], captions: Sequence[int | None]) -> list[int]:
    """Return the indices of regions in reading order; the same boxes give the same order.

    1. Running headers come first, then the title where it stands in the upper third, and running footers last. Narrow
       regions that stand alone at the left or right edge (tabs, marginal notes) come just before the footers.
    2. A figure or table, its captions, a heading right above it and a footnote right below it are one unit, read from
       top to bottom, unless something else lies among them.
    3. Gaps right across the page cut it into rows. Adjacent rows are gathered into a run while one gutter runs through
       all of them; text or a heading close above a column, but the first, is its top. A row within one column of the
       run above stays in it where it fills that column or follows closely; but a heading does so only if what follows
       it does and is not columns that start level below a heading at the left, and text under a grid of graphics does
       not.
    4. A run is read column by column, each cut again from step 3. Two exceptions are read row by row: a grid of
       graphics, and a column of headings at the left of what they head.
    5. What cannot be cut (regions that interlock or overlap) is sorted: above before below where two overlap sideways,
       else left before right unless something between them, downwards, spans both.

    Args:
        items: boxes of all regions, in shares of the page's width and height.
        role: of all regions.
        captions: what `link_captions` gave for the same regions.
    """
    first = [
        [i for i, r in enumerate(role) if r == "header"],
        [i for i, r in enumerate(role) if r == "title" and items[i][1] < 1 / 3],
    ]
    feet = [i for i, r in enumerate(role) if r == "footer"]
    placed = {i for group in (*first, feet) for i in group}
    body = [i for i in range(len(items)) if i not in placed]
    tabs = find_tabs(items, role)
    units = group_units([i for i in body if i not in tabs], items, role, captions)
    middle = [i for unit in _read(units) for i in unit.members]
    return [
        *(i for group in first for i in _by_line(group, items)),
        *middle,
        *_by_line(tabs, items),
        *_by_line(feet, items),
    ]


def _by_line(indices: Iterable[int], items: Sequence[Box]) -> list[int]:
    return sorted(indices, key=lambda i: (items[i][1], items[i][0]))


def find_tabs(items: Sequence[Box], role: Sequence[Role]) -> list[int]:
    """Return the indices of tabs and marginal notes: narrow, at the edge, alone in their strip beside wider contents.

    Args:
        items: boxes of all regions, in shares of the page's width and height.
        role: of all regions.
    """
    body = [i for i, r in enumerate(role) if r not in ("header", "footer")]
    return [i for i in body if role[i] != "title" and _is_tab(i, body, items)]


def _is_tab(i: int, body: Sequence[int], items: Sequence[Box]) -> bool:
    x0, y0, x1, y1 = items[i]
    if x1 - x0 > 0.06 or 0.1 < x0 < x1 < 0.9 or y1 - y0 < x1 - x0:
        return False
    others = [items[k] for k in body if k != i]
    return len(others) > 1 and all(other[2] <= x0 or other[0] >= x1 for other in others)


def _split(units: Sequence[Unit], axis: int) -> list[list[Unit]]:
    """Cut units at the gaps of their projection: axis 0 gives columns, from left to right, axis 1 rows, downwards."""
    spans = []
    for unit in units:
        low, high = unit.box[axis], unit.box[axis + 2]
        shrink = min(SLACK, 0.25 * (high - low))
        spans.append((low + shrink, high - shrink, unit))
    spans.sort(key=lambda span: (span[0], span[1], span[2].members))
    parts: list[list[Unit]] = []
    end = -1.0
    for low, high, unit in spans:
        if low >= end and (not parts or low > end):
            parts.append([])
        parts[-1].append(unit)
        end = max(end, high)
    return parts


def _read(units: Sequence[Unit]) -> list[Unit]:
    """Order the units of a block (steps 3 to 5)."""
    if len(units) < 2:
        return list(units)
    rows = _split(units, 1)
    runs = _runs(rows)
    if len(runs) > 1:
        return [unit for run in runs for unit in _read(run)]
    columns = _split(units, 0)
    if len(columns) < 2:
        return _interlocked(units)
    if len(rows) > 1 and all(unit.graphic for unit in units):
        return [unit for row in rows for column in _split(row, 0) for unit in _read(column)]
    if all(unit.heading for unit in columns[0]):
        return _side_headed(columns[0], [unit for column in columns[1:] for unit in column])
    return [unit for column in columns for unit in _read(column)]


def _runs(rows: Sequence[list[Unit]]) -> list[list[Unit]]:
    """Gather adjacent rows that share a gutter (step 3)."""
    runs = [list(rows[0])]
    for k in range(1, len(rows)):
        following = rows[k + 1] if k + 1 < len(rows) else None
        if _continues(runs[-1], rows[k], following):
            runs[-1].extend(rows[k])
        else:
            runs.append(list(rows[k]))
    return runs


def _continues(run: list[Unit], row: list[Unit], following: list[Unit] | None) -> bool:
    """Tell whether a row belongs to the columns of the run above it."""
    columns = _split(run, 0)
    if len(_split(run + row, 0)) < 2:
        return False
    if len(columns) < 2:
        return _tops(run, row)
    if len(_split(row, 0)) > 1:
        return True
    x0, y0, x1, _ = hull(unit.box for unit in row)
    spans = [hull(unit.box for unit in column) for column in columns]
    above = [span for span in spans if span[0] - SLACK <= x0 and x1 <= span[2] + SLACK]
    if not above or (all(unit.graphic for unit in run) and not all(unit.graphic for unit in row)):
        return False
    if all(unit.heading for unit in row):
        return following is not None and not _opens(row, spans, following) and _continues(run + row, following, None)
    return x1 - x0 > _FILLS * (above[0][2] - above[0][0]) or y0 - above[0][3] < _NEAR


def _opens(row: list[Unit], spans: Sequence[Box], following: list[Unit]) -> bool:
    """Tell whether a heading at the page's left opens a section over columns, which then start level."""
    tops = [hull(unit.box for unit in column)[1] for column in _split(following, 0)]
    left = min(unit.box[0] for unit in row) < spans[0][0] + 2 * SLACK
    return len(tops) > 1 and left and max(tops) - min(tops) < _LEVEL


def _tops(run: list[Unit], row: list[Unit]) -> bool:
    """Tell whether a heading or text alone is the top of a column of the row close below, but not of the first one."""
    x0, _, x1, y1 = hull(unit.box for unit in run)
    spans = [hull(unit.box for unit in column) for column in _split(row, 0)[1:]]
    inside = any(span[0] - SLACK <= x0 and x1 <= span[2] + SLACK and span[1] - y1 < _NEAR for span in spans)
    return inside and not any(unit.graphic for unit in run)


def _side_headed(headings: Iterable[Unit], rest: Sequence[Unit]) -> list[Unit]:
    """Order a left column of headings and what is at their right: each heading before what starts at it or below."""
    ordered = sorted(headings, key=lambda unit: unit.box[1])
    bands: list[list[Unit]] = [[] for _ in range(len(ordered) + 1)]
    for unit in rest:
        bands[sum(heading.box[1] <= unit.box[1] + 3 * SLACK for heading in ordered)].append(unit)
    out = _read(bands[0])
    for heading, band in zip(ordered, bands[1:], strict=True):
        out += [heading, *_read(band)]
    return out


def _interlocked(units: Sequence[Unit]) -> list[Unit]:
    """Order units that no straight cut parts (step 5): repeatedly the highest that nothing unread comes before."""
    left = sorted(units, key=lambda unit: (unit.box[1], unit.box[0], unit.members))
    before = _precedence(np.array([unit.box for unit in left]))
    unread = np.ones(len(left), bool)
    out: list[Unit] = []
    while unread.any():
        free = unread & ~before[unread].any(axis=0)
        chosen = int(np.argmax(free if free.any() else unread))
        unread[chosen] = False
        out.append(left[chosen])
    return out


def _precedence(boxes: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Tell for each pair of (n, 4) boxes whether the row's comes before the column's, as (n, n).

    It does where it is above, if the two overlap sideways, or left with nothing in between that spans both.
    """
    x0, x1, middle = boxes[:, 0], boxes[:, 2], boxes[:, 1] + boxes[:, 3]
    beneath = np.minimum(x1[:, None], x1) - np.maximum(x0[:, None], x0) > 2 * SLACK
    low, high = np.minimum(middle[:, None], middle), np.maximum(middle[:, None], middle)
    before = np.zeros(beneath.shape, bool)
    for a in range(len(boxes)):
        between = (low[a][:, None] < middle) & (middle < high[a][:, None])
        parted = (beneath[a] & beneath & between).any(axis=1)
        before[a] = np.where(beneath[a], middle[a] < middle, (x0[a] <= x0) & ~parted)
    np.fill_diagonal(before, False)
    return before
