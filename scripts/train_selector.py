"""Fit the selector of `imgsz=auto`, and measure it beside fixed sizes.

    python scripts/train_selector.py DATA [model=WEIGHTS] [sizes=320,384,448,544,640] [price=0.1] [out=runs/selector]

DATA is as in `doclayout train`: a folder with train/ and val/annotations.json and their pages, or a YAML. Each page is
read at each size, and its own AP there is its quality; on the train split the selector is fitted, for every price
given, and on the val split all are measured, beside the best choice at that price, which only who has the labels can
make. The last price's selector is written to doclayout/weights/selector.npz, and the table to docs/distillation.md
between `<!-- sizes -->` and `<!-- /sizes -->`. What has been detected is kept in out= and not detected again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from command import read_positions, read_words, run_script
from markers import table, write_block

from doclayout.document import open_document
from doclayout.letterbox import PIXELS
from doclayout.nn.checkpoint import load_model
from doclayout.nn.model import gflops
from doclayout.options import Option, names
from doclayout.refine import EDGES
from doclayout.rescore import RESCORE
from doclayout.runtime import Detector, find_weights, load_detector, weights_digest
from doclayout.saving import write_atomic
from doclayout.selector import SELECTOR, SizeSelector, save_selector, thumbnail
from doclayout.train.metrics import coco_scores
from doclayout.train.selector import fit_selector, page_costs, page_quality
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth
from doclayout.wording import WORDING

OPTIONS = (
    Option("data", "folder of the data set", required=True),
    Option("model", "weights, whose .pt is beside them, for its GFLOPs; those that ship by default", None),
    Option("sizes", "long sides that are chosen from, ascending", ("320", "384", "448", "544", "640"), names),
    Option("price", "AP of a page that the largest size is worth; several are compared", ("0.1",), names),
    Option("out", "folder of the detections", "runs/selector"),
)
Found = list[dict[str, Any]]


def main() -> None:
    """Detect, fit, measure and write."""
    data, *words = read_positions(1)
    options = read_words(OPTIONS, [data if "=" in data else f"data={data}", *words])
    sizes = [int(size) for size in options["sizes"]]
    model, _ = load_model(find_weights(options["model"] or "edocnet-n.pt").with_suffix(".pt"))
    whole = gflops(model.fuse(verbose=False), sizes[-1])
    detector = load_detector(options["model"])
    truths, found, pages = {}, {}, {}
    for split in ("train", "val"):
        files, truths[split] = load_truth(options["data"], split, detector.schema)
        folder = Path(options["out"]) / digest(options["model"], truths[split]) / split
        found[split] = [detections(detector, files, truths[split], size, folder) for size in sizes]
        pages[split] = [page_thumbnail(file) for file in files]
    quality = {split: np.stack([page_quality(truths[split], part) for part in found[split]], 1) for split in truths}
    costs = {split: page_costs(truth, sizes) for split, truth in truths.items()}
    lines = [line(str(size), truths["val"], found["val"], costs["val"], [k] * len(pages["val"]), whole)
             for k, size in enumerate(sizes)]  # fmt: skip
    for price in options["price"]:
        selector = fit_selector(pages["train"], quality["train"], costs["train"], sizes, float(price))
        chosen = [int(np.argmax(selector.scores(ink))) for ink in pages["val"]]
        name = f"auto, price {price}"
        lines.append(line(name, truths["val"], found["val"], costs["val"], chosen, whole, selector))
        best = np.argmax(quality["val"] - float(price) * costs["val"], 1).tolist()
        lines.append(line(f"best choice, price {price}", truths["val"], found["val"], costs["val"], best, whole))
    save_selector(selector, SELECTOR)
    header = f"imgsz | AP | AP50 | GFLOPs a page | pages at {'/'.join(str(size) for size in sizes)}"
    write_block("distillation.md", "sizes", table(header, lines))


def digest(weights: str | None, truth: dict[str, Any]) -> str:
    """Tell what detects, weights and fitted post-processing, and on which pages, from what has detected before."""
    pages = hashlib.sha256(json.dumps(truth, sort_keys=True).encode()).hexdigest()[:16]
    return "-".join([pages, *(weights_digest(path) for path in (find_weights(weights), EDGES, WORDING, RESCORE))])


def detections(detector: Detector, files: list[str], truth: dict[str, Any], size: int, folder: Path) -> Found:
    """Return what is detected on all pages at a size, by reading it where it was detected before."""
    path = folder / f"{size}.json"
    if not path.exists():
        found, _ = detect(detector, files, truth, replace(COCO_SETTINGS, imgsz=size))
        write_atomic(path, json.dumps(found).encode())
    kept: Found = json.loads(path.read_text())
    return kept


def page_thumbnail(file: str) -> Any:
    """Draw a page as `predict` does, and reduce it."""
    with open_document(file, pages=[1]) as document:
        page = document.load(1)
        ink = thumbnail(page.raster(PIXELS))
        page.close()
    return ink


def line(
    name: str, truth: dict[str, Any], found: list[Found], costs: Any, chosen: list[int], whole: float,
    selector: SizeSelector | None = None,
) -> str:  # fmt: skip
    """Lay out the AP of pages each read at a chosen size, and what they cost, the selector's own work included."""
    size_of = {image["id"]: k for image, k in zip(truth["images"], chosen, strict=True)}
    kept = [item for k, part in enumerate(found) for item in part if size_of[item["image_id"]] == k]
    scores = coco_scores(truth, kept)
    share = float(np.mean([costs[i, k] for i, k in enumerate(chosen)]))
    area = np.mean(
        [image["width"] * image["height"] / max(image["width"], image["height"]) ** 2 for image in truth["images"]]
    )
    spent = whole * area * share + (selector.gflops() if selector else 0)
    counts = "/".join(str(chosen.count(k)) for k in range(len(found)))
    return f"{name} | {scores['AP']:.3f} | {scores['AP50']:.3f} | {spent:.2f} | {counts}"


if __name__ == "__main__":
    run_script(main)
