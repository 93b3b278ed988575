"""Distillation from large pages to small ones, after DLD (Chen et al., ECCV 2022), for dense detectors.

The teacher sees a page at twice the size that the student sees. A map of the student's then has as many cells as the
teacher's next coarser one, each over the same part of the page: their maps, class scores and boxes are brought
together, cell by cell. Boxes are in units of a level's stride, and so compare as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from doclayout.train.distill.scene import Scene

SHRINK = 2
"""The teacher's page is this many times the student's, so a level of one is the next of the other."""

_Output = tuple[torch.Tensor, torch.Tensor]
"""Boxes (B, 4, n), in strides from the centre of a cell, and class logits (B, classes, n) of a level."""


class ResolutionLoss(nn.Module):
    """Map, class and box losses on all levels but the student's last, which has no like at the teacher.

    Args:
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        order: for each of the student's classes, its id at the teacher.
        map_: weight of the mean squared difference of maps.
        cls: weight of the divergence of class scores.
        box: weight of the difference of boxes.

    Raises:
        ValueError: unlike numbers of levels, one level only, or a negative weight.
    """

    reads = "branches"

    def __init__(
        self, student: Sequence[int], teacher: Sequence[int], order: Sequence[int], map_: float = 1.0,
        cls: float = 1.0, box: float = 0.5,
    ):  # fmt: skip
        super().__init__()
        if len(student) != len(teacher) or len(student) < 2:
            raise ValueError(
                f"{len(student)} levels of the student, {len(teacher)} of the teacher; as many, 2 at least"
            )
        if min(map_, cls, box) < 0:
            raise ValueError(f"map_={map_}, cls={cls} and box={box} must be 0 or more")
        self.map, self.cls, self.box = map_, cls, box
        self.adapters = nn.ModuleList(
            nn.Conv2d(s, t, 1) if s != t else nn.Identity() for s, t in zip(student[:-1], teacher[1:], strict=True)
        )
        self.order: torch.Tensor
        self.register_buffer("order", torch.tensor(list(order)))

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
        student = _by_level(scene.student_head, scene.student)[:-1]
        teacher = _by_level(scene.teacher_head[1], scene.teacher)[1:]
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
