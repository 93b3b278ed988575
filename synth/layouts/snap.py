"""Boxes snapped to ink: the loose rectangles that drawing noted, shrunk to what a rendering of the page shows."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from synth.elements.pen import Mark

INK = 24
"""A pixel is ink when a channel differs from its element's ground by more than this (of 255)."""


def render(page: pdfium.PdfPage, long_side: int) -> NDArray[np.uint8]:
    """Return a page as uint8 (H, W, 3) RGB whose longer side is `long_side` pixels."""
    scale = long_side / max(page.get_width(), page.get_height())
    bitmap = page.render(scale=scale, rev_byteorder=True)
    return np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])


def snap(marks: Sequence[Mark], image: NDArray[np.uint8], scale: float) -> NDArray[np.float32]:
    """Return boxes float32 (n, 4), xyxy in pixels of `image`; an element without ink gets an empty box.

    Args:
        marks: elements with loose rectangles in points; no two of them may share ink.
        image: uint8 (H, W, 3), the rendered page.
        scale: pixels per point.
    """
    boxes = np.zeros((len(marks), 4), np.float32)
    height, width = image.shape[:2]
    for index, mark in enumerate(marks):
        x0, y0, x1, y1 = mark.rect
        left, top = max(int(x0 * scale) - 2, 0), max(int(y0 * scale) - 2, 0)
        right, bottom = min(int(x1 * scale) + 3, width), min(int(y1 * scale) + 3, height)
        patch = image[top:bottom, left:right]
        if patch.size == 0:
            continue
        inner = (top > 0, bottom < height, left > 0, right < width)
        ground = _ground(patch, inner)
        blank = cv2.inRange(patch, np.maximum(ground - INK, 0), np.minimum(ground + INK, 255))
        rows, columns = np.flatnonzero(blank.min(axis=1) == 0), np.flatnonzero(blank.min(axis=0) == 0)
        if len(rows):
            boxes[index] = (left + columns[0], top + rows[0], left + columns[-1] + 1, top + rows[-1] + 1)
    return boxes


def _ground(patch: NDArray[np.uint8], inner: tuple[bool, bool, bool, bool]) -> NDArray[np.int16]:
    """Return the commonest colour on the rim of a patch, int16 (3,), leaving out sides that lie on the page's edge.

    Args:
        patch: uint8 (h, w, 3).
        inner: whether its top, bottom, left and right side lie inside the page.
    """
    sides = [side for side, use in zip((patch[0], patch[-1], patch[:, 0], patch[:, -1]), inner, strict=True) if use]
    rim = np.concatenate(sides or [np.full((1, 3), 255, np.uint8)]).astype(np.int32)
    codes = (rim[:, 0] << 16) | (rim[:, 1] << 8) | rim[:, 2]
    values, counts = np.unique(codes, return_counts=True)
    code = int(values[np.argmax(counts)])
    return np.array([code >> 16, (code >> 8) & 255, code & 255], np.int16)
