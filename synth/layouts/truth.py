"""Exact ground truth of a drawn page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pypdfium2 as pdfium

from doclayout.schema import load_schema
from synth.elements.pen import Mark
from synth.layouts.snap import render, snap
from synth.page import SynthPage

LONG_SIDE = 1280
"""Pixels of the longer page side in the rendering that comes with the boxes."""


_TURN = {"header": 0, "title": 1, "footer": 4}


def read_truth(pdf: bytes, index: int, marks: Sequence[Mark]) -> SynthPage:
    """Render one page of a PDF and return it with boxes snapped to the ink of its marks, their order and their links.

    Elements are read as they were drawn: column by column, each graphic with its caption. Only headers come first and
    then the title, and marks that are `last` come after the rest, before footers.
    """
    document = pdfium.PdfDocument(pdf)
    page = document[index]
    scale = LONG_SIDE / max(page.get_width(), page.get_height())
    image = render(page, LONG_SIDE)
    page.close()
    document.close()
    boxes = snap(marks, image, scale)
    schema = load_schema()
    keep = (boxes[:, 2] - boxes[:, 0] >= 3) & (boxes[:, 3] - boxes[:, 1] >= 3)
    kept = [mark for mark, shown in zip(marks, keep, strict=True) if shown]
    ids = np.array([schema.id_of(mark.name) for mark in kept], np.int64).reshape(-1)
    order = sorted(range(len(kept)), key=lambda k: _TURN.get(kept[k].name, 3 if kept[k].last else 2))
    links = tuple(tuple(k for k, other in enumerate(kept) if _has(mark.of, other.key)) for mark in kept)
    return SynthPage(image, boxes[keep], ids, pdf, np.array(order, np.int64).reshape(-1), links)


def _has(owners: tuple[object, ...], key: object) -> bool:
    return any(owner is key for owner in owners)
