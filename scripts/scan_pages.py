"""Age labelled pages as if they had been printed and scanned, to measure weights on scans, or to train on them.

    python scripts/scan_pages.py DATA OUT [split=val] [seed=0]
    doclayout val data=OUT model=WEIGHTS

DATA is a folder or YAML as in `doclayout train`. Each page of the split is drawn with a long side of 1,280 pixels and
aged by the effects of synthetic pages (`cfg/synth/effects.yaml`; none stays clean), the same every time for one seed;
its boxes follow. Writes OUT/SPLIT/images and OUT/SPLIT/annotations.json. A scan has no text layer, so no words are read
there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from command import read_positions, read_words, run_script
from tqdm import tqdm
from ultralytics.utils.ops import ltwh2xyxy

from doclayout.config import load_cfg
from doclayout.document import open_document
from doclayout.options import Option
from doclayout.saving import png_bytes, unique_stem, write_atomic
from doclayout.schema import load_schema
from doclayout.train.validate import load_truth
from synth.effects.degrade import degrade
from synth.page import SynthPage

OPTIONS = (
    Option("split", "train or val", "val"),
    Option("seed", "of the ageing", 0, int),
)
LONG_SIDE = 1280


def main() -> None:
    """Draw, age and write."""
    data, out, *words = read_positions(2)
    options = read_words(OPTIONS, words)
    files, truth = load_truth(data, options["split"], load_schema())
    settings = {**load_cfg("synth/effects.yaml"), "clean": 0.0}
    folder = Path(out) / options["split"]
    aged: dict[str, list[dict[str, Any]]] = {"images": [], "annotations": []}
    taken: set[str] = set()
    for index, (file, image) in enumerate(zip(tqdm(files, unit="page"), truth["images"], strict=True)):
        items = [item for item in truth["annotations"] if item["image_id"] == image["id"]]
        page = degrade(drawn(file, image, items), np.random.default_rng([index, options["seed"]]), settings)
        height, width = page.image.shape[:2]
        name = f"{unique_stem(file, taken)}.png"
        write_atomic(folder / "images" / name, png_bytes(page.image))
        aged["images"].append({"id": image["id"], "file_name": name, "width": width, "height": height})
        for (x0, y0, x1, y1), class_id in zip(page.boxes.tolist(), page.class_ids.tolist(), strict=True):
            item = {"id": len(aged["annotations"]) + 1, "image_id": image["id"], "category_id": class_id}
            aged["annotations"].append(item | {"bbox": [x0, y0, x1 - x0, y1 - y0], "iscrowd": 0})
    write_atomic(folder / "annotations.json", json.dumps({**aged, "categories": truth["categories"]}).encode())


def drawn(file: str, image: dict[str, Any], items: list[dict[str, Any]]) -> SynthPage:
    """Draw a page with its boxes."""
    with open_document(file, pages=[1]) as document:
        page = document.load(1)
        drawing = np.ascontiguousarray(page.render(LONG_SIDE))
        page.close()
    scale = np.array([drawing.shape[1] / image["width"], drawing.shape[0] / image["height"]] * 2)
    boxes = ltwh2xyxy(np.array([item["bbox"] for item in items], float).reshape(-1, 4)) * scale
    return SynthPage(drawing, boxes.astype(np.float32), np.array([item["category_id"] for item in items], np.int64))


if __name__ == "__main__":
    run_script(main)
