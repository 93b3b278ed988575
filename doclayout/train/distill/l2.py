"""ultralytics' own distillation of neck maps, an L2 weighted by the teacher's scores: what other losses are held to."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn
from ultralytics.nn.distill_model import DistillationModel

from doclayout.train.distill.scene import Scene


class ScoreWeightedLoss(nn.Module):
    """`DistillationModel.loss_sl2` on all levels, behind projectors of the shape that it uses.

    Args:
        student: channels of the student's maps, per level.
        teacher: channels of the teacher's.
        gain: weight of the loss; ultralytics' default for `dis`.
    """

    reads = "branches"

    def __init__(self, student: Sequence[int], teacher: Sequence[int], gain: float = 6.0):
        super().__init__()
        self.gain = gain
        self.projectors = nn.ModuleList(
            nn.Sequential(nn.Conv2d(s, t, 1), nn.ReLU(inplace=True), nn.Conv2d(t, t, 1))
            for s, t in zip(student, teacher, strict=True)
        )

    def forward(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return the weighted loss by level index, such as `map/0`."""
        scores = teacher_scores(scene)
        return {
            f"map/{level}": self.gain * DistillationModel.loss_sl2(self, project(student), teacher, level, scores)
            for level, (project, student, teacher) in enumerate(
                zip(self.projectors, scene.student, scene.teacher, strict=True)
            )
        }


def teacher_scores(scene: Scene) -> tuple[torch.Tensor, ...]:
    """Return the teacher's best score of each cell, 0–1, per level (B, 1, H·W): the mean of both branches' logits."""
    raw = scene.teacher_head[1]
    branches = [raw[name]["scores"] for name in ("one2many", "one2one") if raw.get(name)] or [raw["scores"]]
    logits = torch.stack(branches).mean(0)
    parts = torch.split(logits, [maps.shape[2] * maps.shape[3] for maps in scene.teacher], dim=2)
    return tuple(part.float().sigmoid().amax(1, keepdim=True) for part in parts)
