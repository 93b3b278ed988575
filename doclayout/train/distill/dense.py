"""Distillation of a head's outputs, cell by cell: the teacher's class scores and boxes stand beside the labels.

Where a cell has no label the teacher still says how much it looks like each class, and where a box would end (Hinton et
al., arXiv 1503.02531, for dense detectors). Boxes are in units of a level's stride, and so compare as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from doclayout.train.distill.scene import Scene

_Output = tuple[torch.Tensor, torch.Tensor]
"""Boxes (B, 4, n), in strides from the centre of a cell, and class logits (B, classes, n) of a level."""


class DenseLoss(nn.Module):
    """Class and box losses on all levels and both branches of the head.

    Args:
        order: for each of the student's classes, its id at the teacher.
        cls: weight of the divergence of class scores.
        box: weight of the difference of boxes.
        coarser: how many levels coarser the teacher's map is that has as many cells as the student's.
    """

    reads = "branches"

    def __init__(self, order: Sequence[int], cls: float = 1.0, box: float = 0.5, coarser: int = 0):
        super().__init__()
        self.cls, self.box, self.coarser = cls, box, coarser
        self.order: torch.Tensor
        self.register_buffer("order", torch.tensor(list(order)))

    def forward(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return the weighted terms by name and the student's level index, such as `cls/0`."""
        teacher = _by_level(scene.teacher_head[1], scene.teacher)[self.coarser :]
        student = _by_level(scene.student_head, scene.student)[: len(teacher)]
        terms = {}
        for level, (ours, theirs) in enumerate(zip(student, teacher, strict=True)):
            found = [self._outputs(*pair) for pair in zip(ours, theirs, strict=True)]
            terms[f"cls/{level}"] = self.cls * torch.stack([cls for cls, _ in found]).mean()
            terms[f"box/{level}"] = self.box * torch.stack([box for _, box in found]).mean()
        return terms

    def _outputs(self, ours: _Output, theirs: _Output) -> tuple[torch.Tensor, torch.Tensor]:
        """Return class and box loss of one branch and level, each over the sum of the teacher's best scores."""
        logits = theirs[1][:, self.order]
        scores = logits.sigmoid()
        best = scores.amax(1)
        total = best.sum().clamp(min=1)
        own_entropy = F.binary_cross_entropy_with_logits(logits, scores, reduction="sum")
        divergence = F.binary_cross_entropy_with_logits(ours[1], scores, reduction="sum") - own_entropy
        return divergence / total, ((ours[0] - theirs[0]).abs().mean(1) * best).sum() / total


def _by_level(head: Any, maps: Sequence[torch.Tensor]) -> list[list[_Output]]:
    """Split a head's raw boxes and class logits by level, and each level by branch, one-to-many first."""
    sizes = [level.shape[2] * level.shape[3] for level in maps]
    branches = []
    for name in ("one2many", "one2one"):
        boxes, scores = (torch.split(head[name][key].float(), sizes, dim=2) for key in ("boxes", "scores"))
        branches.append(list(zip(boxes, scores, strict=True)))
    return [list(level) for level in zip(*branches, strict=True)]
