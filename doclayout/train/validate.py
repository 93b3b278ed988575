"""Validation of any detector, ONNX too, as users run it: PDF pages in, COCO figures out."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from doclayout.convert.labels import check_frame
from doclayout.errors import DatasetError, SchemaError
from doclayout.layout import Page
from doclayout.mapping import ClassMap, class_map, map_page
from doclayout.predict import Settings, jobs_of_files, predict_pages
from doclayout.runtime import Detector
from doclayout.saving import make_folder, write_atomic
from doclayout.schema import Schema, schema_of
from doclayout.train.metrics import SUMMARY, coco_scores


def validate(
    detector: Detector, data: str | Path, split: str = "val", save_dir: str | Path = "runs/val",
    imgsz: int | Literal["auto"] = 640, conf: float | Literal["auto"] = 0.001, refine: bool = True,
    clean: bool = True, batch: int = 4, max_det: int = 100, schema: str | None = None, wording: bool = True,
    rescore: bool = True, augment: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Measure a detector on one split, before and after post-processing; print the figures and write them.

    Args:
        detector: to be measured.
        data: a data set's YAML, or a folder with `<split>/annotations.json`.
        split: such as `val`.
        save_dir: gets `metrics.json` and the predictions that were scored, `predictions.json`, both COCO.
        imgsz: long side of the network's input in pixels; `auto` chooses it page by page.
        conf: least score that counts; `auto` for each class's own.
        refine: snap boxes to the ink, in the figures after post-processing.
        clean: put headers in one piece, and resolve duplicate and enclosing boxes, likewise.
        batch: pages that the network takes at once.
        max_det: most regions of a page.
        schema: class list to measure in; what the detector finds and what the data set says are both mapped to it. The
            detector's own by default, which the data set then has to have too.
        wording: let the words in the text layer weigh on the classes, likewise.
        rescore: judge boxes again once they are refined and cleaned, likewise.
        augment: look at each page at three sizes, likewise.

    Returns:
        `before` and `after` (see `coco_scores`), `seconds_per_page` of the latter, `images`.

    Raises:
        DatasetError: the data set does not match its description, or a page of it cannot be read.
        SchemaError: there is no such schema, or no mapping to it.
        UsageError: `save_dir` cannot be written to.
    """
    mapping = class_map(detector.schema, schema) if schema else None
    classes = mapping.target if mapping else detector.schema
    files, truth = load_truth(data, split, classes)
    make_folder(save_dir)
    settings = Settings(imgsz, conf, batch, refine, clean, max_det, wording, rescore, augment=augment)
    result: dict[str, Any] = {"model": detector.name, "data": str(data), "split": split, "imgsz": imgsz, "conf": conf}
    result["schema"] = classes.name
    alone = replace(settings, refine=False, clean=False, wording=False, augment=False)
    raw, _ = detect(detector, files, truth, alone, mapping)
    found, seconds = detect(detector, files, truth, settings, mapping)
    result |= {"images": len(files), "seconds_per_page": round(seconds / max(len(files), 1), 5)}
    result |= {"before": coco_scores(truth, raw), "after": coco_scores(truth, found)}
    print(table(result))
    write_atomic(Path(save_dir) / "metrics.json", json.dumps(result, indent=1).encode())
    write_atomic(Path(save_dir) / "predictions.json", json.dumps(found).encode())
    return result


COCO_SETTINGS = Settings(conf=0.001, max_det=100)
"""What COCO's figures are counted with: all boxes, a hundred a page at most."""


def load_truth(data: str | Path, split: str, schema: Schema) -> tuple[list[str], dict[str, Any]]:
    """Read a split as the paths of its pages and COCO ground truth in the classes of a schema.

    Boxes of a data set with other classes are mapped to them; where a class splits, by links found from the boxes.

    Raises:
        DatasetError: the split is missing or broken, has no labels, or its classes have no mapping to the schema.
    """
    from doclayout.train.data import resolve_data
    from doclayout.train.records import read_split

    config = resolve_data(data, (split,))
    own = schema_of(str(data), tuple(config["names"].values()))
    try:
        mapping = None if own.names == schema.names else class_map(own, schema.name)
    except SchemaError as error:
        raise DatasetError(
            f"{data} has the classes {', '.join(own.names)}; measured are {schema.name}'s: {error}"
        ) from error
    records = read_split(config[split], dict(enumerate(own.names)))
    truth = truth_of(records, schema, mapping)
    if not truth["annotations"]:
        raise DatasetError(f"{data}: none of the {len(records)} pages of {split} has a label to measure by")
    return [record["im_file"] for record in records], truth


def truth_of(records: list[dict[str, Any]], schema: Schema, mapping: ClassMap | None = None) -> dict[str, Any]:
    """Return COCO ground truth, in the classes of a schema, of label records that have them or are mapped to them."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, record in enumerate(records, 1):
        height, width = record["shape"]
        images.append({"id": image_id, "file_name": Path(record["im_file"]).name, "width": width, "height": height})
        for label, (x, y, w, h) in _boxes(record, mapping):
            box = [float(v) for v in (x - w / 2, y - h / 2, w, h)]
            item = {"id": len(annotations) + 1, "image_id": image_id, "category_id": label, "bbox": box}
            annotations.append({**item, "area": box[2] * box[3], "iscrowd": 0})
    categories = [{"id": i, "name": name} for i, name in enumerate(schema.names)]
    return {"images": images, "annotations": annotations, "categories": categories}


def _boxes(record: dict[str, Any], mapping: ClassMap | None) -> list[tuple[int, npt.NDArray[np.float64]]]:
    """Return the class id and the box, centre xywh in the label frame, of each labelled region of a page."""
    height, width = record["shape"]
    boxes = record["bboxes"] * np.array([width, height] * 2)
    ids = [int(label) for label in record["cls"][:, 0]]
    if mapping is None:
        return list(zip(ids, boxes, strict=True))
    corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2])
    names = mapping.names_of_labels(ids, corners, width, height)
    return [(mapping.target.id_of(name), box) for name, box in zip(names, boxes, strict=True) if name is not None]


def detect(
    detector: Detector, files: list[str], truth: dict[str, Any], settings: Settings, mapping: ClassMap | None = None
) -> tuple[list[dict[str, Any]], float]:
    """Detect on the first page of each file; return COCO detections in the label frame, and the seconds taken.

    With a mapping, the detections are in its target's classes.

    Raises:
        DatasetError: a page cannot be read, or its boxes are in the frame of the page before it was turned.
    """
    found: list[dict[str, Any]] = []
    start = time.perf_counter()
    images = tqdm(truth["images"], unit="page", leave=False, disable=None)
    for image, (job, page) in zip(
        images, predict_pages(jobs_of_files(files, pages=[1]), detector, settings), strict=True
    ):
        job.close()
        if not isinstance(page, Page):
            raise DatasetError(f"{job.source} cannot be read: {page.message}")
        check_frame(job.source, (image["width"], image["height"]), (page.width, page.height))
        page = map_page(page, mapping) if mapping else page
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
