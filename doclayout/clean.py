"""Duplicate and enclosing boxes removed from a page's detections, by stated rules.

Regions of a page do not overlap, so whatever covers the same ink twice is one region too many:

1. Same place: of two boxes with IoU above 0.6, whatever their classes, the one with the lower score goes.
2. Part of a whole: a box that lies to 85 % within one of a higher score goes.
3. Whole of parts: a box goes if boxes of higher scores, two or more, lie to 85 % within it and cover 60 % of it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SAME_PLACE = 0.6
INSIDE = 0.85
COVERED = 0.6

FloatArray = npt.NDArray[np.float32]


def intersections(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the (n, m) areas that boxes (n, 4) and (m, 4), xyxy, have in common."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.clip(high - low, 0, None).prod(2).astype(np.float32)


def keep_boxes(boxes: FloatArray, scores: FloatArray) -> npt.NDArray[np.int64]:
    """Return the indices of the boxes that remain, by falling score.

    Args:
        boxes: (n, 4) xyxy in any unit.
        scores: (n,).
    """
    order = np.argsort(-scores, kind="stable")
    box = boxes[order].astype(np.float32)
    common = intersections(box, box)
    area = np.maximum(np.diag(common), 1e-6)
    iou = common / (area[:, None] + area[None] - common)
    inside = common / area[:, None]  # share of the row's box that lies in the column's
    kept: list[int] = []
    for i in range(len(box)):
        parts = [k for k in kept if inside[k, i] > INSIDE]
        same = any(iou[i, k] > SAME_PLACE for k in kept)
        part = any(inside[i, k] > INSIDE for k in kept)
        whole = len(parts) > 1 and common[i, parts].sum() > COVERED * area[i]
        if not (same or part or whole):
            kept.append(i)
    return order[kept]
