"""COCO annotation files as the label records that ultralytics' data sets hold."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from doclayout.errors import DatasetError


def read_coco(path: Path, names: dict[int, str]) -> list[dict[str, Any]]:
    """Read a COCO JSON as one label record per image.

    Args:
        path: the JSON; `images[].file_name` is looked for beside it, in `pdf` and in `images` beside it.
        names: class names by id; the file's categories are matched to them by name.

    Returns:
        Records with `im_file` (str), `shape` (height, width of the label frame), `cls` (n, 1) float32, `bboxes` (n, 4)
        float32 normalised centre xywh, and the fields that ultralytics expects beside them.

    Raises:
        DatasetError: not COCO JSON, a category that is not in `names`, a missing image, or a broken box.
    """
    try:
        coco = json.loads(path.read_text(encoding="utf-8"))
        images, annotations, categories = coco["images"], coco["annotations"], coco["categories"]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not a COCO annotation file: {error!r}") from error
    ids = {name: index for index, name in names.items()}
    unknown = [c["name"] for c in categories if c["name"] not in ids]
    if unknown:
        raise DatasetError(f"{path} has categories {unknown} that the class list {list(ids)} does not have")
    class_of = {c["id"]: ids[c["name"]] for c in categories}
    boxes: dict[Any, list[list[float]]] = defaultdict(list)
    for item in annotations:
        if item.get("iscrowd"):
            continue
        if item["category_id"] not in class_of or len(item["bbox"]) != 4 or min(item["bbox"][2:]) <= 0:
            raise DatasetError(
                f"{path}: annotation {item.get('id')} has category {item['category_id']}, {item['bbox']}"
            )
        boxes[item["image_id"]].append([class_of[item["category_id"]], *item["bbox"]])
    return [_record(path, image, boxes[image["id"]]) for image in images]


def _record(path: Path, image: dict[str, Any], boxes: list[list[float]]) -> dict[str, Any]:
    """Build the record of one image from its rows of class id, left, top, width and height in the label frame."""
    rows = np.array(boxes, np.float32).reshape(-1, 5)
    xywh = rows[:, 1:] + np.concatenate([rows[:, 3:] / 2, np.zeros_like(rows[:, 3:])], 1)
    return {
        "im_file": str(_find(path, image["file_name"])),
        "shape": (image["height"], image["width"]),
        "cls": rows[:, :1],
        "bboxes": xywh / np.array([image["width"], image["height"]] * 2, np.float32),
        "segments": [],
        "keypoints": None,
        "normalized": True,
        "bbox_format": "xywh",
    }


def _find(path: Path, name: str) -> Path:
    """Return where an image of an annotation file lies."""
    for folder in (path.parent, path.parent / "pdf", path.parent / "images"):
        if (folder / name).is_file():
            return folder / name
    raise DatasetError(f"{path} names {name}, which is neither beside it nor in pdf/ or images/ there")
