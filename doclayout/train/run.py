"""One training run, from arguments to its best checkpoint."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from ultralytics.utils import DEFAULT_CFG_DICT

from doclayout.errors import UsageError
from doclayout.nn.checkpoint import load_model
from doclayout.train.trainer import LayoutTrainer


def train(model: Path, data: str | Path, device: str | None, options: dict[str, Any]) -> Path:
    """Train and return the best checkpoint.

    Args:
        model: a `.pt` to start from, or a model YAML.
        data: a data set's YAML, or a folder with `train/` and `val/annotations.json`.
        device: torch's name of a device; its own choice by default.
        options: ultralytics' arguments; those of `LayoutTrainer` replace its defaults. `resume=True` goes on with the
            last checkpoint of `model`.

    Raises:
        UsageError: an argument that ultralytics does not have.
        WeightsError: a checkpoint that is not safe to load.
        DatasetError: the data set does not match its description.
    """
    for key in options:
        if key not in DEFAULT_CFG_DICT and key not in {"augmentations", "save_dir"}:
            near = difflib.get_close_matches(key, DEFAULT_CFG_DICT, 1)
            raise UsageError(f"train has no argument {key!r}" + (f"; did you mean {near[0]}?" if near else ""))
    for file in (model, *(options.get(key) for key in ("resume", "pretrained", "distill_model"))):
        if str(file).endswith(".pt") and Path(str(file)).exists():
            load_model(Path(str(file)))  # ultralytics, which reads it again, would run code from it
    overrides = {**options, "model": str(model), "data": str(data), "task": "detect"}
    if device:
        overrides["device"] = device
    if options.get("resume") is True:
        overrides["resume"] = str(model)
    trainer = LayoutTrainer(overrides=overrides)
    trainer.train()
    return Path(trainer.best if trainer.best.exists() else trainer.last)
