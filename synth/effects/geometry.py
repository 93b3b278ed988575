"""Effects that move ink: skew and cut page edges; boxes follow the ink."""

from __future__ import annotations

import cv2
import numpy as np

from synth.page import Bool, Float32, Float64, Int64, SynthPage, UInt8

_INK = 24  # a pixel this much darker than white, in any channel, is ink
_LEAST_LEFT = 0.4  # of a box's area, for it to stay on a cut page


def skew(page: SynthPage, degrees: float, unmarked: UInt8 | None = None) -> SynthPage:
    """Turn a page about its centre, counter-clockwise; boxes are refitted to their turned ink.

    Args:
        page: what is turned.
        degrees: by how much.
        unmarked: uint8 (H, W, 3), the page without what was laid over it, whose ink boxes hold; itself by default.
    """
    height, width = page.image.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0), np.float64)
    turned = cv2.warpAffine(page.image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    boxes = moved_boxes(page.image if unmarked is None else unmarked, page.boxes, matrix)
    return _within(np.asarray(turned, np.uint8), boxes, page.class_ids)


def cut_edge(page: SynthPage, side: int, share: float) -> SynthPage:
    """Shift a page so that a share of it is lost on one side (0 left, 1 top, 2 right, 3 bottom); its size stays."""
    height, width = page.image.shape[:2]
    dx, dy = [(-share * width, 0), (0, -share * height), (share * width, 0), (0, share * height)][side]
    shift = np.array([round(dx), round(dy)])
    matrix = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float64)
    moved = cv2.warpAffine(page.image, matrix, (width, height), flags=cv2.INTER_NEAREST, borderValue=(255, 255, 255))
    boxes = page.boxes + np.tile(shift, 2).astype(np.float32)
    return _within(np.asarray(moved, np.uint8), boxes, page.class_ids)


def moved_boxes(image: UInt8, boxes: Float32, matrix: Float64) -> Float32:
    """Return the tight boxes of the boxes' ink after an affine map.

    Args:
        image: uint8 (H, W, 3), before the map, on white paper.
        boxes: float32 (n, 4), xyxy in its pixels.
        matrix: float64 (2, 3), from old to new pixels.
    """
    dark = image.min(axis=2) < 255 - _INK
    return np.array([_moved(dark, box, matrix) for box in boxes], np.float32).reshape(-1, 4)


def _moved(dark: Bool, box: Float32, matrix: Float64) -> list[float]:
    x0, y0 = (int(v) for v in np.floor(box[:2]).clip(0))
    ink = dark[y0 : int(np.ceil(box[3])), x0 : int(np.ceil(box[2]))]
    rows = np.flatnonzero(ink.any(axis=1))
    if len(rows):
        first = ink[rows].argmax(axis=1)
        last = ink.shape[1] - ink[rows, ::-1].argmax(axis=1)
        below = np.array([0, 1])
        left, right = np.stack([first + x0, rows + y0], 1), np.stack([last + x0, rows + y0], 1)
        points = np.concatenate([left, right, left + below, right + below]).astype(np.float64)
    else:
        points = np.array([[box[0], box[1]], [box[2], box[1]], [box[0], box[3]], [box[2], box[3]]], np.float64)
    new = points @ matrix[:, :2].T + matrix[:, 2]
    return [*new.min(axis=0).tolist(), *new.max(axis=0).tolist()]


def _within(image: UInt8, boxes: Float32, class_ids: Int64) -> SynthPage:
    """Cut boxes at the page's edges and drop those that are mostly outside."""
    limit = np.array([image.shape[1], image.shape[0]] * 2, np.float32)
    cut = boxes.clip(0, limit)
    area, left = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), np.prod(cut[:, 2:] - cut[:, :2], axis=1)
    keep = (left > _LEAST_LEFT * area) & np.all(cut[:, 2:] - cut[:, :2] >= 2, axis=1)
    return SynthPage(image, cut[keep], class_ids[keep])
