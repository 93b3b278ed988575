"""Untrained teachers and students of three classes."""

from __future__ import annotations

import pytest

from tests.conftest import lively_model
from tests.train.conftest import NAMES


@pytest.fixture(scope="session")
def save_teacher(tmp_path_factory):
    """A function that writes a lively model of the named YAML and classes as a checkpoint."""
    import torch

    def save(name="edocnet-m.yaml", names=NAMES):
        model = lively_model(name, nc=len(names))
        model.names = dict(enumerate(names))
        path = tmp_path_factory.mktemp("teacher") / f"{name.split('.')[0]}.pt"
        torch.save({"model": model, "train_args": {"imgsz": 64}}, path)
        return path

    return save


@pytest.fixture(scope="session")
def teacher_path(save_teacher):
    """A teacher half as wide again as edocnet-s."""
    return save_teacher()
