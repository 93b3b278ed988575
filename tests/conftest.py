"""What several tests share: drawn pages, and untrained networks small and lively enough to test with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

IMGSZ = 160


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Keep rendered pages and compiled networks out of the user's cache."""
    before = os.environ.get("DOCLAYOUT_CACHE")
    os.environ["DOCLAYOUT_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield
    os.environ.pop("DOCLAYOUT_CACHE")
    if before is not None:
        os.environ["DOCLAYOUT_CACHE"] = before


def drawn_page(seed: int, height: int = 256, width: int = 192) -> np.ndarray:
    """A page of grey bars and boxes, uint8 (height, width, 3) RGB; each seed gives another."""
    rng = np.random.default_rng(seed)
    page = np.full((height, width, 3), 255, np.uint8)
    for _ in range(8):
        x0, y0 = rng.integers(0, (max(width - 30, 1), max(height - 20, 1)))
        w, h = rng.integers(6, (max(width // 2, 7), height // 4))
        page[y0 : y0 + h, x0 : x0 + w] = rng.integers(0, 200, 3)
        page[y0 + 2 : y0 + h : 4, x0 : x0 + w] = 255
    return page


def lively_model(name: str = "edocnet-n.yaml", **options):
    """An untrained network whose scores lie around 0.1 to 0.9 and differ from place to place."""
    import torch
    from torch import nn

    from doclayout.nn.model import LayoutModel

    torch.manual_seed(0)
    model = LayoutModel(name, **options).train()
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    pages = np.stack([drawn_page(seed, 128, 96) for seed in range(8)]).transpose(0, 3, 1, 2) / np.float32(255)
    with torch.no_grad():
        for norm in norms:
            norm.momentum = 1.0
        model(torch.from_numpy(pages))
        for norm in norms:
            norm.momentum = 0.03
            norm.running_var.clamp_(min=0.05)  # channels that are all but constant would magnify rounding
        for branch in (*model.model[-1].cv3, *model.model[-1].one2one_cv3):
            branch[-1].bias.fill_(-2)
            branch[-1].weight.normal_(0, 0.5)
        for branch in (*model.model[-1].cv2, *model.model[-1].one2one_cv2):
            branch[-1].weight.normal_(0, 0.5)
    return model.eval()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory) -> Path:
    """A `.pt` of a lively edocnet-n, for pages of 160 pixels."""
    import torch

    from doclayout.schema import load_schema

    model = lively_model()
    model.names = dict(enumerate(load_schema().names))
    path = tmp_path_factory.mktemp("weights") / "lively-n.pt"
    torch.save({"model": model, "train_args": {"imgsz": IMGSZ}}, path)
    return path


@pytest.fixture(scope="session")
def onnx_weights(checkpoint) -> Path:
    """The same network as ONNX, exported by the package."""
    from doclayout.train.export import export

    return export(checkpoint, "onnx", {})
