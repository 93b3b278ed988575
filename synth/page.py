"""One synthetic page: its picture, its boxes and their classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class SynthPage:
    """A page picture with its ground truth.

    Attributes:
        image: uint8 (H, W, 3), RGB, C-contiguous.
        boxes: float32 (n, 4), xyxy in pixels of `image`, origin top left, x1 > x0 and y1 > y0.
        class_ids: int64 (n,), positions in the schema's class list.
        pdf: the same page as a one-page PDF with its text layer, for pages that were typeset and not degraded.
        order: int64 (n,), the positions of the boxes in reading order, for typeset pages.
        links: for each box, the positions of the graphics that it captions or notes, for typeset pages.
    """

    image: UInt8
    boxes: Float32
    class_ids: Int64
    pdf: bytes | None = None
    order: Int64 | None = None
    links: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim != 3 or self.image.shape[2] != 3:
            raise ValueError(f"image must be uint8 (H, W, 3), got {self.image.dtype} {self.image.shape}")
        if self.boxes.dtype != np.float32 or self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise ValueError(f"boxes must be float32 (n, 4), got {self.boxes.dtype} {self.boxes.shape}")
        if self.class_ids.shape != (len(self.boxes),):
            raise ValueError(f"expected {len(self.boxes)} class ids, got shape {self.class_ids.shape}")
        if self.order is not None and sorted(self.order.tolist()) != list(range(len(self.boxes))):
            raise ValueError(f"order must hold each of {len(self.boxes)} positions once, got {self.order.tolist()}")
        if self.links and len(self.links) != len(self.boxes):
            raise ValueError(f"expected links of {len(self.boxes)} boxes, got {len(self.links)}")
