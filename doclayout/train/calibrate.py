"""Scores that mean what they say, as nearly as two numbers can: of boxes with a score of 0.7, 70 % should be right.

Platt scaling (Platt, 1999): p = σ(a·logit(s) + b), two numbers fitted on labelled pages and folded into the last
convolution of the class branch, so that every exported format has them. The order of boxes stays as it was.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from doclayout.train.metrics import overlaps

FloatArray = npt.NDArray[np.float64]

SLOPES = 0.05, 20.0
"""Least and most a that is folded in."""
SHARED = 100.0
FLAT = 0.03
"""What `class_thresholds` is held to; chosen by thresholds of some documents and F1 of others."""


def correct(detections: list[dict[str, Any]], truth: dict[str, Any], iou: float = 0.5) -> tuple[FloatArray, FloatArray]:
    """Return the scores (n,) of COCO detections, in their order, and whether (1.0 or 0.0) each is right.

    Right is a detection that, going down by score, finds ground truth of its class that no better one has taken, with
    at least this IoU.
    """
    scores, hits = np.array([item["score"] for item in detections], float), np.zeros(len(detections))
    groups: dict[tuple[int, int], list[int]] = {}
    for index, item in enumerate(detections):
        groups.setdefault((item["image_id"], item["category_id"]), []).append(index)
    boxes: dict[tuple[int, int], list[list[float]]] = {}
    for item in truth["annotations"]:
        boxes.setdefault((item["image_id"], item["category_id"]), []).append(item["bbox"])
    for key, group in groups.items():
        group = sorted(group, key=lambda index: -scores[index])
        overlap = overlaps([detections[index]["bbox"] for index in group], boxes.get(key, []))
        free = np.ones(overlap.shape[1], bool)
        for index, row in zip(group, overlap, strict=True):
            best = int(np.argmax(row * free)) if len(row) else -1
            if best >= 0 and free[best] and row[best] >= iou:
                free[best] = False
                hits[index] = 1
    return scores, hits


def fit(scores: FloatArray, right: FloatArray, steps: int = 50) -> tuple[float, float]:
    """Fit (a, b) of σ(a·logit(s) + b) by Newton's method on the log loss, with steps halved until it falls."""
    sure = np.clip(scores, 1e-6, 1 - 1e-6)
    x = np.stack([np.log(sure / (1 - sure)), np.ones_like(sure)], 1)

    def loss(weights: FloatArray) -> float:
        z = x @ weights
        return float(np.sum(np.logaddexp(0, z) - right * z))

    weights = np.array([1.0, 0.0])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, x.T @ (right - p))
        while loss(weights + step) > loss(weights) and np.abs(step).max() > 1e-9:
            step /= 2
        weights = weights + step
    return float(weights[0]), float(weights[1])


def expected_error(scores: FloatArray, right: FloatArray, bins: int = 10) -> float:
    """Return the expected calibration error: |mean score − share right| over bins of score, weighted by counts."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [abs(scores[which == k].sum() - right[which == k].sum()) for k in range(bins)]
    return float(sum(gaps) / max(len(scores), 1))


def best_cut(scores: FloatArray, right: FloatArray, boxes: int) -> tuple[float, float]:
    """Return the least score that makes F1 best, and that F1, of one class's detections.

    Args:
        scores: (n,) as of `correct`.
        right: (n,) likewise.
        boxes: that there are in the ground truth.

    The score is halfway to the next one below, since the cut should not hang on one box; (1, 0) without detections.
    """
    if not len(scores):
        return 1.0, 0.0
    order = np.argsort(-scores, kind="stable")
    f1 = 2 * np.cumsum(right[order]) / (np.arange(1, len(order) + 1) + boxes)
    best = int(np.argmax(f1))
    below = scores[order[best + 1]] if best + 1 < len(order) else 0.0
    return float(scores[order[best]] + below) / 2, float(f1[best])


def class_thresholds(
    detections: list[dict[str, Any]], truth: dict[str, Any], shared: float = SHARED, flat: float = FLAT
) -> dict[str, float]:
    """Return the score from which each class is best kept, 0.05 to 0.95, by the F1 of all that are, by class name.

    Args:
        detections: COCO detections.
        truth: COCO ground truth.
        shared: boxes of all classes together that count with a class's own. Where the F1 of few boxes is best is mostly
            chance, and holds for no other documents (`scripts/thresholds.py`).
        flat: how much less than the best F1 is as good; of the cuts that are, the middle is taken.
    """
    cuts = np.linspace(0.05, 0.95, 91)
    counts = {category["name"]: _counts(detections, truth, category["id"], cuts) for category in truth["categories"]}
    total = np.sum(list(counts.values()), axis=0)
    result = {}
    for name, own in counts.items():
        right, kept, boxes = own + shared * total / max(total[2].max(), 1)
        f1 = 2 * right / np.maximum(kept + boxes, 1e-9)
        result[name] = round(float(cuts[f1 >= f1.max() - flat].mean()), 3)
    return result


def _counts(detections: list[dict[str, Any]], truth: dict[str, Any], category: int, cuts: FloatArray) -> FloatArray:
    """Return (3, cuts): of a class's detections that each cut keeps, how many are right, and all; and its boxes."""
    found, boxes = (
        [item for item in items if item["category_id"] == category] for items in (detections, truth["annotations"])
    )
    scores, right = correct(found, {"annotations": boxes})
    kept = scores[:, None] >= cuts
    return np.stack([right @ kept, kept.sum(0), np.full(len(cuts), len(boxes))])


@torch.no_grad()
def fold(head: Any, a: float, b: float) -> None:
    """Fold p = σ(a·x + b) into the class logits x of the one-to-one branch of a detection head.

    Raises:
        ValueError: a is not within `SLOPES`: scores that say nothing, or that part right from wrong without a fault,
            have no calibration.
    """
    if not (math.isfinite(b) and SLOPES[0] <= a <= SLOPES[1]):
        raise ValueError(f"a={a:g}, b={b:g}: a must be from {SLOPES[0]:g} to {SLOPES[1]:g}; give more labelled pages")
    for branch in head.one2one_cv3:
        branch[-1].weight.mul_(a)
        branch[-1].bias.mul_(a).add_(b)
