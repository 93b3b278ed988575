import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from doclayout.errors import WeightsError
from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import LayoutModel
from doclayout.runtime import load_detector


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return Path.touch, (self.target,)


def pickled(path, content):
    path.write_bytes(pickle.dumps(content, protocol=2))


def saved(path, content):
    torch.save(content, path)


@pytest.mark.parametrize("write", [saved, pickled])
@pytest.mark.parametrize("place", ["alone", "beside a model", "inside a model"])
@pytest.mark.parametrize("load", [load_model, load_detector])
def test_code_in_a_checkpoint_is_refused_and_not_run(tmp_path, write, place, load):
    trap = Trap(tmp_path / "was-here")
    model = LayoutModel()
    if place == "inside a model":
        model.yaml["trap"] = trap
    content = {"alone": trap, "beside a model": {"model": model, "epoch": trap}, "inside a model": {"model": model}}
    path = tmp_path / "bad.pt"
    write(path, content[place])
    with pytest.raises(WeightsError, match=r"bad\.pt is not a checkpoint that is safe to load"):
        load(path)
    assert not trap.target.exists()


@pytest.mark.parametrize("option", ["model", "resume", "pretrained", "teacher"])
def test_training_refuses_it_too(tmp_path, checkpoint, option):
    from doclayout.train.run import train

    trap = Trap(tmp_path / "was-here")
    path = tmp_path / "bad.pt"
    saved(path, {"model": LayoutModel(), "epoch": trap})
    options = {option: str(path)} if option in ("resume", "pretrained") else {}
    teacher = path if option == "teacher" else None
    with pytest.raises(WeightsError, match="safe to load"):
        train(path if option == "model" else checkpoint, tmp_path, "cpu", options, teacher)
    assert not trap.target.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "safe to load"),
        (b"\x89PNG not a checkpoint", "safe to load"),
        ({"state": {}}, "holds no detector"),
        ({"model": nn.Linear(2, 2)}, "holds no detector"),
        ([1, 2], "safe to load|holds no detector"),
    ],
)
def test_files_that_hold_no_detector(tmp_path, content, words):
    path = tmp_path / "odd.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(WeightsError, match=words):
        load_model(path)


def test_truncated_checkpoint(tmp_path, checkpoint):
    path = tmp_path / "cut.pt"
    path.write_bytes(checkpoint.read_bytes()[:50_000])
    with pytest.raises(WeightsError, match="safe to load"):
        load_model(path)


def test_missing_checkpoint(tmp_path):
    with pytest.raises(WeightsError, match="no checkpoint"):
        load_model(tmp_path / "none.pt")


def test_average_of_weights_goes_before_the_weights(tmp_path):
    model, average = LayoutModel(), LayoutModel()
    with torch.no_grad():
        average.model[0].conv.weight.fill_(0.25)
    torch.save({"model": model, "ema": average.half(), "train_args": {"imgsz": 320}}, tmp_path / "both.pt")
    found, checkpoint = load_model(tmp_path / "both.pt")
    assert found.model[0].conv.weight.unique().tolist() == [0.25]
    assert found.model[0].conv.weight.dtype == torch.float32
    assert not found.training
    assert checkpoint["train_args"] == {"imgsz": 320}
