"""`DistillationTrainer`: a `LayoutTrainer` whose student learns from a teacher too."""

from __future__ import annotations

import io
from copy import copy
from pathlib import Path
from typing import Any

import torch
from ultralytics.models.yolo.detect import DetectionValidator
from ultralytics.utils import DEFAULT_CFG, RANK
from ultralytics.utils.checks import check_imgsz
from ultralytics.utils.torch_utils import ModelEMA, strip_optimizer

from doclayout.errors import TeacherError
from doclayout.saving import write_atomic
from doclayout.train.distill.losses import KINDS, check_kind
from doclayout.train.distill.model import LayoutDistillation
from doclayout.train.distill.resolution import SHRINK
from doclayout.train.distill.teacher import load_teacher
from doclayout.train.trainer import LayoutTrainer


class DistillationTrainer(LayoutTrainer):
    """Trains a student beside a frozen teacher.

    Checkpoints hold the student alone. Those of a run under way also have, under `distill`, all that is being learnt
    in float32 (weights and their averages, of student and losses), from which a stopped run goes on as it was.

    Args:
        cfg: ultralytics' defaults.
        overrides: arguments; `distill_model` is the teacher's checkpoint, and `distill` one of `KINDS`.
    """

    args: Any
    model: Any
    last: Path
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

    def get_validator(self) -> DetectionValidator:
        """Return a validator, which gets no argument that ultralytics does not know."""
        args = self.args
        self.args = copy(args)
        del self.args.distill
        try:
            return super().get_validator()
        finally:
            self.args = args

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

    def save_model(self) -> bool:
        """Write checkpoints of the student; the last one gets what a stopped run needs to go on."""
        average, whole, last = self.ema.ema, self.model, self.last
        average._remove_feature_hooks()
        self.ema.ema, self.model = average.student_model, self.distillation.student_model
        self.last = last.with_name("student.pt")  # a run that is killed here still has its last checkpoint
        try:
            saved = bool(super().save_model())
            checkpoint = torch.load(self.last, map_location="cpu", weights_only=False)
            self.last.unlink()
        finally:
            self.ema.ema, self.model, self.last = average, whole, last
        checkpoint["distill"] = {"live": self.distillation.learned(), "average": average.learned()}
        buffer = io.BytesIO()
        torch.save(checkpoint, buffer)
        write_atomic(self.last, buffer.getvalue())
        return saved

    def final_eval(self) -> None:
        """Strip the checkpoints of all but the student."""
        if RANK not in {-1, 0}:
            return
        for checkpoint in (self.last, self.best):
            if checkpoint.exists():
                strip_optimizer(checkpoint, updates={"distill": None})

    def _load_checkpoint_state(self, ckpt: dict[str, Any]) -> None:
        """Restore weights and averages as they were, and the rest as ultralytics does.

        Raises:
            TeacherError: the run began with a teacher of other channels.
        """
        model, state = self.distillation, ckpt["distill"]
        whole = model.state_dict()
        if any(key not in whole or whole[key].shape != value.shape for key, value in state["live"].items()):
            raise TeacherError(
                f"teacher={self.args.distill_model} has maps of other channels than the one that this run began with; "
                "give that one, or start a new run"
            )
        super()._load_checkpoint_state({**ckpt, "ema": None})
        model.load_state_dict({**whole, **state["live"]})
        self.ema = ModelEMA(model, updates=ckpt["updates"])
        self.ema.ema.load_state_dict(state["average"])

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
