"""What every distillation loss sees of one training step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class Scene:
    """Maps and outputs of student and teacher for the same pages. B: pages, n: labelled boxes.

    Attributes:
        student: per level, finest first, the map that the student's head reads: (B, C, H, W), float32.
        teacher: likewise, without gradient; its channels may differ.
        batch_idx: (n,) int64, which page a box is on.
        cls: (n,) int64, its class.
        boxes: (n, 4) xyxy as parts of the canvas, 0–1.
        canvas: (height, width) in pixels of the page that the teacher sees.
        student_head: what the student's head returned in training mode.
        teacher_head: what the teacher's returned in eval mode; `None` where no loss asked for it.
    """

    student: list[torch.Tensor]
    teacher: list[torch.Tensor]
    batch_idx: torch.Tensor
    cls: torch.Tensor
    boxes: torch.Tensor
    canvas: tuple[int, int]
    student_head: Any = None
    teacher_head: Any = None

    @property
    def pages(self) -> int:
        """Return B."""
        return len(self.teacher[0])


def pad_boxes(values: torch.Tensor, batch_idx: torch.Tensor, pages: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Sort rows by page into a rectangle.

    Args:
        values: (n, ...) one row per box.
        batch_idx: (n,) int64, the page of each.
        pages: how many there are, B.

    Returns:
        (B, N, ...) with N rows for the page that has most, zeros behind; and (B, N), True where there is a box.
    """
    counts = torch.bincount(batch_idx, minlength=pages)
    order = torch.argsort(batch_idx, stable=True)
    page = batch_idx[order]
    place = torch.arange(len(order), device=values.device) - (counts.cumsum(0) - counts)[page]
    most = int(counts.max()) if len(counts) else 0
    padded = values.new_zeros((pages, most, *values.shape[1:]))
    padded[page, place] = values[order]
    return padded, torch.arange(most, device=values.device) < counts[:, None]


def cells_of(boxes: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, ...]:
    """Return the half-open ranges y0, x0, y1, x1 (..., int64) of the cells of a map that boxes touch, one at least.

    Args:
        boxes: (..., 4) xyxy as parts of the canvas, 0–1.
        height: of the map in cells.
        width: likewise.
    """
    rounding = 1e-4  # of a cell: edges on the grid stay on it despite float32
    x, y = boxes[..., 0::2] * width, boxes[..., 1::2] * height
    x0 = (x[..., 0] + rounding).floor().long().clamp(0, width - 1)
    y0 = (y[..., 0] + rounding).floor().long().clamp(0, height - 1)
    x1 = torch.maximum((x[..., 1] - rounding).ceil().long().clamp(max=width), x0 + 1)
    y1 = torch.maximum((y[..., 1] - rounding).ceil().long().clamp(max=height), y0 + 1)
    return y0, x0, y1, x1
