"""Validation of any detector, ONNX too, as users run it: PDF pages in, COCO figures out."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from doclayout.document import open_document
from doclayout.errors import DatasetError, InputError
from doclayout.layout import Page
from doclayout.predict import Settings, jobs_of, predict_pages
from doclayout.runtime import Detector
from doclayout.saving import write_atomic
from doclayout.train.metrics import SUMMARY, coco_scores


def validate(
    detector: Detector, data: str | Path, split: str = "val", save_dir: str | Path = "runs/val", imgsz: int = 640,
    conf: float = 0.001, refine: bool = True, clean: bool = True, batch: int = 4, max_det: int = 100,
) -> dict[str, Any]:  # fmt: skip
    """Measure a detector on one split, before and after post-processing; print the figures and write them.

    Args:
        detector: to be measured.
        data: a data set's YAML, or a folder with `<split>/annotations.json`.
        split: such as `val`.
        save_dir: gets `metrics.json` and the predictions that were scored, `predictions.json`, both COCO.
        imgsz: long side of the network's input in pixels.
        conf: least score that counts.
        refine: snap boxes to the ink, in the figures after post-processing.
        clean: remove duplicate and enclosing boxes, likewise.
        batch: pages that the network takes at once.
        max_det: most regions of a page.

    Returns:
        `before` and `after` (see `coco_scores`), `seconds_per_page` of the latter, `images`.

    Raises:
        DatasetError: the data set does not match its description, or a page of it cannot be read.
    """
    files, truth = load_truth(data, split, detector)
    settings = Settings(imgsz, conf, batch, refine, clean, max_det)
    result: dict[str, Any] = {"model": detector.name, "data": str(data), "split": split, "imgsz": imgsz, "conf": conf}
    raw, _ = detect(detector, files, truth, replace(settings, refine=False, clean=False))
    found, seconds = detect(detector, files, truth, settings)
    result |= {"images": len(files), "seconds_per_page": round(seconds / max(len(files), 1), 5)}
    result |= {"before": coco_scores(truth, raw), "after": coco_scores(truth, found)}
    write_atomic(Path(save_dir) / "metrics.json", json.dumps(result, indent=1).encode())
    write_atomic(Path(save_dir) / "predictions.json", json.dumps(found).encode())
    print(table(result))
    return result


def load_truth(data: str | Path, split: str, detector: Detector) -> tuple[list[str], dict[str, Any]]:
    """Read a split as the paths of its pages and COCO ground truth, whose category ids are the detector's.

    Raises:
        DatasetError: the split is missing or broken.
    """
    from doclayout.train.data import resolve_data
    from doclayout.train.records import read_split

    config = resolve_data(data, (split,))
    names = dict(enumerate(detector.schema.names))
    if list(config["names"].values()) != list(names.values()):
        raise DatasetError(f"{data} has the classes {config['names']}, {detector.name} has {names}")
    records = read_split(config[split], names)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, record in enumerate(records, 1):
        height, width = record["shape"]
        images.append({"id": image_id, "file_name": Path(record["im_file"]).name, "width": width, "height": height})
        size = np.array([width, height] * 2)
        for label, (x, y, w, h) in zip(record["cls"][:, 0], record["bboxes"] * size, strict=True):
            box = [float(v) for v in (x - w / 2, y - h / 2, w, h)]
            item = {"id": len(annotations) + 1, "image_id": image_id, "category_id": int(label), "bbox": box}
            annotations.append({**item, "area": box[2] * box[3], "iscrowd": 0})
    categories = [{"id": i, "name": name} for i, name in names.items()]
    files = [record["im_file"] for record in records]
    return files, {"images": images, "annotations": annotations, "categories": categories}


def detect(
    detector: Detector, files: list[str], truth: dict[str, Any], settings: Settings
) -> tuple[list[dict[str, Any]], float]:
    """Detect on the first page of each file; return COCO detections in the label frame, and the seconds taken."""
    found: list[dict[str, Any]] = []
    start = time.perf_counter()
    for image, file in zip(tqdm(truth["images"], unit="page", leave=False, disable=None), files, strict=True):
        try:
            with open_document(file, pages=[1]) as document:
                _, page = next(predict_pages(jobs_of(document), detector, settings))
        except InputError as error:
            raise DatasetError(f"{file} cannot be read: {error}") from error
        if not isinstance(page, Page):
            raise DatasetError(f"{file} cannot be read: {page.message}")
        scale = np.array([image["width"] / page.width, image["height"] / page.height] * 2)
        for region in page.regions:
            x0, y0, x1, y1 = (float(v) for v in np.array(region.bbox) * scale)
            box = [round(v, 3) for v in (x0, y0, x1 - x0, y1 - y0)]
            item = {"image_id": image["id"], "category_id": region.class_id, "bbox": box}
            found.append({**item, "score": round(region.score, 5)})
    return found, time.perf_counter() - start


def table(result: dict[str, Any]) -> str:
    """Lay out the figures as Markdown."""
    run = f"{result['model']}, {result['images']} pages, imgsz {result['imgsz']}"
    lines = [f"| {run} | before | after |", "|---|---|---|"]
    for key in SUMMARY:
        lines.append(f"| {key} | {result['before'][key]:.3f} | {result['after'][key]:.3f} |")
    lines += ["", "| class | boxes | AP | AP50 | AR | AP before |", "|---|---|---|---|---|---|"]
    for name, row in result["after"]["classes"].items():
        before = result["before"]["classes"][name]["AP"]
        figures = " | ".join(f"{value:.3f}" for value in (row["AP"], row["AP50"], row["AR"], before))
        lines.append(f"| {name} | {row['boxes']} | {figures} |")
    return "\n".join(lines)
