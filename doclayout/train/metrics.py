"""COCO's average precision and recall, by pycocotools."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

SUMMARY = (
    "AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large",
    "AR_1", "AR_10", "AR", "AR_small", "AR_medium", "AR_large",
)  # fmt: skip
"""COCOeval's figures: AP over IoU 0.50:0.95 unless numbered; AR with at most 100 boxes a page unless numbered."""


def coco_scores(truth: dict[str, Any], detections: list[dict[str, Any]]) -> dict[str, Any]:
    """Score detections against ground truth.

    Args:
        truth: COCO's `images`, `annotations`, `categories`; sizes small, medium and large are areas in pixels of the
            label frame, split at 32² and 96².
        detections: `image_id`, `category_id`, `bbox` (left, top, width, height in the label frame), `score`.

    Returns:
        The figures of `SUMMARY`, and under `classes`, by name: `AP`, `AP50`, `AR`, `boxes` (ground truth), where there
        are any. 0–1; -1 where there is no ground truth.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        found = coco.loadRes([dict(item) for item in detections]) if detections else COCO()
        if not detections:
            found.dataset = {**truth, "annotations": []}
            found.createIndex()
        run = COCOeval(coco, found, "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    precision, recall = run.eval["precision"][:, :, :, 0, 2], run.eval["recall"][:, :, 0, 2]
    classes = {}
    for k, category in enumerate(sorted(truth["categories"], key=lambda c: c["id"])):
        boxes = len(coco.getAnnIds(catIds=[category["id"]]))
        if boxes:
            classes[category["name"]] = {
                "AP": _mean(precision[:, :, k]),
                "AP50": _mean(precision[0, :, k]),
                "AR": _mean(recall[:, k]),
                "boxes": boxes,
            }
    return {**{name: round(float(v), 4) for name, v in zip(SUMMARY, run.stats, strict=True)}, "classes": classes}


def overlaps(a: list[list[float]], b: list[list[float]]) -> npt.NDArray[np.float64]:
    """Return the (n, m) IoU, 0-1, of two lists of COCO boxes: left, top, width and height in one frame."""
    if not a or not b:
        return np.zeros((len(a), len(b)))
    return np.asarray(mask.iou(np.array(a, float), np.array(b, float), [0] * len(b)), float)


def _mean(values: Any) -> float:
    """Return the mean of the figures that are defined."""
    defined = values[values > -1]
    return round(float(np.mean(defined)), 4) if defined.size else -1.0
