"""`LayoutDistillation`: ultralytics' pair of a student and its frozen teacher, with losses of our own."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from ultralytics.nn.distill_model import DistillationModel
from ultralytics.utils.ops import xywh2xyxy

from doclayout.train.distill.losses import build_losses
from doclayout.train.distill.resolution import SHRINK
from doclayout.train.distill.scene import Scene

PUBLISHED_GAIN = 6.0
"""ultralytics' default of `dis`, at which each loss has the weights it was built with."""


class LayoutDistillation(DistillationModel):  # type: ignore[misc]
    """Trains a student on its own loss and on those of a kind of distillation; runs the student in all else.

    Args:
        teacher_model: a detector with the student's strides; frozen from here on.
        student_model: a `LayoutModel` with training arguments in `args`; their `dis` scales what distillation adds.
        distill: the kind, one of `KINDS`.

    Attributes:
        projector: the losses by name, with what they learn: ultralytics trains, averages and saves what is under this
            name.
        details: sums of each loss's terms by name and level, and how many steps they are of, since they were read.
    """

    projector: Any

    def __init__(self, teacher_model: Any, student_model: Any, distill: str):
        super().__init__(teacher_model, student_model)
        student, teacher = ([project[end].weight for project in self.projector] for end in (0, -1))
        device = next(student_model.parameters()).device
        channels = [w.shape[1] for w in student], [w.shape[0] for w in teacher]
        names = (list(model.names.values()) for model in (student_model, teacher_model))
        self.projector = build_losses(distill, *channels, *names).to(device)
        self.gain = student_model.args.dis / PUBLISHED_GAIN
        reads = {loss.reads for loss in self.projector.values()}
        self.whole_teacher = reads != {"maps"}
        if "branches" not in reads:  # fusing drops one
            self.teacher_model.fuse(verbose=False)
        if device.type == "cpu":
            self.teacher_model.to(memory_format=torch.channels_last)
        self.details: dict[str, torch.Tensor] = {}
        self.steps = 0

    def loss(self, batch: dict[str, Any], preds: Any = None) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Return the loss, scaled by the batch size, and its detached terms by name; see `LayoutModel.loss`.

        In training, what each kind of distillation adds is one term; in eval mode there is none.
        """
        if not self.training:
            result: tuple[torch.Tensor, dict[str, torch.Tensor]] = self.student_model.loss(batch, preds)
            return result
        self._teacher_feats.clear()
        self._student_feats.clear()
        self._teach(batch["img"])
        page = F.avg_pool2d(batch["img"], SHRINK) if "resolution" in self.projector else batch["img"]
        total, items = self.student_model.loss({**batch, "img": page})
        with torch.autocast(batch["img"].device.type, enabled=False):
            added = self._distill(self._scene(batch))
        items |= {name: value.detach() for name, value in added.items()}
        return torch.cat([total, len(batch["img"]) * torch.stack(list(added.values()))]), items

    @torch.no_grad()
    def _teach(self, images: torch.Tensor) -> None:
        """Run the teacher, up to its head if that is all that is asked for; hooks keep its maps."""
        device = images.device.type
        bf16 = self.student_model.bf16 or torch.is_autocast_enabled(device)
        with torch.autocast(device, torch.bfloat16, enabled=bf16):
            x: Any = images.contiguous(memory_format=torch.channels_last)
            kept: list[Any] = []
            for module in self.teacher_model.model[: None if self.whole_teacher else -1]:
                if module.f != -1:
                    x = kept[module.f] if isinstance(module.f, int) else [x if j == -1 else kept[j] for j in module.f]
                x = module(x)
                kept.append(x)

    def _scene(self, batch: dict[str, Any]) -> Scene:
        levels = range(len(self.feats_idx) - 1)
        return Scene(
            student=[self._student_feats[i].float() for i in levels],
            teacher=[self._teacher_feats[i].float() for i in levels],
            batch_idx=batch["batch_idx"].long(),
            cls=batch["cls"].flatten().long(),
            boxes=xywh2xyxy(batch["bboxes"].float()),
            canvas=tuple(batch["img"].shape[2:]),
            student_head=self._student_feats[len(levels)],
            teacher_head=self._teacher_feats.get(len(levels)),
        )

    def _distill(self, scene: Scene) -> dict[str, torch.Tensor]:
        """Return each loss by name, and add its terms to `details`."""
        strides = [f"p{int(s).bit_length() - 1}" for s in self.student_model.stride]
        totals: dict[str, torch.Tensor] = {}
        self.steps += 1
        for name, loss in self.projector.items():
            terms = {key: self.gain * value for key, value in loss(scene).items()}
            totals[name] = torch.stack(list(terms.values())).sum()
            for key, value in terms.items():
                term, slash, level = key.partition("/")
                label = f"{name}_{term}_{strides[int(level)]}" if slash else f"{name}_{term}"
                self.details[label] = self.details.get(label, 0) + value.detach()
        return totals

    def read_details(self) -> dict[str, float]:
        """Return the mean of each term over the steps since the last call."""
        means = {name: float(value) / self.steps for name, value in self.details.items()}
        self.details, self.steps = {}, 0
        return means

    def learned(self) -> dict[str, torch.Tensor]:
        """Return all state but the teacher's: of the student, the adapters and the losses; shared, not copied."""
        return {key: value for key, value in self.state_dict().items() if not key.startswith("teacher_model.")}
