"""Fit the networks that judge boxes again once they are refined and rivals are known, and measure what they gain.

    python scripts/train_rescore.py DATA [model=WEIGHTS] [fit=true]

DATA is as in `doclayout train`: a folder with train/ and val/annotations.json and PDFs, or a YAML. WEIGHTS, the default
model by default, detects on the train split; which of its boxes are right there is what is learnt. So the network must
not know those pages by heart: pages that it has seen a few times among many others serve, those that it has seen dozens
of times do not, as its errors there are not those on new pages. It looks at them at `FIT_SIZE`, not at the size that it
was trained at. Writes doclayout/weights/rescore.npz, and the gain on the val split at five input sizes to
docs/results.md between `<!-- rescore -->` and `<!-- /rescore -->`. Thresholds of `conf=auto` hang on the scores: for
new weights, call scripts/ship.py before this and again after it. fit=false only measures those that are there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt
from command import read_positions, read_words, run_script
from markers import SHOWN, figures, table, write_block

from doclayout import postprocess, rescore
from doclayout.errors import UsageError
from doclayout.options import Option, flag
from doclayout.perceptron import write_networks
from doclayout.runtime import Detector, load_detector
from doclayout.train.calibrate import correct
from doclayout.train.metrics import coco_scores
from doclayout.train.rescore import fit_judges
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth

LEAST = 0.005
"""Score of the boxes that are learnt from, before rivals count."""
MOST = 300
"""Boxes of a page that are learnt from."""
FIT_SIZE = 600
"""`imgsz` at which the network finds the boxes that are learnt from, away from 640, at which it was trained."""
STEP = 1e-4
OPTIONS = (
    Option("data", "folder or YAML of the data set", required=True),
    Option("model", "weights; those that ship by default", None),
    Option("fit", "fit the networks anew", True, flag),
)
SIZES = (600, 620, 640, 660, 680)


def main() -> None:
    """Detect, fit, write, measure."""
    data, *words = read_positions(1)
    options = read_words(OPTIONS, [f"data={data}", *words])
    detector = load_detector(options["model"])
    if not rescore.can_judge(detector.schema):
        raise UsageError(f"{detector.name} has other classes than the default model; its boxes are not judged again")
    if options["fit"]:
        write_networks(fit_judges(*examples(detector, *load_truth(data, "train", detector.schema))), rescore.RESCORE)
        rescore.load_judges.cache_clear()
    files, truth = load_truth(data, "val", detector.schema)
    rows = []
    for name, judged in (("as they were", False), ("judged again", True)):
        for size in SIZES:
            settings = replace(COCO_SETTINGS, imgsz=size, rescore=judged)
            rows.append((name, size, coco_scores(truth, detect(detector, files, truth, settings)[0])))
    lines = [f"{name} | {size} | {figures(scores)}" for name, size, scores in rows]
    for name in dict.fromkeys(name for name, *_ in rows):
        means = {key: np.mean([scores[key] for other, _, scores in rows if other == name]) for key in SHOWN}
        lines.append(f"{name} | mean | {figures(means)}")
    write_block("results.md", "rescore", table(" | ".join(["scores", "imgsz", *SHOWN]), lines))


def examples(
    detector: Detector, files: list[str], truth: dict[str, Any]
) -> tuple[rescore.FloatArray, rescore.FloatArray, npt.NDArray[np.float64]]:
    """Detect on pages; return features (n, f), scores (n,) as they were, and whether (n,) each box is right."""
    features: list[rescore.FloatArray] = []
    scores: list[rescore.FloatArray] = []

    def number(described: rescore.FloatArray, given: rescore.FloatArray) -> rescore.FloatArray:
        """Give boxes, which come by falling score, scores that tell which they are."""
        features.append(described)
        scores.append(given)
        return np.asarray(1 - STEP * np.arange(len(given)), np.float32)

    with patch.object(postprocess, "rescored", number):
        found, _ = detect(detector, files, truth, replace(COCO_SETTINGS, imgsz=FIT_SIZE, conf=LEAST, max_det=MOST))
    starts = np.cumsum([0, *(len(given) for given in scores)])
    page = {image["id"]: start for image, start in zip(truth["images"], starts[:-1], strict=True)}
    rows = [page[item["image_id"]] + round((1 - item["score"]) / STEP) for item in found]
    return np.concatenate(features)[rows], np.concatenate(scores)[rows], correct(found, truth)[1]


if __name__ == "__main__":
    run_script(main)
