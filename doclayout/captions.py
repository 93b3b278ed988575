"""Which figure, table or formula each caption belongs to, from boxes alone.

A page has a habit: its figures' captions stand below them or above them, and so do its tables'. In a stack of plots
each caption touches two, and only the habit tells them apart. So the links of a whole page are chosen together, at the
least total cost under each possible habit, and the cheapest habit is taken. The assignment is the Hungarian method with
shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import inf

import numpy as np
import numpy.typing as npt

from doclayout.roles import Role, roles
from doclayout.schema import Schema

Box = tuple[float, float, float, float]

# All costs and gaps are shares of the page's width (across) or height (down).
_REACH = 0.16  # the widest gap that a link bridges
_ALONE = 0.40  # a caption without a link
_OFF_HABIT = 0.07  # standing on the other side than the page's habit
_BESIDE = 0.04  # standing at the left or right
_BLOCKED = 0.08  # each region in between
_BLOCKED_BY: dict[Role, float] = {
    "caption": 0.01,
    "footnote": 0.03,
    "text": 0.05,
    "heading": 0.20,
}  # but these weigh otherwise
_GAP = 1.5  # weight of the gap
_FORMULA = 0.10  # captioning a formula, which most captions do not
_OFFSET = 0.15  # weight of the offset between the centres, or the left edges where those are nearer
_SECOND = 0.07  # being the second caption of a target
_SECOND_OFF = 0.10  # a second caption on the other side than the page's habit for those
_UNREACHABLE = 1e3


def as_boxes(boxes: npt.ArrayLike) -> list[Box]:
    """Return boxes of shape (n, 4) as tuples of Python floats, which are faster than arrays at a few dozen boxes."""
    rows = np.asarray(boxes, np.float64).reshape(-1, 4).tolist()
    return [(x0, y0, x1, y1) for x0, y0, x1, y1 in rows]


def link_captions(
    boxes: npt.ArrayLike, class_ids: Sequence[int], schema: Schema, width: float, height: float
) -> list[int | None]:
    """Return, for each region, the index of the figure, table or formula that it captions, or `None`.

    Captions are the classes whose name ends in "caption". They caption the classes that are not text, and formulas; of
    those, only tables or only the others where the caption's class says so. A link costs its gap, each region in
    between, an offset sideways, and standing on the side that is not the page's habit. Each caption gets at most one
    target and each target one caption, but a caption left over may join a target in reach that has one already ("TOP
    VIEW" above a drawing, "Figure 3" below it); those have a habit of their own.

    Args:
        boxes: xyxy, shape (n, 4), in any unit, in the page as displayed, origin top left.
        class_ids: n positions in the schema.
        schema: names the classes.
        width: of the page, in the unit of the boxes.
        height: of the page, in the unit of the boxes.
    """
    names, role = [schema.names[c].lower() for c in class_ids], [roles(schema)[c] for c in class_ids]
    captions = [i for i, r in enumerate(role) if r == "caption"]
    targets = [i for i, r in enumerate(role) if r in ("graphic", "formula")]
    links: list[int | None] = [None] * len(names)
    if not captions or not targets:
        return links
    items = [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in as_boxes(boxes)]
    tables = ["table" in names[t] for t in targets]
    pairs = [
        [_pair(items, role, c, t) if _fits(names[c], table) else None for t, table in zip(targets, tables, strict=True)]
        for c in captions
    ]
    for caption, column in zip(captions, _choose(pairs, tables), strict=True):
        links[caption] = None if column is None else targets[column]
    return links


@dataclass(frozen=True, slots=True)
class _Pair:
    """A caption and a target in its reach: the cost without habit, and the side that the caption stands on."""

    cost: float
    side: str


def _fits(caption: str, table: bool) -> bool:
    """Tell whether a class of captions, such as `table-caption`, may caption a table (or else, a figure)."""
    return table if "table" in caption else not (table and "figure" in caption)


def _pair(items: Sequence[Box], role: Sequence[Role], caption: int, target: int) -> _Pair | None:
    """Weigh one possible link, in shares of the page; `None` where it is out of reach."""
    c, t = items[caption], items[target]
    across, down = max(t[0] - c[2], c[0] - t[2], 0.0), max(t[1] - c[3], c[1] - t[3], 0.0)
    if across > _REACH or down > _REACH:
        return None
    offset = min(abs(c[0] + c[2] - t[0] - t[2]) / 2, abs(c[0] - t[0]))
    cost = _GAP * (across + down) + _OFFSET * offset + (_FORMULA if role[target] == "formula" else 0.0)
    middle = (c[1] + c[3]) / 2
    if t[1] < middle < t[3]:
        return _Pair(cost + (_BESIDE if across else 0.0), "beside")
    for k, other in enumerate(items):
        if k not in (caption, target) and _between(other, c, t, role[k] == "heading"):
            cost += _BLOCKED_BY.get(role[k], _BLOCKED)
    return _Pair(cost, "above" if middle <= t[1] else "below")


def _between(other: Box, c: Box, t: Box, heading: bool) -> bool:
    """Tell whether a box lies between a caption and a target, downwards; a heading, over any of the target."""
    left, right = (t[0], t[2]) if heading else sorted((max(c[0], t[0]), min(c[2], t[2])))
    top, bottom = min(c[3], t[3]), max(c[1], t[1])
    slack = 0.002
    return (
        min(other[2], right) - max(other[0], left) > slack
        and other[1] < bottom - slack
        and other[3] > top + slack
        and top - slack < (other[1] + other[3]) / 2 < bottom + slack
    )


def _choose(pairs: Sequence[Sequence[_Pair | None]], tables: Sequence[bool]) -> list[int | None]:
    """Return each caption's column under the cheapest habit; ties go to figures' captions below, tables' above."""
    figure_sides = ("below", "above") if not all(tables) else ("below",)
    table_sides = ("above", "below") if any(tables) else ("above",)
    best: list[int | None] = []
    least = inf
    for figure_side, table_side, second_side in product(figure_sides, table_sides, ("below", "above")):
        sides = [table_side if table else figure_side for table in tables]
        firsts = [[_cost(p, side, _OFF_HABIT) for p, side in zip(row, sides, strict=True)] for row in pairs]
        seconds = [[_cost(p, second_side, _SECOND_OFF) + _SECOND for p in row] for row in pairs]
        others = [min(_ALONE, *row) for row in seconds]
        costs = [row + [other] * len(pairs) for row, other in zip(firsts, others, strict=True)]
        chosen = _assign(costs)
        total = sum(row[k] for row, k in zip(costs, chosen, strict=True))
        if total < least - 1e-9:
            least = total
            best = [k if k < len(tables) else _nearest(row) for row, k in zip(seconds, chosen, strict=True)]
    return best


def _cost(pair: _Pair | None, habit: str, off: float) -> float:
    if pair is None:
        return _UNREACHABLE
    return pair.cost + (off if pair.side not in (habit, "beside") else 0.0)


def _nearest(costs: Sequence[float]) -> int | None:
    """Return the column of a second caption, or `None` where it had better stay alone."""
    column = min(range(len(costs)), key=costs.__getitem__)
    return column if costs[column] < _ALONE else None


def _assign(costs: Sequence[Sequence[float]]) -> list[int]:
    """Return each row's column, all different, at the least total cost; there are at least as many columns as rows."""
    cheapest = [min(range(len(row)), key=row.__getitem__) for row in costs]
    if len(set(cheapest)) == len(cheapest):
        return cheapest
    n, m = len(costs), len(costs[0])
    u, v = [0.0] * (n + 1), [0.0] * (m + 1)
    owner, way = [0] * (m + 1), [0] * (m + 1)  # 1-based; row 0 and column 0 are the sentinels
    for row in range(1, n + 1):
        owner[0], j0 = row, 0
        slack, used = [inf] * (m + 1), [False] * (m + 1)
        while owner[j0]:
            used[j0], delta, j1 = True, inf, 0
            i0 = owner[j0]
            for j in range(1, m + 1):
                if used[j]:
                    continue
                reduced = costs[i0 - 1][j - 1] - u[i0] - v[j]
                if reduced < slack[j]:
                    slack[j], way[j] = reduced, j0
                if slack[j] < delta:
                    delta, j1 = slack[j], j
            for j in range(m + 1):
                if used[j]:
                    u[owner[j]], v[j] = u[owner[j]] + delta, v[j] - delta
                else:
                    slack[j] -= delta
            j0 = j1
        while j0:
            owner[j0], j0 = owner[way[j0]], way[j0]
    columns = [0] * n
    for j in range(1, m + 1):
        if owner[j]:
            columns[owner[j] - 1] = j - 1
    return columns
