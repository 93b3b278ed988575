"""`LayoutTrainer`: ultralytics' detection trainer, for pages and for plain CPUs."""

from __future__ import annotations

import os
from copy import copy
from pathlib import Path
from typing import Any

import torch
from ultralytics.data.build import InfiniteDataLoader, build_dataloader, seed_worker
from ultralytics.data.utils import get_split_fraction
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import DEFAULT_CFG, LOGGER, RANK
from ultralytics.utils.torch_utils import ModelEMA, init_seeds, strip_optimizer, unwrap_model

from doclayout.cache import trim_cache
from doclayout.errors import UsageError
from doclayout.nn.model import LayoutModel
from doclayout.runtime import has_bfloat16
from doclayout.train.augment import document_augmentations
from doclayout.train.data import MIXING, PageDataset, ShapeSampler, resolve_data
from doclayout.train.validator import PAGE_FIGURES, LayoutValidator

DEFAULTS: dict[str, Any] = {
    "imgsz": 640, "batch": 8, "nbs": 8, "optimizer": "AdamW", "lr0": 1e-3, "momentum": 0.9, "weight_decay": 0.02,
    "cos_lr": True, "lrf": 0.02, "warmup_epochs": 1.0, "warmup_bias_lr": 0.0, "scale": 0.2, "translate": 0.05,
    "fliplr": 0.0, "mosaic": 0.0, "hsv_h": 0.015, "hsv_s": 0.4, "hsv_v": 0.1, "amp": True,
    "plots": False, "nms": False, "project": "runs/train", "workers": 1,
}  # fmt: skip
"""What differs from ultralytics' defaults; all of them can be given."""
USELESS = {"cache": "drawn pages are always cached", "rect": "pages have their own shape unless several are mixed"}
"""Arguments that change nothing, and why; whoever gives one is told."""


class LayoutTrainer(DetectionTrainer):  # type: ignore[misc]
    """Trains a `LayoutModel`; on a CPU in channels-last memory and, if the CPU has it, in bfloat16.

    `channels_last=False` and `amp=False` leave that out.

    ultralytics' arguments are accepted; `DEFAULTS` are those that suit pages, and `USELESS` do nothing. The last
    checkpoint of a run under way also has, under `state`, all that is being learnt in float32: the weights (`live`) and
    their averages (`average`). A stopped run goes on from there as it was, with the pages that come next, which it
    changes in other ways than the run would have that was not stopped. A checkpoint is there as a whole or not at all.
    """

    last: Path
    best: Path

    def __init__(self, cfg: Any = DEFAULT_CFG, overrides: dict[str, Any] | None = None, _callbacks: Any = None):
        overrides = dict(overrides or {})
        for key, reason in USELESS.items():
            if overrides.get(key):
                LOGGER.warning(f"{key}={overrides[key]} changes nothing: {reason}")
        if not overrides.get("resume"):  # a resumed run keeps its own arguments
            overrides = {**DEFAULTS, **overrides}
            overrides["project"] = str(Path(overrides["project"]).expanduser().resolve())
            if overrides.get("augmentations") is None:
                overrides["augmentations"] = document_augmentations()
        super().__init__(cfg, overrides, _callbacks)
        if self.device.type == "cpu":
            torch.set_num_threads(os.cpu_count() or 1)  # ultralytics leaves one core idle
        if not any(getattr(self.args, key) for key in MIXING):
            self.args.close_mosaic = 0  # which would begin the epoch's pages anew
        self.args.workers = self._workers  # ultralytics loads in the main process on a CPU; a worker overlaps with it

    def check_resume(self, overrides: dict[str, Any]) -> None:
        """Take a resumed run's arguments from its checkpoint."""
        super().check_resume(overrides)
        self._workers = self.args.workers

    def get_dataset(self) -> dict[str, Any]:
        """Return the description of the data set; what earlier runs have drawn makes room for it."""
        trim_cache("pages")
        return resolve_data(self.args.data, ("train", self.args.split))

    def page_size(self, mode: str) -> tuple[int, int]:
        """Return the long side of a split's pages and what their canvases are rounded up to, in pixels."""
        return self.args.imgsz, 32

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> PageDataset:
        """Return the data set of one split."""
        train = mode == "train"
        imgsz, stride = self.page_size(mode)
        return PageDataset(
            img_path=img_path, imgsz=imgsz, batch_size=batch, augment=train, hyp=self.args, rect=not train,
            cache=None, single_cls=self.args.single_cls, stride=stride, pad=0.0, prefix=f"{mode}: ", task="detect",
            classes=self.args.classes, data=self.data, fraction=get_split_fraction(self.args.fraction, mode),
        )  # fmt: skip

    def get_dataloader(self, dataset_path: str, batch_size: int = 16, rank: int = 0, mode: str = "train") -> Any:
        """Return a loader whose training batches hold pages of like shape."""
        dataset = self.build_dataset(dataset_path, mode, batch_size)
        if mode == "train" and rank != -1 and self.data.get("epoch_size"):
            raise UsageError("epoch_size is for training in one process; leave it out of the YAML, or give one device")
        if mode != "train" or rank != -1:
            return build_dataloader(dataset, batch_size, self.args.workers, mode == "train", rank, device=self.device)
        scales = 0.0 if dataset.mixes else self.args.multi_scale  # pages that are mixed are scaled afterwards
        sampler = ShapeSampler(dataset, batch_size, self.args.seed, self.data.get("epoch_size"), scales)
        return InfiniteDataLoader(
            dataset=dataset, batch_size=min(batch_size, len(sampler)), num_workers=self.args.workers,
            sampler=sampler, collate_fn=dataset.collate_fn,
            worker_init_fn=seed_worker, prefetch_factor=4 if self.args.workers else None,
            pin_memory=self.device.type == "cuda",
        )  # fmt: skip

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        """Prepare a batch; for `multi_scale` ultralytics scales its pages here, unless they were drawn at its size."""
        multi_scale = self.args.multi_scale
        if getattr(self.train_loader.sampler, "sizes", None):
            self.args.multi_scale = 0.0
        try:
            return dict(super().preprocess_batch(batch))
        finally:
            self.args.multi_scale = multi_scale

    def get_model(self, cfg: Any = None, weights: Any = None, verbose: bool = True) -> LayoutModel:
        """Return a model built from a YAML, with the weights that fit."""
        model = LayoutModel(cfg, ch=self.data["channels"], nc=self.data["nc"], verbose=verbose and RANK == -1)
        self.set_model_names_for_load(model)
        if weights is not None:
            model.load(weights)
        return model

    def get_validator(self) -> LayoutValidator:
        """Return a validator that shares this trainer's loader."""
        args = copy(self.args)
        args.augmentations = None
        vars(args).pop("distill", None)  # ultralytics refuses what it does not know
        return LayoutValidator(self.test_loader, save_dir=self.save_dir, args=args, _callbacks=self.callbacks)

    def set_model_attributes(self) -> None:
        """Attach class names and arguments, and choose precision and memory layout on a CPU."""
        super().set_model_attributes()
        if self.device.type == "cpu":
            self.model.bf16 = self.args.amp not in {False, "fp32"} and has_bfloat16()
            if self.args.channels_last is not False:
                self.model.to(memory_format=torch.channels_last)

    def _setup_train(self) -> None:
        """Prepare everything, and the row of figures with those that our validator adds, also for `val=False`."""
        super()._setup_train()
        if RANK in {-1, 0}:
            own, losses = self.validator.metrics.keys, self.label_loss_items(prefix="val")
            self.metrics = dict.fromkeys([*own, *PAGE_FIGURES, *losses], 0)

    @property
    def learner(self) -> Any:
        """What learns: the network."""
        return unwrap_model(self.model)

    def learned(self) -> dict[str, dict[str, torch.Tensor]]:
        """Return all that is being learnt, `live` and its `average`; shared, not copied."""
        return {"live": self.learner.state_dict(), "average": self.ema.ema.state_dict()}

    def write_checkpoints(self) -> bool:
        """Write them as ultralytics does."""
        return bool(super().save_model())

    def save_model(self) -> bool:
        """Write the checkpoints, the last one with its state, beside those that are there, and replace them."""
        last, best = self.last, self.best
        self.last, self.best = (path.with_suffix(".part") for path in (last, best))
        self.best.unlink(missing_ok=True)  # of a run that was killed here
        try:
            saved = self.write_checkpoints()
            checkpoint = torch.load(self.last, map_location="cpu", weights_only=False)
            torch.save({**checkpoint, "state": self.learned()}, self.last)
            if self.best.exists():
                os.replace(self.best, best)
            os.replace(self.last, last)
        finally:
            self.last, self.best = last, best
        return saved

    def _load_checkpoint_state(self, ckpt: dict[str, Any]) -> None:
        """Restore weights and averages as they were, if the checkpoint has them, and the rest as ultralytics does."""
        state = ckpt.get("state")
        super()._load_checkpoint_state({**ckpt, "ema": None} if state else ckpt)
        if state:
            self.learner.load_state_dict({**self.learner.state_dict(), **state["live"]})
            self.ema = ModelEMA(self.learner, updates=ckpt["updates"])
            self.ema.ema.load_state_dict(state["average"])

    def resume_training(self, ckpt: Any) -> None:
        """Go on with a run, and with the pages that it would have drawn next."""
        super().resume_training(ckpt)
        if self.start_epoch:  # not with the first epoch's changes to pages again
            init_seeds(self.args.seed + 1 + RANK + self.start_epoch, self.args.deterministic)
        if isinstance(self.train_loader.sampler, ShapeSampler):
            for _ in range(self.start_epoch):
                iter(self.train_loader.sampler)

    def final_eval(self) -> None:
        """Strip optimizer and state from the checkpoints; the best one was validated when it was written."""
        if RANK not in {-1, 0}:
            return
        for checkpoint in (self.last, self.best):
            if checkpoint.exists():
                strip_optimizer(checkpoint, updates={"state": None})
