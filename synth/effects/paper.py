"""Effects of the sheet itself: its tone, light, shadows, punched holes, what shows through from its back."""

from __future__ import annotations

import cv2
import numpy as np

from synth.page import UInt8


def paper(image: UInt8, rng: np.random.Generator, darkest: int) -> UInt8:
    """Give the paper a tone, from grey to cream, no channel under `darkest`."""
    level = rng.uniform(darkest, 252)
    warmth = rng.uniform(0, 1) ** 2 * (level - darkest)
    return np.asarray(image * (np.array([level, level - 0.25 * warmth, level - warmth]) / 255), np.uint8)


def light(image: UInt8, rng: np.random.Generator, strength: float) -> UInt8:
    """Darken smoothly across the page, by `strength` (0-1) at the darkest place."""
    height, width = image.shape[:2]
    field = cv2.resize(rng.random((3, 3), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(image * (1 - strength * field.clip(0, 1))[..., None], np.uint8)


def spine(image: UInt8, rng: np.random.Generator, strength: float) -> UInt8:
    """Lay a shadow along the left or right edge, as of a bound book, dark by `strength` (0-1) at the edge."""
    width = image.shape[1]
    away = np.arange(width) / (width * rng.uniform(0.02, 0.08))
    shade = 1 - strength * np.exp(-away)
    shade = shade[::-1] if rng.random() < 0.5 else shade
    return np.asarray(image * shade[None, :, None], np.uint8)


def show_through(image: UInt8, rng: np.random.Generator, opacity: float) -> UInt8:
    """Show the page's own mirror image faintly, as if printed on the back."""
    back = np.roll(image[:, ::-1], tuple(rng.integers(-40, 40, 2)), axis=(0, 1))
    back = np.asarray(cv2.GaussianBlur(back, (0, 0), 2.0), np.uint8)
    return np.asarray(image * (1 - opacity * (1 - back / 255.0)), np.uint8)


def punched_holes(image: UInt8, rng: np.random.Generator) -> UInt8:
    """Draw two to four round holes down one margin: dark, or rings where the lid behind them was white."""
    out, (height, width) = image.copy(), image.shape[:2]
    count, radius = int(rng.integers(2, 5)), int(height * rng.uniform(0.007, 0.012))
    x = int(width * rng.uniform(0.018, 0.04))
    x = x if rng.random() < 0.8 else width - x
    tone, thickness = int(rng.integers(10, 150)), -1 if rng.random() < 0.7 else 2
    for share in np.linspace(0.2, 0.8, count):
        centre = (x + int(rng.integers(-2, 3)), int(height * share) + int(rng.integers(-3, 4)))
        cv2.circle(out, centre, radius, (tone, tone, tone), thickness, cv2.LINE_AA)
    return out
