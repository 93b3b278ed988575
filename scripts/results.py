"""Measure the shipped weights on a labelled data set, and put the tables into docs/results.md.

    python scripts/results.py DATA [model=WEIGHTS] [int8=INT8_WEIGHTS]

DATA is a folder with val/annotations.json and its pages; WEIGHTS are the default ones unless given, and INT8_WEIGHTS
the same in int8, to be measured too. What stands between the markers `<!-- tables -->` and `<!-- /tables -->` there is
replaced; the words around it are written by hand.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
from command import read_positions, read_words, run_script
from markers import SHOWN, figures, table, write_block

from doclayout import postprocess, refine
from doclayout.options import Option
from doclayout.predict import Settings
from doclayout.runtime import Detector, load_detector
from doclayout.train.calibrate import best_cut, correct, expected_error
from doclayout.train.metrics import SUMMARY, coco_scores, overlaps
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth

STEPS = {
    "network alone": replace(COCO_SETTINGS, refine=False, clean=False, wording=False),
    "+ rival boxes resolved": replace(COCO_SETTINGS, refine=False, wording=False),
    "+ boxes snapped to ink": replace(COCO_SETTINGS, clean=False, wording=False),
    "both": replace(COCO_SETTINGS, wording=False, rescore=False),
    "both, with the words read": replace(COCO_SETTINGS, rescore=False),
    "both, and boxes judged again": replace(COCO_SETTINGS, wording=False),
    "all (default)": COCO_SETTINGS,
    "all, at the default conf=0.25": replace(COCO_SETTINGS, conf=0.25),
    "all, at conf=auto": replace(COCO_SETTINGS, conf="auto"),
    "all, with augment=true": replace(COCO_SETTINGS, augment=True),
    "all, with augment=true, at conf=0.25": replace(COCO_SETTINGS, augment=True, conf=0.25),
}
OPTIONS = (
    Option("model", "a path or the name of weights that ship; the default ones if left out"),
    Option("int8", "the same weights in int8, to be measured too"),
)
SIZES = (512, 640, 768, 896, 1024)


def main() -> None:
    """Run everything and write the file."""
    data, *words = read_positions(1)
    options = read_words(OPTIONS, words)
    detector = load_detector(options["model"])
    files, truth = load_truth(data, "val", detector.schema)
    blocks = [steps(detector, files, truth), sizes(detector, files, truth)]
    found, _ = detect(detector, files, truth, COCO_SETTINGS)
    scores = coco_scores(truth, found)
    blocks += [
        overall(scores),
        per_class(detector, scores, found, truth),
        calibration(found, truth),
        confusion(found, truth),
    ]
    if options["int8"]:
        blocks.insert(1, quantized(options["int8"], files, truth))
    write_block("results.md", "tables", "\n" + "\n\n".join(blocks) + "\n")


def quantized(weights: str, files: list[str], truth: dict[str, Any]) -> str:
    """Measure int8 weights."""
    detector = load_detector(weights)
    lines = []
    for name, settings in STEPS.items():
        if settings.refine:
            score = coco_scores(truth, detect(detector, files, truth, settings)[0])
            lines.append(f"{name} | {figures(score)}")
    return "### The same in int8\n\n" + table(" | ".join(["step", *SHOWN]), lines)


def steps(detector: Detector, files: list[str], truth: dict[str, Any]) -> str:
    """Compare what each step after the network adds, and what it costs."""
    lines = []

    def measure(name: str, settings: Settings) -> None:
        found, seconds = detect(detector, files, truth, settings)
        lines.append(f"{name} | {figures(coco_scores(truth, found))} | {1000 * seconds / len(files):.0f}")

    for name, settings in STEPS.items():
        measure(name, settings)
    with patch.object(refine, "take_in_faint", lambda boxes, contrast: boxes):
        measure("all, but for the faint pixels at edges", COCO_SETTINGS)
    with patch.object(postprocess, "take_in_numbers", lambda boxes, *rest: boxes):
        measure("all, but for the numbers of equations", COCO_SETTINGS)
    with patch.object(postprocess, "join_headers", lambda boxes, *rest: (boxes, np.ones(len(boxes), bool))):
        measure("all, but for headers put together", COCO_SETTINGS)
    return "### Step by step, imgsz 640\n\n" + table(" | ".join(["step", *SHOWN, "ms a page"]), lines)


def sizes(detector: Detector, files: list[str], truth: dict[str, Any]) -> str:
    """Compare input sizes."""
    lines = []
    for imgsz in SIZES:
        found, seconds = detect(detector, files, truth, replace(COCO_SETTINGS, imgsz=imgsz))
        lines.append(f"{imgsz} | {figures(coco_scores(truth, found))} | {1000 * seconds / len(files):.0f}")
    return "### By input size\n\n" + table(" | ".join(["imgsz", *SHOWN, "ms a page"]), lines)


def overall(score: dict[str, Any]) -> str:
    """List COCO's twelve figures."""
    return "### All COCO figures, default settings\n\n" + table(
        "figure | value", [f"{key} | {score[key]:.3f}" for key in SUMMARY]
    )


def per_class(detector: Detector, score: dict[str, Any], found: list[dict[str, Any]], truth: dict[str, Any]) -> str:
    """List each class, with the threshold at which its F1 is best here, and that of `conf=auto`."""
    lines = []
    ids = {category["name"]: category["id"] for category in truth["categories"]}
    for name, row in score["classes"].items():
        mine = [[item for item in part if item["category_id"] == ids[name]] for part in (found, truth["annotations"])]
        conf, f1 = best_cut(*correct(mine[0], {"annotations": mine[1]}), len(mine[1]))
        cells = " | ".join(f"{row[key]:.3f}" for key in ("AP", "AP50", "AR"))
        auto = (detector.thresholds or {}).get(name, np.nan)
        lines.append(f"{name} | {row['boxes']} | {cells} | {f1:.2f} | {conf:.2f} | {auto:.2f}")
    return "### By class\n\n" + table("class | boxes | AP | AP50 | AR | best F1 | at score | conf=auto", lines)


def calibration(found: list[dict[str, Any]], truth: dict[str, Any]) -> str:
    """Compare scores with the share of boxes that are right."""
    scores, right = correct(found, truth)
    edges = np.linspace(0, 1, 11)
    lines = []
    for low, high in pairwise(edges.tolist()):
        inside = (scores >= low) & (scores < high + (high == 1))
        if inside.any():
            means = f"{scores[inside].mean():.2f} | {right[inside].mean():.2f}"
            lines.append(f"{low:.1f}–{high:.1f} | {inside.sum()} | {means}")
    title = f"### Calibration\n\nExpected calibration error {expected_error(scores, right):.3f}.\n\n"
    return title + table("score | boxes | mean score | share right", lines)


def confusion(found: list[dict[str, Any]], truth: dict[str, Any], conf: float = 0.25, iou: float = 0.5) -> str:
    """Count what the regions of each class were taken for, each matched to the best box that covers it."""
    names = [c["name"] for c in truth["categories"]]
    counts = np.zeros((len(names), len(names) + 1), int)
    for image in truth["images"]:
        boxes = [a for a in truth["annotations"] if a["image_id"] == image["id"]]
        guesses = [f for f in found if f["image_id"] == image["id"] and f["score"] >= conf]
        overlap = overlaps([b["bbox"] for b in boxes], [g["bbox"] for g in guesses])
        for box, row in zip(boxes, overlap, strict=True):
            best = int(np.argmax(row)) if len(row) else -1
            guess = guesses[best]["category_id"] if best >= 0 and row[best] >= iou else len(names)
            counts[box["category_id"], guess] += 1
    lines = []
    for k, name in enumerate(names):
        others = [(counts[k, j], [*names, "nothing"][j]) for j in np.argsort(-counts[k]) if j != k and counts[k, j]]
        taken = ", ".join(f"{other} {count}" for count, other in others)
        lines.append(f"{name} | {counts[k].sum()} | {counts[k, k]} | {taken or '–'}")
    return f"### What was taken for what, conf {conf}, IoU {iou}\n\n" + table(
        "class | boxes | right | taken for", lines
    )


if __name__ == "__main__":
    run_script(main)
