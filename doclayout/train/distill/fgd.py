"""Focal and global distillation of neck maps (Yang et al., CVPR 2022, arXiv 2111.11837).

Per level, with the teacher's map F and the adapted student's map G, both (C, H, W):

* feature: alpha·Σ_objects + beta·Σ_background of S·A_s·A_c·(F − G)², S from the labelled boxes, A_s and A_c the
  teacher's attention over cells and over channels;
* attention: gamma·(‖A_s(F) − A_s(G)‖₁ + ‖A_c(F) − A_c(G)‖₁);
* global: lambda·Σ (R(F) − R(G))², R a context block with weights of its own on each side.

Sums over a map, means over pages.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

from doclayout.train.distill.scene import Scene, cells_of, pad_boxes


def box_masks(boxes: torch.Tensor, valid: torch.Tensor, height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Weigh the cells of maps by what lies on them, so that every box counts alike, and all background as much as one.

    Args:
        boxes: (B, N, 4) xyxy as parts of the canvas, 0–1.
        valid: (B, N), which of them are boxes.
        height: of the maps in cells.
        width: likewise.

    Returns:
        objects, (B, H, W): 1 over the cells of the smallest box there, 0 outside boxes; background, (B, H, W): 0 in
        boxes, 1 over the number of such cells outside. That is M·S and (1 − M)·S.
    """
    y0, x0, y1, x1 = (edge[..., None] for edge in cells_of(boxes, height, width))
    ys, xs = torch.arange(height, device=boxes.device), torch.arange(width, device=boxes.device)
    inverse = valid[..., None] / ((y1 - y0) * (x1 - x0))
    rows = ((ys >= y0) & (ys < y1)) * inverse
    columns = (xs >= x0) & (xs < x1)
    if boxes.shape[1]:
        objects = (rows[..., :, None] * columns[..., None, :]).amax(1)
    else:
        objects = boxes.new_zeros((len(boxes), height, width))
    outside = (objects == 0).to(objects.dtype)
    return objects, outside / outside.sum((1, 2), keepdim=True).clamp(min=1)


def attention(maps: torch.Tensor, temperature: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Return attention over cells, (B, H, W) with mean 1, and over channels, (B, C) with mean 1, of (B, C, H, W)."""
    size = maps.abs()
    cells, channels = size.mean(1), size.mean((2, 3))
    spatial = (cells.flatten(1) / temperature).softmax(1).view_as(cells) * cells[0].numel()
    return spatial, (channels / temperature).softmax(1) * channels.shape[1]


class ContextBlock(nn.Module):
    """F + W₂·ReLU(LayerNorm(W₁·c)), c the mean of the cells weighed by a softmax (GCNet, arXiv 1904.11492, fig. 4d).

    It starts as the identity: W₂ and its bias are 0.

    Args:
        channels: in and out, 2 at least.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.weigh = nn.Conv2d(channels, 1, 1)
        self.squeeze = nn.Linear(channels, channels // 2)
        self.norm = nn.LayerNorm(channels // 2)
        self.excite = nn.Linear(channels // 2, channels)
        nn.init.zeros_(self.excite.weight)
        nn.init.zeros_(self.excite.bias)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        """Map (B, C, H, W) to the same shape."""
        weights = self.weigh(maps).flatten(1).softmax(1)
        context = torch.einsum("bcn,bn->bc", maps.flatten(2), weights)
        added: torch.Tensor = self.excite(self.norm(self.squeeze(context)).relu())
        return maps + added[:, :, None, None]


class FocalGlobalLoss(nn.Module):
    """FGD on all levels, with the 1×1 convolutions that bring the student's maps to the teacher's channels.

    The weights are a quarter of those published for one-stage detectors, which on our maps would outweigh the
    detection loss; the temperature is theirs.

    Args:
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        alpha: weight of cells in boxes.
        beta: weight of cells outside.
        gamma: weight of the attention term.
        lambda_: weight of the global term.
        temperature: of the attention's softmax; lower is sharper.
    """

    reads = "maps"

    def __init__(
        self, student: Sequence[int], teacher: Sequence[int], alpha: float = 2.5e-4, beta: float = 1.25e-4,
        gamma: float = 1.25e-4, lambda_: float = 1.25e-6, temperature: float = 0.5,
    ):  # fmt: skip
        super().__init__()
        self.alpha, self.beta, self.gamma, self.lambda_, self.temperature = alpha, beta, gamma, lambda_, temperature
        self.adapters = nn.ModuleList(
            nn.Conv2d(s, t, 1) if s != t else nn.Identity() for s, t in zip(student, teacher, strict=True)
        )
        self.student_context = nn.ModuleList(ContextBlock(t) for t in teacher)
        self.teacher_context = nn.ModuleList(ContextBlock(t) for t in teacher)

    def forward(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return the weighted terms by name and level index, such as `object/0`; each a mean over pages."""
        boxes, valid = pad_boxes(scene.boxes, scene.batch_idx, scene.pages)
        terms: dict[str, torch.Tensor] = {}
        for level, (student, teacher) in enumerate(zip(scene.student, scene.teacher, strict=True)):
            masks = box_masks(boxes, valid, *teacher.shape[2:])
            found = self.level_terms(level, self.adapters[level](student), teacher, *masks)
            terms |= {f"{name}/{level}": value.mean() for name, value in found.items()}
        return terms

    def level_terms(
        self, level: int, student: torch.Tensor, teacher: torch.Tensor, objects: torch.Tensor, background: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return `object`, `background`, `attention` and `global`, (B,) each, of one level's adapted maps.

        Args:
            level: its index.
            student: (B, C, H, W).
            teacher: (B, C, H, W).
            objects: (B, H, W) from `box_masks`.
            background: likewise.
        """
        spatial, channel = attention(teacher, self.temperature)
        own_spatial, own_channel = attention(student, self.temperature)
        cells = torch.einsum("bchw,bc->bhw", (teacher - student).square(), channel) * spatial
        shift = (spatial - own_spatial).abs().sum((1, 2)) + (channel - own_channel).abs().sum(1)
        relation = self.teacher_context[level](teacher) - self.student_context[level](student)
        return {
            "object": self.alpha * (cells * objects).sum((1, 2)),
            "background": self.beta * (cells * background).sum((1, 2)),
            "attention": self.gamma * shift,
            "global": self.lambda_ * relation.square().sum((1, 2, 3)),
        }
