"""Checkpoints read without running code from them: only classes of known names are rebuilt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn
from ultralytics.nn.tasks import torch_safe_load

from doclayout.errors import WeightsError
from doclayout.nn import crm, depthwise, head, model


def load_model(path: Path) -> tuple[Any, dict[str, Any]]:
    """Read a training checkpoint.

    Returns:
        the model, float32 in eval mode, of the running average of weights where there is one; and the checkpoint.

    Raises:
        WeightsError: the file is missing, is no checkpoint of a detector, or refers to anything but network layers.
    """
    allow_blocks()
    if not path.is_file():
        raise WeightsError(f"no checkpoint {path}")
    try:
        checkpoint, _ = torch_safe_load(str(path), safe_only=True)
    except Exception as error:  # an unpickler fails on broken files in any way
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise WeightsError(f"{path} is not a checkpoint that is safe to load: {reason}") from None
    found = checkpoint.get("ema") or checkpoint.get("model") if isinstance(checkpoint, dict) else None
    if not isinstance(found, nn.Module) or not hasattr(found, "yaml"):
        raise WeightsError(f"{path} holds no detector")
    return found.float().eval(), checkpoint


def allow_blocks() -> None:
    """Let torch's restricted loader rebuild our own layers."""
    ours: list[Any] = [
        value
        for module in (crm, depthwise, head, model)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, nn.Module) and value.__module__ == module.__name__
    ]
    torch.serialization.add_safe_globals(ours)
