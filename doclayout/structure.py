"""What belongs to what on a page, and in which order it is read, from boxes and how captions begin; all in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from doclayout.captions import link_captions
from doclayout.notes import link_notes
from doclayout.order import find_tabs, reading_order
from doclayout.roles import roles
from doclayout.schema import Schema


@dataclass(frozen=True)
class Structure:
    """The order and the links of a page's regions, by index.

    Attributes:
        order: the indices in reading order.
        captions: for each region, what it captions, or `None`.
        notes: for each region, what it notes, or `None`.
        sections: for each region, the heading that it stands under, or `None`.
    """

    order: list[int]
    captions: list[int | None]
    notes: list[int | None]
    sections: list[int | None]


def find_structure(
    boxes: npt.ArrayLike,
    class_ids: Sequence[int],
    schema: Schema,
    width: float,
    height: float,
    openings: Sequence[str] | None = None,
) -> Structure:
    """Find the reading order and all links of a page's regions.

    A heading's section is what is read after it, up to the next heading, as in the logical trees that Tsujimoto and
    Asada (1992) build from a reading order; a caption or a footnote is in the section of what it belongs to. Boxes do
    not tell the levels of headings, so a heading is in no section. Nor are running headers and footers, the title,
    tabs at the page's edge, notes at its foot, and what comes before the first heading: that may go on from the page
    before.

    Args:
        boxes: xyxy, shape (n, 4), in any unit, in the page as displayed, origin top left.
        class_ids: n positions in the schema.
        schema: names the classes.
        width: of the page, in the unit of the boxes.
        height: of the page, in the unit of the boxes.
        openings: how the text of each region begins; empty where it is not known.
    """
    rows = np.asarray(boxes, np.float64).reshape(-1, 4).tolist()  # floats are faster at a few dozen boxes than arrays
    items = [(x0 / width, y0 / height, x1 / width, y1 / height) for x0, y0, x1, y1 in rows]
    role = [roles(schema)[c] for c in class_ids]
    captions = link_captions(items, role, [schema.names[c].lower() for c in class_ids], openings)
    notes = link_notes(items, role, captions)
    order = reading_order(items, role, captions)
    apart = set(find_tabs(items, role))
    sections: list[int | None] = [None] * len(role)
    heading = None
    for i in order:
        if role[i] == "heading":
            heading = i
        elif role[i] not in ("header", "footer", "title", "footnote") and i not in apart:
            sections[i] = heading
    for links in (captions, notes):
        for i, target in enumerate(links):
            if target is not None:
                sections[i] = sections[target]
    return Structure(order, captions, notes, sections)
