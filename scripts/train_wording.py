"""Fit the model of what a region's words say about its class, and measure what it gains.

    python scripts/train_wording.py DATA [WEIGHTS]

DATA is as in `doclayout train`: a folder with train/ and val/annotations.json and PDFs, or a YAML. Labelled boxes of
the train split and the text layer in them are all that is learnt from. WEIGHTS, the default model by default, then
detects on the val split with several shares of the evidence, boxes not judged again. Writes
doclayout/weights/wording.npz with the share `SHARE`, and the table to docs/results.md between `<!-- wording -->` and
`<!-- /wording -->`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import numpy as np
from command import read_positions, run_script
from markers import SHOWN, figures, table, write_block
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression
from ultralytics.utils.ops import ltwh2xyxy

import doclayout.wording as wording
from doclayout.document import open_document
from doclayout.runtime import load_detector
from doclayout.schema import Schema, load_schema
from doclayout.text import PageText
from doclayout.train.metrics import coco_scores
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth

SHARE = 0.5
SHARES = (0.0, 0.35, 0.5, 0.7, 1.0)
FREEDOM = 20.0  # sklearn's C: the larger, the less the weights are held to zero


def main() -> None:
    """Fit, write, measure."""
    data, *rest = read_positions(1, 2)
    schema = load_schema()
    model = fit(data, schema)
    detector = load_detector(*rest)
    files, truth = load_truth(data, "val", schema)
    texts, classes = zip(*labelled(data, "val", schema), strict=True)
    guesses = model.log_posterior(texts).argmax(1)
    rows = []
    with patch.object(wording, "load_wording", lambda: model):
        for model.share in SHARES:
            scores = coco_scores(truth, detect(detector, files, truth, replace(COCO_SETTINGS, rescore=False))[0])
            rows.append(f"{model.share} | {figures(scores)}")
    model.share = SHARE
    wording.save_wording(model, wording.WORDING)
    right = float(np.mean(guesses == np.array(classes)))
    alone = f"The text alone tells the class of {right:.0%} of {len(texts)} labelled validation boxes."
    write_block("results.md", "wording", f"{table(' | '.join(['share of the evidence', *SHOWN]), rows)}\n\n{alone}")


def fit(data: str, schema: Schema) -> wording.Wording:
    """Fit a model to the labelled boxes of the train split."""
    texts, classes = zip(*labelled(data, "train", schema), strict=True)
    grams, ends = wording.ngrams(texts)
    counts = np.diff(ends)
    features = csr_array((np.repeat(counts**-0.5, counts), grams, ends), shape=(len(texts), 1 << wording.BITS))
    found = LogisticRegression(C=FREEDOM, max_iter=300).fit(features, classes)
    often = np.bincount(classes, minlength=len(schema))
    weights = np.zeros((1 << wording.BITS, len(schema)), np.float32)
    bias = np.full(len(schema), -10, np.float32)  # of a class without labelled boxes
    weights[:, found.classes_], bias[found.classes_] = found.coef_.T, found.intercept_
    prior = np.log(np.maximum(often, 0.1) / often.sum()).astype(np.float32)
    return wording.Wording(schema.names, weights, bias, prior, SHARE)


def labelled(data: str, split: str, schema: Schema) -> Iterator[tuple[str, int]]:
    """Yield how the text of each labelled box that has some begins, and the box's class."""
    files, truth = load_truth(data, split, schema)
    boxes: dict[int, list[dict[str, Any]]] = {}
    for annotation in truth["annotations"]:
        boxes.setdefault(annotation["image_id"], []).append(annotation)
    for file, image in zip(files, truth["images"], strict=True):
        of_page = boxes.get(image["id"], [])
        with open_document(file) as document:
            page = document.load(document.numbers[0])
            scale = np.array([page.width / image["width"], page.height / image["height"]] * 2)
            corners = ltwh2xyxy(np.array([box["bbox"] for box in of_page], float).reshape(-1, 4)) * scale
            openings = PageText(page, schema).openings(corners.tolist())
        yield from ((text, box["category_id"]) for text, box in zip(openings, of_page, strict=True) if text)


if __name__ == "__main__":
    run_script(main)
