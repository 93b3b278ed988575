"""Marks laid over a page: watermarks and stamps. They get no box."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth.page import Float64, Int64, UInt8

_WATERMARKS = ("PRELIMINARY", "CONFIDENTIAL", "DRAFT", "SAMPLE", "OBSOLETE", "UNCONTROLLED COPY", "Not for new designs")
_STAMPS = ("RECEIVED", "OBSOLETE", "APPROVED", "COPY", "DISCONTINUED", "FILE COPY", "LIBRARY", "SUPERSEDED")


def watermark(image: UInt8, rng: np.random.Generator, opacity: float) -> UInt8:
    """Write a word across the page, mostly from bottom left to top right, `opacity` 0-1."""
    height, width = image.shape[:2]
    angle = float(np.degrees(np.arctan2(height, width)) if rng.random() < 0.8 else 0)
    colour = np.array([[90, 90, 90], [200, 60, 60], [60, 90, 200]][rng.integers(3)])
    cover = _word(str(rng.choice(_WATERMARKS)), int(rng.integers(60, 130)), angle, frame=0)
    return _blend(image, cover, (width // 2, height // 2), colour, opacity)


def stamp(image: UInt8, rng: np.random.Generator, opacity: float) -> UInt8:
    """Press a framed word on the page, slightly turned, `opacity` 0-1."""
    height, width = image.shape[:2]
    colour = np.array([[190, 30, 40], [40, 50, 160], [60, 60, 60]][rng.integers(3)])
    cover = _word(str(rng.choice(_STAMPS)), int(rng.integers(18, 44)), float(rng.uniform(-25, 25)), frame=3)
    cover *= rng.uniform(0.55, 1.0, cover.shape)
    centre = (int(width * rng.uniform(0.15, 0.85)), int(height * rng.uniform(0.08, 0.92)))
    return _blend(image, cover, centre, colour, opacity)


def _word(text: str, size: int, angle: float, frame: int) -> Float64:
    """Return a turned word's coverage, float (h, w), 0-1; `frame` is the width of a line around it, 0 for none."""
    font = ImageFont.load_default(size)
    x0, y0, x1, y1 = font.getbbox(text)
    pad = size // 3
    tile = Image.new("L", (int(x1 - x0) + 2 * pad, int(y1 - y0) + 2 * pad))
    draw = ImageDraw.Draw(tile)
    draw.text((pad - x0, pad - y0), text, fill=255, font=font)
    if frame:
        draw.rectangle((1, 1, tile.width - 2, tile.height - 2), outline=255, width=frame)
    return np.asarray(tile.rotate(angle, Image.Resampling.BILINEAR, expand=True)) / 255.0


def _blend(
    image: UInt8,
    cover: Float64,
    centre: tuple[int, int],
    colour: Int64,
    opacity: float,
) -> UInt8:
    """Multiply a colour into the page where `cover` says, around `centre` (x, y), cut at the edges."""
    out, (height, width) = image.copy(), image.shape[:2]
    x, y = centre[0] - cover.shape[1] // 2, centre[1] - cover.shape[0] // 2
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + cover.shape[1], width), min(y + cover.shape[0], height)
    part = cover[y0 - y : y1 - y, x0 - x : x1 - x, None] * opacity
    out[y0:y1, x0:x1] = out[y0:y1, x0:x1] * (1 - part * (1 - colour / 255))
    return out
