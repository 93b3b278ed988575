"""Regions read in one go: a graphic with its captions, the heading right above it and the footnote right below it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from doclayout.region import Box
from doclayout.roles import Role

SLACK = 0.004  # share of the page's sides by which neighbouring boxes may touch or overlap
_REACH = 0.025  # the widest gap, as a share of the page's height, between a heading or footnote and its graphic


@dataclass(frozen=True, slots=True)
class Unit:
    """Regions read together.

    Attributes:
        box: their hull, x0, y0, x1, y1 in shares of the page's width and height, origin top left.
        members: their indices, from top to bottom.
        graphic: whether they are a graphic or table and what belongs to it.
        heading: whether they are a heading alone.
    """

    box: Box
    members: tuple[int, ...]
    graphic: bool
    heading: bool


def hull(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around some boxes."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def group_units(
    body: Sequence[int], items: Sequence[Box], role: Sequence[Role], links: Sequence[int | None]
) -> list[Unit]:
    """Join graphics with what belongs to them, unless another region lies among them.

    Args:
        body: the indices of the regions to group.
        items: boxes of all regions, in shares of the page's width and height.
        role: of all regions.
        links: for all regions, the index of what they caption, or `None`.
    """
    groups = {i: [i] for i in body}
    for child in body:
        target = links[child]
        if target is not None and target in groups:
            _join(groups, target, child, items)
    for child in body:
        if role[child] in ("heading", "footnote"):
            target = _beside(
                child, role[child] == "heading", [k for k in groups if role[k] == "graphic"], groups, items
            )
            if target is not None:
                _join(groups, target, child, items)
    units = []
    for key, members in groups.items():
        inner = sorted(members, key=lambda i: (items[i][1] + items[i][3], items[i][0]))
        box = hull(items[i] for i in members)
        units.append(Unit(box, tuple(inner), role[key] == "graphic", role[key] == "heading"))
    return units


def _join(groups: dict[int, list[int]], target: int, child: int, items: Sequence[Box]) -> None:
    """Move a region into a target's group, unless their hull would overlap another group."""
    members = [*groups[target], child]
    whole = hull(items[i] for i in members)
    for key, others in groups.items():
        if key not in (target, child) and _overlap(whole, hull(items[i] for i in others)):
            return
    groups[target] = members
    del groups[child]


def _overlap(a: Box, b: Box) -> bool:
    across, down = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across > 2 * SLACK and down > 2 * SLACK


def _beside(
    child: int, below: bool, graphics: Iterable[int], groups: dict[int, list[int]], items: Sequence[Box]
) -> int | None:
    """Return the nearest graphic right below a region, or right above it, that is at least as wide as the region."""
    x0, y0, x1, y1 = items[child]
    gaps = {}
    for k in graphics:
        left, top, right, bottom = hull(items[i] for i in groups[k])
        gap = top - y1 if below else y0 - bottom
        if -SLACK < gap < _REACH and left - 4 * SLACK <= x0 and x1 <= right + 4 * SLACK:
            gaps[k] = gap
    return min(gaps, key=lambda k: gaps[k], default=None)
