"""Measure what box refinement gains on labelled PDF pages whose boxes are shaken, and fit its scorers.

    python scripts/refine_study.py DATA [repeats=10] [seed=0]    table of overlaps before and after, and the time
    python scripts/refine_study.py DATA fit=edges.npz            fit on all pages of DATA, and write the scorers

DATA holds annotations.json (COCO) and its PDF pages in pdf/. The table is of the scorers alone: what follows them,
taking in faint ink, is in docs/results.md.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from command import read_positions, read_words, run_script

from doclayout.document import open_document
from doclayout.ink import ink_integral, paper_contrast
from doclayout.letterbox import PIXELS
from doclayout.options import Option
from doclayout.perceptron import write_networks
from doclayout.refine import load_networks, refine_boxes
from doclayout.schema import Schema, load_schema
from doclayout.train.edges import LabelledPage, fit_networks, pairwise_iou, shake, snap

OPTIONS = (
    Option("fit", "fit scorers on the pages and write them here", None, Path),
    Option("repeats", "shaken copies of each page", 10, int),
    Option("seed", "of the shaking", 0, int),
)
LEVELS = (0.5, 0.75, 0.9, 0.95)


def main() -> None:
    """Read the options, fit if asked, measure."""
    folder, *words = read_positions(1)
    options, data = read_words(OPTIONS, words), Path(folder)
    cv2.setNumThreads(1)
    schema = load_schema()
    annotations = json.loads((data / "annotations.json").read_text(encoding="utf-8"))
    ids = {category["id"]: schema.id_of(category["name"]) for category in annotations["categories"]}
    pages = [read_page(data, image, annotations["annotations"], ids) for image in annotations["images"]]
    if options["fit"]:
        write_networks(fit_networks(pages, schema, options["repeats"], options["seed"]), options["fit"])
    else:
        measure(pages, schema, options["repeats"], options["seed"])
        time_pages(data, annotations["images"], pages, schema)


def render(path: Path) -> npt.NDArray[np.uint8]:
    """Draw the first page of a PDF as `predict` does, (H, W, 3) RGB."""
    with open_document(path) as document:
        return document.load(1).raster(PIXELS)


def read_page(
    data: Path, image: dict[str, object], annotations: list[dict[str, object]], ids: dict[object, int]
) -> LabelledPage:
    """Render one page and scale its labels to the rendering; `ids` are our classes by category."""
    integral = ink_integral(paper_contrast(render(data / "pdf" / str(image["file_name"]))))
    mine = [a for a in annotations if a["image_id"] == image["id"]]
    boxes = np.array([a["bbox"] for a in mine], dtype=np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    scale = [
        (integral.shape[1] - 1) / float(str(image["width"])),
        (integral.shape[0] - 1) / float(str(image["height"])),
    ]
    class_ids = np.array([ids[a["category_id"]] for a in mine], dtype=np.int64)
    return LabelledPage(integral, boxes * np.array(scale * 2, dtype=np.float32), class_ids)


def measure(pages: list[LabelledPage], schema: Schema, repeats: int, seed: int) -> None:
    """Print how many labelled edges lie on pixels' borders; mean overlap and shares above levels, before and after."""
    labels = np.concatenate([page.boxes for page in pages])
    share = float(np.mean(np.abs(labels - np.rint(labels)) < 0.1))
    print(f"edges of labels within 0.1 pixels of a pixel's border: {share:.1%}\n")
    scenes = [shake(p, np.random.default_rng([seed, i, r])) for i, p in enumerate(pages) for r in range(repeats)]
    scenes = [scene for scene in scenes if len(scene.boxes)]
    networks = load_networks()
    before = np.concatenate([pairwise_iou(s.boxes, s.labels) for s in scenes])
    after = np.concatenate([pairwise_iou(snap(s, networks, schema), s.labels) for s in scenes])
    class_ids = np.concatenate([s.class_ids for s in scenes])
    print(f"{'class':22s} boxes  mean IoU       " + "".join(f"  IoU > {level:<8}" for level in LEVELS))
    for name, chosen in [("all", class_ids >= 0)] + [(n, class_ids == i) for i, n in enumerate(schema.names)]:
        if chosen.any():
            b, a = before[chosen], after[chosen]
            shares = "".join(f"  {(b > v).mean():.3f} > {(a > v).mean():.3f}" for v in LEVELS)
            print(f"{name:22s} {chosen.sum():5d}  {b.mean():.3f} > {a.mean():.3f}{shares}")


def time_pages(data: Path, images: list[dict[str, object]], pages: list[LabelledPage], schema: Schema) -> None:
    """Print the median time of `refine_boxes` on one core."""
    times = []
    for image, page in list(zip(images, pages, strict=True))[:40]:
        pixels = render(data / "pdf" / str(image["file_name"]))
        start = time.perf_counter()
        refine_boxes(page.boxes, np.ones(len(page.boxes), dtype=np.float32), pixels, page.class_ids, schema)
        times.append(time.perf_counter() - start)
    print(f"refine_boxes: {1000 * float(np.median(times)):.1f} ms a page (median of {len(times)})")


if __name__ == "__main__":
    run_script(main)
