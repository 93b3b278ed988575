"""`imgsz=auto`: the size at which each page is looked at, chosen from a thumbnail by a tiny network.

Where a page of large type and few elements is read as well at half the size, that takes a quarter of the work (dynamic
low-resolution distillation: Chen et al., ECCV 2022). The network is three convolutions, run by numpy; its weights are
fitted by `doclayout.train.selector`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from doclayout.errors import WeightsError
from doclayout.letterbox import raster_size
from doclayout.npz import read_npz, write_npz

SELECTOR = Path(__file__).resolve().parent / "weights" / "selector.npz"
THUMBNAIL = 192
"""Long side of the thumbnail in pixels: lines of body text are about three apart."""

FloatArray = npt.NDArray[np.float32]


def thumbnail(image: npt.NDArray[np.uint8]) -> FloatArray:
    """Reduce a page to what the selector sees.

    Args:
        image: (H, W, 3) uint8.

    Returns:
        (`THUMBNAIL`, `THUMBNAIL`) ink, 0 (white) to 1 (black), the page in the middle.
    """
    width, height = raster_size(image.shape[1], image.shape[0], THUMBNAIL)
    top, left = (THUMBNAIL - height) // 2, (THUMBNAIL - width) // 2
    ink = np.zeros((THUMBNAIL, THUMBNAIL), np.float32)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    ink[top : top + height, left : left + width] = 1 - small.mean(2, dtype=np.float32) / 255
    return ink


@dataclass(frozen=True)
class SizeSelector:
    """A fitted selector.

    Attributes:
        sizes: long sides in pixels that it chooses from, ascending.
        convolutions: weights (out, in, 3, 3) and biases (out,) of stride-2 convolutions with ReLU.
        head: weights (2·out, sizes) and bias (sizes,) on the mean and the maximum of the last one's map.
    """

    sizes: tuple[int, ...]
    convolutions: Sequence[tuple[FloatArray, FloatArray]]
    head: tuple[FloatArray, FloatArray]

    def scores(self, ink: FloatArray) -> FloatArray:
        """Return (sizes,), the higher the better a size suits the page of this thumbnail."""
        maps = ink[None]
        for weights, bias in self.convolutions:
            maps = np.maximum(_convolve(maps, weights) + bias[:, None, None], 0)
        pooled = np.concatenate([maps.mean((1, 2)), maps.max((1, 2))])
        return np.asarray(pooled @ self.head[0] + self.head[1], np.float32)

    def choose(self, image: npt.NDArray[np.uint8]) -> int:
        """Return the size for a page (H, W, 3) uint8."""
        return self.sizes[int(np.argmax(self.scores(thumbnail(image))))]

    def gflops(self) -> float:
        """Count the floating-point operations of choosing, in 10⁹ (a multiply-add counts two)."""
        cells = [(THUMBNAIL >> depth) ** 2 for depth in range(1, len(self.convolutions) + 1)]
        convolved = sum(n * weights.size for n, (weights, _) in zip(cells, self.convolutions, strict=True))
        return 2 * (convolved + self.head[0].size) / 1e9


def _convolve(maps: FloatArray, weights: FloatArray) -> FloatArray:
    """Convolve (C, H, W) at stride 2 with (out, C, 3, 3), the border padded with 0."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
    windows = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
    return np.asarray(np.tensordot(weights, windows, ((1, 2, 3), (0, 3, 4))), np.float32)


@cache
def load_selector(path: Path = SELECTOR) -> SizeSelector:
    """Read a selector; the one that ships by default.

    Raises:
        WeightsError: the file is missing, or no selector.
    """
    arrays = read_npz(path)
    try:
        layers = [(arrays[f"{i}_weights"], arrays[f"{i}_bias"]) for i in range(len(arrays) // 2)]
        return SizeSelector(tuple(int(size) for size in arrays["sizes"]), layers[:-1], layers[-1])
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is no size selector: {error}; fit one with scripts/train_selector.py") from None


def save_selector(selector: SizeSelector, path: Path) -> None:
    """Write a selector where `load_selector` reads it."""
    layers = [*selector.convolutions, selector.head]
    arrays = {
        f"{i}_{name}": part
        for i, layer in enumerate(layers)
        for name, part in zip(("weights", "bias"), layer, strict=True)
    }
    write_npz(path, sizes=selector.sizes, **arrays)
