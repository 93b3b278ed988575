"""Effects of scanners and copiers: noise, specks, blur, spread ink, one bit per pixel, low resolution, JPEG."""

from __future__ import annotations

import cv2
import numpy as np

from synth.page import UInt8


def noise(image: UInt8, rng: np.random.Generator, sigma: float) -> UInt8:
    """Add Gaussian noise, the same in all channels."""
    grain = rng.standard_normal(image.shape[:2], np.float32) * sigma
    return np.asarray((image + grain[..., None]).clip(0, 255), np.uint8)


def specks(image: UInt8, rng: np.random.Generator, count: int) -> UInt8:
    """Drop dark specks of one to three pixels anywhere on the page."""
    out, (height, width) = image.copy(), image.shape[:2]
    at = np.stack([rng.integers(width, size=count), rng.integers(height, size=count)], axis=1)
    for (x, y), size, tone in zip(at, rng.integers(1, 4, count), rng.integers(0, 140, count), strict=True):
        out[y : y + size, x : x + size] = np.minimum(out[y : y + size, x : x + size], tone)
    return out


def blur(image: UInt8, sigma: float) -> UInt8:
    """Blur by a Gaussian of `sigma` pixels."""
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.uint8)


def spread_ink(image: UInt8, rng: np.random.Generator) -> UInt8:
    """Make strokes a little thicker, or now and then thinner, by a pixel on sides that are drawn."""
    kernel, anchor = np.ones((2, 2), np.uint8), tuple(rng.integers(2, size=2).tolist())
    change = cv2.erode if rng.random() < 0.75 else cv2.dilate
    changed = change(image, kernel, anchor=anchor)
    weight = rng.uniform(0.3, 0.8)
    return np.asarray(cv2.addWeighted(image, 1 - weight, changed, weight, 0), np.uint8)


def bilevel(image: UInt8, threshold: float) -> UInt8:
    """Return black and white only, as a fax or a one-bit scan has."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    return np.repeat(np.where(grey < threshold, np.uint8(0), np.uint8(255))[..., None], 3, axis=2)


def grey(image: UInt8) -> UInt8:
    """Take the colours out."""
    return np.repeat(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2)


def low_resolution(image: UInt8, scale: float) -> UInt8:
    """Shrink by `scale` and enlarge again."""
    height, width = image.shape[:2]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def jpeg(image: UInt8, quality: int) -> UInt8:
    """Compress as JPEG (quality 1-100) and read it again."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
