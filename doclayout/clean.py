"""Duplicate and enclosing boxes, resolved by stated rules.

Regions of a page do not overlap, so boxes that claim the same ink are rival readings of it. Going down by score:

1. Same reading twice: a box of the same class as a better one, with an IoU above 0.7, goes.
2. Rivals: a box goes down in score where a better one of score s takes the same place (IoU above 0.6), or holds 85 % of
   it, or where better boxes, two or more, lie to 85 % within it and cover 60 % of it. Only one of the readings can be
   right, so its score is multiplied by 1 − s, where s is what rivals of its own have left of that box's score. It is
   gone at a usual `conf`, and still there for those who ask with a low one, as average precision does.

The rules are for boxes after refinement: duplicates then lie on the same ink.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

SAME_READING = 0.7
SAME_PLACE = 0.6
INSIDE = 0.85
COVERED = 0.6

FloatArray = npt.NDArray[np.float32]


def intersections(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the (n, m) areas that boxes (n, 4) and (m, 4), xyxy, have in common."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.asarray(np.clip(high - low, 0, None).prod(2), np.float32)


def clean_boxes(
    boxes: FloatArray, scores: FloatArray, class_ids: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Apply the rules.

    Args:
        boxes: (n, 4) xyxy in any unit.
        scores: (n,) 0–1.
        class_ids: (n,).

    Returns:
        the indices of the boxes that remain, by falling new score; and their new scores.
    """
    order = np.argsort(-scores, kind="stable")
    box, new, ids = boxes[order].astype(np.float32), scores[order].astype(np.float32), class_ids[order]
    common = intersections(box, box)
    area = np.maximum(np.diag(common), 1e-6)
    iou = common / (area[:, None] + area[None] - common)
    inside = common / area[:, None]  # share of the row's box that lies in the column's
    kept = np.zeros(len(box), bool)
    for i in range(len(box)):
        if (kept & (ids == ids[i]) & (iou[i] > SAME_READING)).any():
            continue
        rivals = kept & ((iou[i] > SAME_PLACE) | (inside[i] > INSIDE))
        parts = kept & (inside[:, i] > INSIDE)
        if parts.sum() > 1 and common[i, parts].sum() > COVERED * area[i]:
            rivals |= parts
        new[i] *= 1 - new[rivals].max(initial=0.0)
        kept[i] = True
    remaining = np.flatnonzero(kept)
    remaining = remaining[np.argsort(-new[remaining], kind="stable")]
    return order[remaining], new[remaining]
