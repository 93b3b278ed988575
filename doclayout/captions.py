"""Which figure, table or formula each caption belongs to, from boxes and from the captions' first words, where known.

A page has a habit: its figures' captions stand below them or above them, and so do its tables'. In a stack of plots
each caption touches two, and only the habit tells them apart. So the links of a whole page are chosen together, at the
least total cost under each possible habit, and the cheapest habit is taken. The assignment is the Hungarian method with
shortest augmenting paths (Kuhn 1955; Jonker and Volgenant 1987), our own because SciPy takes longer to import than a
page takes to be read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import inf
from typing import Literal

from doclayout.region import Box
from doclayout.roles import Role

Kind = Literal["figure", "table", "formula"]
Side = Literal["above", "below", "beside"]

# All costs and gaps are shares of the page's width (across) or height (down).
_REACH = 0.16  # the widest gap that a link bridges
_ALONE = 0.40  # a caption without a link
_OFF: dict[Kind, float] = {"figure": 0.07, "table": 0.07, "formula": 0.30}  # standing on the other side than the habit
_MIXED = 0.05  # figures whose habit differs from strip to strip of the page
_MOST_STRIPS = 4
_TABLES_BELOW = 0.03  # tables whose captions stand below them, which is rare
_HEADED = 0.25  # how far a heading reaches to the right of where it starts
_BESIDE = 0.04  # standing at the left or right
_BLOCKED = 0.08  # each region in between, but for those that weigh otherwise:
_BLOCKED_BY: dict[Role, float] = {"caption": 0.01, "footnote": 0.03, "text": 0.05, "heading": 0.20}
_GAP = 1.5  # weight of the gap
_FORMULA = 0.10  # captioning a formula, which most captions do not
_MISNAMED = 0.20  # captioning something else than the first word says, as "Figure" above a table of bit fields
_OFFSET = 0.15  # weight of the offset between the centres, or the left edges where those are nearer
_SECOND = 0.07  # being the second caption of a target
_SECOND_OFF = 0.10  # a second caption on the other side than the page's habit for those
_UNREACHABLE = 1e3
_SLACK = 0.002  # what a box in between has to reach over an edge

_SAYS: dict[Kind, re.Pattern[str]] = {
    "table": re.compile(r"tab|\u8868", re.IGNORECASE),
    "formula": re.compile(r"equa|eq\.|formula", re.IGNORECASE),
    "figure": re.compile(
        r"fig|abb|bild|\u56fe|\u5716|\u56f3|.*\b(top|bottom|side|front)[ -]?view"
        r"|\W*([\w-]+ )?((sot|soic|soj|[pc]?dip|[mst]+sop|[lt]?qfp|qfn|dfn|bga|plcc|d2?pak)\b|(so|to|sc)-?\d)",
        re.IGNORECASE | re.DOTALL,
    ),
}
"""How captions begin: numbered ones in English, German, Chinese and Japanese; those of views and of packages."""


def link_captions(
    items: Sequence[Box], role: Sequence[Role], names: Sequence[str], openings: Sequence[str] | None = None
) -> list[int | None]:
    """Return, for each region, the index of the figure, table or formula that it captions, or `None`.

    Captions are the classes whose name ends in "caption". They caption the classes that are not text, and formulas; of
    those, only tables or only the others where the caption's class says so. A link costs its gap, each region in
    between, an offset sideways, standing on the side that is not the page's habit, and another kind of target than the
    caption's first word says. Each caption gets at most one target and each target one caption, but a caption left over
    may join a target in reach that has one already ("TOP VIEW" above a drawing, "Figure 3" below it); those have a
    habit of their own.

    Args:
        items: boxes of all regions, in shares of the page's width and height.
        role: of all regions.
        names: of the classes of all regions, in lower case.
        openings: how the text of each region begins; empty where it is not known.
    """
    captions = [i for i, r in enumerate(role) if r == "caption"]
    targets = [i for i, r in enumerate(role) if r in ("graphic", "formula")]
    links: list[int | None] = [None] * len(names)
    if not captions or not targets:
        return links
    kinds = {t: _kind(names[t], role[t]) for t in targets}
    pairs: list[list[_Pair | None]] = []
    for c in captions:
        says = _says(openings[c]) if openings else None
        others = frozenset(t for t, kind in kinds.items() if says not in (None, kind))
        pairs.append([_pair(items, role, c, t, others) if _fits(names[c], kinds[t]) else None for t in targets])
    strips = _strips([items[c] for c in captions])
    for caption, column in zip(captions, _choose(pairs, list(kinds.values()), strips), strict=True):
        links[caption] = None if column is None else targets[column]
    return links


@dataclass(frozen=True, slots=True)
class _Pair:
    """A caption and a target in its reach: the cost without habit, and the side that the caption stands on."""

    cost: float
    side: Side


def _kind(name: str, role: Role) -> Kind:
    return "formula" if role == "formula" else "table" if "table" in name else "figure"


def _says(opening: str) -> Kind | None:
    """Return what a caption says that it captions."""
    return next((kind for kind, pattern in _SAYS.items() if pattern.match(opening)), None)


def _fits(caption: str, kind: Kind) -> bool:
    """Tell whether a class of captions, such as `table-caption`, may caption a kind of target."""
    return kind == "table" if "table" in caption else not (kind == "table" and "figure" in caption)


def _strips(boxes: Sequence[Box]) -> list[int]:
    """Number the columns of captions, those that overlap sideways being in one; all are 0 where there are many."""
    strips, right = [0] * len(boxes), 0.0
    for before, i in pairwise([None, *sorted(range(len(boxes)), key=lambda i: boxes[i][0])]):
        assert i is not None
        if before is not None:
            strips[i] = strips[before] + (boxes[i][0] >= right)
        right = max(right, boxes[i][2])
    return strips if max(strips) < _MOST_STRIPS else [0] * len(boxes)


def _pair(
    items: Sequence[Box], role: Sequence[Role], caption: int, target: int, others: frozenset[int]
) -> _Pair | None:
    """Weigh one possible link, in shares of the page; `None` where it is out of reach.

    `others` are of another kind than the caption says: a table between a drawing and its "Figure 1" adds no gap.
    """
    c, t = items[caption], items[target]
    across, down = max(t[0] - c[2], c[0] - t[2], 0.0), max(t[1] - c[3], c[1] - t[3], 0.0)
    if across > _REACH or (down > _REACH and not others):
        return None
    middle = (c[1] + c[3]) / 2
    side: Side = "beside" if t[1] < middle < t[3] else "above" if middle <= t[1] else "below"
    between = [] if side == "beside" else _between(items, role, caption, target)
    down -= _covered([items[k] for k in between if k in others], min(c[3], t[3]), max(c[1], t[1]))
    if down > _REACH:
        return None
    offset = min(abs(c[0] + c[2] - t[0] - t[2]) / 2, abs(c[0] - t[0]))
    cost = _GAP * (across + down) + _OFFSET * offset + (_MISNAMED if target in others else 0.0)
    cost += _FORMULA if role[target] == "formula" else 0.0
    cost += _BESIDE if side == "beside" and across else sum(_BLOCKED_BY.get(role[k], _BLOCKED) for k in between)
    return _Pair(cost, side)


def _covered(boxes: Sequence[Box], top: float, bottom: float) -> float:
    """Return how much of a stretch downwards lies beside boxes; what lies beside several counts once."""
    covered, low = 0.0, top
    for box in sorted(boxes, key=lambda box: box[1]):
        covered += max(min(box[3], bottom) - max(box[1], low), 0.0)
        low = max(low, box[3])
    return covered


def _between(items: Sequence[Box], role: Sequence[Role], caption: int, target: int) -> list[int]:
    """Return the boxes between a caption and a target, downwards; of headings, those over or left of the target."""
    c, t = items[caption], items[target]
    top, bottom = min(c[3], t[3]), max(c[1], t[1])
    inner = sorted((max(c[0], t[0]), min(c[2], t[2])))
    found = []
    for k, (x0, y0, x1, y1) in enumerate(items):
        if y0 < bottom - _SLACK and y1 > top + _SLACK and top - _SLACK < (y0 + y1) / 2 < bottom + _SLACK:
            heading = role[k] == "heading"
            left, right = (t[0], t[2]) if heading else inner
            reach = max(x1, x0 + _HEADED) if heading else x1
            if min(reach, right) - max(x0, left) > _SLACK and k not in (caption, target):
                found.append(k)
    return found


def _choose(pairs: Sequence[Sequence[_Pair | None]], kinds: Sequence[Kind], strips: Sequence[int]) -> list[int | None]:
    """Return each caption's column under the cheapest habit; ties go to figures' captions below, tables' above.

    Formulas have their captions above. Where no one habit of the figures suits all captions, each strip of the page may
    have its own, at a cost.
    """
    figure_sides: tuple[Side, ...] = ("below", "above") if "figure" in kinds else ("below",)
    table_sides: tuple[Side, ...] = ("above", "below") if "table" in kinds else ("above",)
    second_sides: tuple[Side, ...] = ("below", "above")
    rest = list(product(table_sides, second_sides))
    whole = [
        _under((side,) * (max(strips) + 1), *others, pairs, kinds, strips) for side in figure_sides for others in rest
    ]
    best = min(whole, key=lambda found: round(found.total, 9))
    if best.off and max(strips):
        mixed = [sides for sides in product(figure_sides, repeat=max(strips) + 1) if len(set(sides)) > 1]
        parted = [_under(sides, *others, pairs, kinds, strips) for sides in mixed for others in rest]
        best = min([best, *parted], key=lambda found: round(found.total + _MIXED * (found is not best), 9))
    return best.columns


@dataclass(frozen=True, slots=True)
class _Found:
    """The links of all captions under one habit, their cost, and whether any is off the habit."""

    columns: list[int | None]
    total: float
    off: bool


def _under(
    figure_sides: Sequence[Side],
    table_side: Side,
    second_side: Side,
    pairs: Sequence[Sequence[_Pair | None]],
    kinds: Sequence[Kind],
    strips: Sequence[int],
) -> _Found:
    """Link all captions under one habit: the side that captions stand on, of figures for each strip."""
    firsts = []
    for row, strip in zip(pairs, strips, strict=True):
        habit: dict[Kind, Side] = {"figure": figure_sides[strip], "table": table_side, "formula": "above"}
        firsts.append([_cost(pair, habit[kind], _OFF[kind]) for pair, kind in zip(row, kinds, strict=True)])
    seconds = [[_cost(pair, second_side, _SECOND_OFF) + _SECOND for pair in row] for row in pairs]
    costs = [[*row, *[min(_ALONE, *second)] * len(pairs)] for row, second in zip(firsts, seconds, strict=True)]
    chosen = _assign(costs)
    total = sum(row[k] for row, k in zip(costs, chosen, strict=True))
    total += _TABLES_BELOW if table_side == "below" and "table" in kinds else 0.0
    columns = [k if k < len(kinds) else _nearest(second) for second, k in zip(seconds, chosen, strict=True)]
    plain = sum(pair.cost for row, k in zip(pairs, chosen, strict=True) if k < len(kinds) and (pair := row[k]))
    return _Found(columns, total, total > plain + 1e-9)


def _cost(pair: _Pair | None, habit: Side, off: float) -> float:
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
