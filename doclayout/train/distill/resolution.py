"""Distillation from large pages to small ones, after DLD (Chen et al., ECCV 2022), for dense detectors.

The teacher sees a page at twice the size that the student sees. A map of the student's then has as many cells as the
teacher's next coarser one, each over the same part of the page: their maps, class scores and boxes are brought
together, cell by cell.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

from doclayout.train.distill.dense import DenseLoss
from doclayout.train.distill.scene import Scene

SHRINK = 2
"""The teacher's page is this many times the student's, so a level of one is the next of the other."""


class ResolutionLoss(DenseLoss):
    """Map, class and box losses on all levels but the student's last, which has no like at the teacher.

    Args:
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        order: for each of the student's classes, its id at the teacher.
        map_: weight of the mean squared difference of maps.
        cls: weight of the divergence of class scores.
        box: weight of the difference of boxes.
    """

    def __init__(
        self, student: Sequence[int], teacher: Sequence[int], order: Sequence[int], map_: float = 1.0,
        cls: float = 1.0, box: float = 0.5,
    ):  # fmt: skip
        super().__init__(order, cls, box, coarser=1)
        self.map = map_
        self.adapters = nn.ModuleList(
            nn.Conv2d(s, t, 1) if s != t else nn.Identity() for s, t in zip(student[:-1], teacher[1:], strict=True)
        )

    def forward(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return the weighted terms by name and the student's level index, such as `cls/0`.

        Raises:
            ValueError: maps that should be of one size are not.
        """
        pairs = list(zip(scene.student[:-1], scene.teacher[1:], strict=True))
        unlike = [(tuple(s.shape[2:]), tuple(t.shape[2:])) for s, t in pairs if s.shape[2:] != t.shape[2:]]
        if unlike:
            raise ValueError(f"maps of {unlike} cells cannot be paired; the teacher's page must be {SHRINK}x as large")
        terms = {
            f"map/{level}": self.map * F.mse_loss(adapt(student), teacher)
            for level, (adapt, (student, teacher)) in enumerate(zip(self.adapters, pairs, strict=True))
        }
        return terms | super().forward(scene)
