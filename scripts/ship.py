"""Turn a training run's checkpoint into the weights that ship.

    python scripts/ship.py CHECKPOINT.pt DATA [NAME] [OUT]

Calibrates the scores on DATA's val split, takes there the threshold of each class at which its F1 is best, and writes
NAME.pt (weights in float16, nothing else of the run) and NAME.onnx (with metadata) to OUT, by default
`doclayout/weights`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch

from doclayout.nn.checkpoint import load_model
from doclayout.predict import Settings
from doclayout.runtime import DEFAULT_WEIGHTS, load_detector
from doclayout.train.calibrate import class_thresholds, correct, expected_error, fit, fold
from doclayout.train.export import export
from doclayout.train.validate import detect, load_truth


def main() -> None:
    """Calibrate, strip, export."""
    checkpoint, data, *rest = sys.argv[1:]
    name, out = [*rest, *("edocnet-n", str(DEFAULT_WEIGHTS.parent))[len(rest) :]]
    target = Path(out) / f"{name}.pt"
    detector = load_detector(checkpoint, "cpu")
    files, truth = load_truth(data, "val", detector.schema)
    # the words' evidence is added after the network, so it is left out of what is folded into that
    found, _ = detect(detector, files, truth, Settings(imgsz=detector.imgsz, conf=0.02, wording=False))
    scores, right = correct(found, truth)
    a, b = fit(scores, right)
    model, run = load_model(Path(checkpoint))
    fold(model.model[-1], a, b)
    target.parent.mkdir(parents=True, exist_ok=True)
    imgsz = int(run.get("train_args", {}).get("imgsz", 640))
    save(model, imgsz, target)
    found, _ = detect(load_detector(target, "cpu"), files, truth, Settings(imgsz=detector.imgsz, conf=0.02))
    model.thresholds = class_thresholds(found, truth)
    save(model, imgsz, target)
    export(target, "onnx", {"half": False})
    before, after = expected_error(scores, right), expected_error(*correct(found, truth))
    figures = {"a": a, "b": b, "ece_before": before, "ece_after": after}
    print(json.dumps(model.thresholds))
    print(json.dumps({key: round(value, 4) for key, value in figures.items()}))


def save(model: torch.nn.Module, imgsz: int, target: Path) -> None:
    """Write a checkpoint that training starts from, without the paths and settings of the run that made it."""
    for attribute in ("args", "pt_path", "criterion"):
        if hasattr(model, attribute):
            delattr(model, attribute)
    model.yaml = {key: value for key, value in model.yaml.items() if key != "yaml_file"}
    torch.save({"model": model.half(), "train_args": {"imgsz": imgsz, "task": "detect"}}, target)


if __name__ == "__main__":
    main()
