"""`DistillationTrainer`: a `LayoutTrainer` whose student learns from a teacher too."""

from __future__ import annotations

from typing import Any

import torch
from ultralytics.utils import DEFAULT_CFG
from ultralytics.utils.checks import check_imgsz

from doclayout.errors import TeacherError
from doclayout.train.distill.losses import KINDS, check_kind
from doclayout.train.distill.model import LayoutDistillation
from doclayout.train.distill.resolution import SHRINK
from doclayout.train.distill.teacher import load_teacher
from doclayout.train.trainer import LayoutTrainer


class DistillationTrainer(LayoutTrainer):
    """Trains a student beside a frozen teacher.

    Checkpoints hold the student alone; the `state` of a run under way has what the losses have learnt too.

    Args:
        cfg: ultralytics' defaults.
        overrides: arguments; `distill_model` is the teacher's checkpoint, and `distill` one of `KINDS`.
    """

    args: Any
    model: Any
    stride: int

    def __init__(self, cfg: Any = DEFAULT_CFG, overrides: dict[str, Any] | None = None, _callbacks: Any = None):
        overrides = dict(overrides or {})
        distill = overrides.pop("distill", None)  # ultralytics refuses what it does not know
        super().__init__(cfg, overrides, _callbacks)
        self.args.distill = check_kind(distill or getattr(self.args, "distill", None))

    def set_model_attributes(self) -> None:
        """Give the student its attributes, then put it beside its teacher, with maps that fit at this size."""
        self.args.imgsz = check_imgsz(self.args.imgsz, stride=32, floor=32, max_dim=1)
        super().set_model_attributes()
        names, distill = list(self.data["names"].values()), self.args.distill
        teacher = load_teacher(self.args.distill_model, self.model, names, distill)
        self.model = self.distillation = LayoutDistillation(teacher, self.model, distill)

    def page_size(self, mode: str) -> tuple[int, int]:
        """Return sizes that fit the teacher where it sees training pages larger than the student does."""
        imgsz, stride = super().page_size(mode)
        times = SHRINK if mode == "train" and self.args.distill == "resolution" else 1
        return imgsz * times, stride * times

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Prepare a batch as without a teacher; where that scales pages, it does so to sizes of the teacher's."""
        imgsz, stride = self.args.imgsz, self.stride
        self.args.imgsz, self.stride = self.page_size("train")
        try:
            result: dict[str, Any] = super().preprocess_batch(batch)
        finally:
            self.args.imgsz, self.stride = imgsz, stride
        return result

    def label_loss_items(self, loss_items: Any = None, prefix: str = "train") -> Any:
        """Label the loss terms; validation has none of distillation."""
        labelled = super().label_loss_items(loss_items, prefix)
        if prefix == "train":
            return labelled
        absent = {f"{prefix}/{name}" for kind in KINDS for name in kind.split("+")}
        kept = [label for label in labelled if label not in absent]
        return kept if loss_items is None else {label: labelled[label] for label in kept}

    def save_metrics(self, metrics: dict[str, Any]) -> None:
        """Write an epoch's row, with each term of distillation by level."""
        details = {f"train/{name}": value for name, value in self.distillation.read_details().items()}
        super().save_metrics({**metrics, **details})

    @property
    def learner(self) -> LayoutDistillation:
        """What learns: the network with its losses, also while `model` is the network alone."""
        return self.distillation

    def learned(self) -> dict[str, dict[str, torch.Tensor]]:
        """Return all that is being learnt, by student and losses; not the teacher."""
        return {"live": self.distillation.learned(), "average": self.ema.ema.learned()}

    def write_checkpoints(self) -> bool:
        """Write those of the student."""
        average, whole = self.ema.ema, self.model
        average._remove_feature_hooks()
        self.ema.ema, self.model = average.student_model, self.distillation.student_model
        try:
            return super().write_checkpoints()
        finally:
            self.ema.ema, self.model = average, whole

    def _load_checkpoint_state(self, ckpt: dict[str, Any]) -> None:
        """Restore student and losses as they were.

        Raises:
            TeacherError: the run began with a teacher of other channels.
        """
        whole = self.distillation.state_dict()
        if any(key not in whole or whole[key].shape != value.shape for key, value in ckpt["state"]["live"].items()):
            raise TeacherError(
                f"teacher={self.args.distill_model} has maps of other channels than the one that this run began with; "
                "give that one, or start a new run"
            )
        super()._load_checkpoint_state(ckpt)

    def _handle_nan_recovery(self, epoch: int) -> bool:
        """Go back to the last checkpoint where ultralytics would, which looks for the student in it."""
        whole, self.model = self.model, self.distillation.student_model
        try:
            back = bool(super()._handle_nan_recovery(epoch))
        finally:
            self.model = whole
        if back:
            self.distillation.read_details()  # those of the epoch that is done again
        return back
