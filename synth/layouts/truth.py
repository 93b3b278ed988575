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


def read_truth(pdf: bytes, index: int, marks: Sequence[Mark]) -> SynthPage:
    """Render one page of a PDF and return it with boxes snapped to the ink of its marks."""
    document = pdfium.PdfDocument(pdf)
    page = document[index]
    scale = LONG_SIDE / max(page.get_width(), page.get_height())
    image = render(page, LONG_SIDE)
    page.close()
    document.close()
    boxes = snap(marks, image, scale)
    schema = load_schema()
    ids = np.array([schema.id_of(mark.name) for mark in marks], np.int64).reshape(-1)
    keep = (boxes[:, 2] - boxes[:, 0] >= 3) & (boxes[:, 3] - boxes[:, 1] >= 3)
    return SynthPage(image, boxes[keep], ids[keep], pdf)
