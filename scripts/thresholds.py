"""Measure what thresholds of classes are worth on documents that they were not chosen on.

    python scripts/thresholds.py DATA [WEIGHTS]

DATA is a folder with val/annotations.json and PDFs; `images[].doc` there says which pages are of one document. The
pages are detected on once. Then, again and again, thresholds are chosen on three quarters of the documents, and F1 is
counted on the rest. Prints the table and puts it into docs/results.md between `<!-- thresholds -->` and
`<!-- /thresholds -->`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from command import read_positions, run_script
from markers import table, write_block

from doclayout.predict import Settings
from doclayout.runtime import load_detector
from doclayout.train.calibrate import FLAT, SHARED, class_thresholds, correct
from doclayout.train.validate import detect, load_truth

ROUNDS, FOLDS = 20, 4
Part = tuple[list[dict[str, Any]], dict[str, Any]]
"""Detections and ground truth."""


def fixed(cut: float) -> Callable[[Part], dict[str, float]]:
    """Return a rule that takes one threshold for all classes."""
    return lambda part: {category["name"]: cut for category in part[1]["categories"]}


RULES: dict[str, Callable[[Part], dict[str, float]]] = {
    "0.25 for all": fixed(0.25),
    "0.5 for all": fixed(0.5),
    "each class by its own boxes": lambda part: class_thresholds(*part, shared=0, flat=0),
    f"each class with {SHARED:g} boxes of all, as it ships": lambda part: class_thresholds(*part, SHARED, FLAT),
}


def main() -> None:
    """Detect, choose, count."""
    data, *rest = read_positions(1, 2)
    detector = load_detector(*rest)
    files, truth = load_truth(data, "val", detector.schema)
    found, _ = detect(detector, files, truth, Settings(conf=0.02))
    rows = json.loads((Path(data) / "val" / "annotations.json").read_text())["images"]
    document = {Path(row["file_name"]).name: _document(row) for row in rows}
    pages = {image["id"]: document[Path(file).name] for image, file in zip(truth["images"], files, strict=True)}
    documents, rng = sorted(set(pages.values())), np.random.default_rng(0)
    figures: dict[str, list[tuple[float, float]]] = {name: [] for name in RULES}
    for _ in range(ROUNDS):
        counts = {name: np.zeros((len(truth["categories"]), 3)) for name in RULES}
        for fold in np.array_split(rng.permutation(len(documents)), FOLDS):
            held = {documents[i] for i in fold}
            chosen, measured = (
                part(found, truth, {page for page, name in pages.items() if (name in held) is out})
                for out in (False, True)
            )
            for name, rule in RULES.items():
                counts[name] += counted(measured, rule(chosen))
        for name, count in counts.items():
            f1 = 2 * count[:, 0] / np.maximum(count[:, 1] + count[:, 2], 1)
            right, kept, boxes = count.sum(0)
            figures[name].append((float(f1.mean()), 2 * right / (kept + boxes)))
    lines = [f"{name} | {np.mean(f, 0)[0]:.3f} | {np.mean(f, 0)[1]:.3f}" for name, f in figures.items()]
    write_block("results.md", "thresholds", table("thresholds | F1, mean of classes | F1 of all boxes", lines))


def _document(row: dict[str, Any]) -> str:
    """Return the document that a page is of; the page itself where nobody says it."""
    return str(row.get("doc") or row.get("source") or row["file_name"])


def part(found: list[dict[str, Any]], truth: dict[str, Any], pages: set[int]) -> Part:
    """Return what is on some pages."""
    boxes = [item for item in truth["annotations"] if item["image_id"] in pages]
    return [item for item in found if item["image_id"] in pages], {**truth, "annotations": boxes}


def counted(measured: Part, cuts: dict[str, float]) -> Any:
    """Return (nc, 3): of each class how many detections are kept and right, kept, and how many boxes there are."""
    found, truth = measured
    rows = []
    for category in truth["categories"]:
        boxes = [box for box in truth["annotations"] if box["category_id"] == category["id"]]
        own = [item for item in found if item["category_id"] == category["id"]]
        kept = [item for item in own if item["score"] >= cuts[category["name"]]]
        rows.append((correct(kept, {"annotations": boxes})[1].sum(), len(kept), len(boxes)))
    return np.array(rows, float)


if __name__ == "__main__":
    run_script(main)
