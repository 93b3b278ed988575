"""What happens to a page on its way to the network, and could have happened on its way to a scanner."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import albumentations as A
import cv2
import numpy as np
from ultralytics.data.augment import RandomPerspective

from doclayout.letterbox import PAPER


def document_augmentations() -> list[Any]:
    """Return albumentations transforms of what printing, copying, scanning and compressing do to a page.

    No mirror images: text does not survive them, and no scanner makes them.
    """
    return [
        A.Rotate(limit=(-1.0, 1.0), border_mode=0, fill=PAPER, p=0.08),
        A.Perspective(scale=(0.005, 0.02), fill=PAPER, p=0.04),
        A.OneOf([A.GaussianBlur((3, 3), sigma_limit=(0.3, 0.8)), A.Downscale(scale_range=(0.6, 0.85))], p=0.12),
        A.OneOf([A.GaussNoise(std_range=(0.02, 0.1)), A.SaltAndPepper(amount=(0.001, 0.01))], p=0.12),
        A.RandomBrightnessContrast(brightness_limit=(-0.25, 0.1), contrast_limit=(-0.25, 0.25), p=0.25),
        A.ToGray(p=0.15),
        A.InvertImg(p=0.01),
        A.ImageCompression(quality_range=(30, 90), p=0.15),
    ]


class PagePlace(RandomPerspective):  # type: ignore[misc]
    """Shift a page on its canvas, padding with paper, and warp it where the arguments ask for that.

    Scaling happens before, when the page is reduced from its cached size: one interpolation, not two, so text stays
    as crisp as in inference.

    Args:
        scale: pages are drawn at U(1 − scale, 1 + scale) times `imgsz`, or between the two ends of a pair.
        translate: they are shifted by at most this share of the canvas.
        degrees: range of rotation.
        shear: in degrees.
        perspective: factor, 0 to 0.001.
    """

    def __init__(
        self, scale: float | Sequence[float], translate: float, degrees: float, shear: float, perspective: float
    ):  # fmt: skip
        super().__init__(degrees, 0.0, 0.0, shear, perspective)
        self.zoom = (1 - scale, 1 + scale) if isinstance(scale, (int, float)) else tuple(scale)
        self.shift = translate
        self.warps = bool(degrees or shear or perspective)

    def draw(self) -> float:
        """Draw a scale factor."""
        return random.uniform(*self.zoom)

    def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
        """Place `img` (H, W, 3) on a canvas of `rect_shape` (height, width); boxes keep what stays visible."""
        height, width = labels.pop("rect_shape")
        image = labels["img"]
        h, w = image.shape[:2]
        top, left = (self._offset(c - s, c) for c, s in ((height, h), (width, w)))
        canvas = np.full((height, width, 3), PAPER, np.uint8)
        y, x, y0, x0 = max(top, 0), max(left, 0), max(-top, 0), max(-left, 0)
        part = image[y0 : y0 + max(height - y, 0), x0 : x0 + max(width - x, 0)]
        canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
        instances = labels["instances"]
        instances.convert_bbox("xyxy")
        instances.denormalize(w, h)
        instances.add_padding(left, top)
        area = instances.bbox_areas
        instances.clip(width, height)
        keep = instances.bbox_areas > 0.3 * area
        labels.update(img=canvas, resized_shape=(height, width), instances=instances[keep], cls=labels["cls"][keep])
        return super().__call__(labels) if self.warps else labels

    def apply_image(self, labels: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Warp `img` by the matrix of `params` as the base class does, but onto paper."""
        assert params is not None
        matrix, size = params["M"], params["size"]
        if self.perspective:
            image = cv2.warpPerspective(labels["img"], matrix, dsize=size, borderValue=(PAPER,) * 3)
        else:
            image = cv2.warpAffine(labels["img"], matrix[:2], dsize=size, borderValue=(PAPER,) * 3)
        labels.update(img=image, resized_shape=image.shape[:2])
        return labels

    def _offset(self, slack: int, side: int) -> int:
        """Draw a shift around the centre: within the slack, and beyond it by up to `translate` of the side."""
        reach = abs(slack) / 2 + self.shift * side
        return round(slack / 2 + random.uniform(-reach, reach))
