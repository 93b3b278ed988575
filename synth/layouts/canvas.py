"""A page in the making: crops of the pool pasted on paper, their boxes kept."""

from __future__ import annotations

import cv2
import numpy as np

from synth.page import Float64, SynthPage, UInt8
from synth.pool import Pool

_INK = 40  # a pixel this much darker than white, in any channel, is ink


class Canvas:
    """White paper that takes crops of a pool, normalised to white paper themselves.

    Args:
        pool: where the crops come from.
        width: of the page, in pixels.
        height: of the page, in pixels.
    """

    def __init__(self, pool: Pool, width: int, height: int) -> None:
        self.pool = pool
        self.image: UInt8 = np.full((height, width, 3), 255, np.uint8)
        self.boxes: list[list[float]] = []
        self.class_ids: list[int] = []

    def paste(
        self,
        page: int,
        rect: tuple[float, float, float, float],
        members: list[int],
        xy: tuple[float, float],
        scale: float,
    ) -> None:
        """Paste a rectangle of a pool's page, and record the boxes of the elements in it.

        Args:
            page: index of the pool's page.
            rect: xyxy in its pixels.
            members: the elements of that page that lie in `rect`.
            xy: where the rectangle's top left corner goes, in pixels of this page.
            scale: this page's pixels per pixel of the pool's page.
        """
        crop, (left, top) = self.pool.crop(page, rect)
        size = max(round(crop.shape[1] * scale), 1), max(round(crop.shape[0] * scale), 1)
        sx, sy = size[0] / crop.shape[1], size[1] / crop.shape[0]
        x, y = round(xy[0] + (left - rect[0]) * sx), round(xy[1] + (top - rect[1]) * sy)
        source = self.pool.pages[page]
        picture = whiten(resize(crop, size), source.tone)
        self._darken(picture, x, y)
        for box in (source.boxes[members] - [left, top, left, top]) * [sx, sy, sx, sy]:
            self.boxes.append(np.add(to_ink(picture, box), [x, y, x, y]).tolist())
        self.class_ids.extend(source.class_ids[members].tolist())

    def _darken(self, crop: UInt8, x: int, y: int) -> None:
        """Put a crop at (x, y), cut at the page's edges, keeping the darker value where there is ink already."""
        height, width = self.image.shape[:2]
        x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + crop.shape[1], width), min(y + crop.shape[0], height)
        if x1 > x0 and y1 > y0:
            target = self.image[y0:y1, x0:x1]
            np.minimum(target, crop[y0 - y : y1 - y, x0 - x : x1 - x], out=target)

    def finish(self) -> SynthPage:
        """Return the page, its boxes cut at the page's edges."""
        height, width = self.image.shape[:2]
        boxes = np.array(self.boxes, np.float32).reshape(-1, 4)
        boxes[:, 0::2] = boxes[:, 0::2].clip(0, width)
        boxes[:, 1::2] = boxes[:, 1::2].clip(0, height)
        keep = np.all(boxes[:, 2:] - boxes[:, :2] >= 2, axis=1)
        return SynthPage(self.image, boxes[keep], np.array(self.class_ids, np.int64)[keep])


def to_ink(image: UInt8, box: Float64) -> Float64:
    """Return a box, xyxy in pixels, with each side that has its element's outermost ink within two pixels moved there.

    Scaling moves ink by parts of a pixel, which would make boxes of small elements loose.
    """
    x0, y0 = np.maximum(np.floor(box[:2]) - 1, 0).astype(int)
    x1, y1 = np.ceil(box[2:]).astype(int) + 1
    ink = image[y0:y1, x0:x1].min(axis=2) < 255 - _INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return box
    found = np.array([x0 + columns[0], y0 + rows[0], x0 + columns[-1] + 1, y0 + rows[-1] + 1])
    return np.where(np.abs(found - box) <= 2, found, box)


def resize(image: UInt8, size: tuple[int, int]) -> UInt8:
    """Resize to (width, height): by area when shrinking, bicubic when growing."""
    smaller = size[0] < image.shape[1]
    out: UInt8 = cv2.resize(image, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
    return out


def whiten(image: UInt8, tone: tuple[int, int, int]) -> UInt8:
    """Divide by the paper's RGB tone, so that the paper becomes white."""
    if min(tone) >= 254 or min(tone) < 128:
        return image
    white: UInt8 = np.minimum(image * (255.0 / np.array(tone)), 255).astype(np.uint8)
    return white
