"""Turn a training run's checkpoint into the weights that ship.

    python scripts/ship.py CHECKPOINT.pt DATA [NAME] [OUT]

Calibrates the scores on DATA's val split, as they are before boxes are judged again, finds there a threshold for each
class by the F1 of boxes that have been (`class_thresholds`), and writes NAME.pt (weights in float16, nothing else of
the run) and NAME.onnx (with metadata) to OUT, by default `doclayout/weights`.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import torch
from command import read_positions, run_script

from doclayout.nn.checkpoint import load_model
from doclayout.predict import Settings
from doclayout.runtime import DEFAULT_WEIGHTS, load_detector
from doclayout.train.calibrate import class_thresholds, correct, expected_error, fit, fold
from doclayout.train.export import export
from doclayout.train.validate import detect, load_truth

ROUNDS = 2
"""Of calibration: what the words say is added after the network, and what is folded into that comes before it."""


def main() -> None:
    """Calibrate, strip, export."""
    checkpoint, data, *rest = read_positions(2, 4)
    name, out = [*rest, *("edocnet-n", str(DEFAULT_WEIGHTS.parent))[len(rest) :]]
    target = Path(out) / f"{name}.pt"
    model, run = load_model(Path(checkpoint))
    imgsz = int(run.get("train_args", {}).get("imgsz", 640))
    files, truth = load_truth(data, "val", load_detector(checkpoint, "cpu").schema)
    target.parent.mkdir(parents=True, exist_ok=True)
    settings, errors = Settings(imgsz=imgsz, conf=0.02, rescore=False), []
    for turn in range(ROUNDS + 1):
        save(model, imgsz, target)
        found, _ = detect(load_detector(target, "cpu"), files, truth, settings)
        scores, right = correct(found, truth)
        errors.append(round(expected_error(scores, right), 4))
        if turn < ROUNDS:
            fold(model.model[-1], *fit(scores, right))
    found, _ = detect(load_detector(target, "cpu"), files, truth, replace(settings, rescore=True))
    errors.append(round(expected_error(*correct(found, truth)), 4))
    model.thresholds = class_thresholds(found, truth)
    save(model, imgsz, target)
    export(target, "onnx", {"half": False, "save_dir": target.parent})
    print(json.dumps(model.thresholds))
    print(json.dumps({"expected calibration error, round by round, and of boxes judged again": errors}))


def save(model: torch.nn.Module, imgsz: int, target: Path) -> None:
    """Write a checkpoint that training starts from, without the paths and settings of the run that made it."""
    for attribute in ("args", "pt_path", "criterion"):
        if hasattr(model, attribute):
            delattr(model, attribute)
    model.yaml = {key: value for key, value in model.yaml.items() if key != "yaml_file"}
    torch.save({"model": model.half(), "train_args": {"imgsz": imgsz, "task": "detect"}}, target)


if __name__ == "__main__":
    run_script(main)
