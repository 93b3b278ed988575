"""Draw the validation pages that are read worst, each beside its ground truth, for people to look at.

    python scripts/worst_pages.py data=DATA out=FOLDER [count=40] [model=WEIGHTS] [conf=0.25]

DATA is a folder with val/annotations.json and its pages. A page's rank is its own COCO AP, at any score. Writes
01-NAME.png and so on, the prediction from `conf` up to the left and the ground truth to the right, and prints the list.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from command import read_words, run_script

from doclayout.document import open_document
from doclayout.options import Option
from doclayout.overlay import Mark, draw_overlay
from doclayout.runtime import load_detector
from doclayout.saving import png_bytes, write_atomic
from doclayout.train.selector import page_quality
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth

OPTIONS = (
    Option("data", "folder of the data set", required=True),
    Option("out", "folder of the pictures", required=True),
    Option("count", "pages", 40, int),
    Option("model", "weights; those that ship by default", None),
    Option("conf", "least score drawn", 0.25, float),
)
SIDE = 1280


def main() -> None:
    """Detect, rank and draw."""
    options = read_words(OPTIONS, sys.argv[1:])
    detector = load_detector(options["model"])
    files, truth = load_truth(options["data"], "val", detector.schema)
    found, _ = detect(detector, files, truth, COCO_SETTINGS)
    quality = page_quality(truth, found)
    for rank, index in enumerate(np.argsort(quality, kind="stable")[: options["count"]], 1):
        image = truth["images"][index]
        with open_document(files[index], pages=[1]) as document:
            page = document.load(1)
            drawing = page.render(SIDE)
            page.close()
        scale = drawing.shape[1] / image["width"]
        parts = [
            draw_overlay(drawing, marks(items, image["id"], scale, options["conf"]), detector.schema, title=title)
            for items, title in ((found, "predicted"), (truth["annotations"], "ground truth"))
        ]
        height = max(part.shape[0] for part in parts)
        parts = [np.pad(part, ((0, height - len(part)), (0, 0), (0, 0)), constant_values=255) for part in parts]
        name = f"{rank:02}-{Path(files[index]).stem}.png"
        write_atomic(Path(options["out"]) / name, png_bytes(np.hstack(parts)))
        print(f"{name}  AP {quality[index]:.3f}")


def marks(items: list[dict[str, Any]], image_id: int, scale: float, conf: float) -> list[Mark]:
    """Return the boxes of one page in pixels of its drawing; ground truth has no score."""
    mine = [item for item in items if item["image_id"] == image_id and item.get("score", 1.0) >= conf]
    corners = [(x * scale, y * scale, (x + w) * scale, (y + h) * scale) for x, y, w, h in (i["bbox"] for i in mine)]
    return [Mark(b, i["category_id"], i.get("score")) for b, i in zip(corners, mine, strict=True)]


if __name__ == "__main__":
    run_script(main)
