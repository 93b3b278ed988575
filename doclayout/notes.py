"""Which figure or table each footnote notes, from boxes alone.

Printers set notes right below what they note, within its width; datasheets also set them between a figure and its
caption, below the caption, and now and then above a table ("All dimensions are nominal"). Only notes to words of the
text, and those of a whole page, stand apart at the page's foot, under text or far below everything else.
"""

from __future__ import annotations

from collections.abc import Sequence

from doclayout.region import Box
from doclayout.roles import Role

# All costs and gaps are shares of the page's width (across) or height (down).
_REACH = 0.12  # the widest gap that a link bridges
_OFFSET = 0.05  # weight of the distance between the left edges or the centres, whichever are nearer
_ABOVE = 0.015  # a note standing above what it notes
_SLACK = 0.006  # by which boxes may overlap
_FOOT = 0.05  # the widest gap above a note that is the last thing on the page


def link_notes(items: Sequence[Box], role: Sequence[Role], captions: Sequence[int | None]) -> list[int | None]:
    """Return, for each region, the index of the figure or table that it notes, or `None`.

    A footnote notes the nearest graphic above it that it overlaps sideways, unless text or a heading lies between. Gaps
    are measured from the graphic, or from a caption or note of it that is nearer. Only a graphic right below is taken
    before one above that is farther away. A note with nothing but footers below it must stand closer.

    Args:
        items: boxes of all regions, in shares of the page's width and height.
        role: of all regions.
        captions: for each region, the index of what it captions, or `None`; as `link_captions` gives it.
    """
    parts = {t: [t] for t, r in enumerate(role) if r == "graphic"}
    for caption, target in enumerate(captions):
        if target in parts:
            parts[target].append(caption)
    links: list[int | None] = [None] * len(items)
    for note in sorted((i for i, r in enumerate(role) if r == "footnote"), key=lambda i: (items[i][1], items[i][0])):
        costs = {t: min(_cost(note, part, t, items, role) for part in group) for t, group in parts.items()}
        nearest = min(costs, key=costs.__getitem__, default=None)
        if nearest is not None and costs[nearest] < (_FOOT if _is_last(note, items, role) else _REACH):
            links[note] = nearest
            parts[nearest].append(note)
    return links


def _cost(note: int, part: int, target: int, items: Sequence[Box], role: Sequence[Role]) -> float:
    """Weigh one link, by the gap to one part (a graphic, or a caption or note of it); 1 where there is none."""
    n, p, t = items[note], items[part], items[target]
    if min(n[2], max(p[2], t[2])) - max(n[0], min(p[0], t[0])) <= _SLACK:
        return 1.0
    offset = _OFFSET * min(abs(n[0] - t[0]), abs(n[0] + n[2] - t[0] - t[2]) / 2)
    below, above = n[1] - p[3], p[1] - n[3]
    if max(below, above) < -_SLACK:
        return 1.0
    top, bottom = (p[3], n[1]) if below >= above else (n[3], p[1])
    for k, other in enumerate(items):
        if role[k] in ("text", "heading", "title") and k not in (note, part):
            middle = (other[1] + other[3]) / 2
            if top - _SLACK < middle < bottom + _SLACK and min(other[2], n[2]) - max(other[0], n[0]) > _SLACK:
                return 1.0
    return offset + (below if below >= above else above + _ABOVE)


def _is_last(note: int, items: Sequence[Box], role: Sequence[Role]) -> bool:
    """Tell whether nothing but footers and other notes starts below a note in its columns."""
    x0, _, x1, y1 = items[note]
    return not any(
        other[1] > y1 - _SLACK and min(other[2], x1) - max(other[0], x0) > _SLACK
        for k, other in enumerate(items)
        if k != note and role[k] not in ("footer", "footnote")
    )
