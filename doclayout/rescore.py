"""Scores looked at again, once boxes are refined and rivals are known.

The network scores a box before anyone knows on which ink its edges end up and which other boxes claim the same ink.
Both tell much: a box that had to move far to find ink, or that lies across others nearly as sure of themselves, is more
often wrong. So a few small networks, whose log-odds are averaged, judge each box again by its scores so far, by how far
refinement moved it, and by the boxes that it shares ink with: what comes out is how likely the box is right at an IoU
of 0.5. The class is not asked, and the words are known only by how they have moved the score.
`scripts/train_rescore.py` fits the networks.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from doclayout.clean import INSIDE, SAME_PLACE, intersections
from doclayout.errors import WeightsError
from doclayout.perceptron import Network, outputs, read_networks
from doclayout.schema import Schema, load_schema

RESCORE = Path(__file__).resolve().parent / "weights" / "rescore.npz"
CONTEXT = 0.1
"""Least score, before rivals count, of a box that others are judged beside, and that may come up above `conf`."""
FEATURES = 17

_SURE = 0.25
_TOUCHING = 0.2
_FARTHEST = 30.0  # pixels of a drawing of `PIXELS`
_EDGE = 1e-4  # as far as a score's log-odds are told from those of 0 and 1

FloatArray = npt.NDArray[np.float32]


def rescored(features: FloatArray, scores: FloatArray) -> FloatArray:
    """Return scores (n,) 0-1 whose log-odds have the mean of what the networks say about `describe`'s rows added."""
    said = np.mean([outputs(features, network) for network in load_judges()], axis=0)
    return np.asarray(1 / (1 + np.exp(-log_odds(scores) - said)), np.float32)


def describe(
    boxes: FloatArray, before: FloatArray, scores: FloatArray, class_ids: npt.NDArray[np.int64], unit: float
) -> FloatArray:
    """Describe boxes to the networks that judge them.

    Args:
        boxes: (n, 4) xyxy, refined, without duplicates.
        before: (n, 4) the same ones as the network put them.
        scores: (3, n) 0-1: the network's; with what the words say; and with what rivals have left.
        class_ids: (n,); only whether two are alike counts.
        unit: pixels of these boxes to one of a drawing of `PIXELS` pixels.

    Returns:
        (n, `FEATURES`): log-odds of the scores; IoU with the box before, and of how far each edge moved outward, in
        pixels of a drawing of `PIXELS`, 30 at most, the logarithm of one more, negative inward; the best score, or 0,
        of others, of at least `CONTEXT`, in the same place (of another class), that overlap (of its own class, of
        another), that hold it, and within it; log(1 + how many sure ones are within it); and the share of it that they,
        all sure ones, and all by their scores cover, overlaps counted each time, at most 2, 3 and 4.
    """
    common = intersections(boxes, boxes)
    area = np.maximum(np.diag(common), 1e-6)
    np.fill_diagonal(common, 0)
    iou = common / (area[:, None] + area[None] - common)
    inside, holds = common / area[:, None], common / area[None]  # of the row's box in the column's, and other way round
    likely = np.where(scores[1] >= CONTEXT, scores[1], 0).astype(np.float32)
    alike, sure = class_ids[:, None] == class_ids[None], likely > _SURE
    elsewhere = iou <= SAME_PLACE
    part = (holds > INSIDE) & elsewhere
    where = (
        (iou > SAME_PLACE) & ~alike,
        (iou > _TOUCHING) & alike,
        (iou > _TOUCHING) & elsewhere & ~alike,
        (inside > INSIDE) & elsewhere,
        part,
    )
    return np.stack(
        [
            *log_odds(scores),
            *_moves(boxes, before, unit),
            *(np.where(mask, likely, 0).max(1, initial=0) for mask in where),
            np.log1p((part & sure).sum(1)),
            np.clip((common * (part & sure)).sum(1) / area, 0, 2),
            np.clip((common * sure).sum(1) / area, 0, 3),
            np.clip((common * likely).sum(1) / area, 0, 4),
        ],
        axis=1,
    ).astype(np.float32)


def _moves(boxes: FloatArray, before: FloatArray, unit: float) -> list[FloatArray]:
    """Return the IoU (n,) of boxes with themselves before, and the logarithm of how far each edge moved outward."""
    low, high = np.maximum(boxes[:, :2], before[:, :2]), np.minimum(boxes[:, 2:], before[:, 2:])
    common = np.clip(high - low, 0, None).prod(1)
    both = sum(np.clip(part[:, 2:] - part[:, :2], 0, None).prod(1) for part in (boxes, before)) - common
    moved = np.clip((boxes - before) * np.array([-1, -1, 1, 1]) / unit, -_FARTHEST, _FARTHEST)
    return [common / np.maximum(both, 1e-6), *(np.sign(moved) * np.log1p(np.abs(moved))).T]


def log_odds(scores: FloatArray) -> FloatArray:
    """Return the log-odds of scores 0-1 of any shape, those next to 0 and 1 as of 0.0001 and 0.9999."""
    sure = np.clip(scores, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(sure / (1 - sure)), np.float32)


def can_judge(schema: Schema) -> bool:
    """Tell whether boxes of a class list can be judged: that of the networks whose boxes the judges have seen."""
    return schema.names == load_schema().names


@cache
def load_judges() -> tuple[Network, ...]:
    """Read the networks that ship.

    Raises:
        WeightsError: the file is missing, or of other networks.
    """
    networks = read_networks(RESCORE)
    if any(len(network[0][0]) != FEATURES for network in networks):
        raise WeightsError(f"{RESCORE} holds other networks; fit them with scripts/train_rescore.py")
    return networks
