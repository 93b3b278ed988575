"""One page on the network's canvas, and its boxes back again."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import cv2
import numpy as np
import numpy.typing as npt

from doclayout.errors import UsageError

PAPER = 255
"""Value of padding: what paper looks like."""

PIXELS = 1_100_000
"""Of the drawing that boxes are refined on, and that the network's input is reduced from: what labels were read off."""

MAX_PIXELS = 2**28
"""Most pixels that a page is drawn with, which take 768 MiB."""

STEP = 1.5
"""Training pages are cached at this many times `imgsz`, so that enlarging them loses nothing, and scaled from there."""

_LONGEST = 5120  # pixels of a strip's side


def unit_of(height: int, width: int) -> float:
    """Return how many pixels of a drawing of that size there are, in one direction, to one of `PIXELS` pixels."""
    return sqrt(height * width / PIXELS)


@dataclass(frozen=True)
class Letterbox:
    """How a page lies on its canvas: scaled alike in both directions, centred, padded with paper to whole strides.

    The canvas has the page's own shape, so a portrait page costs three quarters of a square.

    Attributes:
        height: of the canvas in pixels, a multiple of the stride.
        width: likewise.
        inner: (width, height) of the scaled page.
        left: pixels of padding at its left.
        top: pixels of padding above it.
    """

    height: int
    width: int
    inner: tuple[int, int]
    left: int
    top: int

    @classmethod
    def fit(cls, width: float, height: float, imgsz: int, stride: int = 32) -> Letterbox:
        """Lay out a page of any unit so that its longer side has `imgsz` pixels."""
        inner = raster_size(width, height, imgsz)
        canvas_w, canvas_h = (ceil(side / stride) * stride for side in inner)
        return cls(canvas_h, canvas_w, inner, (canvas_w - inner[0]) // 2, (canvas_h - inner[1]) // 2)

    def apply(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Put a picture of the page, (H, W, 3) of any size, on the canvas: (height, width, 3) uint8.

        A large picture is reduced by way of `STEP` times its final size, as training pages are, which leaves it nearly
        as soft as those.
        """
        for times in (STEP, 1):
            size = round(times * self.inner[0]), round(times * self.inner[1])
            ratio = image.shape[0] / size[1]
            if ratio > 1 or (times == 1 and image.shape[1::-1] != size):
                method = cv2.INTER_AREA if ratio > 2 else cv2.INTER_LINEAR
                image = cv2.resize(image, size, interpolation=method)
        canvas = np.full((self.height, self.width, 3), PAPER, np.uint8)
        canvas[self.top : self.top + self.inner[1], self.left : self.left + self.inner[0]] = image
        return canvas

    def invert(self, boxes: npt.NDArray[np.float32], width: float, height: float) -> npt.NDArray[np.float32]:
        """Map boxes (n, 4) xyxy from canvas pixels to a page of width × height, cut at its edges."""
        offset = np.array([self.left, self.top] * 2, np.float32)
        scale = np.array([width / self.inner[0], height / self.inner[1]] * 2, np.float32)
        return np.asarray(np.clip((boxes - offset) * scale, 0, [width, height] * 2), np.float32)


def raster_size(width: float, height: float, long_side: int) -> tuple[int, int]:
    """Return (width, height) in pixels of a page of any unit drawn with that longer side; see `SourcePage.render`.

    Raises:
        UsageError: `long_side` is less than 1.
    """
    if long_side < 1:
        raise UsageError(f"long_side={long_side} must be at least 1 pixel")
    ratio = long_side / max(width, height)
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def raster_scale(width: float, height: float, pixels: int) -> tuple[int, int, float]:
    """Return the (width, height) in pixels, and the pixels a unit, of a drawing of about so many pixels.

    Both directions have the same scale, so a page's last row and column of pixels may lie beyond it in part; see
    `SourcePage.raster`. Strips get fewer pixels: no side is drawn longer than 5,120.

    Raises:
        UsageError: `pixels` is less than 1.
    """
    if pixels < 1:
        raise UsageError(f"pixels={pixels} must be at least 1")
    scale = min(sqrt(pixels / (width * height)), _LONGEST / max(width, height))
    across, down = (max(ceil(side * scale - 1e-3), 1) for side in (width, height))
    return across, down, scale
